// Wire bytes of one ciphertext of an update, or of their sum: a header that is the same for all of a round but its chunk
// number, and c0 in transformed form, 27 bits a residue. c1 is public and the same for everybody, so it does not travel.
// A share of shared opening has the same form.
//
// header 32 bytes: magic u16 | version u8 | kind u8 | parties u16 | bits of a field u8 | flooding bits u8 | chunk u32 | chunks u32
//                  | label 16 bytes
// body: the residues modulo the first prime, then modulo the next; 32 residues fill 27 words
import { PlatformError } from '#runtime/errors.ts'
import type { Fields } from './fields.ts'
import { LABEL_BYTES } from './round-keys.ts'
import { OPENER_RING, RESIDUE_BITS, type Residues, type Ring } from './ring-transform.ts'

const HEADER_BYTES = 32
const MAGIC = 0x5541
const VERSION = 1
const KINDS = { update: 1, sum: 2, share: 3 } as const

export type ChunkKind = keyof typeof KINDS

/** Bytes of every chunk of a ring. */
export function chunkBytes(ring: Ring): number {
  return HEADER_BYTES + 4 * ring.primes.length * wordsOf(ring)
}

/** Bytes of every chunk of a sum that one party opens. */
export const CHUNK_BYTES = chunkBytes(OPENER_RING)

/** 32-bit words of the residues modulo one prime. */
function wordsOf({ degree }: Ring): number {
  return (degree * RESIDUE_BITS) / 32
}

/** What the receiver of a chunk expects: it decides every byte of the header. */
export interface ChunkPlace {
  readonly kind: ChunkKind
  readonly fields: Fields
  /** of the round: 32 bytes, of which the header shows 16 */
  readonly label: Uint8Array
  readonly chunk: number
  readonly chunks: number
}

/** @throws PlatformError he.range for a place that no chunk has */
function headerOf({ kind, fields, label, chunk, chunks }: ChunkPlace): Uint8Array {
  if (label.length !== LABEL_BYTES || !(chunk >= 0 && chunk < chunks)) {
    throw new PlatformError('he.range', { label: label.length, chunk, chunks })
  }
  const header = new Uint8Array(HEADER_BYTES)
  const view = new DataView(header.buffer)
  view.setUint16(0, MAGIC, true)
  header.set([VERSION, KINDS[kind]], 2)
  view.setUint16(4, fields.parties, true)
  header.set([fields.bits, fields.flood], 6)
  view.setUint32(8, chunk, true)
  view.setUint32(12, chunks, true)
  header.set(label.subarray(0, 16), 16)
  return header
}

/** @param residues c0, or a share, in transformed form */
export function writeChunk(place: ChunkPlace, residues: Residues): Uint8Array {
  const { ring } = place.fields
  const out = new Uint8Array(chunkBytes(ring))
  out.set(headerOf(place))
  const words = new Uint32Array(out.buffer, HEADER_BYTES)
  for (const [j, values] of residues.entries()) {
    let [at, pending, filled] = [j * wordsOf(ring), 0, 0]
    for (let i = 0; i < ring.degree; i++) {
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
  const { ring } = place.fields
  if (bytes.length !== chunkBytes(ring)) throw malformed('length', bytes.length, chunkBytes(ring))
  const header = headerOf(place)
  for (let i = 0; i < 16; i++) if (bytes[i] !== header[i]) throw malformed(`header byte ${i}`, bytes[i], header[i])
  if (Buffer.compare(bytes.subarray(16, HEADER_BYTES), header.subarray(16)) !== 0) {
    throw new PlatformError('he.wrong-key', { expected: 'a chunk of this round, participant set and model' })
  }
  // a copy for the sake of alignment; not bytes.slice(), which in a Buffer is a view of memory that others use too
  const words = new Uint32Array(Uint8Array.from(bytes.subarray(HEADER_BYTES)).buffer)
  return ring.primes.map((p, j) => {
    const out = new Uint32Array(ring.degree)
    let [at, bit] = [j * wordsOf(ring), 0]
    for (let i = 0; i < ring.degree; i++) {
      let value = (words[at] as number) >>> bit
      if (bit + RESIDUE_BITS > 32) value |= (words[at + 1] as number) << (32 - bit)
      value &= 2 ** RESIDUE_BITS - 1
      if (value >= p) throw new PlatformError('he.malformed', { field: `residue modulo prime ${j}`, at: i })
      out[i] = value
      bit += RESIDUE_BITS
      if (bit >= 32) {
        bit -= 32
        at++
      }
    }
    return out
  })
}

function malformed(field: string, got: number | undefined, expected: number | undefined): PlatformError {
  return new PlatformError('he.malformed', { field, got: got ?? -1, expected: expected ?? -1 })
}
