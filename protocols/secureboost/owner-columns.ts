// An owner's columns: their cells, which of them a tree is offered and in what order, the splits made of them and their
// sides. Everything here is deterministic in the input and the seed, so that a restart changes nothing.
import {
  type CellCuts,
  cellCount,
  cellsOf,
  type CountedCuts,
  cutCells,
  type TreeColumn,
} from '#credit/trees/columns.ts'
import { sampleColumns } from '#credit/trees/sampling.ts'
import { isRight, type OwnerSplit, ownerSplit, type SideBits, sideBytes, sidesOf } from '#credit/trees/tree.ts'
import { expandBytes, permutation } from '#crypto/prg.ts'
import { isRow } from '#protocols/core/aligned-rows.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { ChosenSplit, ShownColumn } from './bodies.ts'
import { rowsOfSets, rowsWhere } from './layout.ts'
import {
  type BoostColumn,
  type BoostRows,
  MAX_COLUMNS,
  type OwnedSplit,
  type SecureBoostParams,
  sideFloor,
} from './params.ts'

/** A column with its cells. */
export interface OwnedColumn {
  readonly column: BoostColumn
  readonly cuts: readonly number[]
  readonly tree: TreeColumn
  /** the cell of rows without a value, and of rows that the owner does not have */
  readonly missingCell: number
  readonly absentCell: number
  /** where the column is a group's: training rows of the group by cell, those without a value included */
  readonly counts?: readonly number[]
}

export interface OwnedRows extends BoostRows {
  readonly params: SecureBoostParams
  readonly columns: readonly BoostColumn[]
  /** by row: whether the owner has it */
  readonly known: (row: number) => boolean
  /** by training row: whether it has a say in the cells */
  readonly counts: (row: number) => boolean
}

/** Whether a host has a row. */
export function knownRows(rows: Uint32Array | undefined): (row: number) => boolean {
  return rows === undefined ? () => true : (row) => isRow(rows[row]!)
}

/** @throws PlatformError boost.invalid on columns that do not fit the rows, or an alias twice */
export function ownedColumns(input: OwnedRows): OwnedColumn[] {
  checkColumns(input)
  const deciding = decidingRows(input)
  const absent = absentRows(input)
  return input.columns.map((column) => ownedColumn(input, column, deciding, absent))
}

/** The columns of a member of a group, with cells that the group agreed on. Rows that the member lacks have a cell, whatever rows those are. */
export function memberColumns(input: OwnedRows, agreed: readonly CountedCuts[]): OwnedColumn[] {
  checkColumns(input)
  const absent = absentRows(input)
  return input.columns.map((column, c) => {
    const { counts, ...kept } = agreed[c]!
    const valueCells = kept.cuts.length + 1
    const cells = cellsOf(withoutSpecials(column), kept)
    for (const row of absent) cells[row] = valueCells
    const tree: TreeColumn = { cells, valueCells, missing: true, sign: column.sign }
    return { column, cuts: kept.cuts, tree, missingCell: kept.missingCell, absentCell: valueCells, counts }
  })
}

/** Values of the training rows that decide on cells, column by column: NaN where there is none. */
export function decidingValues(input: OwnedRows): Float64Array[] {
  const deciding = decidingRows(input)
  return input.columns.map((column) => valuesAt(withoutSpecials(column), deciding))
}

function decidingRows({ sets, known, counts }: OwnedRows): Uint32Array {
  return rowsWhere((row) => known(row) && counts(row), 0, sets[0]!.rows)
}

function absentRows({ sets, known }: OwnedRows): Uint32Array {
  return rowsWhere((row) => !known(row), 0, rowsOfSets(sets))
}

function valuesAt(values: Float64Array, rows: Uint32Array): Float64Array {
  const out = new Float64Array(rows.length)
  for (let i = 0; i < out.length; i++) out[i] = values[rows[i]!]!
  return out
}

/** @throws PlatformError boost.invalid */
function checkColumns(input: OwnedRows): void {
  const rows = rowsOfSets(input.sets)
  const aliases = new Set(input.columns.map(({ alias }) => alias))
  if (aliases.size !== input.columns.length || input.columns.length > MAX_COLUMNS)
    throw new PlatformError('boost.invalid', { what: 'columns', columns: input.columns.length, aliases: aliases.size })
  const wrong = input.columns.find(({ values }) => values.length !== rows)
  if (wrong !== undefined) throw new PlatformError('boost.invalid', { what: 'column', alias: wrong.alias, rows })
}

/**
 * Cells from the training rows that decide. Where some of them lack a value, but fewer than the floor, they stand in the
 * largest value cell; rows that the owner does not have never do: the guest knows who they are.
 */
function ownedColumn(
  { params, sets }: OwnedRows,
  column: BoostColumn,
  deciding: Uint32Array,
  absent: Uint32Array,
): OwnedColumn {
  const values = withoutSpecials(column)
  const train = valuesAt(values, deciding)
  const kept: CellCuts = cutCells(train, params.boost.bins, sideFloor(params, train.length))
  const valueCells = kept.cuts.length + 1
  const lacksTraining = absent.length > 0 && absent[0]! < sets[0]!.rows
  const absentCell = lacksTraining ? valueCells : kept.missingCell
  const cells = cellsOf(values, kept)
  for (const row of absent) cells[row] = absentCell
  const missing = Math.max(absentCell, kept.missingCell) === valueCells
  const tree: TreeColumn = { cells, valueCells, missing, sign: column.sign }
  return { column, cuts: kept.cuts, tree, missingCell: kept.missingCell, absentCell }
}

