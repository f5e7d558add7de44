// One line for each set and coalition: discrimination, lift, calibration, with 95 % confidence intervals.
import { calibrationOf } from './calibration.ts'
import { shownScore } from './bands.ts'
import { evaluateRanking, ksOf } from './discrimination.ts'
import { type Cell, type EvaluationRows, type Table, tableOf } from './pack.ts'
import { badAmongRiskiest, type Ranking } from './ranking.ts'
import { type SetRows, setsOf } from './rows.ts'
import type { Scaling } from '../scorecard/scaling.ts'

export const SUMMARY_COLUMNS = [
  'set',
  'n',
  'bad',
  'bad_rate',
  'auc',
  'gini',
  'ks',
  'ks_at_score',
  'lift_top5',
  'lift_top10',
  'capture_top10',
  'capture_top20',
  'capture_top30',
  'brier',
  'log_loss',
  'ece',
  'hosmer_lemeshow_p',
  'auc_low',
  'auc_high',
  'ks_low',
  'ks_high',
  'calibration_ratio',
  'coalition',
] as const

/** Share of all bad rows among the riskiest `share` of the rows. */
export function captureAt(ranking: Ranking, share: number): number {
  return badAmongRiskiest(ranking, share * ranking.labels.length) / ranking.bad
}

/** @param coalition as `coalitionName` writes it. One line for each set; what needs both classes is null without them */
export function summaryTable(sets: readonly SetRows[], coalition: string, scaling: Scaling | null): Table {
  return tableOf(
    'summary',
    SUMMARY_COLUMNS,
    sets.map((set) => ({ ...summaryOf(set, scaling), coalition })),
  )
}

function summaryOf(
  set: SetRows,
  scaling: Scaling | null,
): Record<Exclude<(typeof SUMMARY_COLUMNS)[number], 'coalition'>, Cell> {
  const { ranking } = set
  const { auc, ks } = evaluateRanking(ranking)
  const calibration = calibrationOf(ranking, set.name === 'train')
  return {
    set: set.name,
    n: ranking.labels.length,
    bad: ranking.bad,
    bad_rate: ranking.bad / ranking.labels.length,
    auc: auc.value,
    gini: 2 * auc.value - 1,
    ks: ks.value,
    ks_at_score: shownScore(ksOf(ranking).score, scaling),
    lift_top5: captureAt(ranking, 0.05) / 0.05,
    lift_top10: captureAt(ranking, 0.1) / 0.1,
    capture_top10: captureAt(ranking, 0.1),
    capture_top20: captureAt(ranking, 0.2),
    capture_top30: captureAt(ranking, 0.3),
    brier: calibration.brier,
    log_loss: calibration.logLoss,
    ece: calibration.ece,
    hosmer_lemeshow_p: calibration.hosmerLemeshowP,
    // Without both classes the interval of NaN is [0, 1]: nothing measured, nothing said.
    auc_low: Number.isNaN(auc.value) ? null : auc.low,
    auc_high: Number.isNaN(auc.value) ? null : auc.high,
    ks_low: ks.low,
    ks_high: ks.high,
    calibration_ratio: calibration.ratio,
  }
}

/** Sets on which a coalition scored every row that the final model scored. */
export function comparableSets(rows: EvaluationRows, sets: readonly SetRows[], scores: Float64Array): SetRows[] {
  return setsOf(rows, scores).filter(
    (set) => sets.find(({ name }) => name === set.name)?.rows.length === set.rows.length,
  )
}
