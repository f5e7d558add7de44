// A result a chapter at a time, for a page: tables begin, the rest is asked for; what a plot needs is whole.
import { type EvaluationPack, packTables, type SetSeries, type Table } from '#credit/evaluation/pack.ts'
import { type ChapterName, chaptersOf, seriesOfChapter, tablesOfChapter } from '#credit/report/chapters.ts'
import { recordsOf, textOf } from '#credit/report/table-markup.ts'
import { PlatformError } from '#runtime/errors.ts'

export interface TablePart extends Table {
  /** rows of the whole table */
  readonly total: number
  /** number of the first row that is left, as a text */
  readonly next?: string
}

/** Rows of a table that are sent: of those that match, so many from there on. */
export interface RowQuery {
  readonly limit?: number
  readonly after?: string
  readonly party?: string
  readonly feature?: string
  readonly set?: string
  readonly tree?: number
}

export interface ChapterPart extends Pick<EvaluationPack, 'run' | 'scoreUnit' | 'scaling' | 'challenger'> {
  readonly chapter: string
  readonly tables: readonly TablePart[]
  readonly series: readonly SetSeries[]
  readonly names: readonly {
    readonly party: string
    readonly feature: string
    readonly zh: string
    readonly en: string
  }[]
}

const ROWS = 200
/** Of these a page asks for what it shows: the bins of one column, or one tree. */
const BY_PART: Readonly<Record<string, RowQuery>> = {
  woe_table: { limit: 50 },
  tree_view: { tree: 1 },
  csi: { limit: 50 },
}
const CONDITIONS = ['party', 'feature', 'set', 'tree'] as const

/** @throws PlatformError results.none for a chapter of which the pack has nothing */
export function chapterPart(pack: EvaluationPack, chapter: string): ChapterPart {
  const name = chaptersOf(pack).find((known) => known === chapter)
  if (name === undefined) throw new PlatformError('results.none', { job: pack.run.jobId, chapter })
  const { run, scoreUnit, scaling, challenger } = pack
  const shown = tablesOfChapter(pack, name)
  return {
    chapter: name,
    run,
    scoreUnit,
    scaling,
    tables: [...shown.map((table) => tablePart(table, BY_PART[table.name] ?? {})), ...derived(pack, name)],
    series: seriesOfChapter(pack, name),
    ...(challenger === undefined || name !== 'champion' ? {} : { challenger }),
    names: columnNames(pack),
  }
}

/** @throws PlatformError results.none for a table that the pack has not */
export function tableOfPack(pack: EvaluationPack, name: string): Table {
  const table = packTables(pack).get(name)
  if (table === undefined) throw new PlatformError('results.none', { job: pack.run.jobId, table: name })
  return table
}

export function tablePart({ name, columns, rows }: Table, query: RowQuery): TablePart {
  const { limit = ROWS, after = '0' } = query
  const conditions = CONDITIONS.flatMap((column) => {
    const value = query[column]
    return value === undefined ? [] : [{ at: columns.indexOf(column), value }]
  })
  const found = rows.filter((row) => conditions.every(({ at, value }) => row[at] === value))
  const from = Number(after)
  const part = { name, columns, rows: found.slice(from, from + limit), total: found.length }
  return from + limit < found.length ? { ...part, next: String(from + limit) } : part
}

/** One line a column and set of the stability of columns, the least stable first: its table has one for each bin. */
function derived(pack: EvaluationPack, chapter: ChapterName): TablePart[] {
  const csi = packTables(pack).get('csi')
  if (chapter !== 'stability' || csi === undefined) return []
  const at = (name: string) => csi.columns.indexOf(name)
  const kept = ['feature', 'party', 'set', 'csi', 'point_shift']
  const seen = new Set<string>()
  const rows = csi.rows.flatMap((row) => {
    const line = kept.map((name) => row[at(name)] ?? null)
    const key = JSON.stringify(line.slice(0, 3))
    if (seen.has(key)) return []
    seen.add(key)
    return [line]
  })
  const sorted = rows.sort((a, b) => Number(b[3]) - Number(a[3]))
  return [{ name: 'csi_by_column', columns: kept, rows: sorted, total: sorted.length }]
}

function columnNames(pack: EvaluationPack): ChapterPart['names'] {
  return recordsOf(packTables(pack).get('iv_ranking')).flatMap((record) => {
    const [zh, en] = [textOf(record, 'feature_name'), textOf(record, 'feature_name_en')]
    if (zh === '' && en === '') return []
    return [{ party: textOf(record, 'party'), feature: textOf(record, 'feature'), zh, en: en || zh }]
  })
}
