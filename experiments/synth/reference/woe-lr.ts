// The centralised model: weight of evidence over ten quantile bins, then logistic regression by Newton's method. What
// a federated scorecard on the same rows must come close to.
import { assignBins, binCount, type ColumnBins } from '#credit/bins.ts'
import { aucOf, ksOf } from '#credit/evaluation/discrimination.ts'
import { rankRows } from '#credit/evaluation/ranking.ts'
import { weightOfEvidence } from '#credit/woe.ts'
import type { SynthParty } from '../tables/table.ts'
import type { Sample, SampleColumn } from './sample.ts'

const BINS = 10
const TRAIN = 0

export interface BinnedColumn {
  readonly party: SynthParty
  readonly code: string
  readonly bins: ColumnBins
  /** bin of each row */
  readonly assigned: Uint8Array
  /** by bin */
  readonly woe: Float64Array
  readonly iv: number
}

/** Cuts from the training rows; counts from the labelled training rows. */
export function binColumn(sample: Sample, column: SampleColumn): BinnedColumn {
  const training: number[] = []
  for (const [i, set] of sample.sets.entries()) {
    if (set === TRAIN && !Number.isNaN(column.values[i]!)) training.push(column.values[i]!)
  }
  const bins = { cuts: quantileCuts(Float64Array.from(training)), specials: [] }
  const assigned = assignBins(column.values, column.rows, bins)
  const n = new Float64Array(binCount(bins))
  const bad = new Float64Array(n.length)
  for (const [i, set] of sample.sets.entries()) {
    if (set !== TRAIN || sample.labels[i]! < 0) continue
    n[assigned[i]!]! += 1
    bad[assigned[i]!]! += sample.labels[i]!
  }
  const { bins: woes, iv } = weightOfEvidence(Array.from(n, (rows, k) => ({ n: rows, bad: bad[k]! })))
  return {
    party: column.party,
    code: column.code,
    bins,
    assigned,
    woe: Float64Array.from(woes, ({ woe }) => woe),
    iv,
  }
}

/** Deciles, each once, without a cut at the largest value (which would leave a bin empty). */
export function quantileCuts(values: Float64Array): number[] {
  if (values.length === 0) return []
  const sorted = values.toSorted()
  const cuts = Array.from({ length: BINS - 1 }, (_, k) => sorted[Math.ceil(((k + 1) / BINS) * sorted.length) - 1]!)
  return [...new Set(cuts)].filter((cut) => cut < sorted.at(-1)!)
}

export interface Model {
  /** intercept first */
  readonly coefficients: Float64Array
  /** from the inverse of the Hessian */
  readonly standardErrors: Float64Array
  readonly iterations: number
}

const MOST_ITERATIONS = 30
const STEP_TOLERANCE = 1e-9

/** Minimises the summed log loss + ½·l2·‖w‖² over the labelled training rows; the intercept is free. */
export function fitWoe(sample: Sample, columns: readonly BinnedColumn[], l2: number): Model {
  const rows = [...sample.sets.keys()].filter((i) => sample.sets[i] === TRAIN && sample.labels[i]! >= 0)
  const p = columns.length + 1
  const x = new Float64Array(rows.length * p)
  for (const [k, i] of rows.entries()) {
    x[k * p] = 1
    for (let j = 1; j < p; j++) x[k * p + j] = columns[j - 1]!.woe[columns[j - 1]!.assigned[i]!]!
  }
  const y = Float64Array.from(rows, (i) => sample.labels[i]!)
  const w = new Float64Array(p)
  let iterations = 0
  let hessian = new Float64Array(p * p)
  while (iterations < MOST_ITERATIONS) {
    iterations += 1
    const gradient = new Float64Array(p)
    hessian = new Float64Array(p * p)
    accumulate(x, y, w, gradient, hessian)
    for (let j = 1; j < p; j++) {
      gradient[j]! += l2 * w[j]!
      hessian[j * p + j]! += l2
    }
    const step = solve(hessian, gradient, p)
    let largest = 0
    for (let j = 0; j < p; j++) {
      w[j]! -= step[j]!
      largest = Math.max(largest, Math.abs(step[j]!))
    }
    if (largest < STEP_TOLERANCE) break
  }
  return { coefficients: w, standardErrors: standardErrors(hessian, p), iterations }
}

