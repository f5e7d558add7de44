// Where a group of hosts is one host: what its members answer, put together. A host of its own is a group of one here.
import { addModulo, takeOff } from '#crypto/he/masks.ts'
import { type HistogramSet, setNamed } from '#crypto/he/params.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { ColumnCells } from './bodies.ts'

/** Every column of a group has a cell of rows that a member lacks. @throws PlatformError protocol.malformed */
export function checkGroupColumns(columns: readonly ColumnCells[], members: number): void {
  refuseUnless(members === 1 || columns.every((cells) => lackingCell(cells) >= cells.values), 'a cell of lacking rows')
}

/**
 * Sums by cell over the members. Each row is in a cell of each member, and at all but one of them, or at all, in that of lacking
 * rows: there all rows are counted once too often for each member but one.
 * @param opened by member: sums of one column, masked where there is more than one member
 * @param total of all rows of the set, as a residue
 */
export function sumMembers(
  set: HistogramSet,
  opened: readonly Float64Array[],
  cells: ColumnCells,
  total: number,
): Float64Array {
  const sums = addModulo(set, opened)
  if (opened.length === 1) return sums
  const cell = lackingCell(cells)
  sums[cell] = takeOff(set, sums[cell]!, total, opened.length - 1)
  return sums
}

/** The sum of all rows of a set, as a residue. */
export function residueOf(set: HistogramSet, values: Float64Array): number {
  const modulus = setNamed(set).plainModulus
  let total = 0
  for (const value of values) {
    total += value
    if (total >= modulus) total -= modulus
  }
  return total
}

function lackingCell({ values, specials }: ColumnCells): number {
  return values + specials.indexOf('no-row')
}
