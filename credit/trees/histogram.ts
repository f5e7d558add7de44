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

/** Sums over these rows by cell, in the units of the gradients. */
export function sumColumn(
  owner: number,
  { index, column }: OfferedColumn,
  rows: Uint32Array,
  { g, h }: Gradients,
): ColumnSums {
  const sums = { g: new Float64Array(cellCount(column)), h: new Float64Array(cellCount(column)) }
  for (const row of rows) {
    const cell = column.cells[row]!
    sums.g[cell]! += g[row]!
    sums.h[cell]! += h[row]!
  }
  return { owner, column: index, ...sums, missing: column.missing, sign: column.sign }
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
