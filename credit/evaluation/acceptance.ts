// The checks that a reviewer makes first, with limits that a bank sets.
import { type Table, tableOf } from './pack.ts'

export const ACCEPTANCE_COLUMNS = ['check', 'value', 'threshold', 'pass', 'set'] as const

/** What a model must reach; a bank sets its own. */
export interface AcceptanceLimits {
  readonly ksHoldout: number
  readonly ksOot: number
  readonly ksGap: number
  readonly aucDrop: number
  readonly scoreStability: number
  readonly calibrationLow: number
  readonly calibrationHigh: number
  /** of the bands: as a share of their number, so that 20 bands ask for twice as many */
  readonly monotoneBands: number
}

export const ACCEPTANCE_LIMITS: AcceptanceLimits = {
  ksHoldout: 0.3,
  ksOot: 0.25,
  ksGap: 0.05,
  aucDrop: 0.03,
  scoreStability: 0.1,
  calibrationLow: 0.8,
  calibrationHigh: 1.25,
  monotoneBands: 0.8,
}

/** By set name; NaN for what was not measured. */
export interface MeasuredSet {
  readonly auc: number
  readonly ks: number
  readonly stability: number
  readonly calibrationRatio: number
  /** bad rates from the riskiest band to the safest */
  readonly bandRates: readonly number[]
}

/** @param measured train, holdout and oot; what is not there is not measured, and its check neither passes nor fails */
export function acceptanceTable(
  measured: ReadonlyMap<string, MeasuredSet>,
  limits: AcceptanceLimits = ACCEPTANCE_LIMITS,
): Table {
  const of = (set: string, pick: (m: MeasuredSet) => number): number => {
    const m = measured.get(set)
    return m === undefined ? Number.NaN : pick(m)
  }
  const latest = measured.has('oot') ? 'oot' : 'holdout'
  const bands = of('holdout', (m) => monotoneBands(m.bandRates))
  const needed = Math.ceil(limits.monotoneBands * of('holdout', (m) => m.bandRates.length))
  const stability = of(latest, (m) => m.stability)
  const ratio = of(latest, (m) => m.calibrationRatio)
  const gap = Math.abs(of('train', (m) => m.ks) - of('holdout', (m) => m.ks))
  const drop = of('train', (m) => m.auc) - of('oot', (m) => m.auc)
  const line = (check: string, value: number, threshold: string, pass: boolean, set: string) => ({
    check,
    value,
    threshold,
    pass: Number.isNaN(value) ? null : pass,
    set,
  })
  const { ksHoldout, ksOot, ksGap, aucDrop, scoreStability, calibrationLow, calibrationHigh } = limits
  const ks = { holdout: of('holdout', (m) => m.ks), oot: of('oot', (m) => m.ks) }
  return tableOf('acceptance', ACCEPTANCE_COLUMNS, [
    line('ks_holdout', ks.holdout, `≥ ${ksHoldout}`, ks.holdout >= ksHoldout, 'holdout'),
    line('ks_oot', ks.oot, `≥ ${ksOot}`, ks.oot >= ksOot, 'oot'),
    line('ks_gap_train_holdout', gap, `≤ ${ksGap}`, gap <= ksGap, 'holdout'),
    line('auc_drop_train_oot', drop, `≤ ${aucDrop}`, drop <= aucDrop, 'oot'),
    line('score_stability', stability, `≤ ${scoreStability}`, stability <= scoreStability, latest),
    line(
      'calibration_ratio',
      ratio,
      `${calibrationLow} – ${calibrationHigh}`,
      ratio >= calibrationLow && ratio <= calibrationHigh,
      latest,
    ),
    line('monotone_bands', bands, Number.isNaN(needed) ? '' : `≥ ${needed}`, bands >= needed, 'holdout'),
  ])
}

/** Bands whose bad rate is strictly below that of the riskier band before; the first one counts. */
export function monotoneBands(rates: readonly number[]): number {
  return rates.filter((rate, i) => i === 0 || rate < rates[i - 1]!).length
}
