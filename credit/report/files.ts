// The files of a report: pages in both languages, every table as CSV, and all of it as one JSON. Only texts: who calls
// writes them, with paths that are the same on every system.
import { PlatformError } from '#runtime/errors.ts'
import { type Cell, type EvaluationPack, packTables, type Table } from '../evaluation/pack.ts'
import { type DocumentFacts, renderModelDocument } from './document.ts'
import { renderReport } from './report.ts'

/** Names of tables become names of files. */
const TABLE_NAME = /^[a-z][a-z0-9_]{0,60}$/
/** A text that a spreadsheet would run as a formula. A number keeps its sign. */
const FORMULA = /^[=+\-@\t\r]/

/** RFC 4180, UTF-8; null is empty. Texts that look like a formula get an apostrophe before them. */
export function tableCsv(table: Table): string {
  const lines = [table.columns, ...table.rows].map((row) => row.map(csvCell).join(','))
  return `${lines.join('\r\n')}\r\n`
}

function csvCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/**
 * Path → text: report.zh.html, report.en.html, csv/<table>.csv, evaluation.json, and with facts for it the model
 * document as model-document.zh.html and model-document.en.html.
 * @throws PlatformError evaluation.invalid for a table name that cannot be a file name, or a table twice
 */
export function reportFiles(pack: EvaluationPack, documentFacts?: DocumentFacts): Map<string, string> {
  if (packTables(pack).size !== pack.tables.length)
    throw new PlatformError('evaluation.invalid', { what: 'two tables of one name' })
  const files = new Map<string, string>([
    ['report.zh.html', renderReport(pack, 'zh')],
    ['report.en.html', renderReport(pack, 'en')],
    ['evaluation.json', `${JSON.stringify(pack)}\n`],
  ])
  if (documentFacts !== undefined) {
    for (const language of ['zh', 'en'] as const)
      files.set(`model-document.${language}.html`, renderModelDocument(pack, documentFacts, language))
  }
  for (const table of pack.tables) {
    if (!TABLE_NAME.test(table.name)) throw new PlatformError('evaluation.invalid', { what: 'name of a table' })
    // Excel reads UTF-8 only after a byte order mark.
    files.set(`csv/${table.name}.csv`, `\ufeff${tableCsv(table)}`)
  }
  return files
}

const MOST_BYTES = 256 * 2 ** 20

/** A pack from its JSON. @throws PlatformError evaluation.invalid when it is none */
export function packFromJson(json: string): EvaluationPack {
  const refuse = (what: string, cause?: unknown): never => {
    throw new PlatformError('evaluation.invalid', { what }, cause)
  }
  if (json.length > MOST_BYTES) refuse('the pack is too large')
  let pack: EvaluationPack
  try {
    pack = JSON.parse(json) as EvaluationPack
  } catch (cause) {
    return refuse('the pack is no JSON', cause)
  }
  if (pack?.format !== 'tributary/evaluation/1' || !Array.isArray(pack.tables) || !Array.isArray(pack.series))
    refuse('not an evaluation pack of this version')
  for (const { name, columns, rows } of pack.tables) {
    const fits = Array.isArray(columns) && Array.isArray(rows) && rows.every((row) => row.length === columns.length)
    if (typeof name !== 'string' || !fits) refuse('a table of the pack')
  }
  return pack
}
