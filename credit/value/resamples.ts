// AUC and KS of many models on the same rows, and on the same resamples of them, so that differences have intervals.
import type { Ranking } from '../evaluation/ranking.ts'
import { drawWithReplacement, fixedRandom } from '../evaluation/resampling.ts'
import { jointNormalResamples } from './joint-normal.ts'

/** AUC and KS of every model in every resample. */
export interface ModelResamples {
  readonly auc: Float64Array
  readonly ks: Float64Array
}

const RESAMPLES = 400
/** More rows than this are not drawn one by one: seconds become minutes, and the normal numbers are as good. */
const ROWS_DRAWN_ONE_BY_ONE = 20_000

/**
 * Stratified bootstrap: bad and good rows are drawn with replacement, each class to its own size, and every model sees
 * the same draw. With many rows: normal numbers with the covariance that such draws have.
 * @param rankings of the same labelled rows, both classes present; `rows` of each are positions 0 … n−1
 */
export function commonResamples(rankings: readonly Ranking[]): ModelResamples[] {
  const n = rankings[0]?.labels.length ?? 0
  return n <= ROWS_DRAWN_ONE_BY_ONE ? drawnResamples(rankings) : jointNormalResamples(rankings, RESAMPLES)
}

/** The bootstrap itself, for any number of rows. */
export function drawnResamples(rankings: readonly Ranking[], resamples: number = RESAMPLES): ModelResamples[] {
  const first = rankings[0]
  if (first === undefined) return []
  const n = first.labels.length
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
