// A reader of the files of a federation that shares nothing with their writer but the rules for ids: what the tests and
// the centralised reference believe.
import { readFile } from 'node:fs/promises'
import { type IdKind, normaliseId } from '#protocols/core/ids.ts'

export interface TextTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** the cell of a row by column name */
  cell(row: readonly string[], column: string): string
}

/** A CSV file without quotes, whole. @throws Error where a row has another number of cells than the header */
export async function readTable(path: string): Promise<TextTable> {
  const [head = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const columns = head.split(',')
  const place = new Map(columns.map((column, k) => [column, k]))
  const rows = lines.map((line) => line.split(','))
  const broken = rows.findIndex((row) => row.length !== columns.length)
  if (broken >= 0)
    throw new Error(`${path}: row ${broken + 1} has ${rows[broken]?.length} cells, not ${columns.length}`)
  return {
    columns,
    rows,
    cell: (row, column) => row[place.get(column) ?? -1] ?? missingColumn(path, column),
  }
}

function missingColumn(path: string, column: string): never {
  throw new Error(`${path}: no column ${column}`)
}

/** The rows that count, by normalised id: of several the one with the latest date. With what was left out. */
export function rowsById(
  table: TextTable,
  rows: readonly (readonly string[])[],
  idColumn: string,
  kind: IdKind,
): { byId: Map<string, readonly string[]>; rows: number; badFormat: number; badCheck: number; duplicates: number } {
  const byId = new Map<string, readonly string[]>()
  const counts = { rows: rows.length, badFormat: 0, badCheck: 0, duplicates: 0 }
  for (const row of rows) {
    const outcome = normaliseId(kind, table.cell(row, idColumn))
    if ('refused' in outcome) {
      if (outcome.refused === 'check') counts.badCheck += 1
      else counts.badFormat += 1
      continue
    }
    const known = byId.get(outcome.id)
    if (known !== undefined) counts.duplicates += 1
    if (known === undefined || table.cell(row, 'as_of') >= table.cell(known, 'as_of')) byId.set(outcome.id, row)
  }
  return { byId, ...counts }
}
