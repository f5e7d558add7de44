// The tables of a run whose label is a number or a count: one line for each set and coalition, and how expected and
// observed labels compare band by band.
import { bandOf, type Bands, smallCell } from './bands.ts'
import { type EvaluationRows, type Table, tableOf } from './pack.ts'
import type { SetRows } from './rows.ts'
import { evaluateTargets, type TargetKind } from './targets.ts'

export const TARGET_SUMMARY_COLUMNS = [
  'set',
  'n',
  'mean_target',
  'mean_expected',
  'target_ratio',
  'rmse',
  'rmse_low',
  'rmse_high',
  'mae',
  'r2',
  'poisson_deviance',
  'poisson_deviance_low',
  'poisson_deviance_high',
  'gini',
  'gini_low',
  'gini_high',
  'coalition',
] as const
export const TARGET_BAND_COLUMNS = [
  'band',
  'score_lo',
  'score_hi',
  'n',
  'n_pct',
  'mean_target',
  'mean_expected',
  'target_ratio',
  'lift',
  'set',
  'flag',
] as const

/** Labels of a run, as `EvaluationRows` has them. */
export type Targets = NonNullable<EvaluationRows['targets']>

/** Expected and observed labels of the rows of a set that have one. */
interface TargetRows {
  readonly set: string
  readonly expected: Float64Array
  readonly targets: Float64Array
}

function labelled({ name, rows, logOdds }: SetRows, { values }: Targets): TargetRows {
  const places = Uint32Array.from(rows.keys()).filter((i) => !Number.isNaN(values[rows[i]!]))
  return {
    set: name,
    expected: Float64Array.from(places, (i) => logOdds[i]!),
    targets: Float64Array.from(places, (i) => values[rows[i]!]!),
  }
}

/** @param coalition as `coalitionName` writes it. One line for each set with labels */
export function targetSummaryTable(sets: readonly SetRows[], targets: Targets, coalition: string): Table {
  const cells = sets
    .map((set) => labelled(set, targets))
    .filter((set) => set.targets.length > 0)
    .map((set) => ({ ...summaryOf(set, targets.kind), coalition }))
  return tableOf('target_summary', TARGET_SUMMARY_COLUMNS, cells)
}

function summaryOf({ set, expected, targets }: TargetRows, kind: TargetKind) {
  const found = evaluateTargets(expected, targets, kind)
  const { rmse, deviance, gini } = found
  return {
    set,
    n: found.rows,
    mean_target: found.mean,
    mean_expected: found.expected,
    target_ratio: found.mean / found.expected,
    rmse: rmse.value,
    rmse_low: rmse.low,
    rmse_high: rmse.high,
    mae: found.mae,
    r2: found.r2,
    poisson_deviance: deviance?.value ?? null,
    poisson_deviance_low: deviance?.low ?? null,
    poisson_deviance_high: deviance?.high ?? null,
    gini: gini?.value ?? null,
    gini_low: gini?.low ?? null,
    gini_high: gini?.high ?? null,
  }
}

/** Rows of `target_band` of one set: band 1 has the highest expected labels of the training rows. */
export function targetBandTable(bands: Bands, set: SetRows, all: Targets, minimumCell: number): Table {
  const { expected, targets } = labelled(set, all)
  const sums = Array.from(bands.floors, () => ({ n: 0, target: 0, expected: 0, low: Infinity, high: -Infinity }))
  for (const [i, score] of expected.entries()) {
    const band = sums[bandOf(bands, score)]!
    band.n++
    band.target += targets[i]!
    band.expected += score
    band.low = Math.min(band.low, score)
    band.high = Math.max(band.high, score)
  }
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length
  const cells = sums.map(({ n, target, expected: sum, low, high }, b) => ({
    band: b + 1,
    score_lo: low,
    score_hi: high,
    n,
    n_pct: n / targets.length,
    mean_target: target / n,
    mean_expected: sum / n,
    target_ratio: target / sum,
    lift: target / n / mean,
    set: set.name,
    flag: smallCell(n, minimumCell),
  }))
  return tableOf('target_band', TARGET_BAND_COLUMNS, targets.length === 0 ? [] : cells)
}
