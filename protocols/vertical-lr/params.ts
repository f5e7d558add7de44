// The named numbers of the protocol and how the precision follows from the number of rows.
import { T } from '#crypto/he/params.ts'
import { type JobSpec, trainOf } from '#protocols/core/job-spec.ts'

export const LR_VERSION = 1

/** Shares of scores live in Z_65536: one period of the Fourier sigmoid is 65,536 grid steps. */
export const SHARE_MODULUS = 65_536
/** Fraction bits of a character (sine or cosine of the pivot's share). */
export const CHARACTER_BITS = 11
/** Fraction bits of the guest's weight of a character. */
export const WEIGHT_BITS = 12
/** Fraction bits of a residual, and of a row's loss. */
export const RESIDUAL_BITS = CHARACTER_BITS + WEIGHT_BITS
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
  /** what the columns hold: standardised values, or the weight of evidence of bins, as given */
  readonly columns: 'standardised' | 'woe'
  /** no weight below zero; the intercept is free */
  readonly nonNegative: boolean
  /** one more round for the information matrix */
  readonly standardErrors: boolean
}

export function lrParams(spec: JobSpec): LrParams {
  const { l2, rounds, tolerance, momentum, batchRows, harmonics, columns, nonNegative, standardErrors } = trainOf(spec)
  return { l2, rounds, tolerance, momentum, batchRows, harmonics, columns, nonNegative, standardErrors }
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
  const capacity = Math.log2(T / 2) - RESIDUAL_BITS - Math.log2(batchRows * RESIDUAL_BOUND) - 1
  return Math.min(12, Math.floor(capacity))
}
