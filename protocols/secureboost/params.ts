// What each party brings to the training of boosted trees, what it gets, and the fixed numbers of the protocol.
import type { BoostParams } from '#credit/trees/params.ts'
import type { AlignedSet, SetName } from '#protocols/core/aligned-rows.ts'

export const BOOST_VERSION = 1
export const MAX_COLUMNS = 2000
/** Cells of one column, the missing cell included. */
export const MAX_CELLS = 64
export const MAX_DEPTH = 6
/** Splits that a guest may ask for at one node before the node is a leaf. */
export const MAX_ASKS = 3
/** No split of a host with fewer training rows on one side is ever answered; the job may ask for more. */
export const LEAST_SIDE_ROWS = 50

/** hidden: hosts sum over all rows and never learn who is in a node; visible: the rows of each node are told. */
export type Membership = 'hidden' | 'visible'

export interface SecureBoostParams {
  readonly boost: BoostParams
  readonly membership: Membership
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
  /** 0 for decoys and indeterminate rows; others up to 2^10 */
  readonly weights: Float64Array
  /** the guest's own; may be empty */
  readonly columns: readonly BoostColumn[]
}

export interface HostInput extends BoostRows {
  readonly params: SecureBoostParams
  /** source rows with NO_ROW and NO_CONSENT; absent when this host has every row */
  readonly rows?: Uint32Array
  /** at least one */
  readonly columns: readonly BoostColumn[]
}

/** A split as its owner knows it: a value up to `threshold` goes left. Numbered in the order in which they were chosen. */
export interface OwnedSplit {
  readonly split: number
  /** the tree that uses it, from 0 */
  readonly tree: number
  readonly name: string
  readonly alias: string
  readonly specials: readonly number[]
  readonly threshold: number
  readonly missingLeft: boolean
}

/** One node of a tree as the guest knows it. Children of node i are 2i + 1 (left) and 2i + 2 (right). */
export interface GuestNode {
  readonly node: number
  /** absent at a leaf */
  readonly split?: {
    readonly party: string
    /** number of the split at its owner */
    readonly split: number
    readonly alias: string
    readonly gain: number
  }
  /** Σ h of the training rows in the node */
  readonly cover: number
  /** training rows with a weight */
  readonly rows: number
  /** margin that a leaf adds, learning rate included; 0 at a split */
  readonly value: number
}

export interface GuestTree {
  readonly nodes: readonly GuestNode[]
}

/** Loss per unit of weight after each tree; `holdout` absent where there are no labelled hold-out rows. */
export interface TreeLoss {
  readonly tree: number
  readonly train: number
  readonly holdout?: number
}

/** Share of one column in all gain and in all cover of splits; each adds up to 1 over all parties. */
export interface ColumnImportance {
  readonly party: string
  readonly alias: string
  readonly splits: number
  readonly gain: number
  readonly cover: number
}

export interface GuestOutput {
  /** margin before the first tree */
  readonly start: number
  /** those that count: trees after the best hold-out loss are dropped when training stopped early */
  readonly trees: readonly GuestTree[]
  /** the guest's own splits that these trees use */
  readonly splits: readonly OwnedSplit[]
  /** by set: margin of each row */
  readonly margins: Readonly<Partial<Record<SetName, Float64Array>>>
  readonly losses: readonly TreeLoss[]
  readonly importance: readonly ColumnImportance[]
  readonly stoppedEarly: boolean
}

export interface HostOutput {
  readonly splits: readonly OwnedSplit[]
  /** how many trees count: splits of later ones are not in `splits` */
  readonly trees: number
}
