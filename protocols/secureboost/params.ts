// What each party brings to the training of boosted trees, what it gets, and the fixed numbers of the protocol.
import { type BoostParams, leafFloor } from '#credit/trees/params.ts'
import type { SplitRef, Tree } from '#credit/trees/tree.ts'
import type { AlignedSet, SetName } from '#protocols/core/aligned-rows.ts'
import type { PartyId } from '#protocols/core/contract.ts'
import { type GroupOfHosts, type Owner, ownersAmong } from '#protocols/group/params.ts'
import { PlatformError } from '#runtime/errors.ts'

export { MAX_ASKS } from '#credit/trees/params.ts'

export const BOOST_VERSION = 1
export const MAX_COLUMNS = 2000
export const MAX_TREES = 500
/** Nodes of one level: 2^5 on the last level of splits of a tree of depth 6. */
export const MAX_LEVEL_NODES = 32
/** Bytes of one bit a row: 2^23 rows. */
export const MAX_BIT_BYTES = 2 ** 20
/** No sides of a split with fewer training rows on one of them ever leave; the settings may ask for more. */
export const LEAST_SIDE_ROWS = 50
/** Rows of a batch that hosts answer the sides of. */
export const LEAST_BATCH_ROWS = 10
/** Sample weights are at most this: gradients keep their bits. */
export const MAX_WEIGHT = 2 ** 10

/** Training rows that each side of a split, and each cell, needs among so many. */
export function sideFloor({ boost }: SecureBoostParams, rows: number): number {
  return Math.max(LEAST_SIDE_ROWS, leafFloor(boost, rows))
}

/** hidden: hosts sum over all rows and never learn who is in a node; visible: the rows of each node are told. */
export type Membership = 'hidden' | 'visible'

export interface SecureBoostParams {
  readonly boost: BoostParams
  readonly membership: Membership
  /** hosts that are one host towards the guest; hidden membership only */
  readonly groups?: readonly GroupOfHosts[]
}

/** Whom the guest counts as one host. @throws PlatformError boost.invalid for groups beside visible membership */
export function ownersOf({ groups = [], membership }: SecureBoostParams, hosts: readonly PartyId[]): readonly Owner[] {
  if (groups.length > 0 && membership !== 'hidden')
    throw new PlatformError('boost.invalid', { what: 'groups', membership })
  return ownersAmong(hosts, groups)
}

/** What both sides know of the rows. */
export interface BoostRows {
  /** ranges of the common order, one after another; the first is `train` */
  readonly sets: readonly AlignedSet[]
}

/** A column as its owner has it. */
export interface BoostColumn {
  readonly name: string
  /** what the others call it */
  readonly alias: string
  /** in the common order; NaN where missing, or where the party has no row */
  readonly values: Float64Array
  /** codes that are no measurements: they count as missing */
  readonly specials: readonly number[]
  /** 1: the margin never falls with the value; -1: it never rises; 0: free */
  readonly sign: -1 | 0 | 1
}

export interface GuestInput extends BoostRows {
  readonly params: SecureBoostParams
  /** 0 or 1, a number, or a count, by objective; anything where the weight is 0 and in the set `recent` */
  readonly labels: Float64Array
  /** 0 for decoys and indeterminate rows; others up to MAX_WEIGHT */
  readonly weights: Float64Array
  /** the guest's own; may be empty */
  readonly columns: readonly BoostColumn[]
}

export interface HostInput extends BoostRows {
  readonly params: SecureBoostParams
  /** source rows with NO_ROW and NO_CONSENT; absent when this host has every row */
  readonly rows?: Uint32Array
  /** at least one; the same at all members of a group, but for the values */
  readonly columns: readonly BoostColumn[]
}

/** A split as its owner knows it. Its number is its place in the list of the owner. */
export interface OwnedSplit {
  /** the tree that it was asked for, from 0 */
  readonly tree: number
  readonly name: string
  readonly alias: string
  /** codes that count as missing */
  readonly specials: readonly number[]
  /** values up to it are the low side; ±Number.MAX_VALUE where all values are on one side */
  readonly threshold: number
  /** whether the low side goes right */
  readonly lowRight: boolean
  /** where rows without a value go */
  readonly missingRight: boolean
  /** where rows go that this party does not have */
  readonly absentRight: boolean
}

/** Loss per unit of weight after each tree; `holdout` absent where there are no labelled hold-out rows. */
export interface TreeLoss {
  readonly train: number
  readonly holdout?: number
}

export interface GuestOutput {
  /** margin before the first tree */
  readonly start: number
  /**
   * Those that count: trees after the best hold-out loss are dropped when training stopped early. Split nodes name their
   * owner (0 the guest, 1 … K the hosts in job order, a group in the place of its first member) and the owner's number of the split.
   */
  readonly trees: readonly Tree<SplitRef>[]
  /** the guest's own splits */
  readonly splits: readonly OwnedSplit[]
  /** by owner, the guest first: the alias of the column of each split of trees that count, by its number */
  readonly aliases: readonly (readonly string[])[]
  /** by set: margin of each row */
  readonly margins: Readonly<Partial<Record<SetName, Float64Array>>>
  /** after each tree, those included that do not count */
  readonly losses: readonly TreeLoss[]
  readonly stoppedEarly: boolean
}

export interface HostOutput {
  /** those of trees that count whose sides it (or its group) told, also where the guest then dropped the split: numbers stay as they are */
  readonly splits: readonly OwnedSplit[]
  /** how many trees count */
  readonly trees: number
}
