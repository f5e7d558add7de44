// Two or more models side by side, of one run or of several: the same figures of each, and what changed between the first
// and the last.
import { PlatformError } from '#runtime/errors.ts'
import { type Cell, type EvaluationPack, packTables, type Table, tableOf } from './pack.ts'

export const RUN_COMPARISON_COLUMNS = [
  'metric',
  'set',
  'job_id',
  'value',
  'low',
  'high',
  'diff_to_first',
  'model',
] as const
const METRICS = ['auc', 'ks', 'capture_top10', 'calibration_ratio', 'brier', 'bad_rate', 'n'] as const
/** Of runs whose label is a number or a count. */
const TARGET_METRICS = ['rmse', 'poisson_deviance', 'gini', 'r2', 'target_ratio', 'mean_target', 'n'] as const
const MOST_RUNS = 20

/** A model of a run: its final one, or the challenger beside it. */
export interface ComparedModel {
  readonly jobId: string
  readonly model: 'final' | 'challenger'
  readonly algorithm: string
}

/** The models of the runs, each run's final model before its challenger. */
export function modelsOf(packs: readonly EvaluationPack[]): ComparedModel[] {
  return packs.flatMap(({ run, challenger }): ComparedModel[] => [
    { jobId: run.jobId, model: 'final', algorithm: run.algorithm },
    ...(challenger === undefined
      ? []
      : [{ jobId: run.jobId, model: 'challenger' as const, algorithm: challenger.algorithm }]),
  ])
}

/**
 * Rows of `run_comparison`: for each figure and set one line for each model.
 * @throws PlatformError evaluation.invalid for fewer than two models or more than 20 runs
 */
export function compareRuns(packs: readonly EvaluationPack[]): Table {
  const models = modelsOf(packs)
  if (models.length < 2 || packs.length > MOST_RUNS)
    throw new PlatformError('evaluation.invalid', { what: 'number of runs to compare', runs: packs.length })
  const finals = packs.flatMap((pack) => [
    finalLines(pack),
    ...(pack.challenger === undefined ? [] : [challengerLines(pack)]),
  ])
  const sets = [...new Set(finals.flatMap((lines) => [...lines.keys()]))]
  const metrics = packs.every(({ scoreUnit }) => scoreUnit === 'expected') ? TARGET_METRICS : METRICS
  const cells = sets.flatMap((set) =>
    metrics.flatMap((metric) => {
      const values = finals.map((lines) => lines.get(set)?.get(metric) ?? null)
      const first = values[0] ?? null
      return models.map(({ jobId, model }, i) => ({
        metric,
        set,
        job_id: jobId,
        value: values[i] ?? null,
        low: finals[i]?.get(set)?.get(`${metric}_low`) ?? null,
        high: finals[i]?.get(set)?.get(`${metric}_high`) ?? null,
        diff_to_first: Number(values[i] ?? Number.NaN) - Number(first ?? Number.NaN),
        model,
      }))
    }),
  )
  return tableOf('run_comparison', RUN_COMPARISON_COLUMNS, cells)
}

/** Set → column → value of the final model's lines of the summary, which come first. */
function finalLines(pack: EvaluationPack): Map<string, Map<string, Cell>> {
  return linesOf(packTables(pack).get(pack.scoreUnit === 'expected' ? 'target_summary' : 'summary'), () => true)
}

/** The same of the challenger, which has fewer columns. */
function challengerLines(pack: EvaluationPack): Map<string, Map<string, Cell>> {
  const lines = linesOf(packTables(pack).get('champion_challenger'), (line) => line.get('model') === 'challenger')
  for (const line of lines.values()) line.set('bad_rate', Number(line.get('bad')) / Number(line.get('n')))
  return lines
}

/** The first line of each set. */
function linesOf(
  table: Table | undefined,
  wanted: (line: ReadonlyMap<string, Cell>) => boolean,
): Map<string, Map<string, Cell>> {
  const lines = new Map<string, Map<string, Cell>>()
  for (const row of table?.rows ?? []) {
    const line = new Map((table?.columns ?? []).map((column, i) => [column, row[i] ?? null]))
    const name = String(line.get('set'))
    if (!lines.has(name) && wanted(line)) lines.set(name, line)
  }
  return lines
}
