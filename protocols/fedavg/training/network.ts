// What a model does with a few rows: scores, and the gradient of their loss. The optimiser and the rows are elsewhere.
import type { ParameterPart } from './types.ts'

/** Rows of one tensor: above it, XNNPACK gains nothing and a step holds up other work of the process for too long. */
export const MOST_TENSOR_ROWS = 8_192

/** Rows as they are at the party: standardised numbers, codes of categories, NaN where missing; row-major. */
export interface Batch {
  readonly rows: number
  readonly inputs: Float32Array
}

/** d loss / d score of each row, given all scores (log odds) of the batch. */
export type Residual = (scores: Float32Array) => Float32Array

/** Leaves no tensor behind in any of its calls. */
export interface Network {
  readonly parts: readonly ParameterPart[]
  /** Log odds of bad. @param weights flat, as `parts` lay out */
  scores(weights: Float32Array, batch: Batch): Float32Array
  /** Adds Σ_i residual_i · d score_i / d weights to `gradient`. */
  addGradient(weights: Float32Array, batch: Batch, residual: Residual, gradient: Float32Array): void
}
