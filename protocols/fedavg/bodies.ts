// Message bodies as plain values; `open` is where foreign bytes are checked.
import { chunkBytes } from '#crypto/aggregate/chunk-bytes.ts'
import { chunksOf, MOST_PARTIES } from '#crypto/aggregate/fields.ts'
import { OPENER_RING, SHARED_RING } from '#crypto/aggregate/ring-transform.ts'
import { AGREEMENT_KEY_BYTES, LABEL_BYTES } from '#crypto/aggregate/round-keys.ts'
import { termsCodec } from '#protocols/core/agreement.ts'
import { bufferOf, messageCodec, refuseUnless } from '#protocols/core/codec.ts'
import type { PartyId } from '#protocols/core/contract.ts'
import type { FedCells__Output } from '#protos/gen/tributary/v1/FedCells.ts'
import type { FedKey__Output } from '#protos/gen/tributary/v1/FedKey.ts'
import type { FedMean__Output } from '#protos/gen/tributary/v1/FedMean.ts'
import type { FedRows__Output } from '#protos/gen/tributary/v1/FedRows.ts'
import type { FedSpread__Output } from '#protos/gen/tributary/v1/FedSpread.ts'
import type { FedSum__Output } from '#protos/gen/tributary/v1/FedSum.ts'
import type { FedSummary__Output } from '#protos/gen/tributary/v1/FedSummary.ts'
import type { FedUpdate__Output } from '#protos/gen/tributary/v1/FedUpdate.ts'
import { type Cells, type ColumnScale, MAX_COLUMNS, QUANTILES, type Quality } from './params.ts'
import { mostValues } from './sum-fields.ts'

const SUM_BYTES = 3
const COMMITMENT_BYTES = 32
const MAX_CELLS = 8192
const MILLION = 1_000_000
const PARTY_NAME = /^[a-z][a-z0-9-]{0,31}$/

/** What an update says beside its ciphertexts: all of a round say the same. */
export interface UpdateHeader {
  /** of the round, 32 bytes */
  readonly label: Uint8Array
  readonly opener: PartyId
  /** how many sums the opener has been sent in this job, this one included */
  readonly number: number
  /** in their agreed order, the guest first */
  readonly participants: readonly PartyId[]
  /** length of the vector */
  readonly parameters: number
  /** opened by all parties together; the opener is who puts the shares together. Absent: by the opener alone */
  readonly shared?: boolean
}

export interface UpdateBody extends UpdateHeader {
  /** SHA-256 of the vector with a salt (robustness/commitment.ts), another one for each party */
  readonly commitment?: Uint8Array
  /** views */
  readonly chunks: readonly Uint8Array[]
}

export interface SumBody {
  readonly label: Uint8Array
  readonly shared: boolean
  /** of a sum: what each participant committed to, in their order; absent: none */
  readonly commitments?: readonly Uint8Array[]
  readonly chunks: readonly Uint8Array[]
}

/** Rows of all parties together. */
export interface RowTotals {
  readonly train: number
  readonly holdout: number
}

export interface MeanBody {
  readonly label: Uint8Array
  /** sums of the parties' integers */
  readonly sums: Uint32Array
  /** what each participant of the round committed to, in their order; absent: none */
  readonly commitments?: readonly Uint8Array[]
  readonly quality?: Quality
  /** where parties may be left out: training rows of those that took part */
  readonly rows?: number
}

export const terms = termsCodec('tributary.v1.FedTerms', 64)

export const key = messageCodec<FedKey__Output, Uint8Array>(
  'tributary.v1.FedKey',
  (body) => ({ key: bufferOf(body) }),
  (wire) => {
    refuseUnless(wire.key.length === AGREEMENT_KEY_BYTES, `a key of ${AGREEMENT_KEY_BYTES} bytes`)
    return wire.key
  },
)

