// The words of an alignment: what stands where a party has no row, the sets of the common order, what the guest knows.

/** In a list of rows: this party has no row here. */
export const NO_ROW = 0xffff_ffff
/** In a list of rows of a host: the guest did not ask about this row, for want of a consent. */
export const NO_CONSENT = 0xffff_fffe

/** In the order in which they follow one another. */
export const SET_NAMES = ['train', 'holdout', 'oot', 'recent'] as const
export type SetName = (typeof SET_NAMES)[number]

/** A range of the common order. Sets follow one another without gap, in the order of SET_NAMES. */
export interface AlignedSet {
  readonly name: SetName
  readonly rows: number
}

/** What the guest knows of one row and one host. */
export const STATUS = {
  /** the host has a row */
  present: 0,
  /** the host answers for everybody and has no row: that is knowledge */
  absent: 1,
  /** the host does not answer for everybody, and has no row */
  notCovered: 2,
  /** the host was not asked */
  noConsent: 3,
  /** no row of the guest: it hides which rows are */
  decoy: 4,
} as const

/** Whether an entry of a list of rows names a row. */
export function isRow(row: number): boolean {
  return row < NO_CONSENT
}

/** Where a set begins and ends in the common order; an empty range where there is none of that name. */
export function rangeOf(
  { sets }: { readonly sets: readonly AlignedSet[] },
  name: SetName,
): { from: number; to: number } {
  let from = 0
  for (const set of sets) {
    if (set.name === name) return { from, to: from + set.rows }
    from += set.rows
  }
  return { from, to: from }
}
