// The only way to bytes that may leave: an encryption under the public key is added, c0 is flooded, and the answer is
// switched down to fewer primes, which makes it small.
import { PlatformError } from '#runtime/errors.ts'
import { floodResidues } from './flood.ts'
import { N } from './params.ts'
import { type RawObject, readCiphertext } from './raw.ts'
import type { Cipher, SealSet } from './seal.ts'
import { askedResidues, restoreAsked, type WireShape, writeWire } from './wire.ts'

/**
 * total + masked as wire bytes of this shape. Both are in coefficient form; total is changed.
 * masked: Enc_pk of the mask, which re-randomises. Coefficients of c0 that are not asked for never leave.
 */
export function protect(he: SealSet, total: Cipher, masked: Cipher, floodBits: number, shape: WireShape): Uint8Array {
  he.addInto(total, masked)
  return release(he, residuesOf(he, total), floodBits, shape)
}

/** What a sum with (pk0 · u, pk1 · u) lacks of an encryption of the masks. */
export interface AnswerAdditions {
  /** of the asked coefficients, in their order: ring elements */
  readonly masks: Float64Array
  /** of c1: N integers |e| ≤ 21 */
  readonly noise: Int8Array
}

/**
 * The same where (pk0 · u, pk1 · u), u ternary, is in the total already: adds the masks of the asked coefficients and the
 * noise of c1. Flooding is the noise of c0. For sets of primes below 2^30.
 */
export function protectSum(
  he: SealSet,
  total: Cipher,
  { masks, noise }: AnswerAdditions,
  floodBits: number,
  shape: WireShape,
): Uint8Array {
  const raw = residuesOf(he, total)
  const primes = he.set.dataPrimes
  const scaled = scaledMasks(he, masks)
  for (const [j, prime] of primes.entries()) {
    addNoise(raw.words.subarray(2 * N * (primes.length + j), 2 * N * (primes.length + j + 1)), noise, Number(prime))
    const asked = askedResidues(shape, raw.words, j)
    for (const [i, mask] of scaled.entries()) asked[2 * i] = Number((BigInt(asked[2 * i] as number) + mask) % prime)
    restoreAsked(shape, asked, raw.words, j)
  }
  return release(he, raw, floodBits, shape)
}

/** round(q · m / t), as SEAL encrypts m. */
function scaledMasks(he: SealSet, masks: Float64Array): bigint[] {
  const q = he.set.dataPrimes.reduce((product, prime) => product * prime, 1n)
  const t = BigInt(he.set.plainModulus)
  return Array.from(masks, (mask) => (q * BigInt(mask) + t / 2n) / t)
}

/** To residues below `prime` < 2^30, in place. */
function addNoise(words: Uint32Array, noise: Int8Array, prime: number): void {
  for (let i = 0; i < noise.length; i++) {
    const sum = (words[2 * i] as number) + (noise[i] as number)
    words[2 * i] = sum < 0 ? sum + prime : sum >= prime ? sum - prime : sum
  }
}

function residuesOf(he: SealSet, cipher: Cipher): RawObject {
  const shape = { parmsId: he.set.parmsId, primes: he.set.dataPrimes.length, ntt: false, seeded: false }
  return readCiphertext(he.saveCiphertext(cipher), shape)
}

/** Floods the asked coefficients of c0, switches down. */
function release(he: SealSet, raw: RawObject, floodBits: number, shape: WireShape): Uint8Array {
  const primes = he.set.dataPrimes
  const asked = primes.map((_, j) => askedResidues(shape, raw.words, j))
  floodResidues(asked, primes, floodBits)
  for (const [j, residues] of asked.entries()) restoreAsked(shape, residues, raw.words, j)
  using flooded = he.loadCiphertext(raw.bytes)
  raw.bytes.fill(0)
  const level = he.set.answerPrimes
  he.switchTo(flooded, level)
  const parmsId = he.parmsIds[level] as string
  const answer = readCiphertext(he.saveCiphertext(flooded), { parmsId, primes: level, ntt: false, seeded: false })
  if (answer.words.subarray(2 * N * level).every((word) => word === 0)) {
    throw new PlatformError('he.seal', { expected: 'a ciphertext that is not transparent' })
  }
  return writeWire(shape, answer.words, new Uint8Array())
}
