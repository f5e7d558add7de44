// Resamples of many models on many rows without drawing rows: normal numbers with the joint covariance of all AUCs and
// KS values. Both are means over bad and good rows to first order, so that with many rows the two ways agree.
import { aucOf, ksOf } from '../evaluation/discrimination.ts'
import { forEachTie, type Ranking } from '../evaluation/ranking.ts'
import { fixedRandom } from '../evaluation/resampling.ts'
import type { ModelResamples } from './resamples.ts'

/**
 * AUC by the structural components of DeLong et al. 1988, KS by its cut held fixed.
 * @param rankings of the same labelled rows, both classes present; `rows` of each are positions 0 … n−1
 */
export function jointNormalResamples(rankings: readonly Ranking[], resamples: number): ModelResamples[] {
  const lower = choleskyOf(jointCovariance(rankings), 2 * rankings.length)
  const points = rankings.flatMap((ranking) => [aucOf(ranking), ksOf(ranking).value])
  const results = rankings.map(() => ({ auc: new Float64Array(resamples), ks: new Float64Array(resamples) }))
  const next = fixedRandom()
  const size = points.length
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  for (let r = 0; r < resamples; r++) {
    const z = Float64Array.from({ length: size }, normal)
    for (let i = 0; i < size; i++) {
      let value = points[i]!
      for (let k = 0; k <= i; k++) value += lower[i * size + k]! * z[k]!
      const { auc, ks } = results[i >> 1]!
      ;(i % 2 === 0 ? auc : ks)[r] = Math.min(1, Math.max(0, value))
    }
  }
  return results
}

/** Covariance of AUC₀, KS₀, AUC₁, KS₁ …, row-major. */
function jointCovariance(rankings: readonly Ranking[]): Float64Array {
  const size = 2 * rankings.length
  const { labels, rows, bad, good } = rankings[0]!
  const components = rankings.flatMap(componentsOf)
  const covariance = new Float64Array(size * size)
  for (const [label, count] of [
    [1, bad],
    [0, good],
  ] as const) {
    const group = rows.filter((_, i) => labels[i] === label)
    const means = components.map((component) => group.reduce((sum, row) => sum + component[row]!, 0) / count)
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        const [a, b] = [components[i]!, components[j]!]
        let sum = 0
        for (const row of group) sum += (a[row]! - means[i]!) * (b[row]! - means[j]!)
        covariance[i * size + j]! += sum / Math.max(1, count - 1) / count
      }
    }
  }
  return covariance
}

/** What each row adds to the mean of its class, for AUC and for KS; by position of the row. */
function componentsOf(ranking: Ranking): [auc: Float64Array, ks: Float64Array] {
  const n = ranking.labels.length
  const [auc, ks] = [new Float64Array(n), new Float64Array(n)]
  const cut = ksOf(ranking)
  const direction = cut.badShare >= cut.goodShare ? 1 : -1
  let badAbove = 0
  let goodAbove = 0
  forEachTie(ranking, (bad, good, from, to) => {
    for (let i = from; i < to; i++) {
      const row = ranking.rows[i]!
      const isBad = ranking.labels[i] === 1
      auc[row] = isBad ? 1 - (goodAbove + good / 2) / ranking.good : (badAbove + bad / 2) / ranking.bad
      ks[row] = i < cut.rows ? (isBad ? direction : -direction) : 0
    }
    badAbove += bad
    goodAbove += good
  })
  return [auc, ks]
}

/** L with L·Lᵀ = C for a C that may lack rank, as that of two equal models does. */
function choleskyOf(C: Float64Array, size: number): Float64Array {
  const L = new Float64Array(size * size)
  for (let j = 0; j < size; j++) {
    let pivot = C[j * size + j]!
    for (let k = 0; k < j; k++) pivot -= L[j * size + k]! ** 2
    if (pivot <= 1e-9 * C[j * size + j]!) continue
    L[j * size + j] = Math.sqrt(pivot)
    for (let i = j + 1; i < size; i++) {
      let sum = C[i * size + j]!
      for (let k = 0; k < j; k++) sum -= L[i * size + k]! * L[j * size + k]!
      L[i * size + j] = sum / L[j * size + j]!
    }
  }
  return L
}
