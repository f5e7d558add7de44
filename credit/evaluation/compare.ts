// Two or more runs side by side: the same figures of each, and what changed between the first and the last.
import { PlatformError } from '#runtime/errors.ts'
import { type Cell, type EvaluationPack, packTables, type Table, tableOf } from './pack.ts'

export const RUN_COMPARISON_COLUMNS = ['metric', 'set', 'job_id', 'value', 'low', 'high', 'diff_to_first'] as const
const METRICS = ['auc', 'ks', 'capture_top10', 'calibration_ratio', 'brier', 'bad_rate', 'n'] as const
const MOST_RUNS = 20

/**
 * Rows of `run_comparison`: for each figure and set one line for each run, of its final model.
 * @throws PlatformError evaluation.invalid for fewer than two runs or more than 20
 */
export function compareRuns(packs: readonly EvaluationPack[]): Table {
  if (packs.length < 2 || packs.length > MOST_RUNS)
    throw new PlatformError('evaluation.invalid', { what: 'number of runs to compare', runs: packs.length })
  const finals = packs.map(finalLines)
  const sets = [...new Set(finals.flatMap((lines) => [...lines.keys()]))]
  const cells = sets.flatMap((set) =>
    METRICS.flatMap((metric) => {
      const values = finals.map((lines) => lines.get(set)?.get(metric) ?? null)
      const first = values[0] ?? null
      return packs.map((pack, i) => ({
        metric,
        set,
        job_id: pack.run.jobId,
        value: values[i] ?? null,
        low: finals[i]?.get(set)?.get(`${metric}_low`) ?? null,
        high: finals[i]?.get(set)?.get(`${metric}_high`) ?? null,
        diff_to_first: Number(values[i] ?? Number.NaN) - Number(first ?? Number.NaN),
      }))
    }),
  )
  return tableOf('run_comparison', RUN_COMPARISON_COLUMNS, cells)
}

/** Set → column → value of the final model's lines of `summary`, which come first. */
function finalLines(pack: EvaluationPack): Map<string, Map<string, Cell>> {
  const summary = packTables(pack).get('summary')
  const lines = new Map<string, Map<string, Cell>>()
  const set = summary?.columns.indexOf('set') ?? -1
  for (const row of summary?.rows ?? []) {
    const name = String(row[set])
    if (!lines.has(name)) lines.set(name, new Map(summary!.columns.map((column, i) => [column, row[i] ?? null])))
  }
  return lines
}
