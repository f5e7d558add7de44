// The byte layout of SEAL 4.1 objects saved without compression, so that residues can be read and written directly.
// Measured on node-seal 7.0.0; selfCheck in seal.ts compares these offsets with what SEAL writes at start-up.
//
// ciphertext: header 16 | parms_id 32 | ntt flag 1 | polynomials u64 | N u64 | primes u64 | scale f64 | correction u64
//             | inner header 16 | word count u64 | residues u64, polynomial by polynomial, prime by prime
//             | seeded only: header 16, generator 1, seed 64 (then the second polynomial is absent)
// plaintext and secret key: header 16 | parms_id 32 | coefficients u64 | scale f64 | inner header 16 | count u64 | words
import { PlatformError } from '#runtime/errors.ts'
import { N } from './params.ts'

export const SEED_BYTES = 64
const CIPHERTEXT_WORDS_AT = 113
const PLAINTEXT_WORDS_AT = 88
const SEED_BLOCK_BYTES = 16 + 1 + SEED_BYTES
const BLAKE2XB = 1

export interface CiphertextShape {
  /** hex of SEAL's parms_id of the level */
  readonly parmsId: string
  readonly primes: number
  readonly ntt: boolean
  readonly seeded: boolean
}

/** SEAL bytes of an object and its residues as one writable view: words[2i] is the low, words[2i + 1] the high half. */
export interface RawObject {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly words: Uint32Array<ArrayBuffer>
}

/** A ciphertext of this shape: two polynomials, or one and a seed. The residues are zero until the caller fills them. */
export function newCiphertext(shape: CiphertextShape, seed?: Uint8Array): RawObject {
  const count = (shape.seeded ? 1 : 2) * shape.primes * N
  const end = CIPHERTEXT_WORDS_AT + 8 * count
  const raw = aligned(end + (shape.seeded ? SEED_BLOCK_BYTES : 0), CIPHERTEXT_WORDS_AT, count)
  raw.bytes.set(headOf(shape))
  if (shape.seeded) {
    writeHeader(viewOf(raw.bytes), end, SEED_BLOCK_BYTES)
    raw.bytes[end + 16] = BLAKE2XB
    raw.bytes.set(seed ?? new Uint8Array(SEED_BYTES), end + 17)
  }
  return raw
}

/** All that stands before the residues. */
function headOf(shape: CiphertextShape): Uint8Array {
  const count = (shape.seeded ? 1 : 2) * shape.primes * N
  const head = new Uint8Array(CIPHERTEXT_WORDS_AT)
  const view = viewOf(head)
  writeHeader(view, 0, CIPHERTEXT_WORDS_AT + 8 * count + (shape.seeded ? SEED_BLOCK_BYTES : 0))
  head.set(Buffer.from(shape.parmsId, 'hex'), 16)
  head[48] = shape.ntt ? 1 : 0
  writeCount(view, 49, 2)
  writeCount(view, 57, N)
  writeCount(view, 65, shape.primes)
  view.setFloat64(73, 1, true)
  writeCount(view, 81, 1)
  writeHeader(view, 89, 24 + 8 * count)
  writeCount(view, 105, count)
  return head
}

/** The residues (and seed) of a ciphertext that SEAL saved. @throws he.seal when it is not of this shape */
export function readCiphertext(saved: Uint8Array, shape: CiphertextShape): RawObject & { readonly seed: Uint8Array } {
  const raw = newCiphertext(shape)
  expectSame(saved, raw.bytes, CIPHERTEXT_WORDS_AT)
  raw.bytes.set(saved)
  const seed = shape.seeded ? raw.bytes.subarray(raw.bytes.length - SEED_BYTES) : new Uint8Array(0)
  return { ...raw, seed }
}

/** The residues of a ciphertext that SEAL saved, 8 bytes each, without a copy. @throws he.seal when it is not of this shape */
export function residueBytes(saved: Uint8Array, shape: CiphertextShape): Uint8Array {
  const bytes = CIPHERTEXT_WORDS_AT + 8 * (shape.seeded ? 1 : 2) * shape.primes * N
  const head = headOf(shape)
  if (saved.length !== bytes + (shape.seeded ? SEED_BLOCK_BYTES : 0)) {
    throw new PlatformError('he.seal', { expected: 'the pinned layout', bytes: saved.length })
  }
  if (Buffer.compare(saved.subarray(0, CIPHERTEXT_WORDS_AT), head) !== 0) {
    throw new PlatformError('he.seal', { expected: 'the pinned layout', bytes: saved.length })
  }
  return saved.subarray(CIPHERTEXT_WORDS_AT, bytes)
}

