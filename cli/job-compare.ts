// Models side by side, of one job or of several: the measures of each on each of its sets, computed anew from its scores.
import { join } from 'node:path'
import { buildEvaluation } from '#credit/evaluation/build.ts'
import { compareRuns, type ComparedModel, modelsOf } from '#credit/evaluation/compare.ts'
import type { Cell, RunFacts, Table } from '#credit/evaluation/pack.ts'
import { evaluationFacts } from '#party-agent/results/evaluation-facts.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

export interface ComparedRuns {
  readonly runs: readonly RunFacts[]
  /** in the order of the columns: a job's own model, then its challenger */
  readonly models: readonly ComparedModel[]
  /** run_comparison */
  readonly table: Table
}

/** @throws PlatformError results.none naming the job that has no scores here, evaluation.invalid for fewer than two */
export async function comparedRuns(home: string, jobs: readonly string[]): Promise<ComparedRuns> {
  const packs = await Promise.all(
    jobs.map(async (job) => {
      const { coalitions: _, ...joint } = await evaluationFacts(join(home, 'jobs', job), job)
      return buildEvaluation(joint)
    }),
  )
  return { runs: packs.map(({ run }) => run), models: modelsOf(packs), table: compareRuns(packs) }
}

/** One block a set: a line a measure, a column a model, and how the last differs from the first. */
export function compareLines(cli: CliContext, { runs, models, table }: ComparedRuns): string[] {
  const { t } = cli
  const at = (row: readonly Cell[], column: string): Cell => row[table.columns.indexOf(column)] ?? null
  const of = (set: string, metric: string) =>
    table.rows.filter((row) => at(row, 'set') === set && at(row, 'metric') === metric)
  const lines = models.map(({ jobId, model, algorithm }) => {
    const title = runs.find((run) => run.jobId === jobId)?.title ?? { en: '', zh: '' }
    const beside = model === 'challenger' ? ` (${t('challenger', '挑战者')})` : ''
    return `${cli.style('bold', jobId)}  ${t(title.en, title.zh)}; ${algorithm}${beside}`
  })
  const metrics = [...new Set(table.rows.map((row) => String(at(row, 'metric'))))]
  for (const set of new Set(table.rows.map((row) => String(at(row, 'set'))))) {
    const rows = metrics.map((metric) => {
      const cells = of(set, metric)
      const change = cells.at(-1)
      return [
        `  ${metric}`,
        ...cells.map((row) => shown(at(row, 'value'))),
        change ? signed(at(change, 'diff_to_first')) : '',
      ]
    })
    const head = [
      set,
      ...models.map(({ jobId, model }) => `${jobId.slice(0, 12)}${model === 'challenger' ? '*' : ''}`),
      t('last − first', '末 − 首'),
    ]
    lines.push('', ...formatTable([head, ...rows], head.map((_, i) => i).slice(1)))
  }
  return lines
}

function shown(cell: Cell): string {
  if (typeof cell !== 'number') return cell === null ? '—' : String(cell)
  return Number.isInteger(cell) ? String(cell) : cell.toFixed(4)
}

function signed(cell: Cell): string {
  return typeof cell === 'number' ? `${cell < 0 ? '−' : '+'}${shown(Math.abs(cell))}` : ''
}
