// The result of averaging a chapter at a time, as the pages of other results come: tables, and the facts of the run.
import { type Cell, type RunFacts, type Table, tableOf } from '#credit/evaluation/pack.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import { softwareVersion } from '#runtime/version.ts'
import type { StoredAverageResult, StoredStatistics } from './average-facts.ts'
import { averageTables } from './average-report.ts'
import { type ChapterPart, tablePart } from './chapters.ts'

const CHAPTERS: Readonly<Record<string, readonly string[]>> = {
  quality: ['average_quality'],
  rounds: ['rounds'],
  statistics: ['statistics', 'histograms'],
}

export interface AverageFacts {
  readonly spec: JobSpec
  readonly result: StoredAverageResult
  readonly columns: StoredStatistics['columns']
  /** of the job, RFC 3339 */
  readonly endedAt: string
}

/** The chapters of which there is anything. */
export function averageChapters(facts: AverageFacts): string[] {
  const tables = tablesOf(facts)
  return Object.keys(CHAPTERS).filter((chapter) => named(tables, CHAPTERS[chapter] ?? []).length > 0)
}

/** @throws PlatformError results.none for a chapter that is not there */
export function averageChapter(facts: AverageFacts, chapter: string): ChapterPart {
  const tables = named(tablesOf(facts), CHAPTERS[chapter] ?? [])
  if (tables.length === 0) throw new PlatformError('results.none', { job: facts.result.job, chapter })
  return {
    chapter,
    run: runOf(facts),
    scoreUnit: 'log-odds',
    scaling: null,
    tables: tables.map((table) => tablePart(table, table.name === 'rounds' ? { limit: 2000 } : {})),
    series: [],
    names: [],
  }
}

/** @throws PlatformError results.none */
export function averageTable(facts: AverageFacts, name: string): Table {
  const table = tablesOf(facts).find((known) => known.name === name)
  if (table === undefined) throw new PlatformError('results.none', { job: facts.result.job, table: name })
  return table
}

function tablesOf({ result, columns }: AverageFacts): Table[] {
  return [qualityTable(result), ...averageTables(result, columns)].filter(({ rows }) => rows.length > 0)
}

function named(tables: readonly Table[], names: readonly string[]): Table[] {
  return names.flatMap((name) => tables.find((table) => table.name === name) ?? [])
}

/** Over the hold-out rows of all parties; and over this party's own, which nobody else is told. */
function qualityTable({ federated, own, personal, alone }: StoredAverageResult): Table {
  const line = (rows: string, model: string, one: typeof own | StoredAverageResult['federated']) =>
    one === undefined
      ? []
      : [
          {
            rows_of: rows,
            model,
            n: one.rows,
            bad: one.bad,
            auc: one.auc,
            auc_error: 'aucError' in one ? (one.aucError as Cell) : null,
            ks: one.ks,
            loss: one.loss,
          },
        ]
  return tableOf(
    'average_quality',
    ['rows_of', 'model', 'n', 'bad', 'auc', 'auc_error', 'ks', 'loss'],
    [
      ...line('all_parties', 'joint', federated),
      ...line('own_rows', 'alone', alone),
      ...line('own_rows', 'joint', own),
      ...line('own_rows', 'personal', personal),
    ],
  )
}

function runOf({ spec, result, endedAt }: AverageFacts): RunFacts {
  return {
    title: { zh: spec.name, en: spec.name },
    jobId: result.job,
    guest: spec.guest.party,
    parties: partiesOf(spec).map((party) => ({ party, name: { zh: party, en: party } })),
    createdAt: endedAt,
    algorithm: result.algorithm,
    software: softwareVersion(),
  }
}