export const update = messageCodec<FedUpdate__Output, UpdateBody>(
  'tributary.v1.FedUpdate',
  ({ label, participants, chunks, shared = false, commitment = new Uint8Array(COMMITMENT_BYTES), ...header }) => ({
    ...header,
    commitment: bufferOf(commitment),
    label: bufferOf(label),
    participants: [...participants],
    shared,
    chunks: Buffer.concat(chunks),
  }),
  ({ label, opener, number, participants, parameters, shared, commitment, chunks }) => {
    refuseUnless(parameters >= 1 && parameters <= mostValues(shared), `1 to ${mostValues(shared)} parameters`)
    refuseUnless(number >= 1, 'sums counted from 1')
    refuseUnless(participants.length >= 2 && participants.length <= MOST_PARTIES, `2 to ${MOST_PARTIES} participants`)
    refuseUnless(participants.every((name) => PARTY_NAME.test(name)) && isSet(participants), 'each participant once')
    refuseUnless(participants.includes(opener), 'an opener that takes part')
    refuseUnless(chunks.length === bytesOf(parameters, shared), 'as many chunks as the parameters need')
    const header = { label: labelOf(label), opener, number, participants, parameters, shared }
    refuseUnless(commitment.length === COMMITMENT_BYTES, `a commitment of ${COMMITMENT_BYTES} bytes`)
    return { ...header, commitment, chunks: cut(chunks, shared) }
  },
)

/** The sum, or one party's share of it. */
export const sum = messageCodec<FedSum__Output, SumBody>(
  'tributary.v1.FedSum',
  ({ label, shared, chunks, commitments = [] }) => ({
    label: bufferOf(label),
    shared,
    chunks: Buffer.concat(chunks),
    commitments: Buffer.concat(commitments),
  }),
  ({ label, shared, chunks, commitments }) => {
    refuseUnless(chunks.length <= bytesOf(mostValues(shared), shared), 'chunks of one vector')
    return { label: labelOf(label), shared, chunks: cut(chunks, shared), commitments: commitmentsOf(commitments) }
  },
)

export const rows = messageCodec<FedRows__Output, RowTotals & { readonly label: Uint8Array }>(
  'tributary.v1.FedRows',
  ({ label, train, holdout }) => ({ label: bufferOf(label), train, holdout }),
  ({ label, train, holdout }) => ({ label: labelOf(label), train: wholeOf(train), holdout: wholeOf(holdout) }),
)

export const mean = messageCodec<FedMean__Output, MeanBody>(
  'tributary.v1.FedMean',
  ({ label, sums, quality, commitments = [], rows: count = 0 }) => ({
    label: bufferOf(label),
    commitments: Buffer.concat(commitments),
    sums: packSums(sums),
    quality: quality === undefined ? null : millionths(quality),
    rows: count,
  }),
  ({ label, sums, quality, commitments, rows: count }) => {
    refuseUnless(sums.length % SUM_BYTES === 0 && sums.length <= SUM_BYTES * mostValues(false), 'three bytes a sum')
    const counted = count > 0 ? { rows: wholeOf(count) } : {}
    const body = { label: labelOf(label), sums: unpackSums(sums), commitments: commitmentsOf(commitments), ...counted }
    return quality === null ? body : { ...body, quality: qualityOf(quality) }
  },
)

export const spread = messageCodec<FedSpread__Output, readonly Cells[]>(
  'tributary.v1.FedSpread',
  (body) => ({ columns: body.map(wireCells) }),
  ({ columns }) => {
    refuseUnless(columns.length <= MAX_COLUMNS, `at most ${MAX_COLUMNS} columns`)
    return columns.map(cellsOf)
  },
)

/** What is told of a column in the end. */
export interface ToldColumn {
  readonly cells: Cells
  readonly scale: ColumnScale
  /** by share, such as '0.5' */
  readonly quantiles: Readonly<Record<string, number>>
}

