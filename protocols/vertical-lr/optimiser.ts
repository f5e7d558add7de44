// One owner's step: a preconditioned heavy ball on its own weights.
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { choleskyFactor, choleskySolve, type Factor } from './cholesky.ts'
import type { FixedColumns } from './scores.ts'

/** Rows that the preconditioner is made from: enough for a good curvature, cheap for any table. */
const SAMPLE_ROWS = 20_000

/** Rows that the preconditioner looks at: every `stride`-th of the training rows, `rows` of them. */
export function sampledRows(trainRows: number): { readonly stride: number; readonly rows: number } {
  const stride = Math.max(1, Math.floor(trainRows / SAMPLE_ROWS))
  return { stride, rows: Math.floor((trainRows - 1) / stride) + 1 }
}

/** Σ x_a·x_b over the sampled rows for b ≤ a, row after row, in the fixed point of the columns, squared. */
export async function sumsOfProducts({ columns }: FixedColumns, trainRows: number): Promise<Float64Array> {
  const { stride } = sampledRows(trainRows)
  const sums = new Float64Array((columns.length * (columns.length + 1)) / 2)
  let at = 0
  for (const [a, x] of columns.entries()) {
    for (const y of columns.slice(0, a + 1)) {
      let sum = 0
      for (let i = 0; i < trainRows; i += stride) sum += x[i]! * y[i]!
      sums[at++] = sum
    }
    if (a % 8 === 7) await yieldToOthers()
  }
  return sums
}

/**
 * Factor of curvature·XᵀX/m + l2/m over (a sample of) the training rows; with ¼ an upper bound of the Hessian of the log
 * loss. Each owner has its own block; no other party takes part. `free` marks columns without penalty (the intercept).
 * @param sums as sumsOfProducts gives them @param bits of the columns
 */
export function preconditioner(
  sums: ArrayLike<number>,
  bits: number,
  trainRows: number,
  l2: number,
  free: ReadonlySet<number>,
  curvature: number,
): Factor {
  const size = Math.round((Math.sqrt(8 * sums.length + 1) - 1) / 2)
  const scale = curvature / sampledRows(trainRows).rows / 4 ** bits
  const matrix = new Float64Array(size * size)
  for (let a = 0, at = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) matrix[a * size + b] = matrix[b * size + a] = sums[at++]! * scale
    // A tiny ridge keeps the factor defined when columns repeat each other and l2 is 0.
    matrix[a * size + a]! += (free.has(a) ? 0 : l2 / trainRows) + 1e-9
  }
  return choleskyFactor(matrix, size)
}

/**
 * A bound of the mean curvature of the loss, for the preconditioners: one and a half times that of a model without
 * columns, p(1 − p) on the rows that count, rounded up to a power of two, at most ¼. The half covers that curvature grows where
 * the columns are large; a power of two because hosts learn it. Heavy ball of 0.5 is as fast for any bound from a third
 * of the true curvature to eleven times it.
 * @returns and `logOdds` of that model
 */
export function baseCurvature(labels: Uint8Array, weights: Uint8Array | undefined, trainRows: number) {
  let rows = 0
  let bad = 0
  for (let i = 0; i < trainRows; i++) {
    const weight = weights === undefined ? 1 : weights[i]!
    rows += weight
    bad += weight * labels[i]!
  }
  const rate = (bad + 0.5) / (rows + 1)
  const bound = (1.5 * rate * (1 - rate) * rows) / trainRows
  const curvature = Math.min(0.25, Math.max(2 ** -12, 2 ** Math.ceil(Math.log2(bound))))
  return { effectiveRows: rows, curvature, logOdds: Math.log(rate / (1 - rate)) }
}

export interface Weights {
  readonly weights: number[]
  readonly velocity: number[]
}

export interface StepOptions {
  readonly momentum: number
  readonly rate: number
  readonly l2: number
  readonly trainRows: number
  readonly free: ReadonlySet<number>
  /** no weight below zero but those of `free` columns */
  readonly nonNegative: boolean
}

/**
 * velocity ← momentum·velocity − rate·P⁻¹(gradient + l2/m·w); weights ← weights + velocity. With non-negative weights
 * the new ones are the nearest point without a negative one, in the metric of P (the nearest in the plain metric is not
 * a step towards the constrained minimum), and the velocity is what is left of the move: none at the bound.
 * @param gradient mean over the batch of Xᵀd, without penalty
 */
export function takeStep(at: Weights, factor: Factor, gradient: Float64Array, options: StepOptions): Weights {
  const { momentum, rate, l2, trainRows, free, nonNegative } = options
  const slope = Float64Array.from(gradient, (value, j) => value + (free.has(j) ? 0 : (l2 / trainRows) * at.weights[j]!))
  const direction = choleskySolve(factor, slope)
  const velocity = at.velocity.map((value, j) => momentum * value - rate * direction[j]!)
  const weights = at.weights.map((weight, j) => weight + velocity[j]!)
  if (!nonNegative) return { weights, velocity }
  const nearest = projectNonNegative(multiplyFactor(factor), factor.size, weights, free)
  return { weights: nearest, velocity: nearest.map((weight, j) => weight - at.weights[j]!) }
}

/** L·Lᵀ, row-major. */
function multiplyFactor({ size, lower }: Factor): Float64Array {
  const matrix = new Float64Array(size * size)
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0
      for (let k = 0; k <= b; k++) sum += lower[a * size + k]! * lower[b * size + k]!
      matrix[a * size + b] = matrix[b * size + a] = sum
    }
  }
  return matrix
}

/**
 * argmin (w − y)ᵀ·A·(w − y) over w with w_j ≥ 0 for all j not in `free`, by cyclic coordinate descent; A positive definite.
 * @param matrix A, row-major, size × size
 */
export function projectNonNegative(
  matrix: Float64Array,
  size: number,
  y: readonly number[],
  free: ReadonlySet<number>,
): number[] {
  const w = y.map((value, j) => (free.has(j) ? value : Math.max(0, value)))
  const slope = Float64Array.from(w, (_, j) => {
    let sum = 0
    for (let k = 0; k < size; k++) sum += matrix[j * size + k]! * (w[k]! - y[k]!)
    return sum
  })
  for (let sweep = 0; sweep < 2000; sweep++) {
    let largest = 0
    for (let j = 0; j < size; j++) {
      const wanted = w[j]! - slope[j]! / matrix[j * size + j]!
      const next = free.has(j) ? wanted : Math.max(0, wanted)
      const move = next - w[j]!
      if (move === 0) continue
      w[j] = next
      for (let k = 0; k < size; k++) slope[k]! += matrix[k * size + j]! * move
      largest = Math.max(largest, Math.abs(move))
    }
    if (largest < 1e-12) break
  }
  return w
}

/** max_j |a_j − b_j| */
export function largestMove(a: readonly number[], b: readonly number[]): number {
  return a.reduce((largest, value, j) => Math.max(largest, Math.abs(value - b[j]!)), 0)
}
