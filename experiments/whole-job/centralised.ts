// For tests: the same logistic regression in the clear, in double precision, on columns that one process holds.

export interface CentralFit {
  /** in the order of the columns */
  readonly weights: readonly number[]
  readonly intercept: number
  /** square roots of the diagonal of (Xᵀ diag(p(1 − p)) X + l2)⁻¹, one a weight */
  readonly standardErrors: readonly number[]
}

/** Mean and standard deviation (over n, not n − 1). */
export function momentsOf(values: readonly number[]): { readonly mean: number; readonly sd: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
  return { mean, sd: Math.sqrt(variance) }
}

const STEPS = 25
const SMALL_STEP = 1e-10

/**
 * Minimises Σ log loss + ½·l2·‖w‖² (not on the intercept) over standardised columns.
 * @param columns raw columns over the training rows; standardised here
 */
export function fitCentrally(
  columns: readonly (readonly number[])[],
  labels: readonly number[],
  l2: number,
): CentralFit {
  const standard = columns.map((column) => {
    const { mean, sd } = momentsOf(column)
    return Float64Array.from(column, (x) => (x - mean) / sd)
  })
  return fitColumns(standard, labels, l2)
}

/** The same over columns that are taken as they are, such as weights of evidence; by Newton steps. */
export function fitColumns(columns: readonly Float64Array[], labels: readonly number[], l2: number): CentralFit {
  const all = [...columns, new Float64Array(labels.length).fill(1)]
  const weights = new Float64Array(all.length)
  for (let step = 0; step < STEPS; step++) {
    const { gradient, hessian } = slopes(all, labels, weights, l2)
    const move = solve(hessian, gradient)
    for (const [j, by] of move.entries()) weights[j] = (weights[j] ?? 0) - by
    if (Math.max(...move.map(Math.abs)) < SMALL_STEP) break
  }
  const { hessian } = slopes(all, labels, weights, l2)
  const standardErrors = columns.map((_, j) => {
    const unit = hessian.map((__, k) => (k === j ? 1 : 0))
    return Math.sqrt(solve(hessian, unit)[j] ?? Number.NaN)
  })
  return { weights: [...weights.subarray(0, columns.length)], intercept: weights.at(-1) ?? Number.NaN, standardErrors }
}

function slopes(
  columns: readonly Float64Array[],
  labels: readonly number[],
  weights: Float64Array,
  l2: number,
): { gradient: number[]; hessian: number[][] } {
  const d = columns.length
  const gradient = new Array<number>(d).fill(0)
  const hessian = Array.from({ length: d }, () => new Array<number>(d).fill(0))
  const row = new Float64Array(d)
  for (const [i, y] of labels.entries()) {
    let score = 0
    for (let j = 0; j < d; j++) {
      row[j] = columns[j]?.[i] ?? 0
      score += (row[j] as number) * (weights[j] as number)
    }
    const p = 1 / (1 + Math.exp(-score))
    const curvature = p * (1 - p)
    for (let j = 0; j < d; j++) {
      const x = row[j] as number
      ;(gradient[j] as number) += (p - y) * x
      const line = hessian[j] as number[]
      for (let k = 0; k <= j; k++) (line[k] as number) += curvature * x * (row[k] as number)
    }
  }
  for (let j = 0; j < d; j++) {
    for (let k = j + 1; k < d; k++) (hessian[j] as number[])[k] = (hessian[k] as number[])[j] as number
    if (j < d - 1) {
      ;(gradient[j] as number) += l2 * (weights[j] as number)
      ;(hessian[j] as number[])[j] = ((hessian[j] as number[])[j] as number) + l2
    }
  }
  return { gradient, hessian }
}

/** Gaussian elimination with pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((line, i) => [...line, right[i] as number])
  const n = rows.length
  for (let c = 0; c < n; c++) {
    let best = c
    for (let r = c + 1; r < n; r++) {
      if (Math.abs(rows[r]?.[c] ?? 0) > Math.abs(rows[best]?.[c] ?? 0)) best = r
    }
    ;[rows[c], rows[best]] = [rows[best] as number[], rows[c] as number[]]
    const pivot = rows[c] as number[]
    for (let r = c + 1; r < n; r++) {
      const line = rows[r] as number[]
      const factor = (line[c] as number) / (pivot[c] as number)
      for (let k = c; k <= n; k++) line[k] = (line[k] as number) - factor * (pivot[k] as number)
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let r = n - 1; r >= 0; r--) {
    const line = rows[r] as number[]
    const known = line.slice(r + 1, n).reduce((sum, a, k) => sum + a * (x[r + 1 + k] as number), 0)
    x[r] = ((line[n] as number) - known) / (line[r] as number)
  }
  return x
}
