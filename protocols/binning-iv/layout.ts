// How rows and columns are cut into passes, ciphertexts and messages: from numbers that both sides know.
import { type HistogramSet, histogramSetFor, N, setNamed } from '#crypto/he/params.ts'
import type { AlignedSet, SetName } from '#protocols/core/aligned-rows.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { ColumnCells } from './bodies.ts'

/** Ciphertexts in one message of rows: 4 MiB. */
const BLOCKS_PER_PART = 32
/** Answers in one message: 2 MiB. */
export const ANSWERS_PER_PART = 32

/** Rows of one set against as many columns as one key may answer for. Every pass has a key of its own. */
export interface Pass {
  readonly index: number
  readonly set: SetName
  /** range of the common order */
  readonly from: number
  readonly to: number
  /** the columns of a host that this pass answers for: firstColumn … endColumn − 1, as far as it has them */
  readonly firstColumn: number
  readonly endColumn: number
}

/** Rows first … end − 1 in one message; `number` counts messages over all passes. */
export interface RowPart {
  readonly number: number
  readonly first: number
  readonly end: number
}

/** @throws PlatformError binning.too-many-rows */
export function setFor(sets: readonly AlignedSet[], windows: number): HistogramSet {
  const rows = Math.max(...sets.map((set) => blocksOf(set.rows, windows) * (N / windows)))
  const set = histogramSetFor(rows)
  if (set === undefined) throw new PlatformError('binning.too-many-rows', { rows })
  return set
}

function blocksOf(rows: number, windows: number): number {
  return Math.ceil(rows / (N / windows))
}

/** Windows that hold the cells of every column: a power of two, at least 4. */
export function windowsFor(columns: readonly ColumnCells[]): number {
  const most = Math.max(...columns.map(cellsOf))
  return Math.max(4, 2 ** Math.ceil(Math.log2(most)))
}

export function cellsOf({ values, specials }: ColumnCells): number {
  return values + specials.length
}

/** @param columns of the host with the most */
export function passesOf(sets: readonly AlignedSet[], windows: number, columns: number): Pass[] {
  const perKey = Math.floor(setNamed(setFor(sets, windows)).revealedPerKey / windows)
  const passes: Pass[] = []
  let from = 0
  for (const set of sets) {
    for (let firstColumn = 0; firstColumn < columns && set.rows > 0; firstColumn += perKey) {
      const endColumn = Math.min(columns, firstColumn + perKey)
      passes.push({ index: passes.length, set: set.name, from, to: from + set.rows, firstColumn, endColumn })
    }
    from += set.rows
  }
  return passes
}

/** The messages of rows of a pass. */
export function rowParts(passes: readonly Pass[], pass: Pass, windows: number): RowPart[] {
  const perPart = BLOCKS_PER_PART * (N / windows)
  const count = ({ from, to }: Pass) => Math.ceil((to - from) / perPart)
  const before = passes.slice(0, pass.index).reduce((sum, earlier) => sum + count(earlier), 0)
  return Array.from({ length: count(pass) }, (_, i) => ({
    number: before + i,
    first: pass.from + i * perPart,
    end: Math.min(pass.to, pass.from + (i + 1) * perPart),
  }))
}

/** The messages of answers of one host with so many columns: columns first … end − 1 each. */
export function answerParts(passes: readonly Pass[], pass: Pass, columns: number): RowPart[] {
  const end = (one: Pass) => Math.min(columns, one.endColumn)
  const count = (one: Pass) => Math.max(0, Math.ceil((end(one) - one.firstColumn) / ANSWERS_PER_PART))
  const before = passes.slice(0, pass.index).reduce((sum, earlier) => sum + count(earlier), 0)
  return Array.from({ length: count(pass) }, (_, i) => ({
    number: before + i,
    first: pass.firstColumn + i * ANSWERS_PER_PART,
    end: Math.min(end(pass), pass.firstColumn + (i + 1) * ANSWERS_PER_PART),
  }))
}

/** The ranges cover the rows, in the order of an alignment, and train is there. @throws PlatformError protocol.malformed */
export function checkRows(sets: readonly AlignedSet[], rows: number): void {
  refuseUnless(sets[0]?.name === 'train' && sets[0].rows > 0, 'training rows first')
  refuseUnless(new Set(sets.map(({ name }) => name)).size === sets.length, 'each set once')
  refuseUnless(sets.reduce((sum, set) => sum + set.rows, 0) === rows, 'as many rows as the sets have')
}
