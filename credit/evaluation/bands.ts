// Score bands fixed on the training rows: how each band performs in each set, and how the mix of bands shifts.
import { exactScore, finalScore, type Scaling } from '../scorecard/scaling.ts'
import { type Table, tableOf } from './pack.ts'
import { orderByRisk } from './ranking.ts'
import type { SetRows } from './rows.ts'

/** Bands by log-odds, the riskiest first: band b holds what is ≥ floors[b] and below floors[b − 1]. */
export interface Bands {
  /** falling; the last is −∞ */
  readonly floors: Float64Array
}

export const SCORE_BAND_COLUMNS = [
  'band',
  'score_lo',
  'score_hi',
  'n',
  'n_pct',
  'cum_n_pct',
  'bad',
  'good',
  'bad_rate',
  'cum_bad_rate',
  'cum_bad_pct',
  'cum_good_pct',
  'ks',
  'lift',
  'odds',
  'expected_pd',
  'actual_over_expected',
  'avg_limit',
  'set',
  'flag',
] as const
export const PSI_COLUMNS = [
  'band',
  'expected_pct',
  'actual_pct',
  'diff',
  'ln_ratio',
  'psi_i',
  'total',
  'set',
  'flag',
] as const

/** Equal-frequency bands of the given scores; equal scores share a band, so that there may be fewer than asked for. */
export function bandsOf(logOdds: Float64Array, count: number): Bands {
  const order = orderByRisk(logOdds)
  const floors: number[] = []
  for (let b = 1; b < count; b++) {
    const floor = logOdds[order[Math.min(order.length, Math.ceil((b * order.length) / count)) - 1]!]!
    const lowest = logOdds[order[order.length - 1]!]!
    if (floor !== floors.at(-1) && floor !== lowest) floors.push(floor)
  }
  return { floors: Float64Array.from([...floors, Number.NEGATIVE_INFINITY]) }
}

/** Band of a score, 0 for the riskiest. */
export function bandOf({ floors }: Bands, logOdds: number): number {
  let low = 0
  let high = floors.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (logOdds >= floors[middle]!) high = middle
    else low = middle + 1
  }
  return low
}

/** Rows of each band among the given scores. */
export function bandCounts(bands: Bands, logOdds: Float64Array): Float64Array {
  const counts = new Float64Array(bands.floors.length)
  for (const score of logOdds) counts[bandOf(bands, score)]!++
  return counts
}

/** The number that a table shows for a score: points of the scale, or log-odds when there is none. */
export function shownScore(logOdds: number, scaling: Scaling | null): number {
  return scaling === null ? logOdds : finalScore(exactScore(logOdds, scaling), scaling)
}

/** Rows of `score_band` of one set: labelled rows only, so that bad + good = n. */
export function scoreBandTable(
  bands: Bands,
  set: SetRows,
  scaling: Scaling | null,
  limits: Float64Array | undefined,
  minimumCell: number,
): Table {
  const sums = bands.floors.length
  const of = Array.from({ length: sums }, () => ({ n: 0, bad: 0, pd: 0, limit: 0, low: Infinity, high: -Infinity }))
  for (let i = 0; i < set.rows.length; i++) {
    if (set.labels[i]! < 0) continue
    const z = set.logOdds[i]!
    const band = of[bandOf(bands, z)]!
    band.n++
    band.bad += set.labels[i]!
    band.pd += set.pd[i]!
    band.limit += limits?.[set.rows[i]!] ?? Number.NaN
    band.low = Math.min(band.low, z)
    band.high = Math.max(band.high, z)
  }
  const { bad: allBad, good: allGood } = set.ranking
  const all = allBad + allGood
  let n = 0
  let bad = 0
  const cells = of.map((band, b) => {
    n += band.n
    bad += band.bad
    const good = band.n - band.bad
    // Points fall as the risk rises; without a scale the log-odds rise with it.
    const ends = [band.low, band.high].map((z) => (Number.isFinite(z) ? shownScore(z, scaling) : Number.NaN))
    return {
      band: b + 1,
      score_lo: Math.min(...ends),
      score_hi: Math.max(...ends),
      n: band.n,
      n_pct: band.n / all,
      cum_n_pct: n / all,
      bad: band.bad,
      good,
      bad_rate: band.bad / band.n,
      cum_bad_rate: bad / n,
      cum_bad_pct: bad / allBad,
      cum_good_pct: (n - bad) / allGood,
      ks: Math.abs(bad / allBad - (n - bad) / allGood),
      lift: band.bad / band.n / (allBad / all),
      odds: good / band.bad,
      expected_pd: band.pd / band.n,
      actual_over_expected: band.bad / band.pd,
      avg_limit: band.limit / band.n,
      set: set.name,
      flag: smallCell(Math.min(band.bad, good), minimumCell),
    }
  })
  return tableOf('score_band', SCORE_BAND_COLUMNS, cells)
}

/** 'small' when a released cell would describe fewer rows than the minimum, but some. */
export function smallCell(rows: number, minimum: number): string {
  return rows > 0 && rows < minimum ? 'small' : ''
}

/** Share of each cell; an empty one counts as half a row, so that its logarithm exists. */
export function smoothedShares(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => (count === 0 ? 0.5 : count) / total)
}

/** Σ (actual − expected)·ln(actual/expected): the stability index of two histograms. NaN when one has no rows. */
export function stabilityIndex(expected: Float64Array, actual: Float64Array): number {
  const e = smoothedShares(expected)
  const a = smoothedShares(actual)
  return e.reduce((sum, share, i) => sum + (a[i]! - share) * Math.log(a[i]! / share), 0)
}

/** Rows of `psi` of one set against the training rows: all scored rows, labelled or not. */
export function psiTable(bands: Bands, train: SetRows, set: SetRows, minimumCell: number): Table {
  const expected = bandCounts(bands, train.logOdds)
  const actual = bandCounts(bands, set.logOdds)
  const e = smoothedShares(expected)
  const a = smoothedShares(actual)
  const total = stabilityIndex(expected, actual)
  const cells = Array.from(e, (share, b) => ({
    band: b + 1,
    expected_pct: expected[b]! / train.rows.length,
    actual_pct: actual[b]! / set.rows.length,
    diff: actual[b]! / set.rows.length - expected[b]! / train.rows.length,
    ln_ratio: Math.log(a[b]! / share),
    psi_i: (a[b]! - share) * Math.log(a[b]! / share),
    total,
    set: set.name,
    flag: smallCell(actual[b]!, minimumCell),
  }))
  return tableOf('psi', PSI_COLUMNS, cells)
}
