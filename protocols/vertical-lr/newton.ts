// Logistic regression in the clear by Newton's method: the guest's own model, and the reference of the tests.
import { choleskyFactor, choleskySolve } from './cholesky.ts'
import { projectNonNegative } from './optimiser.ts'
import { partialScores, type FixedColumns } from './scores.ts'

export interface NewtonOptions {
  /** 1 for a row that counts, else 0; absent: all count */
  readonly weights?: Uint8Array | undefined
  /** no weight below zero but those of free columns */
  readonly nonNegative?: boolean
}

/**
 * Minimises Σ log loss + ½·l2·Σ_{j not free} w_j² over those of the first `rows` rows that count.
 * @returns weights in column order
 */
export function fitNewton(
  data: FixedColumns,
  labels: Uint8Array,
  rows: number,
  l2: number,
  free: ReadonlySet<number>,
  { weights: rowWeights, nonNegative = false }: NewtonOptions = {},
): number[] {
  const { columns, bits } = data
  const size = columns.length
  const unit = 2 ** -bits
  let weights = new Array<number>(size).fill(0)
  for (let iteration = 0; iteration < 50; iteration++) {
    const scores = partialScores(data, weights, 0, rows)
    const gradient = new Float64Array(size)
    const hessian = new Float64Array(size * size)
    const row = new Float64Array(size)
    for (let i = 0; i < rows; i++) {
      if (rowWeights !== undefined && rowWeights[i] !== 1) continue
      const p = 1 / (1 + Math.exp(-scores[i]!))
      const curvature = p * (1 - p)
      for (let j = 0; j < size; j++) row[j] = columns[j]![i]! * unit
      for (let j = 0; j < size; j++) {
        gradient[j]! += (p - labels[i]!) * row[j]!
        const scaled = curvature * row[j]!
        for (let k = 0; k <= j; k++) hessian[j * size + k]! += scaled * row[k]!
      }
    }
    for (let j = 0; j < size; j++) {
      const penalty = free.has(j) ? 0 : l2
      gradient[j]! += penalty * weights[j]!
      hessian[j * size + j]! += penalty + 1e-9 * rows
      for (let k = 0; k < j; k++) hessian[k * size + j] = hessian[j * size + k]!
    }
    const step = choleskySolve(choleskyFactor(hessian, size), gradient)
    const target = weights.map((weight, j) => weight - step[j]!)
    const next = nonNegative ? projectNonNegative(hessian, size, target, free) : target
    const settled = next.every((weight, j) => Math.abs(weight - weights[j]!) < 1e-10)
    weights = next
    if (settled) break
  }
  return weights
}
