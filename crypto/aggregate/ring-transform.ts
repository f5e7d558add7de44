// Polynomials of degree below 2,048 modulo two primes of 27 bits: products by number-theoretic transforms, in JavaScript.
// A product modulo a prime takes the low 32 bits of a·b exactly and its quotient from a double: the rest is below 2^28.
import { rootTables } from '../he/kernel.ts'

/** Ring degree. */
export const DEGREE = 2048
/** The two largest primes ≡ 1 mod 4096 below 2^27. Their product has 54 bits, the tc128 limit at this degree. */
export const PRIMES = [134_176_769, 134_111_233] as const
/** Bits of a residue. */
export const RESIDUE_BITS = 27
export const MODULUS = BigInt(PRIMES[0]) * BigInt(PRIMES[1])

/** a · b mod p for a, b in [0, p), p < 2^27. */
export function mulMod(a: number, b: number, p: number): number {
  const rest = (Math.imul(a, b) - Math.imul(Math.floor((a * b) / p), p)) | 0
  return rest < 0 ? rest + p : rest >= p ? rest - p : rest
}

/** base^exponent mod p. */
export function powMod(base: number, exponent: number, p: number): number {
  let result = 1
  let square = base % p
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = mulMod(result, square, p)
    square = mulMod(square, square, p)
  }
  return result
}

interface Tables {
  readonly p: number
  /** powers of a primitive 4096-th root in bit-reversed order, and their inverses */
  readonly roots: Uint32Array
  readonly inverses: Uint32Array
  /** 1 / DEGREE */
  readonly share: number
}

let made: readonly Tables[] | undefined

function tables(): readonly Tables[] {
  made ??= PRIMES.map((p) => {
    const { roots } = rootTables(BigInt(p), DEGREE)
    return { p, roots, inverses: roots.map((root) => powMod(root, p - 2, p)), share: powMod(DEGREE, p - 2, p) }
  })
  return made
}

/** Coefficients modulo prime j (0 or 1) to transformed form, in place: DEGREE residues. */
export function transform(a: Uint32Array, j: number): void {
  const { p, roots } = tables()[j] as Tables
  const inverse = 1 / p
  for (let groups = 1, half = DEGREE / 2; half >= 1; groups *= 2, half /= 2) {
    for (let g = 0; g < groups; g++) {
      const w = roots[groups + g] as number
      for (let x = 2 * g * half, end = x + half; x < end; x++) {
        const b = a[x + half] as number
        let product = (Math.imul(b, w) - Math.imul(Math.floor(b * w * inverse), p)) | 0
        if (product < 0) product += p
        else if (product >= p) product -= p
        const u = a[x] as number
        const sum = u + product
        const difference = u - product
        a[x] = sum >= p ? sum - p : sum
        a[x + half] = difference < 0 ? difference + p : difference
      }
    }
  }
}

/** The inverse of `transform`, in place. */
export function transformBack(a: Uint32Array, j: number): void {
  const { p, inverses, share } = tables()[j] as Tables
  for (let groups = DEGREE / 2, half = 1; groups >= 1; groups /= 2, half *= 2) {
    for (let g = 0; g < groups; g++) {
      const w = inverses[groups + g] as number
      for (let x = 2 * g * half, end = x + half; x < end; x++) {
        const [u, v] = [a[x] as number, a[x + half] as number]
        const sum = u + v
        a[x] = sum >= p ? sum - p : sum
        a[x + half] = mulMod(u >= v ? u - v : u - v + p, w, p)
      }
    }
  }
  for (let x = 0; x < DEGREE; x++) a[x] = mulMod(a[x] as number, share, p)
}

/** total += sign · term, residue by residue modulo prime j. */
export function addInto(total: Uint32Array, term: Uint32Array, j: number, sign: 1 | -1 = 1): void {
  const p = PRIMES[j] as number
  for (let i = 0; i < total.length; i++) {
    const value = (total[i] as number) + sign * (term[i] as number)
    total[i] = value >= p ? value - p : value < 0 ? value + p : value
  }
}

/** total += sign · a · b, residue by residue modulo prime j. */
export function addProduct(total: Uint32Array, a: Uint32Array, b: Uint32Array, j: number, sign: 1 | -1): void {
  const p = PRIMES[j] as number
  for (let i = 0; i < total.length; i++) {
    const value = (total[i] as number) + sign * mulMod(a[i] as number, b[i] as number, p)
    total[i] = value >= p ? value - p : value < 0 ? value + p : value
  }
}
