// The only way to bytes that may leave: an encryption under the public key is added, c0 is flooded, and the answer is
// switched down to fewer primes, which makes it small.
import { PlatformError } from '#runtime/errors.ts'
import { floodResidues } from './flood.ts'
import { N } from './params.ts'
import { type CiphertextShape, readCiphertext } from './raw.ts'
import type { Cipher, SealSet } from './seal.ts'
import { askedResidues, restoreAsked, type WireShape, writeWire } from './wire.ts'

/**
 * total + masked as wire bytes of this shape. Both are in coefficient form; total is changed.
 * masked: Enc_pk of the mask, which re-randomises. Coefficients of c0 that are not asked for never leave.
 */
export function protect(he: SealSet, total: Cipher, masked: Cipher, floodBits: number, shape: WireShape): Uint8Array {
  he.addInto(total, masked)
  const primes = he.set.dataPrimes
  const full: CiphertextShape = { parmsId: he.set.parmsId, primes: primes.length, ntt: false, seeded: false }
  const raw = readCiphertext(he.saveCiphertext(total), full)
  const asked = primes.map((_, j) => askedResidues(shape, raw.words, j))
  floodResidues(asked, primes, floodBits)
  for (const [j, residues] of asked.entries()) restoreAsked(shape, residues, raw.words, j)
  using flooded = he.loadCiphertext(raw.bytes)
  raw.bytes.fill(0)
  const level = he.set.answerPrimes
  he.switchTo(flooded, level)
  const parmsId = he.parmsIds[level] as string
  const answer = readCiphertext(he.saveCiphertext(flooded), { ...full, parmsId, primes: level })
  if (answer.words.subarray(2 * N * level).every((word) => word === 0)) {
    throw new PlatformError('he.seal', { expected: 'a ciphertext that is not transparent' })
  }
  return writeWire(shape, answer.words, new Uint8Array())
}
