// Shortens what is sent back: a coefficient of an answer is written in mixed radix x0 + p0·(x1 + p1·x2 …) over the
// answer's primes, and the low bits of x0 are left out. That is a public rounding after the flooding; params.ts bounds
// what it adds to the noise. All in doubles, exact.
import { mulModNear } from '../ring.ts'

/** Mixed-radix digits of each coefficient, the first one shifted right by `drop` bits. residues: by prime, equal lengths. */
export function truncate(residues: readonly Float64Array[], primes: readonly bigint[], drop: number): Float64Array[] {
  const digits: Float64Array[] = []
  for (const [j, residue] of residues.entries()) {
    const prime = Number(primes[j] as bigint)
    const digit = Float64Array.from(residue)
    for (let i = 0; i < j; i++) {
      const inverse = inverseModulo(primes[i] as bigint, primes[j] as bigint)
      const lower = digits[i] as Float64Array
      for (let k = 0; k < digit.length; k++) {
        let rest = (digit[k] as number) - (lower[k] as number)
        while (rest < 0) rest += prime // the primes of a set are near each other: at most twice
        digit[k] = mulModPrime(rest, inverse, prime)
      }
    }
    digits.push(digit)
  }
  digits[0] = (digits[0] as Float64Array).map((x) => Math.floor(x / 2 ** drop))
  return digits
}

/** Residues of the middle of the interval that was truncated to these digits. */
export function untruncate(digits: readonly Float64Array[], primes: readonly bigint[], drop: number): Float64Array[] {
  const top = Number(primes[0] as bigint) - 1
  return primes.map((p) => {
    const prime = Number(p)
    const out = new Float64Array((digits[0] as Float64Array).length)
    for (let i = primes.length - 1; i >= 0; i--) {
      const factor = Number((primes[i] as bigint) % p)
      const digit = digits[i] as Float64Array
      for (let k = 0; k < out.length; k++) {
        const x = digit[k] as number
        let value =
          mulModPrime(out[k] as number, factor, prime) + (i > 0 ? x : Math.min(x * 2 ** drop + 2 ** (drop - 1), top))
        while (value >= prime) value -= prime
        out[k] = value
      }
    }
    return out
  })
}

/** a · b mod prime for a, b below prime: prime < 2^30, or 2^50 - d with d < 2^21. */
function mulModPrime(a: number, b: number, prime: number): number {
  if (prime >= 2 ** 30) return mulModNear(a, b, prime)
  const high = Math.floor(b / 2 ** 15)
  const partial = a * high
  const reduced = partial - Math.floor(partial / prime) * prime
  const value = reduced * 2 ** 15 + a * (b - high * 2 ** 15) // < 2^46
  return value - Math.floor(value / prime) * prime
}

function inverseModulo(a: bigint, prime: bigint): number {
  let [r0, r1, s0, s1] = [prime, a % prime, 0n, 1n]
  while (r1 !== 0n) {
    const quotient = r0 / r1
    ;[r0, r1] = [r1, r0 - quotient * r1]
    ;[s0, s1] = [s1, s0 - quotient * s1]
  }
  return Number(((s0 % prime) + prime) % prime)
}
