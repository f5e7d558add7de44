// Inner products between SEAL and the kernel: residues in and out, and encryptions of zero made by the kernel.
import type { ProductKernel } from './kernel.ts'
import { N } from './params.ts'
import { parseWire } from './parse.ts'
import { type AnswerAdditions, protectSum } from './protect.ts'
import type { RandomStream } from './random-stream.ts'
import { newCiphertext, readCiphertext } from './raw.ts'
import type { Cipher, SealSet } from './seal.ts'
import { publicKeyShape, type WireShape } from './wire.ts'

/** Residues of a ciphertext of primes below 2^32, one word each, in shared memory. */
export function narrowResidues(he: SealSet, cipher: Cipher, ntt: boolean): Uint32Array {
  const shape = { parmsId: he.set.parmsId, primes: he.set.dataPrimes.length, ntt, seeded: false }
  const { words } = readCiphertext(he.saveCiphertext(cipher), shape)
  const out = new Uint32Array(new SharedArrayBuffer(2 * words.length))
  for (let i = 0; i < out.length; i++) out[i] = words[2 * i] as number
  return out
}

/** Adds the public key times a fresh ternary polynomial to each sum of the kernel: an encryption of zero, but for noise. */
export function addZeros(
  he: SealSet,
  kernel: ProductKernel,
  random: RandomStream,
  publicWire: Uint8Array,
  answers: number,
): void {
  using cipher = he.publicCiphertext(parseWire(publicWire, publicKeyShape(he.set), he.parmsIds))
  const residues = narrowResidues(he, cipher, false)
  kernel.transformCiphertext(residues)
  kernel.loadCiphertext(residues)
  for (let answer = 0; answer < answers; answer++) {
    kernel.multiplier().set(random.ternary(N))
    kernel.addProduct(answer)
  }
  kernel.multiplier().fill(0)
}

/** A sum of the kernel, with its encryption of zero, as bytes that may leave. */
export function protectAnswer(
  he: SealSet,
  sum: Uint32Array,
  additions: AnswerAdditions,
  floodBits: number,
  shape: WireShape,
): Uint8Array {
  const primes = he.set.dataPrimes.length
  const raw = newCiphertext({ parmsId: he.set.parmsId, primes, ntt: true, seeded: false })
  raw.words.set(sum)
  using total = he.loadCiphertext(raw.bytes)
  he.transformBack(total)
  return protectSum(he, total, additions, floodBits, shape)
}
