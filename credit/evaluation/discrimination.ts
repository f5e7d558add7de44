// How well scores order the bad before the good: AUC and KS with 95 % confidence intervals, from scores alone.
import { createHash } from 'node:crypto'

/** A measure with its 95 % confidence interval. */
export interface Measure {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface Evaluation {
  readonly rows: number
  readonly bad: number
  readonly auc: Measure
  readonly ks: Measure
}

const Z95 = 1.959963984540054
const RESAMPLES = 400

/**
 * @param scores higher is riskier; any monotone scale
 * @param labels 1 = bad, 0 = good; both classes occur
 * AUC interval: DeLong, DeLong, Clarke-Pearson 1988. KS interval: percentiles of 400 stratified bootstrap resamples,
 * drawn from a fixed seed, so that the same scores always give the same interval.
 */
export function evaluate(scores: Float64Array, labels: Uint8Array): Evaluation {
  const ranked = rank(scores, labels)
  const auc = aucOf(ranked)
  const spread = Z95 * Math.sqrt(delongVariance(ranked))
  const ks = ksOf(ranked, ranked.weights)
  const resampled = bootstrapKs(ranked)
  return {
    rows: scores.length,
    bad: ranked.bad,
    auc: { value: auc, low: Math.max(0, auc - spread), high: Math.min(1, auc + spread) },
    ks: {
      value: ks,
      low: resampled[Math.floor(0.025 * RESAMPLES)]!,
      high: resampled[Math.ceil(0.975 * RESAMPLES) - 1]!,
    },
  }
}

/** Rows in falling order of score. */
interface Ranked {
  readonly labels: Uint8Array
  readonly bad: number
  readonly good: number
  /** index after the last row of each group of equal scores */
  readonly ends: readonly number[]
  /** all ones */
  readonly weights: Float64Array
}

function rank(scores: Float64Array, labels: Uint8Array): Ranked {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  const ends: number[] = []
  let bad = 0
  for (const [i, row] of order.entries()) {
    bad += labels[row]!
    if (i + 1 === order.length || scores[order[i + 1]!] !== scores[row]) ends.push(i + 1)
  }
  const sorted = Uint8Array.from(order, (row) => labels[row]!)
  return { labels: sorted, bad, good: labels.length - bad, ends, weights: new Float64Array(labels.length).fill(1) }
}

/** Calls `visit` with the numbers of bad and good rows of each group of equal scores, riskiest first. */
function forEachTie(
  { ends, labels }: Ranked,
  visit: (bad: number, good: number, from: number, to: number) => void,
): void {
  let from = 0
  for (const to of ends) {
    let bad = 0
    for (let i = from; i < to; i++) bad += labels[i]!
    visit(bad, to - from - bad, from, to)
    from = to
  }
}

/** Probability that a bad row scores above a good one, ties counted half. */
function aucOf(ranked: Ranked): number {
  let area = 0
  let badAbove = 0
  forEachTie(ranked, (bad, good) => {
    area += good * (badAbove + bad / 2)
    badAbove += bad
  })
  return area / ranked.bad / ranked.good
}

/** Variance of the AUC from the structural components of each row (DeLong et al. 1988, equations 2 to 7). */
function delongVariance(ranked: Ranked): number {
  const auc = aucOf(ranked)
  let badAbove = 0
  let goodAbove = 0
  let ofBad = 0
  let ofGood = 0
  forEachTie(ranked, (bad, good) => {
    const componentOfBad = 1 - (goodAbove + good / 2) / ranked.good
    const componentOfGood = (badAbove + bad / 2) / ranked.bad
    ofBad += bad * (componentOfBad - auc) ** 2
    ofGood += good * (componentOfGood - auc) ** 2
    badAbove += bad
    goodAbove += good
  })
  return ofBad / Math.max(1, ranked.bad - 1) / ranked.bad + ofGood / Math.max(1, ranked.good - 1) / ranked.good
}

/** Largest gap between the cumulative shares of bad and good. */
function ksOf(ranked: Ranked, weights: Float64Array): number {
  let bad = 0
  let good = 0
  let largest = 0
  let i = 0
  for (const end of ranked.ends) {
    for (; i < end; i++) {
      if (ranked.labels[i] === 1) bad += weights[i]!
      else good += weights[i]!
    }
    largest = Math.max(largest, Math.abs(bad / ranked.bad - good / ranked.good))
  }
  return largest
}

/** Sorted KS values of resamples in which bad and good rows are drawn with replacement, each class to its own size. */
function bootstrapKs(ranked: Ranked): number[] {
  const bad = Uint32Array.from(positions(ranked.labels, 1))
  const good = Uint32Array.from(positions(ranked.labels, 0))
  const next = fixedRandom()
  const weights = new Float64Array(ranked.labels.length)
  const values: number[] = []
  for (let r = 0; r < RESAMPLES; r++) {
    weights.fill(0)
    for (const group of [bad, good])
      for (let i = 0; i < group.length; i++) weights[group[Math.floor(next() * group.length)]!]! += 1
    values.push(ksOf(ranked, weights))
  }
  return values.sort((a, b) => a - b)
}

function* positions(labels: Uint8Array, wanted: number): Generator<number> {
  for (const [i, label] of labels.entries()) if (label === wanted) yield i
}

/** xorshift32 from a fixed seed: a reproducible interval, nothing secret. */
function fixedRandom(): () => number {
  let x = createHash('sha256').update('tributary: bootstrap').digest().readUInt32LE(0) | 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}
