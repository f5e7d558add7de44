// A grown tree in its parts. The guest keeps the shape and the leaf weights; of a split it knows the owner and the owner's
// number of it, nothing else. The owner keeps column, cell and sides. What crosses is one bit a row: its side.
import { PlatformError } from '#runtime/errors.ts'
import type { TreeColumn } from './columns.ts'

/** A node that parts its rows. left and right are indices into the tree's nodes. */
export interface SplitNode {
  readonly kind: 'split'
  /** 0 the guest, 1 … K the hosts */
  readonly owner: number
  /** the owner's number of the split, from 0 over the whole model */
  readonly split: number
  readonly left: number
  readonly right: number
  readonly gain: number
  /** Σh over the rows that the tree was grown from */
  readonly cover: number
}

export interface LeafNode {
  readonly kind: 'leaf'
  /** added to the margin of a row: learning rate included */
  readonly weight: number
  readonly cover: number
}

/** Nodes in the order of growth: node 0 is the root, children come after their parent. */
export interface GuestTree {
  readonly nodes: readonly (SplitNode | LeafNode)[]
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

/** Rows on the right. */
export function countRight(sides: SideBits): number {
  let count = 0
  for (let byte of sides) for (; byte > 0; byte &= byte - 1) count++
  return count
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

/** The sides of all rows at a split: `split` is the owner's number. */
export type SidesBySplit = (owner: number, split: number) => SideBits

/**
 * The leaf of every row, as index into the tree's nodes. The guest has the sides of all splits at once, so no row's path
 * leaves it.
 */
export function leavesOf(tree: GuestTree, rows: number, sidesBy: SidesBySplit): Uint16Array {
  const at = new Uint16Array(rows)
  // parents come before children: one pass over the nodes moves every row to its leaf
  for (const [index, node] of tree.nodes.entries()) {
    if (node.kind === 'leaf') continue
    const sides = sidesBy(node.owner, node.split)
    for (let row = 0; row < rows; row++) if (at[row] === index) at[row] = isRight(sides, row) ? node.right : node.left
  }
  return at
}

/** Adds the tree's leaf weights to the margins, in place. */
export function addTree(margins: Float64Array, tree: GuestTree, sidesBy: SidesBySplit): void {
  const leaves = leavesOf(tree, margins.length, sidesBy)
  const weights = Float64Array.from(tree.nodes, (node) => (node.kind === 'leaf' ? node.weight : 0))
  for (let row = 0; row < margins.length; row++) margins[row]! += weights[leaves[row]!]!
}

/** Margins of new rows: the start, then every tree in order. */
export function predictMargins(
  start: number,
  trees: readonly GuestTree[],
  rows: number,
  sidesBy: SidesBySplit,
): Float64Array {
  const margins = new Float64Array(rows).fill(start)
  for (const tree of trees) addTree(margins, tree, sidesBy)
  return margins
}
