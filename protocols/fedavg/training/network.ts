// What a model does with a few rows: scores, and the gradient of their loss. The optimiser and the rows are elsewhere.
import type { ParameterPart } from './types.ts'

const MOST_TENSOR_ROWS = 8_192
const LEAST_TENSOR_ROWS = 64
/** rows × parameters of one call into the engine: about 0.1 s of CPU */
const CALL_WORK = 2 ** 28

/** Rows of one tensor: so many that a call is worth its overhead, so few that it does not hold up the process. */
export function tensorRows(parameters: number): number {
  return Math.max(LEAST_TENSOR_ROWS, Math.min(MOST_TENSOR_ROWS, Math.floor(CALL_WORK / parameters)))
}

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
