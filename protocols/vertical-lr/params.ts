// The named numbers of the protocol and how the precision follows from the number of rows.
import { T } from '#crypto/he/params.ts'
import { type JobSpec, trainOf } from '#protocols/core/job-spec.ts'

export const LR_VERSION = 2

/** Shares of scores live in Z_65536: one period of the Fourier sigmoid is 65,536 grid steps. */
export const SHARE_MODULUS = 65_536
/** How finely residuals and columns are cut. */
export interface Precision {
  /** fraction bits of a character (sine or cosine of the pivot's share) */
  readonly characterBits: number
  /** fraction bits of the guest's weight of a character */
  readonly weightBits: number
  /** fraction bits of a residual, and of a row's loss: the sum of both */
  readonly residualBits: number
  /** integers that a value of a column is cut into: inner products of an owner a column and round */
  readonly limbs: number
}

export const PRECISIONS: Readonly<Record<LrParams['precision'], Precision>> = {
  standard: { characterBits: 11, weightBits: 12, residualBits: 23, limbs: 1 },
  // Residuals with four bits more leave too few for a column: it takes two inner products.
  fine: { characterBits: 13, weightBits: 14, residualBits: 27, limbs: 2 },
}
/** What `fine` asks of the series and of the stopping rule, whatever the job says. */
const FINE_HARMONICS = 8
const FINE_TOLERANCE = 5e-5
/** No residual of the fitted series is larger than this (a probability is off by at most a quarter). */
export const RESIDUAL_BOUND = 1.25
/** Scores of hold-out rows are released on this grid: 2^-10 of a log-odds. */
export const SCORE_GRID_BITS = 10
/** Rows of one round: 16 blocks of 8,192 slots. More rows are trained in mini-batches. */
export const MAX_BATCH_ROWS = 131_072
/** Standardised values are clipped here, in standard deviations. */
export const VALUE_LIMIT = 64
/** Fraction bits of weight-of-evidence columns as they come in, and where their values are clipped (2^20 in fixed point). */
export const WOE_BITS = 16
export const WOE_LIMIT = 16
/** Columns of all parties together that standard errors are worked out for. */
export const MAX_INFORMATION_COLUMNS = 60

export interface LrParams {
  readonly l2: number
  readonly rounds: number
  readonly tolerance: number
  readonly momentum: number
  readonly batchRows: 'full' | number
  readonly harmonics: number
  readonly precision: 'standard' | 'fine'
  /** what the columns hold: standardised values, or the weight of evidence of bins, as given */
  readonly columns: 'standardised' | 'woe'
  /** no weight below zero; the intercept is free */
  readonly nonNegative: boolean
  /** one more round for the information matrix */
  readonly standardErrors: boolean
}

export function lrParams(spec: JobSpec): LrParams {
  const train = trainOf(spec)
  const { l2, rounds, momentum, batchRows, precision, columns, nonNegative, standardErrors } = train
  const fine = precision === 'fine'
  const tolerance = fine ? Math.min(FINE_TOLERANCE, train.tolerance) : train.tolerance
  const harmonics = fine ? FINE_HARMONICS : train.harmonics
  return { l2, rounds, tolerance, momentum, batchRows, harmonics, precision, columns, nonNegative, standardErrors }
}

/** Fraction bits of the columns that a party brings (`LrInput.data`). */
export function inputBits(params: Pick<LrParams, 'columns' | 'batchRows'>, trainRows: number): number {
  return params.columns === 'woe' ? WOE_BITS : valueBits(planBatches(params, trainRows).rows)
}

/** How the training rows are cut: consecutive batches of nearly equal size. */
export interface BatchPlan {
  readonly batches: number
  /** largest batch */
  readonly rows: number
}

export function planBatches(params: Pick<LrParams, 'batchRows'>, trainRows: number): BatchPlan {
  const wanted = params.batchRows === 'full' ? MAX_BATCH_ROWS : params.batchRows
  const batches = Math.ceil(trainRows / Math.min(wanted, MAX_BATCH_ROWS))
  return { batches, rows: Math.ceil(trainRows / batches) }
}

/** First and last + 1 training row of the batch of a round (rounds count from 1). */
export function batchOf(
  plan: BatchPlan,
  trainRows: number,
  round: number,
): { readonly from: number; readonly to: number } {
  const index = (round - 1) % plan.batches
  return {
    from: Math.floor((index * trainRows) / plan.batches),
    to: Math.floor(((index + 1) * trainRows) / plan.batches),
  }
}

/**
 * Fraction bits of a standardised value such that an inner product over a batch cannot wrap in Z_T:
 * Σ|x·d| ≤ rows · RESIDUAL_BOUND in value, because the mean of |x| of a standardised column is at most 1;
 * one more bit is kept for batches in which a column is wider than over all rows.
 */
export function valueBits(batchRows: number): number {
  const { residualBits } = PRECISIONS.standard
  const capacity = Math.log2(T / 2) - residualBits - Math.log2(batchRows * RESIDUAL_BOUND) - 1
  return Math.min(12, Math.floor(capacity))
}
