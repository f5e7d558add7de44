// The report of a job over the rows of all parties as files: pages in both languages, its tables as CSV, one JSON.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Table } from '#credit/evaluation/pack.ts'
import { tableCsv } from '#credit/report/files.ts'
import { QUANTILES } from '#protocols/fedavg/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import { storageError } from '#runtime/files.ts'
import { loadAverageResult, loadStatistics, type StoredAverageResult, type StoredStatistics } from './average-facts.ts'
import { averagePage } from './average-page.ts'

/** @returns paths relative to the folder @throws PlatformError results.none, storage.full, storage.damaged */
export async function writeAverageReport(jobDir: string, job: string, folder: string): Promise<readonly string[]> {
  const result = await loadAverageResult(jobDir)
  const statistics = await loadStatistics(jobDir)
  if (result === undefined) throw new PlatformError('results.none', { job, missing: 'result' })
  const files = averageReportFiles(result, statistics?.columns ?? [])
  for (const [path, text] of files) {
    const file = join(folder, path)
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, text, { mode: 0o600 })
    } catch (cause) {
      throw storageError(cause, file)
    }
  }
  return [...files.keys()]
}

/** Path → text. */
export function averageReportFiles(
  result: StoredAverageResult,
  columns: StoredStatistics['columns'],
): Map<string, string> {
  return new Map([
    ['report.zh.html', averagePage(result, columns, 'zh')],
    ['report.en.html', averagePage(result, columns, 'en')],
    ['result.json', `${JSON.stringify(result)}\n`],
    // Excel reads UTF-8 only after a byte order mark.
    ...averageTables(result, columns).map((table): [string, string] => [
      `csv/${table.name}.csv`,
      `\ufeff${tableCsv(table)}`,
    ]),
  ])
}

/** rounds, statistics and histograms. */
export function averageTables(result: StoredAverageResult, columns: StoredStatistics['columns']): Table[] {
  return [roundsTable(result), statisticsTable(columns), cellsTable(columns)]
}

function roundsTable({ rounds }: StoredAverageResult): Table {
  return {
    name: 'rounds',
    columns: ['round', 'opener', 'loss', 'auc', 'auc_error', 'ks', 'own_loss', 'cut', 'epsilon', 'left_out'],
    rows: rounds.map(({ round, opener, quality, ownLoss, cut, epsilon, leftOut = [] }) => [
      round,
      opener,
      quality?.loss ?? null,
      quality?.auc ?? null,
      quality?.aucError ?? null,
      quality?.ks ?? null,
      ownLoss ?? null,
      cut ?? null,
      epsilon ?? null,
      leftOut.join(' '),
    ]),
  }
}

function statisticsTable(columns: StoredStatistics['columns']): Table {
  return {
    name: 'statistics',
    columns: ['column', 'rows', 'missing', 'mean', 'deviation', ...QUANTILES.map((q) => `q${q}`)],
    rows: columns.map(({ name, rows, cells, scale, quantiles }) => [
      name,
      rows,
      cells.missing,
      scale.mean,
      scale.deviation,
      ...QUANTILES.map((q) => quantiles[String(q)] ?? null),
    ]),
  }
}

function cellsTable(columns: StoredStatistics['columns']): Table {
  return {
    name: 'histograms',
    columns: ['column', 'from', 'to', 'rows'],
    rows: columns.flatMap(({ name, cells: { edges, rows } }) =>
      rows.map((n, i) => [name, edges[i] ?? null, edges[i + 1] ?? null, n]),
    ),
  }
}
