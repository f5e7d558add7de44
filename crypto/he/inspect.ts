// Looks at a ciphertext or public key from outside, without opening it and without the library: is it one of a
// registered set, as long as it must be, and are its residues spread as those of a ciphertext are?
import { PlatformError } from '#runtime/errors.ts'
import { packedWords } from './bits.ts'
import { uniformBits, uniformBytes, uniformValues } from '../uniformity.ts'
import { type HeSet, N, SET_NAMES, setNamed } from './params.ts'
import { SEED_BYTES } from './raw.ts'
import {
  type Field,
  fieldsOf,
  FORMS,
  type Form,
  HEADER_BYTES,
  headerOf,
  isSeeded,
  KINDS,
  type Kind,
  type WireShape,
  wireBytes,
} from './wire.ts'

/** Residues looked at in each field. */
const SAMPLE = 1024

/**
 * The shape that the header states, where the header is one that we write and the length follows from it.
 * @throws PlatformError he.malformed, he.parameters
 */
export function shapeOfWire(wire: Uint8Array): WireShape {
  if (wire.length < HEADER_BYTES) throw malformed('length', wire.length)
  const view = new DataView(wire.buffer, wire.byteOffset, wire.byteLength)
  const kind = nameOf<Kind>(KINDS, wire[4] as number, 'kind')
  const form = nameOf<Form>(FORMS, wire[6] as number, 'form')
  const id = Buffer.from(wire.subarray(16, HEADER_BYTES)).toString('hex')
  const keyId = /^0+$/.test(id) ? '' : id
  const [count, rowsPerBlock] = [view.getUint32(8, true), view.getUint32(12, true)]
  const shape: WireShape = { set: setOfWire(wire[3] as number), kind, form, keyId, count, rowsPerBlock }
  if (count > N || rowsPerBlock > N) throw malformed('coefficients', count)
  if (Buffer.compare(headerOf(shape), wire.subarray(0, HEADER_BYTES)) !== 0) throw malformed('header', 'not ours')
  if (wire.length !== wireBytes(shape)) throw malformed('length', wire.length)
  return shape
}

/** The number of the first field (a prime's residues, or a digit) that is not uniform; -1 where all are. */
export function unevenField(wire: Uint8Array, shape: WireShape): number {
  let at = HEADER_BYTES + (isSeeded(shape) ? SEED_BYTES : 0)
  let number = 0
  for (const [name, count] of [
    ['c0', shape.count],
    ['c1', N],
  ] as const) {
    if (name === 'c1' && shape.kind !== 'answer') break
    for (const field of fieldsOf(shape, name)) {
      const bytes = 4 * packedWords(count, field.width)
      if (!isUniform(wire, at, bytes, count, field)) return number
      at += bytes
      number += 1
    }
  }
  return -1
}

/** The packed bytes, and the highest bits of residues: sizes show there. */
function isUniform(wire: Uint8Array, at: number, bytes: number, count: number, { width, limit }: Field): boolean {
  const full = Number(limit) / 2 ** width > 0.999
  if (full && !uniformBytes(wire, at, at + bytes)) return false
  if (full) return uniformBits(sampled(wire, at, count, width, Math.min(8, width)), Math.min(8, width))
  return width > 24 || uniformValues(sampled(wire, at, count, width, width), Number(limit))
}

/** The `bits` highest bits (at most 24) of evenly spread values. */
function sampled(wire: Uint8Array, at: number, count: number, width: number, bits: number): Uint32Array {
  const step = Math.max(1, Math.floor(count / SAMPLE))
  const values = new Uint32Array(Math.floor(count / step))
  const mask = 2 ** bits - 1
  for (let i = 0; i < values.length; i++) {
    const bit = i * step * width + width - bits
    const first = at + (bit >> 3)
    const word =
      (wire[first] as number) +
      (wire[first + 1] ?? 0) * 2 ** 8 +
      (wire[first + 2] ?? 0) * 2 ** 16 +
      (wire[first + 3] ?? 0) * 2 ** 24
    values[i] = (word >>> (bit & 7)) & mask
  }
  return values
}

function setOfWire(wireId: number): HeSet {
  for (const name of SET_NAMES) if (setNamed(name).wireId === wireId) return setNamed(name)
  throw new PlatformError('he.parameters', { set: wireId })
}

function nameOf<Name extends string>(table: Readonly<Record<Name, number>>, value: number, field: string): Name {
  for (const [name, known] of Object.entries(table)) if (known === value) return name as Name
  throw malformed(field, value)
}

function malformed(field: string, got: string | number): PlatformError {
  return new PlatformError('he.malformed', { field, got })
}