/** Adds the gradient and the lower triangle of the Hessian of all rows, then mirrors it. */
function accumulate(
  x: Float64Array,
  y: Float64Array,
  w: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const p = w.length
  for (let k = 0; k < y.length; k++) {
    const at = k * p
    let score = 0
    for (let j = 0; j < p; j++) score += x[at + j]! * w[j]!
    const probability = 1 / (1 + Math.exp(-score))
    const residual = probability - y[k]!
    const weight = probability * (1 - probability)
    for (let j = 0; j < p; j++) {
      const xj = x[at + j]!
      gradient[j]! += residual * xj
      const wx = weight * xj
      for (let l = 0; l <= j; l++) hessian[j * p + l]! += wx * x[at + l]!
    }
  }
  for (let j = 0; j < p; j++) for (let l = j + 1; l < p; l++) hessian[j * p + l] = hessian[l * p + j]!
}

/** Lower triangle L of a positive definite matrix, L·Lᵀ. @throws Error where it is not */
function cholesky(matrix: Float64Array, p: number): Float64Array {
  const lower = new Float64Array(p * p)
  for (let j = 0; j < p; j++) {
    for (let i = j; i < p; i++) {
      let sum = matrix[i * p + j]!
      for (let k = 0; k < j; k++) sum -= lower[i * p + k]! * lower[j * p + k]!
      if (i === j && sum <= 0) throw new Error(`column ${j} is a combination of the others`)
      lower[i * p + j] = i === j ? Math.sqrt(sum) : sum / lower[j * p + j]!
    }
  }
  return lower
}

function solve(matrix: Float64Array, right: Float64Array, p: number): Float64Array {
  return substitute(cholesky(matrix, p), right, p)
}

function substitute(lower: Float64Array, right: Float64Array, p: number): Float64Array {
  const z = Float64Array.from(right)
  for (let i = 0; i < p; i++) {
    for (let k = 0; k < i; k++) z[i]! -= lower[i * p + k]! * z[k]!
    z[i]! /= lower[i * p + i]!
  }
  for (let i = p - 1; i >= 0; i--) {
    for (let k = i + 1; k < p; k++) z[i]! -= lower[k * p + i]! * z[k]!
    z[i]! /= lower[i * p + i]!
  }
  return z
}

function standardErrors(hessian: Float64Array, p: number): Float64Array {
  const lower = cholesky(hessian, p)
  return Float64Array.from({ length: p }, (_, j) => {
    const unit = new Float64Array(p)
    unit[j] = 1
    return Math.sqrt(substitute(lower, unit, p)[j]!)
  })
}

/** Log odds of every row. */
export function scoresOf(sample: Sample, columns: readonly BinnedColumn[], model: Model): Float64Array {
  const scores = new Float64Array(sample.sets.length).fill(model.coefficients[0]!)
  for (const [j, { woe, assigned }] of columns.entries()) {
    const points = woe.map((x) => x * model.coefficients[j + 1]!)
    for (let i = 0; i < scores.length; i++) scores[i]! += points[assigned[i]!]!
  }
  return scores
}

export interface Separation {
  readonly rows: number
  readonly bad: number
  readonly auc: number
  readonly ks: number
}

/** AUC and KS of the labelled rows of one set. */
export function separation(sample: Sample, scores: Float64Array, set: number): Separation {
  const rows = [...sample.sets.keys()].filter((i) => sample.sets[i] === set && sample.labels[i]! >= 0)
  const ranking = rankRows(
    Float64Array.from(rows, (i) => scores[i]!),
    Uint8Array.from(rows, (i) => sample.labels[i]!),
  )
  return { rows: rows.length, bad: ranking.bad, auc: aucOf(ranking), ks: ksOf(ranking).value }
}
