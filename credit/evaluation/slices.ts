// The model month by month and segment by segment: where it holds and where it does not.
import { type Bands, bandCounts, smallCell, stabilityIndex } from './bands.ts'
import { aucOf, ksOf } from './discrimination.ts'
import { type EvaluationRows, type Table, tableOf } from './pack.ts'
import { type Ranking, rankingsByGroup } from './ranking.ts'
import { pdOf, type SetRows } from './rows.ts'

export const OOT_MONTHLY_COLUMNS = [
  'vintage',
  'n',
  'bad_rate',
  'auc',
  'ks',
  'psi',
  'mean_pd',
  'calibration_ratio',
  'n_scored',
  'set',
  'flag',
] as const
export const SEGMENT_COLUMNS = [
  'dimension',
  'value',
  'n',
  'bad_rate',
  'auc',
  'ks',
  'calibration_ratio',
  'n_bad',
  'mean_pd',
  'set',
  'flag',
] as const
/** Segments with fewer bad rows than this say little. */
export const FEW_BAD = 30

/** Rows of `oot_monthly` of one set, by vintage; mean_pd and psi are of all scored rows, the rest of labelled ones. */
export function monthlyTable(set: SetRows, months: Int32Array, bands: Bands, train: SetRows): Table {
  const vintages = [...new Set(set.rows.map((row) => months[row]!))]
    .filter((month) => month !== 0)
    .sort((a, b) => a - b)
  const index = new Map(vintages.map((vintage, i) => [vintage, i]))
  const rankings = rankingsByGroup(set.ranking, (row) => index.get(months[row]!) ?? -1, vintages.length)
  const expected = bandCounts(bands, train.logOdds)
  const scored = vintages.map(() => ({ n: 0, pd: 0 }))
  const positions = set.rows.map((row) => index.get(months[row]!) ?? 0xffff_ffff)
  for (let i = 0; i < positions.length; i++) {
    const of = scored[positions[i]!]
    if (of === undefined) continue
    of.n++
    of.pd += set.pd[i]!
  }
  const cells = vintages.map((vintage, v) => {
    const ranking = rankings[v]!
    const { n, pd } = scored[v]!
    const logOdds = set.logOdds.filter((_, i) => positions[i] === v)
    return {
      vintage: `${Math.floor(vintage / 100)}-${String(vintage % 100).padStart(2, '0')}`,
      n: ranking.labels.length,
      bad_rate: ranking.bad / ranking.labels.length,
      auc: aucOf(ranking),
      ks: ksOf(ranking).value,
      psi: stabilityIndex(expected, bandCounts(bands, logOdds)),
      mean_pd: pd / n,
      calibration_ratio: ranking.bad / expectedBad(ranking),
      n_scored: n,
      set: set.name,
      flag: smallCell(ranking.bad, FEW_BAD),
    }
  })
  return tableOf('oot_monthly', OOT_MONTHLY_COLUMNS, cells)
}

/** Rows of `segment` of one set for every dimension, without values that do not occur. */
export function segmentTable(set: SetRows, segments: NonNullable<EvaluationRows['segments']>): Table {
  const cells = segments.flatMap(({ dimension, values, codes }) => {
    const rankings = rankingsByGroup(set.ranking, (row) => (codes[row] === 0xffff ? -1 : codes[row]!), values.length)
    return rankings.flatMap((ranking, v) => {
      const n = ranking.labels.length
      const expected = expectedBad(ranking)
      const cell = {
        dimension,
        value: values[v]!,
        n,
        bad_rate: ranking.bad / n,
        auc: aucOf(ranking),
        ks: ksOf(ranking).value,
        calibration_ratio: ranking.bad / expected,
        n_bad: ranking.bad,
        mean_pd: expected / n,
        set: set.name,
        flag: ranking.bad < FEW_BAD ? 'n_bad<30' : '',
      }
      return n === 0 ? [] : [cell]
    })
  })
  return tableOf('segment', SEGMENT_COLUMNS, cells)
}

function expectedBad(ranking: Ranking): number {
  let sum = 0
  for (const logOdds of ranking.scores) sum += pdOf(logOdds)
  return sum
}
