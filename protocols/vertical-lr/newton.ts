// Logistic regression in the clear by Newton's method: the guest's own model, and the reference of the tests.
import { choleskyFactor, choleskySolve } from './cholesky.ts'
import { partialScores, type FixedColumns } from './scores.ts'

/**
 * Minimises Σ log loss + ½·l2·Σ_{j not free} w_j² over the first `rows` rows.
 * @returns weights in column order
 */
export function fitNewton(
  data: FixedColumns,
  labels: Uint8Array,
  rows: number,
  l2: number,
  free: ReadonlySet<number>,
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
    weights = weights.map((weight, j) => weight - step[j]!)
    if (step.every((value) => Math.abs(value) < 1e-10)) break
  }
  return weights
}
