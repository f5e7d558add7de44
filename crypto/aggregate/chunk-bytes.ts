// Wire bytes of one ciphertext of an update, or of their sum: a header that is the same for all of a round but its chunk
// number, and c0 in transformed form, 27 bits a residue. c1 is public and the same for everybody, so it does not travel.
//
// header 32 bytes: magic u16 | version u8 | kind u8 | parties u16 | bits of a field u8 | 0 | chunk u32 | chunks u32 | label 16 bytes
// body: DEGREE residues modulo the first prime, then modulo the second; 32 residues fill 27 words
import { PlatformError } from '#runtime/errors.ts'
import type { Fields } from './fields.ts'
import { DEGREE, PRIMES, RESIDUE_BITS } from './ring-transform.ts'

const HEADER_BYTES = 32
const WORDS = (DEGREE * RESIDUE_BITS) / 32
const MAGIC = 0x5541
const VERSION = 1
const KINDS = { update: 1, sum: 2 } as const

export type ChunkKind = keyof typeof KINDS
/** c0 modulo both primes, in transformed form. */
export type Residues = readonly [Uint32Array, Uint32Array]

export const CHUNK_BYTES = HEADER_BYTES + 2 * 4 * WORDS

/** What the receiver of a chunk expects: it decides every byte of the header. */
export interface ChunkPlace {
  readonly kind: ChunkKind
  readonly fields: Fields
  /** of the round: 32 bytes, of which the header shows 16 */
  readonly label: Uint8Array
  readonly chunk: number
  readonly chunks: number
}

function headerOf({ kind, fields, label, chunk, chunks }: ChunkPlace): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  const view = new DataView(header.buffer)
  view.setUint16(0, MAGIC, true)
  header.set([VERSION, KINDS[kind]], 2)
  view.setUint16(4, fields.parties, true)
  header[6] = fields.bits
  view.setUint32(8, chunk, true)
  view.setUint32(12, chunks, true)
  header.set(label.subarray(0, 16), 16)
  return header
}

export function writeChunk(place: ChunkPlace, residues: Residues): Uint8Array {
  const out = new Uint8Array(CHUNK_BYTES)
  out.set(headerOf(place))
  const words = new Uint32Array(out.buffer, HEADER_BYTES, 2 * WORDS)
  for (const [j, values] of residues.entries()) {
    let [at, pending, filled] = [j * WORDS, 0, 0]
    for (let i = 0; i < DEGREE; i++) {
      const value = values[i] as number
      pending |= value << filled
      filled += RESIDUE_BITS
      if (filled < 32) continue
      words[at++] = pending
      filled -= 32
      pending = filled === 0 ? 0 : value >>> (RESIDUE_BITS - filled)
    }
  }
  return out
}

/** @throws PlatformError he.malformed on any byte out of place, he.wrong-key for another round or participant set */
export function readChunk(bytes: Uint8Array, place: ChunkPlace): Residues {
  if (bytes.length !== CHUNK_BYTES) throw malformed('length', bytes.length, CHUNK_BYTES)
  const header = headerOf(place)
  for (let i = 0; i < 16; i++) if (bytes[i] !== header[i]) throw malformed(`header byte ${i}`, bytes[i], header[i])
  if (Buffer.compare(bytes.subarray(16, HEADER_BYTES), header.subarray(16)) !== 0) {
    throw new PlatformError('he.wrong-key', { expected: 'a chunk of this round, participant set and model' })
  }
  const words = new Uint32Array(bytes.slice(HEADER_BYTES).buffer)
  return PRIMES.map((p, j) => {
    const out = new Uint32Array(DEGREE)
    let [at, bit] = [j * WORDS, 0]
    for (let i = 0; i < DEGREE; i++) {
      let value = (words[at] as number) >>> bit
      if (bit + RESIDUE_BITS > 32) value |= (words[at + 1] as number) << (32 - bit)
      value &= 2 ** RESIDUE_BITS - 1
      if (value >= p) throw malformed(`residue modulo prime ${j}`, value, p)
      out[i] = value
      bit += RESIDUE_BITS
      if (bit >= 32) {
        bit -= 32
        at++
      }
    }
    return out
  }) as unknown as Residues
}

function malformed(field: string, got: number | undefined, expected: number | undefined): PlatformError {
  return new PlatformError('he.malformed', { field, got: got ?? -1, expected: expected ?? -1 })
}
