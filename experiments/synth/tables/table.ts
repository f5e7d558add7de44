// What a party's feature table is made of: columns as data, each with its own draw.
import type { Applicant } from '../applicant.ts'
import type { RandomStream } from '../stream.ts'

export type SynthParty = 'bank' | 'tax' | 'social' | 'property' | 'parks'

/** Values of one row drawn so far, by column code. */
export type Values = Record<string, number>

export type Draw = (applicant: Applicant, random: RandomStream, values: Readonly<Values>) => number

export interface ColumnDefinition {
  readonly code: string
  readonly zh: string
  readonly en: string
  /** empty for a ratio, a flag or a grade */
  readonly unit: string
  /** whether a larger value means more risk; `none` where it says nothing, `response` for columns about demand */
  readonly risk: 'more' | 'less' | 'none' | 'response'
  /** NaN for a missing value */
  readonly draw: Draw
}

/** A draw that other columns need and nobody writes down, such as a thin bureau file. */
export interface HiddenDraw {
  readonly hidden: string
  readonly draw: Draw
}

export interface PartyTable {
  readonly party: SynthParty
  readonly stream: number
  readonly zh: string
  readonly en: string
  /** true where this party holds a row for the applicant; draws first from the table's stream */
  covers(applicant: Applicant, random: RandomStream): boolean
  /** in the order of their draws, which is the order of the file */
  readonly columns: readonly (ColumnDefinition | HiddenDraw)[]
  /** about demand for credit, drawn from the response stream */
  readonly responseColumns: readonly ColumnDefinition[]
}

/** The columns that are written, without the hidden draws. */
export function writtenColumns(table: PartyTable): readonly ColumnDefinition[] {
  return [...table.columns.filter((column) => 'code' in column), ...table.responseColumns]
}

/** The name under which a draw is kept. */
export function keyOf(column: ColumnDefinition | HiddenDraw): string {
  return 'code' in column ? column.code : column.hidden
}

/** A column in one line; the draw comes last. */
export function column(
  code: string,
  zh: string,
  en: string,
  unit: string,
  risk: ColumnDefinition['risk'],
  draw: Draw,
): ColumnDefinition {
  return { code, zh, en, unit, risk, draw }
}

/** A value drawn earlier in the row. */
export function drawn(values: Readonly<Values>, code: string): number {
  const value = values[code]
  if (value === undefined) throw new RangeError(`column ${code} is used before it is drawn`)
  return value
}
