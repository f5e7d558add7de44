// What each party brings to the binning, what it gets, and the fixed numbers of the protocol.
import type { BinKind, ColumnBins } from '#credit/bins.ts'
import type { BinRule } from '#credit/binning.ts'
import type { Shape } from '#credit/woe.ts'
import type { AlignedSet, SetName } from '#protocols/core/aligned-rows.ts'
import type { GroupOfHosts } from '#protocols/group/params.ts'

export const BINNING_VERSION = 1
export const MAX_COLUMNS = 2000
/** Cells of one column: windows of a ciphertext. */
export const MAX_CELLS = 64
/** Counts of other sets than the training rows are not given out when they are smaller, and not 0. */
export const LEAST_COUNT = 10
/** A host keeps this many times the job's least rows: some of its rows have weight 0 at the guest. */
export const FLOOR_MARGIN = 1.25

export interface BinningParams extends BinRule {
  /** by alias: groups of bins of an earlier binning, by number, that become one bin */
  readonly merges: Readonly<Record<string, readonly (readonly number[])[]>>
  /** rows that a host sees for each row of the guest's: 1, and more where an alignment has decoys */
  readonly padding: number
  /** hosts that are one host here */
  readonly groups?: readonly GroupOfHosts[]
}

/** What both sides know of the rows. */
export interface BinningRows {
  /** ranges of the common order, one after another; the first is `train` */
  readonly sets: readonly AlignedSet[]
}

export interface GuestInput extends BinningRows {
  readonly params: BinningParams
  /** 1 = bad, 0 = good; anything where the weight is 0 and in the set `recent` */
  readonly labels: Uint8Array
  /** 0 for decoys and indeterminate rows, small whole numbers otherwise */
  readonly weights: Uint8Array
}

export interface HostColumn {
  readonly name: string
  /** what the guest calls it */
  readonly alias: string
  /** in the common order; NaN where missing */
  readonly values: Float64Array
  /** codes that are no measurements */
  readonly specials: readonly number[]
  /** the owner's own cut points: no others are made */
  readonly cuts?: readonly number[]
  /**
   * bins of this column that the guest has seen before, over the same data set, latest last: merges name the last. Of a member of
   * a group those of the group
   */
  readonly earlier?: readonly NumberedBins[]
}

export interface HostInput extends BinningRows {
  readonly params: BinningParams
  /** source rows with NO_ROW and NO_CONSENT; absent when this host has every row */
  readonly rows?: Uint32Array
  readonly columns: readonly HostColumn[]
  /** Told before any sums leave: what the guest can open from then on, whether or not the task comes to its end. */
  readonly counting?: (columns: readonly Pick<OwnedColumn, 'name' | 'bins'>[]) => Promise<void>
}

/** Bins and the numbers by which the guest knows them. */
export interface NumberedBins {
  /** name and members of the group whose bins these are; absent: this party's alone */
  readonly group?: string
  readonly bins: ColumnBins
  /** the finer bins whose counts the guest opened before it joined neighbours; absent: `bins` */
  readonly seen?: ColumnBins
  readonly table: readonly { readonly bin: number; readonly number: number | null }[]
}

/** A bin as its owner knows it. */
export interface OwnedBin {
  /** index in `bins` */
  readonly bin: number
  readonly kind: BinKind
  readonly label: string
  /** by which the guest knows it; null where no row has ever been in it */
  readonly number: number | null
  readonly woe: number
}

export interface OwnedColumn {
  readonly name: string
  readonly alias: string
  readonly bins: ColumnBins
  /** the bins whose counts the guest opened: finer where it joined neighbours */
  readonly seen?: ColumnBins
  readonly table: readonly OwnedBin[]
}

export interface HostOutput {
  readonly columns: readonly OwnedColumn[]
}

export interface SetCounts {
  readonly n: number
  /** null in the set `recent`, whose labels are not mature */
  readonly bad: number | null
}

/** A bin as the guest knows it. */
export interface AliasBin {
  /** from 1, in an order that says nothing, or rising or falling without saying which */
  readonly number: number
  readonly kind: BinKind
  /** training rows; null where they are fewer than the floor */
  readonly n: number | null
  readonly bad: number | null
  readonly good: number | null
  readonly woe: number
  readonly iv: number
  /** by set; null where a count is below LEAST_COUNT */
  readonly sets: Readonly<Partial<Record<SetName, SetCounts | null>>>
}

export interface AliasColumn {
  readonly alias: string
  readonly bins: readonly AliasBin[]
  readonly iv: number
  /** training rows without a value, of all */
  readonly missing: number
  /** of the distribution over bins, against the training rows (稳定性) */
  readonly stability: Readonly<Partial<Record<SetName, number>>>
  /** of WOE over ascending values, as the host says */
  readonly shape: Shape
}

export interface GuestOutput {
  /** by host, or group of hosts */
  readonly parties: Readonly<Record<string, readonly AliasColumn[]>>
}
