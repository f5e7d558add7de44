// Runs side by side: the measures of each on each of its sets, computed anew from its scores.
import { join } from 'node:path'
import { buildEvaluation } from '#credit/evaluation/build.ts'
import { compareRuns } from '#credit/evaluation/compare.ts'
import type { Cell, RunFacts, Table } from '#credit/evaluation/pack.ts'
import { evaluationFacts } from '#party-agent/results/evaluation-facts.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

export interface ComparedRuns {
  readonly runs: readonly RunFacts[]
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
  return { runs: packs.map(({ run }) => run), table: compareRuns(packs) }
}

/** One block a set: a line a measure, a column a run, and how the last differs from the first. */
export function compareLines(cli: CliContext, { runs, table }: ComparedRuns): string[] {
  const { t } = cli
  const at = (row: readonly Cell[], column: string): Cell => row[table.columns.indexOf(column)] ?? null
  const of = (set: string, metric: string) =>
    table.rows.filter((row) => at(row, 'set') === set && at(row, 'metric') === metric)
  const lines = runs.map(({ jobId, title, algorithm }) => {
    return `${cli.style('bold', jobId)}  ${t(title.en, title.zh)}; ${algorithm}`
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
    const head = [set, ...runs.map(({ jobId }) => jobId.slice(0, 12)), t('last − first', '末 − 首')]
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
