// AUC and KS of many models on the same rows, and on the same resamples of them, so that differences have intervals.
import type { Ranking } from '../evaluation/ranking.ts'
import { drawWithReplacement, fixedRandom } from '../evaluation/resampling.ts'

/** AUC and KS of every model in every resample. */
export interface ModelResamples {
  readonly auc: Float64Array
  readonly ks: Float64Array
}

const MOST_RESAMPLES = 400
const FEWEST_RESAMPLES = 200
/** Rows visited over all models and resamples: some seconds of work. */
const MOST_VISITS = 1.5e8

/**
 * Stratified bootstrap: bad and good rows are drawn with replacement, each class to its own size, and every model sees
 * the same draw. @param rankings of the same labelled rows; `rows` of each are positions 0 … n−1
 */
export function commonResamples(rankings: readonly Ranking[]): ModelResamples[] {
  const first = rankings[0]
  if (first === undefined) return []
  const n = first.labels.length
  const wanted = Math.floor(MOST_VISITS / (n * rankings.length))
  const resamples = Math.max(FEWEST_RESAMPLES, Math.min(MOST_RESAMPLES, wanted))
  const bad = first.rows.filter((_, i) => first.labels[i] === 1).sort()
  const good = first.rows.filter((_, i) => first.labels[i] === 0).sort()
  const results = rankings.map(() => ({ auc: new Float64Array(resamples), ks: new Float64Array(resamples) }))
  const next = fixedRandom()
  const counts = new Uint16Array(n)
  for (let r = 0; r < resamples; r++) {
    counts.fill(0)
    drawWithReplacement(bad, counts, next)
    drawWithReplacement(good, counts, next)
    for (const [m, ranking] of rankings.entries()) {
      const { auc, ks } = weighted(ranking, counts)
      results[m]!.auc[r] = auc
      results[m]!.ks[r] = ks
    }
  }
  return results
}

/** AUC and KS with each row counted as often as it was drawn. */
function weighted(ranking: Ranking, counts: Uint16Array): { auc: number; ks: number } {
  let area = 0
  let badAbove = 0
  let goodAbove = 0
  let largest = 0
  let i = 0
  for (const end of ranking.ends) {
    let bad = 0
    let good = 0
    for (; i < end; i++) {
      const count = counts[ranking.rows[i]!]!
      if (ranking.labels[i] === 1) bad += count
      else good += count
    }
    area += good * (badAbove + bad / 2)
    badAbove += bad
    goodAbove += good
    largest = Math.max(largest, Math.abs(badAbove / ranking.bad - goodAbove / ranking.good))
  }
  return { auc: area / ranking.bad / ranking.good, ks: largest }
}
