// Two models of one run side by side, on the rows that both scored: the champion and its challenger.
import { commonResamples, type ModelResamples } from '../value/resamples.ts'
import { type Bands, bandCounts, bandsOf, stabilityIndex } from './bands.ts'
import { calibrationOf } from './calibration.ts'
import { evaluateRanking } from './discrimination.ts'
import { type EvaluationRows, type Table, tableOf } from './pack.ts'
import { type Ranking, rankRows } from './ranking.ts'
import { percentileInterval } from './resampling.ts'
import { type SetRows, setsOf } from './rows.ts'
import { captureAt } from './summary.ts'

export const CHALLENGER_COLUMNS = [
  'set',
  'model',
  'algorithm',
  'n',
  'bad',
  'auc',
  'ks',
  'delta_auc',
  'delta_ks',
  'capture_top10',
  'lift_top10',
  'brier',
  'log_loss',
  'calibration_ratio',
  'psi',
  'auc_low',
  'auc_high',
  'ks_low',
  'ks_high',
  'delta_auc_low',
  'delta_auc_high',
  'delta_ks_low',
  'delta_ks_high',
] as const

interface NamedModel {
  readonly model: 'champion' | 'challenger'
  readonly algorithm: string
  readonly sets: readonly SetRows[]
  /** of the training rows: what the stability of later rows refers to */
  readonly bands: Bands | null
}

/**
 * Rows of `champion_challenger`: for each set one line a model. Differences are challenger less champion, their 95 %
 * intervals from resamples of rows that both models share.
 * @param champion the facts' own scores @param challenger the other model's, of the same kind
 */
export function challengerTable(
  rows: EvaluationRows,
  names: { readonly champion: string; readonly challenger: string },
  challenger: Float64Array,
  bandCount: number,
): Table {
  const both = rows.scores.map((score, i) => (Number.isNaN(challenger[i]) ? Number.NaN : score))
  const theirs = challenger.map((score, i) => (Number.isNaN(rows.scores[i]) ? Number.NaN : score))
  const models = [
    modelOf('champion', names.champion, setsOf(rows, both), bandCount),
    modelOf('challenger', names.challenger, setsOf(rows, theirs), bandCount),
  ] as const
  const labelled = models[0].sets.filter(({ ranking }) => ranking.labels.length > 0)
  const cells = labelled.flatMap(({ name }) => {
    const sets = models.map((model) => model.sets.find((set) => set.name === name) as SetRows)
    const [ours, other] = drawsOf(sets)
    return models.map((model, m) => {
      const set = sets[m] as SetRows
      const difference = m === 0 || ours === undefined || other === undefined ? undefined : { from: ours, to: other }
      return lineOf(model, set, sets[0] as SetRows, difference)
    })
  })
  return tableOf('champion_challenger', CHALLENGER_COLUMNS, cells)
}

function modelOf(
  model: NamedModel['model'],
  algorithm: string,
  sets: readonly SetRows[],
  bandCount: number,
): NamedModel {
  const train = sets.find(({ name }) => name === 'train')
  return { model, algorithm, sets, bands: train === undefined ? null : bandsOf(train.logOdds, bandCount) }
}

function lineOf(
  { model, algorithm, sets, bands }: NamedModel,
  set: SetRows,
  champion: SetRows,
  draws: { readonly from: ModelResamples; readonly to: ModelResamples } | undefined,
) {
  const { ranking, name } = set
  const { auc, ks } = evaluateRanking(ranking)
  const calibration = calibrationOf(ranking, name === 'train')
  const train = sets.find((other) => other.name === 'train')
  const known = !Number.isNaN(auc.value)
  const before = evaluateRanking(champion.ranking)
  const [aucLow, aucHigh] = intervalOf(draws, 'auc')
  const [ksLow, ksHigh] = intervalOf(draws, 'ks')
  return {
    set: name,
    model,
    algorithm,
    n: ranking.labels.length,
    bad: ranking.bad,
    auc: auc.value,
    ks: ks.value,
    delta_auc: model === 'champion' ? null : auc.value - before.auc.value,
    delta_ks: model === 'champion' ? null : ks.value - before.ks.value,
    capture_top10: captureAt(ranking, 0.1),
    lift_top10: captureAt(ranking, 0.1) / 0.1,
    brier: calibration.brier,
    log_loss: calibration.logLoss,
    calibration_ratio: calibration.ratio,
    psi:
      bands === null || train === undefined || train === set
        ? null
        : stabilityIndex(bandCounts(bands, train.logOdds), bandCounts(bands, set.logOdds)),
    auc_low: known ? auc.low : null,
    auc_high: known ? auc.high : null,
    ks_low: ks.low,
    ks_high: ks.high,
    delta_auc_low: aucLow,
    delta_auc_high: aucHigh,
    delta_ks_low: ksLow,
    delta_ks_high: ksHigh,
  }
}

function intervalOf(
  draws: { readonly from: ModelResamples; readonly to: ModelResamples } | undefined,
  measure: 'auc' | 'ks',
): readonly [low: number, high: number] {
  if (draws === undefined) return [Number.NaN, Number.NaN]
  return percentileInterval([...draws.to[measure]].map((value, r) => value - (draws.from[measure][r] ?? Number.NaN)))
}

/** Of the same labelled rows of a set, numbered alike for both models; none where one class is empty. */
function drawsOf(sets: readonly SetRows[]): ModelResamples[] {
  const rankings = sets.map((set): Ranking => {
    const kept = Uint32Array.from(set.rows.keys()).filter((i) => (set.labels[i] ?? -1) >= 0)
    return rankRows(
      Float64Array.from(kept, (i) => set.logOdds[i] ?? Number.NaN),
      Int8Array.from(kept, (i) => set.labels[i] ?? 0),
    )
  })
  return rankings.some(({ bad, good }) => bad === 0 || good === 0) ? [] : commonResamples(rankings)
}
