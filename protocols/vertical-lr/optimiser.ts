// One owner's step: a preconditioned heavy ball on its own weights.
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { choleskyFactor, choleskySolve, type Factor } from './cholesky.ts'
import type { FixedColumns } from './scores.ts'

/** Rows that the preconditioner is made from: enough for a good curvature, cheap for any table. */
const SAMPLE_ROWS = 20_000

/**
 * Factor of ¼·XᵀX/m + l2/m over (a sample of) the training rows, an upper bound of the Hessian of the log loss.
 * Each owner has its own block; no other party takes part. `free` marks columns without penalty (the intercept).
 */
export async function preconditioner(
  { columns, bits }: FixedColumns,
  trainRows: number,
  l2: number,
  free: ReadonlySet<number>,
): Promise<Factor> {
  const size = columns.length
  const stride = Math.max(1, Math.floor(trainRows / SAMPLE_ROWS))
  const rows = Math.floor((trainRows - 1) / stride) + 1
  const scale = 0.25 / rows / 4 ** bits
  const matrix = new Float64Array(size * size)
  for (let a = 0; a < size; a++) {
    const x = columns[a]!
    for (let b = 0; b <= a; b++) {
      const y = columns[b]!
      let sum = 0
      for (let i = 0; i < trainRows; i += stride) sum += x[i]! * y[i]!
      matrix[a * size + b] = matrix[b * size + a] = sum * scale
    }
    // A tiny ridge keeps the factor defined when columns repeat each other and l2 is 0.
    matrix[a * size + a]! += (free.has(a) ? 0 : l2 / trainRows) + 1e-9
    if (a % 8 === 7) await yieldToOthers()
  }
  return choleskyFactor(matrix, size)
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
}

/**
 * velocity ← momentum·velocity − rate·P⁻¹(gradient + l2/m·w); weights ← weights + velocity.
 * @param gradient mean over the batch of Xᵀd, without penalty
 */
export function takeStep(at: Weights, factor: Factor, gradient: Float64Array, options: StepOptions): Weights {
  const slope = Float64Array.from(
    gradient,
    (value, j) => value + (options.free.has(j) ? 0 : (options.l2 / options.trainRows) * at.weights[j]!),
  )
  const direction = choleskySolve(factor, slope)
  const velocity = at.velocity.map((value, j) => options.momentum * value - options.rate * direction[j]!)
  return { weights: at.weights.map((weight, j) => weight + velocity[j]!), velocity }
}

/** max_j |a_j − b_j| */
export function largestMove(a: readonly number[], b: readonly number[]): number {
  return a.reduce((largest, value, j) => Math.max(largest, Math.abs(value - b[j]!)), 0)
}
