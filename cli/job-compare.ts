// Runs side by side: the measures of each on each of its sets, computed anew from its scores.
import { join } from 'node:path'
import { buildEvaluation } from '#credit/evaluation/build.ts'
import { type Cell, packTables, type Table } from '#credit/evaluation/pack.ts'
import { evaluationFacts } from '#party-agent/results/evaluation-facts.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

const MEASURES = ['n', 'bad', 'auc', 'auc_low', 'auc_high', 'ks', 'gini', 'lift_top10', 'brier', 'calibration_ratio']

export interface ComparedRun {
  readonly job: string
  readonly name: string
  readonly algorithm: string
  /** by set, then by measure */
  readonly sets: Readonly<Record<string, Readonly<Record<string, Cell>>>>
}

/** @throws PlatformError results.none naming the job that has no scores here */
export async function comparedRuns(home: string, jobs: readonly string[]): Promise<ComparedRun[]> {
  return await Promise.all(
    jobs.map(async (job) => {
      const facts = await evaluationFacts(join(home, 'jobs', job), job)
      const { coalitions: _, ...joint } = facts
      const summary = packTables(buildEvaluation(joint)).get('summary')
      const sets = summary === undefined ? {} : setsOf(summary)
      return { job, name: facts.run.title.en, algorithm: facts.run.algorithm, sets }
    }),
  )
}

function setsOf({ columns, rows }: Table): ComparedRun['sets'] {
  const at = (row: readonly Cell[], column: string): Cell => row[columns.indexOf(column)] ?? null
  const measures = MEASURES.filter((measure) => columns.includes(measure))
  return Object.fromEntries(
    rows.map((row) => [String(at(row, 'set')), Object.fromEntries(measures.map((name) => [name, at(row, name)]))]),
  )
}

/** One block a set: a line a measure, a column a run, and how the last differs from the first. */
export function compareLines(cli: CliContext, runs: readonly ComparedRun[]): string[] {
  const { t } = cli
  const lines = runs.map(({ job, name, algorithm }) => `${cli.style('bold', job)}  ${name}; ${algorithm}`)
  const names = [...new Set(runs.flatMap(({ sets }) => Object.keys(sets)))]
  for (const set of names) {
    const cells = (measure: string) => runs.map(({ sets }) => sets[set]?.[measure] ?? null)
    const rows = MEASURES.filter((measure) => cells(measure).some((cell) => cell !== null)).map((measure) => {
      const values = cells(measure)
      return [`  ${measure}`, ...values.map(shown), difference(values)]
    })
    const head = [`${set}`, ...runs.map(({ job }) => job.slice(0, 12)), t('last − first', '末 − 首')]
    lines.push('', ...formatTable([head, ...rows], head.map((_, i) => i).slice(1)))
  }
  return lines
}

function shown(cell: Cell): string {
  if (typeof cell !== 'number') return cell === null ? '—' : String(cell)
  return Number.isInteger(cell) ? String(cell) : cell.toFixed(4)
}

function difference(cells: readonly Cell[]): string {
  const [first, last] = [cells[0], cells.at(-1)]
  if (typeof first !== 'number' || typeof last !== 'number' || cells.length < 2) return ''
  const change = last - first
  return `${change < 0 ? '−' : '+'}${shown(Math.abs(change))}`
}
