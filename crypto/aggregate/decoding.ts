// From residues back to what they stand for: a coefficient is Δ·m + noise, m = v₀ + v₁·2^bits.
import { PlatformError } from '#runtime/errors.ts'
import { type Fields, valuesPerChunk } from './fields.ts'
import { mulMod, powMod, type Residues } from './ring-transform.ts'

/** The coefficient m < 2^42 of coefficient i. @throws PlatformError he.noise where it lies nowhere near a multiple of Δ */
type Decoder = (residues: Residues, i: number) => number

/**
 * The sums in one opened chunk, each in [0, parties · levels]. @param residues in coefficient form @param count values in it
 * @throws PlatformError he.noise where keys, masks or shares do not belong together, he.range for a sum that no honest updates give
 */
export function decodeChunk(fields: Fields, residues: Residues, chunk: number, count: number): Uint32Array {
  const { parties, levels, bits, ring } = fields
  const coefficient = decoderOf(fields)
  const out = new Uint32Array(count)
  for (let at = 0; at < valuesPerChunk(ring); at += 2) {
    const m = coefficient(residues, at / 2)
    const high = Math.floor(m / 2 ** bits)
    for (const [half, value] of [m - high * 2 ** bits, high].entries()) {
      const limit = at + half < count ? parties * levels : 0
      if (value > limit) throw new PlatformError('he.range', { chunk, limit })
      if (limit > 0) out[at + half] = value
    }
  }
  return out
}

/** With Δ/2 added nothing wraps: Δ·m + noise + Δ/2 lies in [0, q). */
function decoderOf(fields: Fields): Decoder {
  return fields.ring.primes.length === 2 ? decodeTwo(fields) : decodeMany(fields)
}

/** Two primes: in doubles. */
function decodeTwo(fields: Fields): Decoder {
  const [first, second] = fields.ring.primes as [number, number]
  const [delta, noise] = [Number(fields.delta), Number(fields.noise)]
  const half = Math.floor(delta / 2)
  const inverse = powMod(first, second - 2, second)
  const quotient = Math.floor(first / delta)
  return ([a, b], i) => {
    const r0 = ((a?.[i] as number) + half) % first
    const r1 = ((b?.[i] as number) + half) % second
    const h = mulMod((r1 - (r0 % second) + second) % second, inverse, second)
    // x = r0 + first·h has 54 bits: divided by Δ in two parts that doubles hold exactly
    const rest = h * (first - quotient * delta) + r0
    const carried = Math.floor(rest / delta)
    if (Math.abs(rest - carried * delta - half) > noise) throw new PlatformError('he.noise', { limit: noise })
    return h * quotient + carried
  }
}

/** Any primes: mixed radix, then one division of big integers. */
function decodeMany({ ring: { primes }, delta, noise }: Fields): Decoder {
  const half = delta / 2n
  const offsets = primes.map((p) => Number(half % BigInt(p)))
  // inverse of the product of the primes before, modulo each
  const inverses = primes.map((p, j) => {
    let product = 1
    for (const before of primes.slice(0, j)) product = mulMod(product, before % p, p)
    return powMod(product, p - 2, p)
  })
  return (residues, i) => {
    const digits: number[] = []
    for (const [j, p] of primes.entries()) {
      // value of the digits so far modulo p, by Horner from the highest
      let known = 0
      for (let k = j - 1; k >= 0; k--)
        known = (mulMod(known, (primes[k] as number) % p, p) + ((digits[k] as number) % p)) % p
      const rest = ((residues[j]?.[i] as number) + (offsets[j] as number) + p - known) % p
      digits.push(mulMod(rest, inverses[j] as number, p))
    }
    let x = 0n
    for (let k = primes.length - 1; k >= 0; k--) x = x * BigInt(primes[k] as number) + BigInt(digits[k] as number)
    const m = x / delta
    const off = x - m * delta - half
    if (off > noise || -off > noise) throw new PlatformError('he.noise', { limit: String(noise) })
    return Number(m)
  }
}