export const summary = messageCodec<FedSummary__Output, readonly ToldColumn[]>(
  'tributary.v1.FedSummary',
  (body) => ({
    columns: body.map(({ cells, scale, quantiles }) => ({
      cells: wireCells(cells),
      ...scale,
      quantiles: { ...quantiles },
    })),
  }),
  ({ columns }) => {
    refuseUnless(columns.length <= MAX_COLUMNS, `at most ${MAX_COLUMNS} columns`)
    return columns.map(({ cells, mean: centre, deviation, quantiles }) => {
      refuseUnless(cells !== null, 'cells of each column')
      refuseUnless(Number.isFinite(centre) && Number.isFinite(deviation) && deviation > 0, 'a mean and a deviation')
      for (const [share, value] of Object.entries(quantiles))
        refuseUnless(QUANTILES.some((one) => String(one) === share) && Number.isFinite(value), 'known quantiles')
      return { cells: cellsOf(cells as FedCells__Output), scale: { mean: centre, deviation }, quantiles }
    })
  },
)

function wireCells({ edges, rows: counts, missing }: Cells): FedCells__Output {
  return { edges: [...edges], rows: [...counts], missing: missing ?? 0, missing_withheld: missing === null }
}

function cellsOf({ edges, rows: counts, missing, missing_withheld: withheld }: FedCells__Output): Cells {
  refuseUnless(counts.length <= MAX_CELLS && edges.length === (counts.length === 0 ? 0 : counts.length + 1), 'edges')
  refuseUnless(
    edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number))),
    'rising edges',
  )
  refuseUnless(!withheld || missing === 0, 'nothing beside what is withheld')
  return { edges, rows: counts.map(wholeOf), missing: withheld ? null : wholeOf(missing) }
}

function millionths({ rows: count, bad, loss, auc, aucError, ks }: Quality) {
  const of = (value: number) => Math.round(value * MILLION)
  return { rows: count, bad, loss: of(loss), auc: of(auc), auc_error: of(aucError), ks: of(ks) }
}

function qualityOf({ rows: count, bad, loss, auc, auc_error: error, ks }: NonNullable<FedMean__Output['quality']>) {
  refuseUnless(count >= 1 && bad <= count, 'rows, and how many are bad')
  refuseUnless(auc <= MILLION && error <= MILLION && ks <= MILLION, 'shares')
  const of = (value: number) => wholeOf(value) / MILLION
  return { rows: wholeOf(count), bad: wholeOf(bad), loss: of(loss), auc: of(auc), aucError: of(error), ks: of(ks) }
}

function packSums(sums: Uint32Array): Buffer {
  const out = Buffer.alloc(SUM_BYTES * sums.length)
  for (const [i, value] of sums.entries()) out.writeUIntLE(value, SUM_BYTES * i, SUM_BYTES)
  return out
}

function unpackSums(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / SUM_BYTES }, (_, i) => bytes.readUIntLE(SUM_BYTES * i, SUM_BYTES))
}

/** Of all chunks of a vector. */
function bytesOf(values: number, shared: boolean): number {
  const ring = shared ? SHARED_RING : OPENER_RING
  return chunksOf(values, ring) * chunkBytes(ring)
}

function cut(bytes: Buffer, shared: boolean): Uint8Array[] {
  const each = chunkBytes(shared ? SHARED_RING : OPENER_RING)
  refuseUnless(bytes.length > 0 && bytes.length % each === 0, 'whole chunks')
  return Array.from({ length: bytes.length / each }, (_, i) => bytes.subarray(i * each, (i + 1) * each))
}

function commitmentsOf(bytes: Buffer): Uint8Array[] {
  const count = bytes.length / COMMITMENT_BYTES
  refuseUnless(Number.isInteger(count) && count <= MOST_PARTIES, `commitments of ${COMMITMENT_BYTES} bytes`)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * COMMITMENT_BYTES, (i + 1) * COMMITMENT_BYTES))
}

function labelOf(label: Uint8Array): Uint8Array {
  refuseUnless(label.length === LABEL_BYTES, `a label of ${LABEL_BYTES} bytes`)
  return label
}

function wholeOf(value: number): number {
  refuseUnless(Number.isSafeInteger(value) && value >= 0, 'a count')
  return value
}

function isSet(names: readonly string[]): boolean {
  return new Set(names).size === names.length
}
