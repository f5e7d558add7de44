// A host's columns: their bins before anything is counted, the cells the guest sees, and what the guest's answer makes of
// them. Everything here is deterministic in the input and the seed of the order, so that a restart changes nothing.
import { assignBins, binCount, binKind, binLabel, type ColumnBins } from '#credit/bins.ts'
import { floorOf, merges, startingBins } from '#credit/binning.ts'
import { countRows, type PlacedRows, translated } from '#credit/fine-bins.ts'
import { mergeBins } from '#credit/merges.ts'
import { type Shape, shapeOf } from '#credit/woe.ts'
import { permutation } from '#crypto/prg.ts'
import { isRow, NO_ROW } from '#protocols/core/aligned-rows.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { ColumnCells, ColumnWeights } from './bodies.ts'
import { FLOOR_MARGIN, type HostColumn, type HostInput, MAX_CELLS, type OwnedColumn } from './params.ts'

/** A column as it is counted. */
export interface CellColumn {
  readonly column: HostColumn
  readonly bins: ColumnBins
  /** bin of each cell: ordinary values first */
  readonly binOfCell: readonly number[]
  readonly cells: ColumnCells
  /** cell of each row of the common order */
  readonly cellOfRow: Uint8Array
}

/** @throws PlatformError binning.merge, binning.isolates, credit.bins */
export function cellColumn(input: HostInput, column: HostColumn, seed: Secret): CellColumn {
  const trainRows = input.sets[0]!.rows
  const proposed = input.params.merges[column.alias]
  const fixed = proposed !== undefined || column.cuts !== undefined
  const { bins, binOfRow } = placedRows(input, column, trainRows, proposed)
  const train = { values: column.values.subarray(0, trainRows), rows: input.rows?.subarray(0, trainRows) }
  refuseIsolation(column, bins, train.values, train.rows, input.params.minimumRows)
  const occupied = countRows(binOfRow, bins)
  const values = bins.cuts.length + 1
  const special = Array.from({ length: binCount(bins) - values }, (_, i) => values + i).filter(
    (bin) => occupied[bin]! > 0,
  )
  const ordered = !fixed && merges(input.params.method)
  return shownColumn({ column, bins, special, ordered, seed }, binOfRow)
}

/** A column of a group, whose bins its members agreed on. What a member lacks is `no row`, whatever row that is. */
export function memberColumn(
  { rows }: Pick<HostInput, 'rows'>,
  column: HostColumn,
  { bins, special }: AgreedColumn,
  seed: Secret,
): CellColumn {
  const binOfRow = assignBins(column.values, rows?.map(rowOrNone), bins)
  return shownColumn({ column, bins, special, ordered: false, seed }, binOfRow)
}

export function rowOrNone(row: number): number {
  return isRow(row) ? row : NO_ROW
}

/** What the members of a group know of a column before anything is counted for the guest. */
export interface AgreedColumn {
  readonly bins: ColumnBins
  /** bins without a value that hold rows of the group; that of rows that a member lacks is always among them */
  readonly special: readonly number[]
}

interface ShownColumn extends AgreedColumn {
  readonly column: HostColumn
  readonly ordered: boolean
  /** of the order of cells */
  readonly seed: Secret
}

function shownColumn({ column, bins, special, ordered, seed }: ShownColumn, binOfRow: Uint8Array): CellColumn {
  const values = bins.cuts.length + 1
  const order = permutation(seed, `cells/${column.alias}`, ordered ? 2 : values)
  const ordinary = ordered
    ? Array.from({ length: values }, (_, i) => (order[0] === 0 ? i : values - 1 - i))
    : [...order]
  const binOfCell = [...ordinary, ...special]
  if (binOfCell.length > MAX_CELLS) throw new PlatformError('credit.bins', { bins: binOfCell.length, limit: MAX_CELLS })
  const cellOfBin = new Uint8Array(binCount(bins))
  for (const [cell, bin] of binOfCell.entries()) cellOfBin[bin] = cell
  return {
    column,
    bins,
    binOfCell,
    cells: { alias: column.alias, values, specials: special.map((bin) => binKind(bins, bin)), ordered },
    cellOfRow: translated(binOfRow, cellOfBin),
  }
}

