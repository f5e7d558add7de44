// Models that several jobs averaged, side by side: over the hold-out rows of all parties, and over this party's own.
import type { StoredAverageResult } from '#party-agent/results/average-facts.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

/** A column a job. Hold-out rows are drawn anew in each job, so small differences mean nothing. */
export function averageCompareLines(cli: CliContext, results: readonly StoredAverageResult[]): string[] {
  const { t } = cli
  const row = (name: string, value: (result: StoredAverageResult) => number | string | undefined) => [
    `  ${name}`,
    ...results.map((result) => shown(value(result))),
  ]
  const block = (title: string, of: (result: StoredAverageResult) => StoredAverageResult['own'] | undefined) =>
    results.every((result) => of(result) === undefined)
      ? []
      : [
          '',
          ...formatTable(
            [
              [title, ...results.map(({ job }) => job.slice(0, 12))],
              row(t('rows', '行数'), (result) => of(result)?.rows),
              row('AUC', (result) => of(result)?.auc),
              row('KS', (result) => of(result)?.ks),
              row(t('loss', '损失'), (result) => of(result)?.loss),
            ],
            results.map((_, i) => i + 1),
          ),
        ]
  return [
    ...results.map(
      ({ job, name, algorithm, rounds, bestRound }) =>
        `${cli.style('bold', job)}  ${name}; ${algorithm}, ${t('round', '轮次')} ${bestRound}/${rounds.length}`,
    ),
    ...block(t('all parties', '全部参与方'), ({ federated }) => federated),
    ...block(t('own rows', '本方样本'), ({ own }) => own),
    ...block(t('own rows, own last layer', '本方样本，本方最后一层'), ({ personal }) => personal),
  ]
}

function shown(value: number | string | undefined): string {
  if (typeof value !== 'number') return value ?? '—'
  return Number.isInteger(value) ? String(value) : value.toFixed(4)
}
