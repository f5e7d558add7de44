// Models side by side, of one job or of several, as a person reads it.
import type { Cell } from '#credit/evaluation/pack.ts'
import type { ComparedRuns } from '#party-agent/results/compared-runs.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

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
