// Everything public about the round of the information matrix: rows, precision, and who multiplies what with whom.
//
// The matrix is Σ v·xxᵀ with v = p(1 − p) of a row that counts. Guest and pivot hold shares of v. Parties are numbered in
// job order, the guest 0, the pivot 1. For each party a but the last, `vectors` of a are v·x for its columns x (and v
// itself, for the intercept of the guest); they are shared by guest, pivot and, where a is a dealer, a. Each party after
// a multiplies them with its own columns; and each party multiplies v with the products of two of its own columns.
import { SLOTS, T } from '#crypto/he/params.ts'
import { MAX_BATCH_ROWS } from './params.ts'
import type { LrInput, RowRange } from './training.ts'

/** Fraction bits of a column, and of a product of two columns. */
export const COLUMN_BITS = 9
export const PRODUCT_BITS = 10
/** The mean square of a column is at most this: weights of evidence up to ±4 in every row. */
const MEAN_SQUARE = 16
/** Answers under one score key that its flooding allows. */
const ANSWERS_PER_KEY = 256

export interface InformationPlan {
  /** the rows that the matrix is made of: as many of the training rows as one round takes */
  readonly batch: RowRange
  readonly rows: number
  /** blocks of SLOTS rows */
  readonly blocks: number
  /** columns of each party, the guest's intercept counted */
  readonly widths: readonly number[]
  /** fraction bits of the pivot's characters, of the guest's weights, and of v: their sum */
  readonly characterBits: number
  readonly weightBits: number
  readonly curvatureBits: number
  /** columns whose masked factors one score key protects */
  readonly columnsPerKey: number
}

export function planInformation(input: LrInput, widths: readonly number[]): InformationPlan {
  const rows = Math.min(input.trainRows, MAX_BATCH_ROWS)
  const blocks = Math.ceil(rows / SLOTS)
  // |Σ v·x·x'| ≤ 0.3 · rows · mean square: a share of v may be off by the error of its series.
  const room = Math.log2(T / 2) - 2 * COLUMN_BITS - Math.log2(0.3 * MEAN_SQUARE * rows)
  const curvatureBits = Math.min(14, Math.floor(room))
  const characterBits = Math.floor(curvatureBits / 2) - 1
  return {
    batch: { from: 0, to: rows },
    rows,
    blocks,
    widths: widths.map((width, party) => width + (party === 0 ? 1 : 0)),
    characterBits,
    weightBits: curvatureBits - characterBits,
    curvatureBits,
    columnsPerKey: Math.floor(ANSWERS_PER_KEY / blocks),
  }
}

/** Terms of the series of p(1 − p), which is narrower than p: all there may be. It is one exchange only. */
export const INFORMATION_HARMONICS = 8

/** Who holds a share of the vectors of party a. */
export function holdersOf(a: number): readonly number[] {
  return a >= 2 ? [0, 1, a] : [0, 1]
}

/** How vectors are cut into ciphertexts: `vectors` of them in each, `rowsPerBlock` rows of each, in chunks. */
export interface VectorLayout {
  readonly rowsPerBlock: number
  readonly blocks: number
  readonly vectors: number
  /** chunks of `vectors` vectors; the last may have fewer */
  readonly chunks: number
  /** columns that one answer takes */
  readonly perAnswer: number
}

/** Bytes of a ciphertext that carries rows, and of an answer. */
const UPLOAD_BYTES = 153_700
const ANSWER_BYTES = 68_700

/**
 * The layout that moves the fewest bytes.
 * @param receivers columns of each party that multiplies
 */
export function chooseVectorLayout(rows: number, count: number, receivers: readonly number[]): VectorLayout {
  let best: { layout: VectorLayout; bytes: number } | undefined
  for (let rowsPerBlock = 256; rowsPerBlock <= SLOTS; rowsPerBlock *= 2) {
    const windows = SLOTS / rowsPerBlock
    for (let vectors = 1; vectors <= Math.min(windows, count); vectors++) {
      const chunks = Math.ceil(count / vectors)
      const perAnswer = Math.floor(windows / vectors)
      const blocks = Math.ceil(rows / rowsPerBlock)
      const answers = receivers.reduce((sum, width) => sum + Math.ceil(width / perAnswer), 0)
      const bytes = chunks * (blocks * (receivers.length + 1) * UPLOAD_BYTES + answers * ANSWER_BYTES)
      if (best === undefined || bytes < best.bytes)
        best = { layout: { rowsPerBlock, blocks, vectors, chunks, perAnswer }, bytes }
    }
  }
  return best!.layout
}

/** Vectors in a chunk. */
export function vectorsIn({ vectors }: VectorLayout, count: number, chunk: number): number {
  return Math.min(vectors, count - chunk * vectors)
}
