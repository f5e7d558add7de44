// A grown tree in its parts. The guest keeps the shape and the leaf weights; of a split it knows the owner and the owner's
// number of it, nothing else. The owner keeps column, cell and sides. What crosses is one bit a row: its side.
import { PlatformError } from '#runtime/errors.ts'
import type { TreeColumn } from './columns.ts'

/** A split as the guest knows it while a tree grows. */
export interface SplitRef {
  /** 0 the guest, 1 … K the hosts */
  readonly owner: number
  /** the owner's number of the split */
  readonly split: number
  readonly gain: number
}

/** Children of node i are 2i + 1 (left) and 2i + 2 (right); the root is 0. */
export interface TreeNode<Split> {
  readonly node: number
  /** absent at a leaf */
  readonly split?: Split
  /** Σh of the rows that the tree was grown from */
  readonly cover: number
  /** how many rows they are */
  readonly rows: number
  /** what a leaf adds to the margin, learning rate included; 0 at a split */
  readonly value: number
}

/** Nodes by ascending number, so that parents come before their children. */
export interface Tree<Split> {
  readonly nodes: readonly TreeNode<Split>[]
}

/** Nodes of the deepest tree are numbered below this. */
export const MAX_NODES = 127

export function childrenOf(node: number): readonly [left: number, right: number] {
  return [2 * node + 1, 2 * node + 2]
}

/** Level of a node, 0 at the root. */
export function levelOf(node: number): number {
  return 31 - Math.clz32(node + 1)
}

/** What the owner keeps of a split; with it and the cut points of the column it can tell the side of any row. */
export interface OwnerSplit {
  readonly column: number
  /** value cells 0 … cell, ascending by value, are the low side */
  readonly cell: number
  /** whether the low side goes right: where the cells were shown falling */
  readonly lowRight: boolean
  readonly missingRight: boolean
}

/** One bit a row, the first row in the lowest bit of the first byte: 1 is right. Bits after the last row are 0. */
export type SideBits = Uint8Array

/** Bytes of a bit set over so many rows. */
export function sideBytes(rows: number): number {
  return (rows + 7) >>> 3
}

export function isRight(sides: SideBits, row: number): boolean {
  return ((sides[row >>> 3]! >>> (row & 7)) & 1) === 1
}

/** What the owner keeps of a split that was shown to the guest. @param falling whether the cells were shown falling */
export function ownerSplit(
  chosen: { readonly cell: number; readonly missingLeft: boolean },
  column: { readonly index: number; readonly valueCells: number },
  falling: boolean,
): OwnerSplit {
  const cell = falling ? column.valueCells - 2 - chosen.cell : chosen.cell
  return { column: column.index, cell, lowRight: falling, missingRight: !chosen.missingLeft }
}

/** The side of every row of the column. */
export function sidesOf(split: OwnerSplit, column: TreeColumn): SideBits {
  const rightOf = new Uint8Array(column.valueCells + 1)
  for (let cell = 0; cell < column.valueCells; cell++) rightOf[cell] = +(cell > split.cell !== split.lowRight)
  rightOf[column.valueCells] = +split.missingRight
  const out = new Uint8Array(sideBytes(column.cells.length))
  for (let row = 0; row < column.cells.length; row++) out[row >>> 3]! |= rightOf[column.cells[row]!]! << (row & 7)
  return out
}

/** @throws PlatformError boost.invalid on another length, or on a bit after the last row */
export function checkSides(sides: SideBits, rows: number): void {
  const rest = rows & 7
  const beyond = rest === 0 || sides.length === 0 ? 0 : sides[sides.length - 1]! >>> rest
  if (sides.length !== sideBytes(rows) || beyond !== 0)
    throw new PlatformError('boost.invalid', { what: 'sides', bytes: sides.length, expected: sideBytes(rows), rows })
}

/** The rows that go left and right, each in the order given. */
export function partition(rows: Uint32Array, sides: SideBits): readonly [left: Uint32Array, right: Uint32Array] {
  const [left, right] = [new Uint32Array(rows.length), new Uint32Array(rows.length)]
  let [lefts, rights] = [0, 0]
  for (const row of rows) {
    if (isRight(sides, row)) right[rights++] = row
    else left[lefts++] = row
  }
  return [left.slice(0, lefts), right.slice(0, rights)]
}

/**
 * The leaf of every row, as the number of its node. The guest has the sides of all splits at once, so no row's path leaves it.
 * @param sides of all rows at a split
 */
export function leavesOf<Split>(tree: Tree<Split>, rows: number, sides: (split: Split) => SideBits): Uint8Array {
  const at = new Uint8Array(rows)
  for (const { node, split } of tree.nodes) {
    if (split === undefined) continue
    const bits = sides(split)
    const [left, right] = childrenOf(node)
    for (let row = 0; row < rows; row++) if (at[row] === node) at[row] = isRight(bits, row) ? right : left
  }
  return at
}

/** Adds the tree's leaf values to the margins, in place. */
export function addTree<Split>(margins: Float64Array, tree: Tree<Split>, sides: (split: Split) => SideBits): void {
  const leaves = leavesOf(tree, margins.length, sides)
  const values = new Float64Array(MAX_NODES)
  for (const { node, value } of tree.nodes) values[node] = value
  for (let row = 0; row < margins.length; row++) margins[row]! += values[leaves[row]!]!
}

/** Margins of new rows: the start, then every tree in order. */
export function predictMargins<Split>(
  start: number,
  trees: readonly Tree<Split>[],
  rows: number,
  sides: (split: Split) => SideBits,
): Float64Array {
  const margins = new Float64Array(rows).fill(start)
  for (const tree of trees) addTree(margins, tree, sides)
  return margins
}
