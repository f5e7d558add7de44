// What second moments alone tell: correlations, and least-squares fits of any of the columns. Selection needs no further
// pass over the rows, so nothing more is asked of a partner than its part of the moments.
import { PlatformError } from '#runtime/errors.ts'
import type { Fit } from './stepwise.ts'

/** Means of products of two columns over n rows, row-major; one of the columns is the intercept, all ones. */
export interface MomentMatrix {
  readonly matrix: readonly number[]
  readonly size: number
  /** place of the intercept */
  readonly intercept: number
  readonly rows: number
}

/** A column whose variance is below this share of its mean square is constant. */
const LEAST_VARIANCE = 1e-9

/** Pearson's r of all columns but the intercept, row-major, in their order. A constant column has 0 with all others. */
export function correlationOf({ matrix, size, intercept }: MomentMatrix): Float64Array {
  const columns = Array.from({ length: size }, (_, i) => i).filter((i) => i !== intercept)
  const mean = (i: number) => matrix[i * size + intercept]!
  const covariance = (i: number, j: number) => matrix[i * size + j]! - mean(i) * mean(j)
  const p = columns.length
  const deviations = columns.map((i) => {
    const variance = covariance(i, i)
    return variance > LEAST_VARIANCE * (matrix[i * size + i]! + LEAST_VARIANCE) ? Math.sqrt(variance) : 0
  })
  const out = new Float64Array(p * p)
  for (let a = 0; a < p; a++)
    for (let b = 0; b < p; b++) {
      const product = deviations[a]! * deviations[b]!
      const r = product === 0 ? 0 : covariance(columns[a]!, columns[b]!) / product
      out[a * p + b] = a === b ? 1 : Math.max(-1, Math.min(1, r))
    }
  return out
}

/**
 * Least squares of a label of 0 and 1 on some columns (the linear probability model), from moments alone: which columns
 * enter and leave a stepwise selection. Homoscedastic standard errors.
 * @param columns places of the columns in the matrix
 * @param withLabel mean of label · column for every place of the matrix; at the intercept: the bad rate
 * @throws PlatformError evaluation.invalid where the columns repeat each other
 */
export function linearFit(moments: MomentMatrix, withLabel: readonly number[], columns: readonly number[]): Fit {
  const { matrix, size, intercept, rows } = moments
  const places = [...columns, intercept]
  const q = places.length
  const gram = places.map((a) => places.map((b) => matrix[a * size + b]!))
  const inverse = invert(gram)
  const target = places.map((place) => withLabel[place]!)
  const beta = inverse.map((row) => row.reduce((sum, value, j) => sum + value * target[j]!, 0))
  const explained = beta.reduce((sum, value, j) => sum + value * target[j]!, 0)
  const badRate = withLabel[intercept]!
  const residual = Math.max(badRate - explained, 1e-12)
  const variance = (residual * rows) / Math.max(1, rows - q)
  const stdErr = inverse.map((row, i) => Math.sqrt((variance * row[i]!) / rows))
  return { beta: beta.slice(0, -1), stdErr: stdErr.slice(0, -1), aic: rows * Math.log(residual) + 2 * q }
}

/** Gauss-Jordan with partial pivoting. */
function invert(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))])
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let row = column + 1; row < n; row++)
      if (Math.abs(work[row]![column]!) > Math.abs(work[pivot]![column]!)) pivot = row
    const head = work[pivot]!
    const lead = head[column]!
    if (Math.abs(lead) < 1e-12)
      throw new PlatformError('evaluation.invalid', { what: 'columns that repeat each other' })
    work[pivot] = work[column]!
    work[column] = head.map((value) => value / lead)
    for (let row = 0; row < n; row++) {
      if (row === column) continue
      const factor = work[row]![column]!
      if (factor !== 0) work[row] = work[row]!.map((value, j) => value - factor * work[column]![j]!)
    }
  }
  return work.map((row) => row.slice(n))
}
