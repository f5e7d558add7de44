// How well a model expects a number or a count rather than a class: its error, its deviance, and how well it orders the
// rows. All intervals are 95 % ones of independent rows, from the first derivative of each measure by each row's weight.
import type { Measure } from './discrimination.ts'

/** What the label is where it is no class: any number, or how often something happened. */
export type TargetKind = 'number' | 'count'

export interface TargetEvaluation {
  readonly rows: number
  /** of the labels, and of what the model expects */
  readonly mean: number
  readonly expected: number
  /** root of the mean squared error */
  readonly rmse: Measure
  /** mean absolute error */
  readonly mae: number
  /** 1 − mean squared error / variance; null where all labels are equal */
  readonly r2: number | null
  /** mean Poisson deviance of counts, 2·(y·ln(y/μ) − y + μ); null for numbers, and where a model expects none or less */
  readonly deviance: Measure | null
  /** normalised Gini coefficient: 1 where the model orders rows as their labels do, 0 by chance; null as `r2` */
  readonly gini: Measure | null
}

const Z95 = 1.959963984540054

/** @param expected one for each row @param targets the labels of these rows */
export function evaluateTargets(expected: Float64Array, targets: Float64Array, kind: TargetKind): TargetEvaluation {
  const mean = meanOf(targets)
  const squares = targets.map((target, i) => (target - expected[i]!) ** 2)
  const variance = meanOf(targets.map((target) => (target - mean) ** 2))
  const { value, low, high } = meanMeasure(squares)
  return {
    rows: targets.length,
    mean,
    expected: meanOf(expected),
    rmse: { value: Math.sqrt(value), low: Math.sqrt(Math.max(0, low)), high: Math.sqrt(high) },
    mae: meanOf(targets.map((target, i) => Math.abs(target - expected[i]!))),
    r2: variance > 0 ? 1 - value / variance : null,
    deviance: kind === 'count' && expected.every((mu) => mu > 0) ? meanMeasure(deviances(expected, targets)) : null,
    gini: variance > 0 ? giniOf(expected, targets) : null,
  }
}

function deviances(expected: Float64Array, targets: Float64Array): Float64Array {
  return targets.map((y, i) => 2 * ((y === 0 ? 0 : y * Math.log(y / expected[i]!)) - y + expected[i]!))
}

/**
 * The covariance of the labels with their rank by the model, over that with their rank among themselves; of 0 and 1 it
 * is 2·AUC − 1. Interval: both covariances are U-statistics, so each row's influence on their ratio is known.
 */
function giniOf(expected: Float64Array, targets: Float64Array): Measure {
  const byModel = concentration(expected, targets)
  const byLabel = concentration(targets, targets)
  const value = byModel.value / byLabel.value
  const influence = byModel.influence.map((of, i) => (of - value * byLabel.influence[i]!) / byLabel.value)
  const spread = Z95 * Math.sqrt(meanOf(influence.map((of) => of ** 2)) / targets.length)
  return { value, low: value - spread, high: value + spread }
}

/** Covariance of the labels with the fractional rank of the rows by `by`, equal ones sharing theirs. */
function concentration(by: Float64Array, targets: Float64Array): { value: number; influence: Float64Array } {
  const n = targets.length
  const mean = meanOf(targets)
  const order = Uint32Array.from(targets.keys()).sort((a, b) => by[a]! - by[b]!)
  const rank = new Float64Array(n)
  // of each row: the mean deviation of the labels above it, half of those beside it
  const above = new Float64Array(n)
  let below = 0
  for (let from = 0, to = 0; from < n; from = to) {
    let here = 0
    while (to < n && by[order[to]!] === by[order[from]!]) here += targets[order[to++]!]! - mean
    for (let i = from; i < to; i++) {
      rank[order[i]!] = (from + to) / 2 / n
      above[order[i]!] = -(below + here / 2) / n
    }
    below += here
  }
  const products = targets.map((target, i) => (target - mean) * (rank[i]! - 0.5))
  const value = meanOf(products)
  return { value, influence: products.map((product, i) => product + above[i]! - 2 * value) }
}

function meanMeasure(values: Float64Array): Measure {
  const value = meanOf(values)
  const spread = Z95 * Math.sqrt(meanOf(values.map((each) => (each - value) ** 2)) / values.length)
  return { value, low: Math.max(0, value - spread), high: value + spread }
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
