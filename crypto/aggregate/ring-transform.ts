// Polynomials below X^N + 1 modulo primes of 27 bits: products by number-theoretic transforms, in JavaScript. A product
// modulo a prime takes the low 32 bits of a·b exactly and its quotient from a double: the rest is below 2^28.
import { rootTables } from '../he/kernel.ts'

/** Bits of a residue. */
export const RESIDUE_BITS = 27

/** Z[X]/(X^degree + 1) modulo the product of the primes, each ≡ 1 mod 2·degree and below 2^27. */
export interface Ring {
  readonly degree: number
  readonly primes: readonly number[]
  readonly modulus: bigint
}

const ringOf = (degree: number, primes: readonly number[]): Ring => ({
  degree,
  primes,
  modulus: primes.reduce((product, p) => product * BigInt(p), 1n),
})

/** Sums that one party opens: 54 bits, the tc128 limit at this degree. */
export const OPENER_RING = ringOf(2048, [134_176_769, 134_111_233])
/** Sums that only all parties open: 108 bits of the 109 that tc128 allows at this degree. Room for flooded shares. */
export const SHARED_RING = ringOf(4096, [134_176_769, 134_111_233, 134_012_929, 133_963_777])

/** A polynomial, residues by prime. */
export type Residues = readonly Uint32Array[]

/**
 * a · b mod p for a, b in [0, p), p < 2^27. The quotient is never too small: of k·p + r, r ≥ 1, rounding to 53 bits leaves at
 * least k·p, and so does the division; it may be one too large.
 */
export function mulMod(a: number, b: number, p: number): number {
  const rest = (Math.imul(a, b) - Math.imul(Math.floor((a * b) / p), p)) | 0
  return rest < 0 ? rest + p : rest
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
  /** powers of a primitive root of order 2·degree in bit-reversed order, and their inverses */
  readonly roots: Uint32Array
  readonly inverses: Uint32Array
  /** 1 / degree */
  readonly share: number
}

const made = new Map<string, Tables>()

function tablesOf(degree: number, p: number): Tables {
  const name = `${degree}/${p}`
  let tables = made.get(name)
  if (tables === undefined) {
    const { roots } = rootTables(BigInt(p), degree)
    tables = { roots, inverses: roots.map((root) => powMod(root, p - 2, p)), share: powMod(degree, p - 2, p) }
    made.set(name, tables)
  }
  return tables
}

/** Coefficients modulo p to transformed form, in place: as many residues as the ring has degrees. SEAL's order and roots. */
export function transform(a: Uint32Array, p: number): void {
  const { roots } = tablesOf(a.length, p)
  const inverse = 1 / p
  for (let groups = 1, half = a.length / 2; half >= 1; groups *= 2, half /= 2) {
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
export function transformBack(a: Uint32Array, p: number): void {
  const { inverses, share } = tablesOf(a.length, p)
  for (let groups = a.length / 2, half = 1; groups >= 1; groups /= 2, half *= 2) {
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
  for (let x = 0; x < a.length; x++) a[x] = mulMod(a[x] as number, share, p)
}

/** total += sign · term, residue by residue modulo p. */
export function addInto(total: Uint32Array, term: Uint32Array, p: number, sign: 1 | -1 = 1): void {
  for (let i = 0; i < total.length; i++) {
    const value = (total[i] as number) + sign * (term[i] as number)
    total[i] = value >= p ? value - p : value < 0 ? value + p : value
  }
}

/** total += sign · a · b, residue by residue modulo p. */
export function addProduct(total: Uint32Array, a: Uint32Array, b: Uint32Array, p: number, sign: 1 | -1): void {
  for (let i = 0; i < total.length; i++) {
    const value = (total[i] as number) + sign * mulMod(a[i] as number, b[i] as number, p)
    total[i] = value >= p ? value - p : value < 0 ? value + p : value
  }
}
