// What stands behind the measures of jobs side by side: the columns of their models, and how stable their scores are.
import { RUN_COMPARISON_COLUMNS } from '#credit/evaluation/compare.ts'
import { type Cell, type EvaluationPack, packTables, type Table, tableOf } from '#credit/evaluation/pack.ts'
import { numberOf, recordsOf, textOf, valuesOf } from '#credit/report/table-markup.ts'
import type { StoredAverageResult } from './average-facts.ts'

export interface ColumnDifference {
  readonly party: string
  readonly feature: string
  /** one for each job; null where the job does not tell the columns of its model */
  readonly inModel: readonly (boolean | null)[]
}

/** Columns of the final models: those that not all have, and how many all have. */
export function columnDifferences(packs: readonly EvaluationPack[]): {
  readonly features: readonly ColumnDifference[]
  readonly shared: number
} {
  const models = packs.map(modelColumns)
  const all = new Map(models.flatMap((columns) => [...(columns ?? new Map<string, readonly [string, string]>())]))
  const lines = [...all].map(([key, [party, feature]]) => {
    return { party, feature, inModel: models.map((columns) => columns?.has(key) ?? null) }
  })
  const isShared = ({ inModel }: ColumnDifference) => inModel.every((has) => has !== false)
  return { features: lines.filter((line) => !isShared(line)), shared: lines.filter(isShared).length }
}

/** Of the regression, where a job trained one; else of the trees. */
function modelColumns(pack: EvaluationPack): Map<string, readonly [party: string, feature: string]> | undefined {
  const tables = packTables(pack)
  const table = tables.get('lr_coef') ?? tables.get('tree_importance')
  if (table === undefined) return undefined
  return new Map(
    recordsOf(table).map((record) => {
      const line = [textOf(record, 'party'), textOf(record, 'feature')] as const
      return [line.join(' '), line]
    }),
  )
}

/** Stability index of the score on each set against the training rows, one for each job. */
export function stabilityBySet(
  packs: readonly EvaluationPack[],
): { readonly set: string; readonly values: readonly (number | null)[] }[] {
  const tables = packs.map((pack) => packTables(pack).get('psi'))
  const sets = [...new Set(tables.flatMap((table) => valuesOf(table, 'set')))]
  return sets.map((set) => ({ set, values: tables.map((table) => numberOf(recordsOf(table, { set })[0], 'total')) }))
}

/** Of rows: whose they are. */
const AVERAGE_SETS = [
  ['all_parties', ({ federated }: StoredAverageResult) => federated],
  ['own_rows', ({ own }: StoredAverageResult) => own],
  ['own_rows_personal', ({ personal }: StoredAverageResult) => personal],
  ['own_rows_alone', ({ alone }: StoredAverageResult) => alone],
] as const
const AVERAGE_METRICS = ['auc', 'ks', 'loss', 'bad', 'rows'] as const

/** Rows of run_comparison of models that were averaged. Hold-out rows are drawn anew in each job. */
export function comparedAverages(results: readonly StoredAverageResult[]): Table {
  const cells = AVERAGE_SETS.flatMap(([set, of]) =>
    results.every((result) => of(result) === undefined)
      ? []
      : AVERAGE_METRICS.flatMap((metric) => {
          const found = results.map(of)
          const first = found[0]?.[metric] ?? Number.NaN
          return results.map(({ job }, i) => {
            const value = found[i]?.[metric] ?? null
            const [low, high] = metric === 'auc' ? boundsOf(found[i]) : [null, null]
            const change = Number(value ?? Number.NaN) - first
            return { metric, set, job_id: job, value, low, high, diff_to_first: change, model: 'final' }
          })
        }),
  )
  return tableOf('run_comparison', RUN_COMPARISON_COLUMNS, cells)
}

/** The exact area lies within these, where a histogram of scores told it. */
function boundsOf(quality: { readonly auc: number | null; readonly aucError?: number } | undefined): [Cell, Cell] {
  const { auc, aucError } = quality ?? { auc: null }
  return auc === null || aucError === undefined ? [null, null] : [auc - aucError, auc + aucError]
}
