// A party's partial score z = X·w and its encoding as shares modulo one period.
import { expandBytes } from '#crypto/prg.ts'
import { type LrParams, SHARE_MODULUS } from './params.ts'
import type { ScoreRange } from './fourier.ts'

/** Columns in fixed point: value = columns[j][i] / 2^bits. Feature-major. */
export interface FixedColumns {
  readonly bits: number
  readonly columns: readonly Int32Array[]
}

/** The intercept as one more column, of ones, after the guest's own. */
export function withIntercept({ bits, columns }: FixedColumns): FixedColumns {
  const rows = columns[0]?.length ?? 0
  return { bits, columns: [...columns, new Int32Array(new SharedArrayBuffer(4 * rows)).fill(2 ** bits)] }
}

/** z_i = Σ_j x_ij·w_j for rows from … to−1. Summed in column order, so the same on every run. */
export function partialScores(
  { columns, bits }: FixedColumns,
  weights: readonly number[],
  from: number,
  to: number,
): Float64Array {
  const scores = new Float64Array(to - from)
  for (const [j, column] of columns.entries()) {
    const weight = weights[j]! / 2 ** bits
    if (weight === 0) continue
    for (let i = from; i < to; i++) scores[i - from]! += column[i]! * weight
  }
  return scores
}

/** The scores of rows of weight 1. */
export function countedRows(scores: Float64Array, weights: Uint8Array | undefined): Float64Array {
  const counted = weights === undefined ? scores : scores.filter((_, i) => weights[i] === 1)
  return counted.length === 0 ? scores : counted
}

/** Share of rows beyond each released bound: 0.1 % on either side. */
const TAIL = 0.001
/** Rows beyond each bound, at most, where columns are weights of evidence: these have no tails that a period must not hold. */
const WOE_TAIL_ROWS = 10

/** The four scalars that an owner releases each round: bounds outward to ¼, mean and deviation to 0.05. */
export function releaseRange(scores: Float64Array, columns: LrParams['columns']): ScoreRange {
  const sorted = Float64Array.from(scores).sort()
  const share = Math.round(TAIL * (sorted.length - 1))
  const beyond = columns === 'woe' ? Math.min(share, WOE_TAIL_ROWS) : share
  let mean = 0
  for (const score of scores) mean += score
  mean /= scores.length
  let variance = 0
  for (const score of scores) variance += (score - mean) ** 2
  const high = sorted[sorted.length - 1 - beyond]!
  return coarseRange(sorted[beyond]!, high, mean, Math.sqrt(variance / scores.length))
}

/** Bounds outward to ¼, mean and deviation to 0.05. */
export function coarseRange(low: number, high: number, mean: number, deviation: number): ScoreRange {
  const round = (value: number) => Math.round(value / 0.05) * 0.05
  return { low: Math.floor(low * 4) / 4, high: Math.ceil(high * 4) / 4, mean: round(mean), deviation: round(deviation) }
}

/**
 * Scores of weights of evidence may pass their owner's bounds by this share of the width: a row that is clipped is wrong by
 * what was clipped, a sum of all parties is seldom near the end of the interval, and the period has room beyond it.
 */
const WOE_BEYOND = 0.25

/** Where an owner clips its partial scores. */
export function clipRange(range: ScoreRange, columns: LrParams['columns']): ScoreRange {
  const beyond = columns === 'woe' ? WOE_BEYOND * (range.high - range.low) : 0
  return { ...range, low: range.low - beyond, high: range.high + beyond }
}

/** Scores clipped to `range`, as integers modulo SHARE_MODULUS in units of period / SHARE_MODULUS. */
export function encodeScores(scores: Float64Array, range: ScoreRange, period: number): Uint16Array {
  const unit = period / SHARE_MODULUS
  return Uint16Array.from(
    scores,
    (score) => Math.round(Math.min(range.high, Math.max(range.low, score)) / unit) & 0xffff,
  )
}

/** a + b modulo SHARE_MODULUS: Uint16Array wraps by itself. */
export function addShares(a: Uint16Array, b: Uint16Array): Uint16Array {
  return Uint16Array.from(a, (value, i) => value + b[i]!)
}

export function subtractShares(a: Uint16Array, b: Uint16Array): Uint16Array {
  return Uint16Array.from(a, (value, i) => value - b[i]!)
}

/** A dealer's uniform shares, expanded from the seed that it sends to the guest. */
export function sharesFromSeed(seed: Uint8Array, rows: number): Uint16Array {
  const bytes = expandBytes(seed, 'score-shares', 2 * rows)
  return new Uint16Array(bytes.buffer, bytes.byteOffset, rows)
}
