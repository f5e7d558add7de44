// Noise flooding: adds one uniform integer in [-2^f, 2^f) to every coefficient of c0, modulo each prime. It hides the
// noise of the computation, from which the key owner would otherwise read the private multiplier (README, attacks).
// No BigInt in the loop: Horner's rule over limbs of the noise, exact in doubles. Primes up to 30 bits take limbs of
// 22 bits; larger ones are 2^w - d with w even and d < 2^21, so two halves of w/2 bits carry the residue.
import { randomBytes } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'

const NARROW_LIMB = 22

/** A prime in the form the loop needs. All fields are exact in a double. */
interface Folding {
  readonly half: number // w / 2
  readonly base: number // 2^half
  readonly d: number // 2^w - prime
  readonly primeHigh: number
  readonly primeLow: number
  /** -2^f mod prime, in halves: turns [0, 2^(f+1)) into [-2^f, 2^f) */
  readonly shiftHigh: number
  readonly shiftLow: number
}

/**
 * Floods coefficients of c0 in place. c0: residues as pairs (raw.ts), one array of n coefficients for each prime.
 * random: injected by tests only, n · 4 · ceil((f + 1) / 32) bytes.
 */
export function floodResidues(
  c0: readonly Uint32Array[],
  primes: readonly bigint[],
  f: number,
  random: (bytes: number) => Uint8Array = randomBytes,
): void {
  const n = (c0[0] as Uint32Array).length / 2
  const wordsEach = Math.ceil((f + 1) / 32)
  const noise = new Uint32Array(Uint8Array.from(random(4 * wordsEach * n)).buffer)
  const topBits = f + 1 - 32 * (wordsEach - 1)
  if (topBits < 32) {
    for (let top = wordsEach - 1; top < noise.length; top += wordsEach)
      noise[top] = (noise[top] as number) & (2 ** topBits - 1)
  }
  for (const [j, prime] of primes.entries()) {
    const residues = c0[j] as Uint32Array
    if (prime < 1n << 30n) addNoiseNarrow(residues, noise, wordsEach, Number(prime), f)
    else addNoise(residues, noise, wordsEach, folding(prime, f))
  }
  noise.fill(0)
}

/** residues[i] += noise[i] - 2^f mod prime, for a prime below 2^30. */
function addNoiseNarrow(residues: Uint32Array, noise: Uint32Array, wordsEach: number, prime: number, f: number): void {
  const base = 2 ** NARROW_LIMB
  const shift = prime - Number((1n << BigInt(f)) % BigInt(prime))
  const top = Math.ceil((32 * wordsEach) / NARROW_LIMB) - 1
  for (let i = 0; 2 * i < residues.length; i++) {
    let value = 0
    for (let at = top; at >= 0; at--) {
      value = value * base + limb(noise, i, wordsEach, at * NARROW_LIMB, NARROW_LIMB) // < 2^52 + 2^22
      value -= Math.floor(value / prime) * prime // the quotient of exact doubles may be rounded up to the next integer
      if (value < 0) value += prime
    }
    residues[2 * i] = (value + shift + (residues[2 * i] as number)) % prime
  }
}

/** residues[i] += noise[i] - 2^f mod prime, for noise integers of `wordsEach` 32-bit words. */
function addNoise(residues: Uint32Array, noise: Uint32Array, wordsEach: number, fold: Folding): void {
  const { half, base, d, primeHigh, primeLow, shiftHigh, shiftLow } = fold
  const pairsEach = Math.ceil((32 * wordsEach) / (2 * half))
  for (let i = 0; 2 * i < residues.length; i++) {
    let high = 0
    let low = 0
    for (let pair = pairsEach - 1; pair >= 0; pair--) {
      // value · 2^w + (next two limbs) ≡ value · d + (next two limbs); d < 2^21, halves < 2^30
      low = low * d + limb(noise, i, wordsEach, 2 * pair * half, half)
      high = high * d + limb(noise, i, wordsEach, (2 * pair + 1) * half, half)
      let carry = Math.floor(low / base)
      low -= carry * base
      high += carry
      carry = Math.floor(high / base) // < 2^22, counts 2^w ≡ d
      high -= carry * base
      low += carry * d
      carry = Math.floor(low / base)
      low -= carry * base
      high += carry
    }
    const residueLow = residues[2 * i] as number
    const residueHigh = residues[2 * i + 1] as number
    low += shiftLow + (residueLow % base)
    high += shiftHigh + residueHigh * 2 ** (32 - half) + Math.floor(residueLow / base)
    const carry = Math.floor(low / base)
    low -= carry * base
    high += carry
    while (high > primeHigh || (high === primeHigh && low >= primeLow)) {
      high -= primeHigh
      low -= primeLow
      if (low < 0) {
        low += base
        high--
      }
    }
    const lowWord = (high % 2 ** (32 - half)) * base + low
    residues[2 * i] = lowWord
    residues[2 * i + 1] = Math.floor(high / 2 ** (32 - half))
  }
}

/** Bits [from, from + width) of noise integer i; bits above its words are zero. width ≤ 30. */
function limb(noise: Uint32Array, i: number, wordsEach: number, from: number, width: number): number {
  const word = from >>> 5
  const bit = from & 31
  if (word >= wordsEach) return 0
  const at = i * wordsEach + word
  let value = (noise[at] as number) >>> bit
  if (bit + width > 32 && word + 1 < wordsEach) value |= (noise[at + 1] as number) << (32 - bit)
  return value & (2 ** width - 1)
}

function folding(prime: bigint, f: number): Folding {
  const width = prime.toString(2).length
  const half = width / 2
  const d = Number((1n << BigInt(width)) - prime)
  if (!Number.isInteger(half) || half > 30 || d >= 2 ** 21) throw new PlatformError('he.parameters', { width, d })
  const base = 2 ** half
  const shift = prime - ((1n << BigInt(f)) % prime)
  const bigBase = BigInt(base)
  return {
    half,
    base,
    d,
    primeHigh: Number(prime / bigBase),
    primeLow: Number(prime % bigBase),
    shiftHigh: Number(shift / bigBase),
    shiftLow: Number(shift % bigBase),
  }
}
