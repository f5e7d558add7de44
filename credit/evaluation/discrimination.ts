// How well scores order the bad before the good: AUC and KS with 95 % confidence intervals, from scores alone.
import { forEachTie, type Ranking, rankRows } from './ranking.ts'
import { drawWithReplacement, fixedRandom, percentileInterval, poisson } from './resampling.ts'

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
/** More rows than this are resampled in slices: the interval is that of the rows, the work that of the slices. */
const ROWS_DRAWN_ONE_BY_ONE = 20_000
const SLICES = 512

/**
 * @param scores higher is riskier; any monotone scale
 * @param labels 1 = bad, 0 = good; both classes occur
 * AUC interval: DeLong, DeLong, Clarke-Pearson 1988. KS interval: percentiles of 400 stratified bootstrap resamples,
 * drawn from a fixed seed, so that the same scores always give the same interval.
 */
export function evaluate(scores: Float64Array, labels: Uint8Array): Evaluation {
  return evaluateRanking(rankRows(scores, labels))
}

/** As `evaluate`, of rows sorted already. NaN everywhere when one class is empty. */
export function evaluateRanking(ranking: Ranking): Evaluation {
  const auc = aucOf(ranking)
  const spread = Z95 * Math.sqrt(delongVariance(ranking))
  const ks = ksOf(ranking).value
  const [low, high] = Number.isNaN(ks) ? [ks, ks] : ksInterval(ranking)
  return {
    rows: ranking.labels.length,
    bad: ranking.bad,
    auc: { value: auc, low: Math.max(0, auc - spread), high: Math.min(1, auc + spread) },
    ks: { value: ks, low, high },
  }
}

/** Probability that a bad row scores above a good one, ties counted half; NaN when one class is empty. */
export function aucOf(ranking: Ranking): number {
  let area = 0
  let badAbove = 0
  forEachTie(ranking, (bad, good) => {
    area += good * (badAbove + bad / 2)
    badAbove += bad
  })
  return area / ranking.bad / ranking.good
}

/** Variance of the AUC from the structural components of each row (DeLong et al. 1988, equations 2 to 7). */
export function delongVariance(ranking: Ranking): number {
  const auc = aucOf(ranking)
  let badAbove = 0
  let goodAbove = 0
  let ofBad = 0
  let ofGood = 0
  forEachTie(ranking, (bad, good) => {
    const componentOfBad = 1 - (goodAbove + good / 2) / ranking.good
    const componentOfGood = (badAbove + bad / 2) / ranking.bad
    ofBad += bad * (componentOfBad - auc) ** 2
    ofGood += good * (componentOfGood - auc) ** 2
    badAbove += bad
    goodAbove += good
  })
  return ofBad / Math.max(1, ranking.bad - 1) / ranking.bad + ofGood / Math.max(1, ranking.good - 1) / ranking.good
}

/** Where the cumulative shares of bad and good are farthest apart. */
export interface KsPoint {
  readonly value: number
  /** number of riskiest rows above the cut */
  readonly rows: number
  /** lowest score above the cut */
  readonly score: number
  readonly badShare: number
  readonly goodShare: number
}

export function ksOf(ranking: Ranking): KsPoint {
  let badAbove = 0
  let goodAbove = 0
  let best: KsPoint = { value: 0, rows: 0, score: Number.NaN, badShare: 0, goodShare: 0 }
  forEachTie(ranking, (bad, good, _from, to) => {
    badAbove += bad
    goodAbove += good
    const badShare = badAbove / ranking.bad
    const goodShare = goodAbove / ranking.good
    const value = Math.abs(badShare - goodShare)
    if (value > best.value) best = { value, rows: to, score: ranking.scores[to - 1]!, badShare, goodShare }
  })
  return ranking.bad === 0 || ranking.good === 0 ? { ...best, value: Number.NaN } : best
}

function ksInterval(ranking: Ranking): readonly [number, number] {
  return percentileInterval(
    ranking.labels.length <= ROWS_DRAWN_ONE_BY_ONE ? bootstrapRows(ranking) : bootstrapSlices(ranking),
  )
}

/** KS of resamples in which bad and good rows are drawn with replacement, each class to its own size. */
function bootstrapRows(ranking: Ranking): number[] {
  const bad = positions(ranking.labels, 1)
  const good = positions(ranking.labels, 0)
  const next = fixedRandom()
  const weights = new Float64Array(ranking.labels.length)
  return Array.from({ length: RESAMPLES }, () => {
    weights.fill(0)
    for (const group of [bad, good]) drawWithReplacement(group, weights, next)
    let badAbove = 0
    let goodAbove = 0
    let largest = 0
    let i = 0
    for (const end of ranking.ends) {
      for (; i < end; i++) {
        if (ranking.labels[i] === 1) badAbove += weights[i]!
        else goodAbove += weights[i]!
      }
      largest = Math.max(largest, Math.abs(badAbove / ranking.bad - goodAbove / ranking.good))
    }
    return largest
  })
}

/**
 * The same for many rows: neighbouring rows form at most 512 slices whose class counts are Poisson numbers around
 * what was seen (the Poisson bootstrap; Hanley and MacGibbon 2006).
 */
function bootstrapSlices(ranking: Ranking): number[] {
  const bad: number[] = []
  const good: number[] = []
  let [badHere, goodHere] = [0, 0]
  const full = Math.ceil(ranking.labels.length / SLICES)
  forEachTie(ranking, (badMore, goodMore, _from, to) => {
    badHere += badMore
    goodHere += goodMore
    if (badHere + goodHere < full && to < ranking.labels.length) return
    bad.push(badHere)
    good.push(goodHere)
    badHere = goodHere = 0
  })
  const next = fixedRandom()
  const draw = (counts: readonly number[], drawn: Float64Array): number => {
    let sum = 0
    for (let i = 0; i < counts.length; i++) sum += drawn[i] = poisson(counts[i]!, next)
    return sum
  }
  const drawnBad = new Float64Array(bad.length)
  const drawnGood = new Float64Array(bad.length)
  return Array.from({ length: RESAMPLES }, () => {
    const [allBad, allGood] = [draw(bad, drawnBad), draw(good, drawnGood)]
    let gap = 0
    let largest = 0
    for (let i = 0; i < bad.length; i++) {
      gap += drawnBad[i]! / allBad - drawnGood[i]! / allGood
      largest = Math.max(largest, Math.abs(gap))
    }
    return largest
  })
}

function positions(labels: Uint8Array, wanted: number): Uint32Array {
  const found: number[] = []
  for (const [i, label] of labels.entries()) if (label === wanted) found.push(i)
  return Uint32Array.from(found)
}
