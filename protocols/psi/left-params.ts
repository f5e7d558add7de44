// What a party brings to an alignment that keeps all rows of the guest, and what it gets.
import type { AlignedSet, SetName } from '#protocols/core/aligned-rows.ts'
import type { PartyId } from '#protocols/core/contract.ts'
import type { IdKind, IdProfile } from '#protocols/core/ids.ts'
import type { GroupOfHosts } from '#protocols/group/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import { checkSizes, type Coverage } from './params.ts'
import type { PsiReport } from './report.ts'

/** A guest may name one id of a host for at most so many rows: more loans than that has no enterprise. */
export const MOST_ROWS_OF_AN_ID = 64
/** Rows of the common order: 64 MiB of positions for each host. */
export const MAX_ROWS = 2 ** 24

/** Ids of one kind. In lists of keys, ids are numbered through: those of the first kind first. */
export interface KeyedIds {
  readonly kind: IdKind
  /** normalised, unique */
  readonly ids: readonly string[]
}

interface LeftInput {
  /** kinds in the order in which they are tried; each kind once */
  readonly keys: readonly KeyedIds[]
  readonly profile: IdProfile
  /** matched ids with each host; at least 50 */
  readonly minIntersection: number
  readonly bucket: number
  /** for each match with a host so many ids of that host that are none, 0 … 10 */
  readonly decoys: number
}

export interface LeftHostInput extends LeftInput {
  /** complete: an id that is not here has nothing to be known. partial: nothing is known about it. */
  readonly coverage: Coverage
}

/** A row of the guest's sample is one loan; ids may repeat. */
export interface LeftGuestInput extends LeftInput {
  /** for each key, row by row: the number of the id, or −1 where the row has none of this kind */
  readonly idOfRow: readonly Int32Array[]
  /** for each host, row by row: 1 where the host may be asked about it. A host that is not named may be asked about all. */
  readonly consents: Readonly<Record<PartyId, Uint8Array>>
  /** hosts that the guest counts as one: each row goes to one member at most */
  readonly groups?: readonly GroupOfHosts[]
  /** row by row: the set, as its place in SET_NAMES */
  readonly setOfRow: Uint8Array
}

export interface LeftOutput {
  /** at the guest rows of its sample, or NO_ROW for a decoy; at a host numbers of own ids, NO_ROW or NO_CONSENT */
  readonly rows: Uint32Array
  readonly sets: readonly AlignedSet[]
  /** at the guest, by host, or group of hosts: a number of STATUS for each row */
  readonly statuses?: Readonly<Record<PartyId, Uint8Array>>
  readonly report: PsiReport
}

/** The sets with rows, in their order. @param counts rows by place in SET_NAMES */
export function setsOf(names: readonly SetName[], counts: ArrayLike<number>): AlignedSet[] {
  return names.map((name, i) => ({ name, rows: counts[i] ?? 0 })).filter((set) => set.rows > 0)
}

export function countIds(keys: readonly KeyedIds[]): number {
  return keys.reduce((sum, key) => sum + key.ids.length, 0)
}

/** Such as uscc+id-card. */
export function kindsOf(keys: readonly KeyedIds[]): string {
  return keys.map((key) => key.kind).join('+')
}

/** @throws PlatformError job.invalid, data.duplicate-id, psi.count for what cannot be aligned */
export function checkLeftInput(input: LeftHostInput | LeftGuestInput): void {
  const { keys, decoys } = input
  checkSizes(input, countIds(keys))
  if (keys.length === 0 || new Set(keys.map((key) => key.kind)).size !== keys.length) {
    throw new PlatformError('job.invalid', { keys: kindsOf(keys), expected: 'at least one kind of ids, each once' })
  }
  if (!(decoys >= 0 && decoys <= 10)) throw new PlatformError('job.invalid', { decoys, expected: '0 … 10' })
  if (keys.some(({ ids }) => new Set(ids).size !== ids.length)) {
    throw new PlatformError('data.duplicate-id', { problem: 'alignment takes each id once' })
  }
  if ('setOfRow' in input) {
    const rows = input.setOfRow.length
    const lists = [...input.idOfRow, ...Object.values(input.consents)]
    if (rows > MAX_ROWS || input.idOfRow.length !== keys.length || lists.some((list) => list.length !== rows)) {
      throw new PlatformError('job.invalid', { rows, expected: `lists of equal length, at most ${MAX_ROWS} rows` })
    }
  }
}
