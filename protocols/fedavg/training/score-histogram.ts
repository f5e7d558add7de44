// Measures of a model as sums over rows, so that parties can add theirs: log loss, and scores by class in fixed bins.
import type { Measures } from './types.ts'

/** Bins of equal width over log odds of −8 to 8; scores beyond fall in the outermost. */
export const SCORE_BINS = 256
const RANGE = 8
const BINS_PER_UNIT = SCORE_BINS / (2 * RANGE)

/** Bin of a score in log odds. */
export function scoreBin(score: number): number {
  return Math.min(SCORE_BINS - 1, Math.max(0, Math.floor((score + RANGE) * BINS_PER_UNIT)))
}

/** −log of the probability that a score gives to its label; 0 = good, 1 = bad. No overflow for any finite score. */
export function logLoss(score: number, label: number): number {
  return Math.log1p(Math.exp(-Math.abs(score))) + Math.max(score, 0) - label * score
}

/** Measures of scored rows. @param scores log odds */
export function measureScores(scores: Float32Array, labels: Uint8Array): Measures {
  const goodScores = new Float64Array(SCORE_BINS)
  const badScores = new Float64Array(SCORE_BINS)
  let lossSum = 0
  let bad = 0
  scores.forEach((score, i) => {
    const label = labels[i]!
    const counts = label === 1 ? badScores : goodScores
    counts[scoreBin(score)]! += 1
    lossSum += logLoss(score, label)
    bad += label
  })
  return { rows: scores.length, bad, lossSum, goodScores, badScores }
}

/** Measures of the rows of both. */
export function addMeasures(a: Measures, b: Measures): Measures {
  return {
    rows: a.rows + b.rows,
    bad: a.bad + b.bad,
    lossSum: a.lossSum + b.lossSum,
    goodScores: a.goodScores.map((count, i) => count + b.goodScores[i]!),
    badScores: a.badScores.map((count, i) => count + b.badScores[i]!),
  }
}

export interface Summary {
  /** mean log loss, nats */
  readonly loss: number
  /** share of pairs (good, bad) that are in order, pairs in one bin counted half; ½ where a class is absent */
  readonly auc: number
  /** The AUC of the scores themselves lies within auc ± aucError: half the share of pairs in one bin. */
  readonly aucError: number
  /** largest gap between the classes' distribution functions at the edges of bins: at most that of the scores */
  readonly ks: number
}

/** What sums over rows say of a model. */
export function summarise({ rows, lossSum, goodScores, badScores }: Omit<Measures, 'bad'>): Summary {
  const good = goodScores.reduce((sum, count) => sum + count, 0)
  const bad = badScores.reduce((sum, count) => sum + count, 0)
  if (good === 0 || bad === 0) return { loss: lossSum / rows, auc: 0.5, aucError: 0.5, ks: 0 }
  let goodBelow = 0
  let badBelow = 0
  let ordered = 0
  let tied = 0
  let ks = 0
  goodScores.forEach((count, i) => {
    const badHere = badScores[i]!
    ordered += badHere * goodBelow
    tied += badHere * count
    goodBelow += count
    badBelow += badHere
    ks = Math.max(ks, Math.abs(goodBelow / good - badBelow / bad))
  })
  const pairs = good * bad
  return { loss: lossSum / rows, auc: (ordered + tied / 2) / pairs, aucError: tied / 2 / pairs, ks }
}
