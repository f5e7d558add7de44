// Sums of g and h by cell of a column over the rows of a node, and those of a child from its parent's and its sibling's.
import { cellCount, type MonotoneSign, type TreeColumn } from './columns.ts'
import type { Gradients } from './objective.ts'
import type { ColumnSums } from './split.ts'

/** A column as its owner offers it to one tree. */
export interface OfferedColumn {
  /** the owner's number of it */
  readonly index: number
  readonly column: TreeColumn
}

/** Sums over these rows by cell of each column, in the units of the gradients. */
export function sumColumns(
  owner: number,
  columns: readonly OfferedColumn[],
  rows: Uint32Array,
  gradients: Gradients,
): ColumnSums[] {
  // g and h of the rows side by side, fetched once for all columns
  const pairs = new Float64Array(2 * rows.length)
  for (let i = 0; i < rows.length; i++) {
    pairs[2 * i] = gradients.g[rows[i]!]!
    pairs[2 * i + 1] = gradients.h[rows[i]!]!
  }
  return columns.map(({ index, column }) => {
    const sums = sumCells(column.cells, cellCount(column), rows, pairs)
    const [g, h] = [0, 1].map((at) => Float64Array.from({ length: sums.length / 2 }, (_, cell) => sums[2 * cell + at]!))
    return { owner, column: index, g: g!, h: h!, missing: column.missing, sign: column.sign }
  })
}

/** Σg and Σh by cell, side by side. */
function sumCells(cells: Uint8Array, count: number, rows: Uint32Array, pairs: Float64Array): Float64Array {
  const sums = new Float64Array(2 * count)
  for (let i = 0; i < rows.length; i++) {
    const at = 2 * cells[rows[i]!]!
    sums[at]! += pairs[2 * i]!
    sums[at + 1]! += pairs[2 * i + 1]!
  }
  return sums
}

/** parent − child: the sums of the other child. */
export function siblingOf(parent: ColumnSums, child: ColumnSums): ColumnSums {
  return {
    ...parent,
    g: parent.g.map((value, cell) => value - child.g[cell]!),
    h: parent.h.map((value, cell) => value - child.h[cell]!),
  }
}

/** The column with its value cells in falling order: how an owner shows it when its coin says so. */
export function falling(column: TreeColumn): TreeColumn {
  const last = column.valueCells - 1
  return {
    ...column,
    cells: column.cells.map((cell) => (cell > last ? cell : last - cell)),
    sign: -column.sign as MonotoneSign,
  }
}