/**
 * Gives the memory of bytes back that this worker made and nobody needs any more. Waiting for the collector would have it
 * mark the whole heap every few dozen ciphertexts, since it counts the memory behind arrays.
 */
export function release(bytes: ArrayBufferView): void {
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0)
}

/** A plaintext of `count` coefficients in [0, T), as yet zero. */
export function newPlaintext(count: number): RawObject {
  return newPolynomial(''.padEnd(64, '0'), count)
}

/** A secret key: its residues by key prime, in SEAL's transformed form. */
export function newSecretKey(parmsId: string, primes: number): RawObject {
  return newPolynomial(parmsId, primes * N)
}

/** The words of a secret key that SEAL saved. @throws he.seal when it is not of this shape */
export function readSecretKey(saved: Uint8Array, parmsId: string, primes: number): RawObject {
  const raw = newSecretKey(parmsId, primes)
  expectSame(saved, raw.bytes, PLAINTEXT_WORDS_AT)
  raw.bytes.set(saved)
  return raw
}

/** The coefficients of a decrypted plaintext as `N` doubles: SEAL saves the significant ones only. */
export function readPlaintext(saved: Uint8Array): Float64Array {
  const count = plaintextCount(saved)
  const words = new Uint32Array(saved.slice(PLAINTEXT_WORDS_AT).buffer)
  const out = new Float64Array(N)
  readDoubles(words, out.subarray(0, count))
  return out
}

/** Some coefficients of a decrypted plaintext: every `step`-th from `first` on. */
export function readCoefficients(saved: Uint8Array, first: number, step: number, count: number): Float64Array {
  const present = plaintextCount(saved)
  const view = viewOf(saved)
  return Float64Array.from({ length: count }, (_, i) => {
    const at = first + i * step
    return at < present ? Number(view.getBigUint64(PLAINTEXT_WORDS_AT + 8 * at, true)) : 0
  })
}

/** All coefficients of a plaintext, 64 bits each, without a copy. @throws he.seal */
export function polynomialBytes(saved: Uint8Array): Uint8Array {
  if (plaintextCount(saved) !== N) throw new PlatformError('he.seal', { expected: 'N values', bytes: saved.length })
  return saved.subarray(PLAINTEXT_WORDS_AT)
}

function plaintextCount(saved: Uint8Array): number {
  const count = Number(viewOf(saved).getBigUint64(80, true))
  if (count > N || saved.length !== PLAINTEXT_WORDS_AT + 8 * count) {
    throw new PlatformError('he.seal', { expected: 'a plaintext', bytes: saved.length })
  }
  return count
}

/** Integers in [0, 2^53) as 64-bit words, without a BigInt each. */
export function writeDoubles(values: Float64Array, words: Uint32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    words[2 * i] = value // the low 32 bits: conversion to Uint32 is modulo 2^32
    words[2 * i + 1] = value / 2 ** 32
  }
}

/** The inverse of writeDoubles, for words below 2^53. */
export function readDoubles(words: Uint32Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = (words[2 * i] as number) + (words[2 * i + 1] as number) * 2 ** 32
}

function newPolynomial(parmsId: string, count: number): RawObject {
  const raw = aligned(PLAINTEXT_WORDS_AT + 8 * count, PLAINTEXT_WORDS_AT, count)
  const view = viewOf(raw.bytes)
  writeHeader(view, 0, raw.bytes.length)
  raw.bytes.set(Buffer.from(parmsId, 'hex'), 16)
  writeCount(view, 48, count)
  view.setFloat64(56, 1, true)
  writeHeader(view, 64, 24 + 8 * count)
  writeCount(view, 80, count)
  return raw
}

/** A buffer whose byte `wordsAt` is 8-aligned, so that a typed array can lie over the residues. */
function aligned(length: number, wordsAt: number, count: number): RawObject {
  const pad = -wordsAt & 7
  const buffer = new ArrayBuffer(pad + length)
  return { bytes: new Uint8Array(buffer, pad, length), words: new Uint32Array(buffer, pad + wordsAt, 2 * count) }
}

/** magic A15E, header size 16, version 4.1, no compression, total size */
function writeHeader(view: DataView, at: number, size: number): void {
  view.setUint32(at, 0x0410a15e, true)
  view.setUint32(at + 4, 1, true)
  writeCount(view, at + 8, size)
}

function writeCount(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true)
  view.setUint32(at + 4, 0, true)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function expectSame(saved: Uint8Array, expected: Uint8Array, upTo: number): void {
  const same =
    saved.length === expected.length && Buffer.compare(saved.subarray(0, upTo), expected.subarray(0, upTo)) === 0
  if (!same) throw new PlatformError('he.seal', { expected: 'the pinned layout', bytes: saved.length })
}