/** Bins, from the training rows or as proposed, and the bin of every row. */
function placedRows(
  input: HostInput,
  { alias, cuts, earlier, specials, values }: HostColumn,
  trainRows: number,
  proposed: readonly (readonly number[])[] | undefined,
): PlacedRows {
  if (proposed === undefined) {
    return startingBins(values, input.rows, trainRows, specials, input.params, hostFloor(input), cuts)
  }
  const bins = proposedBins(alias, earlier, proposed)
  return { bins, binOfRow: assignBins(values, input.rows, bins) }
}

/** Rows of this host that a bin needs so that the guest's floor holds for those among them that have a weight. */
export function hostFloor({ params, sets }: HostInput): number {
  const margin = params.padding > 1 ? 2 * params.padding : FLOOR_MARGIN
  return floorOf({ ...params, minimumRows: Math.ceil(params.minimumRows * margin) }, sets[0]!.rows)
}

/** The bins that the guest saw last, joined as the modeler proposes. @throws PlatformError binning.merge */
function proposedBins(
  alias: string,
  earlier: HostColumn['earlier'],
  groups: readonly (readonly number[])[],
): ColumnBins {
  // a task that ended early has told no numbers
  const last = earlier?.findLast(({ table, group }) => table.length > 0 && group === undefined)
  if (last === undefined) throw new PlatformError('binning.merge', { alias, expected: 'an earlier binning' })
  const binOf = new Map(last.table.flatMap(({ bin, number }) => (number === null ? [] : [[number, bin]])))
  const indices = groups.map((group) =>
    group.map((number) => {
      const bin = binOf.get(number)
      if (bin === undefined) throw new PlatformError('binning.merge', { alias, unknown: number })
      return bin
    }),
  )
  return mergeBins(last.bins, indices).bins
}

/**
 * Two binnings of the same rows differ by the rows between their cut points: those must be none or enough.
 * @throws PlatformError binning.isolates
 */
export function refuseIsolation(
  column: HostColumn,
  bins: ColumnBins,
  values: Float64Array,
  rows: Uint32Array | undefined,
  minimumRows: number,
): void {
  for (const { bins: told, seen: earlier = told } of column.earlier ?? []) {
    const cuts = [...new Set([...earlier.cuts, ...bins.cuts])].sort((a, b) => a - b)
    const both: ColumnBins = { cuts, specials: [...new Set([...earlier.specials, ...bins.specials])] }
    const counts = countRows(assignBins(values, rows, both), both)
    if (counts.some((count, bin) => binKind(both, bin) === 'value' && count > 0 && count < minimumRows)) {
      throw new PlatformError('binning.isolates', { alias: column.alias, minimumRows })
    }
  }
}

/** What the owner keeps of a column, once the guest has said what its bins weigh. @throws PlatformError protocol.malformed */
export function ownedColumn(counted: CellColumn, answer: ColumnWeights): OwnedColumn {
  const { binOfCell, bins, cells, column } = counted
  const { binOfCell: group, woe } = answer
  refuseUnless(group.length === binOfCell.length, 'a bin for each cell')
  const groups = woe.map((_, number) => [...group.keys()].filter((cell) => group[cell] === number))
  refuseUnless(
    groups.every((members) => members.length === 1 || isRun(members, cells)),
    'single cells, or neighbouring cells where neighbours may be joined',
  )
  const merged = mergeBins(
    bins,
    groups.filter((members) => members.length > 1).map((members) => members.map((cell) => binOfCell[cell]!)),
  )
  const numberOf = new Map(groups.map((members, number) => [merged.moved[binOfCell[members[0]!]!]!, number]))
  const table = Array.from({ length: binCount(merged.bins) }, (_, bin) => {
    const number = numberOf.get(bin)
    return {
      bin,
      kind: binKind(merged.bins, bin),
      label: binLabel(merged.bins, bin),
      number: number === undefined ? null : number + 1,
      woe: number === undefined ? 0 : woe[number]!,
    }
  })
  return { name: column.name, alias: column.alias, bins: merged.bins, seen: bins, table }
}

/** Neighbouring cells of ordinary values of a column whose neighbours may be joined. */
function isRun(members: readonly number[], { ordered, values }: ColumnCells): boolean {
  return ordered && members.every((cell, i) => cell < values && cell === members[0]! + i)
}

/** How WOE runs over ascending values. */
export function ownedShape({ table }: OwnedColumn): Shape {
  return shapeOf(table.filter(({ kind }) => kind === 'value').map(({ woe }) => woe))
}
