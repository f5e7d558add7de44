// What a tree leaves behind at the guest: the checkpoint from which the next tree starts.
import { lossOf } from '#credit/trees/objective.ts'
import { bestTrees, hasStalled } from '#credit/trees/stopping.ts'
import { addTree, type SplitRef, type Tree } from '#credit/trees/tree.ts'
import { rangeOf } from '#protocols/core/aligned-rows.ts'
import type { GrownTree } from './guest-tree.ts'
import { rowsWhere } from './layout.ts'
import type { GuestInput, OwnedSplit, TreeLoss } from './params.ts'

/** Margins of all rows as base64 of little-endian doubles: JSON that keeps every bit. */
export type PackedMargins = string

export interface GuestState {
  readonly start: number
  readonly trees: readonly Tree<SplitRef>[]
  /** the guest's own */
  readonly splits: readonly OwnedSplit[]
  /** by owner, the guest first: the alias of the column of each split that was answered */
  readonly aliases: readonly (readonly string[])[]
  /** after all trees so far */
  readonly margins: PackedMargins
  /** how many trees count, and the margins after them: fewer than there are where the hold-out loss has not fallen since */
  readonly kept: number
  readonly keptMargins: PackedMargins
  /** by owner: splits that were answered in them */
  readonly keptSplits: readonly number[]
  readonly losses: readonly TreeLoss[]
}

export function packMargins(margins: Float64Array): PackedMargins {
  return Buffer.from(margins.buffer, margins.byteOffset, margins.byteLength).toString('base64')
}

export function unpackMargins(packed: PackedMargins): Float64Array {
  return new Float64Array(Uint8Array.from(Buffer.from(packed, 'base64')).buffer)
}

/** Training rows with a weight. */
export function countingRows({ sets, weights }: Pick<GuestInput, 'sets' | 'weights'>): Uint32Array {
  return weightedRows(weights, 0, sets[0]!.rows)
}

function weightedRows(weights: Float64Array, from: number, to: number): Uint32Array {
  return rowsWhere((row) => weights[row]! > 0, from, to)
}

/** The state with one more tree. */
export function withTree(input: GuestInput, before: GuestState, grown: GrownTree): GuestState {
  const { objective, earlyStopping } = input.params.boost
  const margins = unpackMargins(before.margins)
  addTree(margins, grown.tree, grown.sidesOf)
  const lossAt = (rows: Uint32Array) => lossOf(objective, margins, input.labels, input.weights, rows)
  const held = heldOut(input)
  const loss = {
    train: lossAt(countingRows(input)),
    ...(held.length > 0 && { holdout: lossAt(held) }),
  }
  const losses = [...before.losses, loss]
  const kept = earlyStopping === undefined ? losses.length : bestTrees(holdoutOf(losses))
  const packed = packMargins(margins)
  const aliases = before.aliases.map((some, owner) => [...some, ...grown.aliases[owner]!])
  return {
    start: before.start,
    trees: [...before.trees, grown.tree],
    splits: [...before.splits, ...grown.own],
    aliases,
    margins: packed,
    kept,
    keptMargins: kept === losses.length ? packed : before.keptMargins,
    keptSplits: kept === losses.length ? aliases.map(({ length }) => length) : before.keptSplits,
    losses,
  }
}

/** Whether the model is done: as many trees as asked for, or no better for too long. */
export function isFinished({ params }: GuestInput, { losses }: GuestState): boolean {
  const { trees, earlyStopping } = params.boost
  return losses.length >= trees || (earlyStopping !== undefined && hasStalled(holdoutOf(losses), earlyStopping.rounds))
}

/** Labelled rows that no tree is grown from. */
export function heldOut(input: GuestInput): Uint32Array {
  const { from, to } = rangeOf(input, 'holdout')
  return weightedRows(input.weights, from, to)
}

function holdoutOf(losses: readonly TreeLoss[]): number[] {
  return losses.map(({ holdout }) => holdout ?? Number.NaN)
}
