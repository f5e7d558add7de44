// The strict parser that stands between foreign bytes and SEAL. Every byte of the header, the exact length, every
// residue, the seed and c1 are checked here, so hostile bytes end in a PlatformError and never in a WASM exception.
import { PlatformError } from '#runtime/errors.ts'
import { unpack } from './bits.ts'
import { N } from './params.ts'
import { newCiphertext, newSecretKey, type RawObject, SEED_BYTES } from './raw.ts'
import {
  type Field,
  fieldsOf,
  FORMS,
  HEADER_BYTES,
  isSeeded,
  KINDS,
  MAGIC,
  primesOf,
  restoreAsked,
  unpackAll,
  VERSION,
  type WireShape,
  wireBytes,
} from './wire.ts'

/**
 * SEAL bytes of an object that came as wire bytes. parmsIds: SEAL's level ids by number of primes (SealSet.parmsIds).
 * @throws he.malformed on any byte out of place, he.parameters on another version or set, he.wrong-key on another key
 */
export function parseWire(wire: Uint8Array, shape: WireShape, parmsIds: readonly string[]): Uint8Array {
  checkHeader(wire, shape)
  const primes = primesOf(shape)
  const seeded = isSeeded(shape)
  const seed = wire.slice(HEADER_BYTES, HEADER_BYTES + (seeded ? SEED_BYTES : 0))
  if (seeded && seed.every((byte) => byte === 0)) throw malformed('seed', 'zero')
  const body = new Uint32Array(wire.slice(HEADER_BYTES + seed.length).buffer)
  const raw = emptyObject(shape, parmsIds[primes.length] as string, seed)
  const first = unpackAll(shape, 'c0', shape.count, body, 0)
  if (typeof first === 'number') throw malformed('c0', `field ${first}`)
  for (const [j, residues] of first.residues.entries()) restoreAsked(shape, residues, raw.words, j) // unsent stay zero
  if (shape.kind === 'answer') readSecond(body, first.end, shape, raw.words)
  return raw.bytes
}

/**
 * Residues of c0 of a foreign fresh ciphertext into `first` (64 bits each, prime by prime), without SEAL. Returns the seed.
 * @throws as parseWire
 */
export function parseFresh(wire: Uint8Array, shape: WireShape, first: Uint32Array): Uint8Array {
  checkHeader(wire, shape)
  const seed = wire.slice(HEADER_BYTES, HEADER_BYTES + SEED_BYTES)
  if (seed.every((byte) => byte === 0)) throw malformed('seed', 'zero')
  const body = bodyOf(wire, HEADER_BYTES + SEED_BYTES)
  let at = 0
  for (const [j, { width, limit }] of fieldsOf(shape, 'c0').entries()) {
    at = unpack(body, at, N, width, limit, first.subarray(2 * N * j, 2 * N * (j + 1)))
    if (at < 0) throw malformed('c0', `field ${j}`)
  }
  return seed
}

/**
 * A foreign answer at one prime, of coefficients: residues of c1 into `second` (64 bits each), without SEAL. Returns those of
 * the coefficients of c0 that it shows. @throws as parseWire
 */
export function parseAnswer(wire: Uint8Array, shape: WireShape, second: Uint32Array): BigUint64Array {
  checkHeader(wire, shape)
  const body = bodyOf(wire, HEADER_BYTES)
  const [{ width, limit }] = fieldsOf(shape, 'c0') as readonly [Field]
  const asked = new Uint32Array(2 * shape.count)
  const next = unpack(body, 0, shape.count, width, limit, asked)
  if (next < 0) throw malformed('c0', 'field 0')
  if (unpack(body, next, N, width, limit, second) < 0) throw malformed('c1', 'field 0')
  if (second.every((word) => word === 0)) throw malformed('c1', 'zero')
  return new BigUint64Array(asked.buffer)
}

/** The words from byte `from` on, copied where they do not lie on a multiple of four. */
function bodyOf(wire: Uint8Array, from: number): Uint32Array {
  const at = wire.byteOffset + from
  return at % 4 === 0
    ? new Uint32Array(wire.buffer, at, (wire.length - from) / 4)
    : new Uint32Array(wire.slice(from).buffer)
}

/** c1 of an answer; all zero would be a transparent ciphertext, whose content anyone can read. */
function readSecond(body: Uint32Array, from: number, shape: WireShape, words: Uint32Array): void {
  const second = unpackAll(shape, 'c1', N, body, from)
  if (typeof second === 'number') throw malformed('c1', `field ${second}`)
  if (second.zero) throw malformed('c1', 'zero')
  const primes = second.residues.length
  for (const [j, residues] of second.residues.entries()) words.set(residues, 2 * N * (primes + j))
}

function checkHeader(wire: Uint8Array, shape: WireShape): void {
  if (wire.length < HEADER_BYTES) throw malformed('length', wire.length)
  const view = new DataView(wire.buffer, wire.byteOffset, wire.byteLength)
  if (view.getUint16(0, true) !== MAGIC) throw malformed('magic', view.getUint16(0, true))
  if (wire[2] !== VERSION) throw new PlatformError('he.parameters', { version: wire[2] as number, expected: VERSION })
  if (wire[3] !== shape.set.wireId) {
    throw new PlatformError('he.parameters', { set: wire[3] as number, expected: shape.set.wireId })
  }
  const expected: readonly (readonly [string, number, number])[] = [
    ['kind', wire[4] as number, KINDS[shape.kind]],
    ['primes', wire[5] as number, primesOf(shape).length],
    ['form', wire[6] as number, FORMS[shape.form]],
    ['reserved', wire[7] as number, 0],
    ['coefficients', view.getUint32(8, true), shape.count],
    ['rowsPerBlock', view.getUint32(12, true), shape.rowsPerBlock],
    ['length', wire.length, wireBytes(shape)],
  ]
  for (const [field, got, wanted] of expected) if (got !== wanted) throw malformed(field, got, wanted)
  const keyId = Buffer.from(wire.subarray(16, HEADER_BYTES)).toString('hex')
  const wanted = shape.keyId === '' ? '0'.repeat(32) : shape.keyId
  if (keyId !== wanted) throw new PlatformError('he.wrong-key', { got: keyId, expected: wanted })
}

function emptyObject(shape: WireShape, parmsId: string, seed: Uint8Array): RawObject {
  const primes = primesOf(shape).length
  if (shape.kind === 'secretKey') return newSecretKey(parmsId, primes)
  return newCiphertext({ parmsId, primes, ntt: shape.kind === 'publicKey', seeded: isSeeded(shape) }, seed)
}

function malformed(field: string, got: string | number, expected?: number): PlatformError {
  return new PlatformError('he.malformed', expected === undefined ? { field, got } : { field, got, expected })
}
