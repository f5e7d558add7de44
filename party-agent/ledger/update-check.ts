// Does what goes to the adder look like an encrypted update? Its chunks must be those of the round that its key id names,
// and their residues uniform, as masks make them.
import { readChunk } from '#crypto/aggregate/chunk-bytes.ts'
import { chunksOf } from '#crypto/aggregate/fields.ts'
import type { MessageHeader } from '#protocols/core/contract.ts'
import type { SumBody, UpdateBody } from '#protocols/fedavg/bodies.ts'
import { sumFields } from '#protocols/fedavg/sum-fields.ts'

/** Of 16 cells; a chunk of uniform residues exceeds it once in 10^17, and an update of 4 million values has 6,000 such tests. */
const LARGEST_CHI_SQUARE = 120
const CELLS = 16

/** Why this body is no update of the round under this key id; undefined where it is one. @throws PlatformError he.malformed, he.wrong-key, he.range */
export function problemOfUpdate(body: unknown, { keyId }: MessageHeader): string | undefined {
  if (!isUpdate(body)) return 'not an update'
  const { label, participants, parameters, shared = false, chunks } = body
  if (Buffer.from(label).toString('hex') !== keyId) return 'the key id is not the label of the round'
  const fields = sumFields(participants.length, shared)
  if (chunks.length !== chunksOf(parameters, fields.ring)) return 'not as many chunks as the values need'
  for (const [chunk, bytes] of chunks.entries()) {
    const residues = readChunk(bytes, { kind: 'update', fields, label, chunk, chunks: chunks.length })
    if (!residues.every((values, j) => isUniform(values, fields.ring.primes[j] as number)))
      return 'residues are not uniform'
  }
  return undefined
}

/** Why this body is neither a sum that all parties open together nor a share of one; undefined where it is. @throws as above */
export function problemOfShare({ label, chunks }: SumBody, step: string, parties: number): string | undefined {
  const fields = sumFields(parties, true)
  for (const [chunk, bytes] of chunks.entries()) {
    const kind = step === 'share' ? 'share' : 'sum'
    const residues = readChunk(bytes, { kind, fields, label, chunk, chunks: chunks.length })
    if (!residues.every((values, j) => isUniform(values, fields.ring.primes[j] as number)))
      return 'residues are not uniform'
  }
  return undefined
}

export function isChunks(body: unknown): body is SumBody {
  const { label, chunks } = body as Partial<SumBody>
  return label instanceof Uint8Array && Array.isArray(chunks)
}

function isUpdate(body: unknown): body is UpdateBody {
  return isChunks(body)
}

/** By their size, their lowest four bits, and the steps between neighbours. */
function isUniform(values: Uint32Array, modulus: number): boolean {
  const [size, low, steps] = [new Uint32Array(CELLS), new Uint32Array(CELLS), new Uint32Array(CELLS)]
  let before = 0
  for (const value of values) {
    size[Math.floor((value / modulus) * CELLS)]! += 1
    low[value % CELLS]! += 1
    const step = value - before
    steps[Math.floor(((step < 0 ? step + modulus : step) / modulus) * CELLS)]! += 1
    before = value
  }
  const expected = values.length / CELLS
  const chiSquare = (cells: Uint32Array) => cells.reduce((sum, count) => sum + (count - expected) ** 2, 0) / expected
  return [size, low, steps].every((cells) => chiSquare(cells) <= LARGEST_CHI_SQUARE)
}