function withoutSpecials({ values, specials }: Pick<BoostColumn, 'values' | 'specials'>): Float64Array {
  if (specials.length === 0) return values
  const out = values.slice()
  for (let row = 0; row < out.length; row++) if (specials.includes(out[row]!)) out[row] = Number.NaN
  return out
}

/** A column as one tree sees it. */
export interface OfferedColumn {
  readonly owned: OwnedColumn
  readonly shown: ShownColumn
  readonly falling: boolean
  /** cell of each training row, as shown */
  readonly cells: Uint8Array
}

/**
 * The columns that an owner offers to a tree: a sample of them in an order drawn for the tree, each with its cells rising or
 * falling by a coin; with a prescribed direction so that the margin rises.
 */
export function offerColumns(
  columns: readonly OwnedColumn[],
  { params, sets }: Pick<OwnedRows, 'params' | 'sets'>,
  seed: Secret,
  tree: number,
): OfferedColumn[] {
  const draw = (label: string, bytes: number) => expandBytes(seed, `tree ${tree} ${label}`, bytes)
  const sample = sampleColumns(columns.length, params.boost.columnSample, draw)
  const coins = draw('coins', sample.length)
  const order = permutation(seed, `tree ${tree} order`, sample.length)
  return Array.from(order, (at) => {
    const owned = columns[sample[at]!]!
    const { tree: column } = owned
    const falling = column.sign === 0 ? (coins[at]! & 1) === 1 : column.sign < 0
    const shown = { values: column.valueCells, missing: column.missing, constrained: column.sign !== 0 }
    const cells = column.cells.slice(0, sets[0]!.rows)
    if (falling) turn(cells, column.valueCells)
    return { owned, shown, falling, cells }
  })
}

function turn(cells: Uint8Array, valueCells: number): void {
  for (let row = 0; row < cells.length; row++) if (cells[row]! < valueCells) cells[row] = valueCells - 1 - cells[row]!
}

/** A split with the side of every row. */
export interface MadeSplit {
  readonly owned: OwnedSplit
  readonly sides: SideBits
  /** where the column is a group's: its training rows on the smaller side */
  readonly groupRows?: number
}

/** @throws PlatformError protocol.malformed for a column or a cell that the tree does not have */
export function makeSplit(
  offered: readonly OfferedColumn[],
  chosen: Omit<ChosenSplit, 'node'>,
  tree: number,
): MadeSplit {
  const found = offered[chosen.column]
  refuseUnless(found !== undefined && chosen.cell < cellCount(found.owned.tree) - 1, 'a split of an offered column')
  const { owned, falling } = found as OfferedColumn
  const { valueCells } = owned.tree
  const split = ownerSplit(chosen, { index: 0, valueCells }, falling)
  const { name, alias, specials } = owned.column
  const sideOf = (cell: number) => (cell === valueCells ? split.missingRight : cell > split.cell !== split.lowRight)
  return {
    owned: {
      tree,
      name,
      alias,
      specials,
      threshold: thresholdOf(split, owned.cuts),
      lowRight: split.lowRight,
      missingRight: sideOf(owned.missingCell),
      absentRight: sideOf(owned.absentCell),
    },
    sides: sidesOf(split, owned.tree),
    ...(owned.counts !== undefined && { groupRows: smallerOf(owned.counts, sideOf) }),
  }
}

function thresholdOf({ cell }: OwnerSplit, cuts: readonly number[]): number {
  if (cell < 0) return -Number.MAX_VALUE
  return cuts[cell] ?? Number.MAX_VALUE
}

/** The sides of other rows at a split. @param values in the order of the rows; NaN where missing */
export function sidesOfValues(split: OwnedSplit, values: Float64Array, known: (row: number) => boolean): SideBits {
  const codes = new Set(split.specials)
  const out = new Uint8Array(sideBytes(values.length))
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    const missing = Number.isNaN(value) || codes.has(value)
    const right = known(row)
      ? missing
        ? split.missingRight
        : value > split.threshold !== split.lowRight
      : split.absentRight
    out[row >>> 3]! |= Number(right) << (row & 7)
  }
  return out
}

/**
 * Of these rows, which the owner has, those on the smaller side of a split. A side without any of them counts as the other
 * one: it says nothing of anybody.
 */
export function smallerSide(sides: SideBits, rows: Uint32Array): number {
  let right = 0
  for (const row of rows) right += Number(isRight(sides, row))
  return smaller(rows.length - right, right)
}

/** The same from the rows by cell. */
function smallerOf(counts: readonly number[], isRightCell: (cell: number) => boolean): number {
  let [left, right] = [0, 0]
  for (const [cell, rows] of counts.entries()) {
    if (isRightCell(cell)) right += rows
    else left += rows
  }
  return smaller(left, right)
}

function smaller(left: number, right: number): number {
  return left === 0 || right === 0 ? left + right : Math.min(left, right)
}
