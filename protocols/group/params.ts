// What a group is, and the fixed numbers of its exchanges.
import type { PartyId } from '#protocols/core/contract.ts'
import { LEAST_MEMBERS, ownersOf } from '#protocols/core/job-groups.ts'
import { PlatformError } from '#runtime/errors.ts'

export const GROUP_VERSION = 1
/** Numbers in one message: 512 KiB. */
export const VALUES_PER_PART = 65_536
/** Numbers of one sum: 128 MiB with each other member. */
export const MAX_VALUES = 2 ** 24

/** Hosts that hold the same columns of different enterprises, as a job names them. */
export interface GroupOfHosts {
  readonly name: string
  /** in job order */
  readonly members: readonly PartyId[]
}

/** A group, seen by one of its members. */
export interface GroupSeat extends GroupOfHosts {
  readonly self: PartyId
}

/**
 * The seat of a party; undefined where it is in no group.
 * @throws PlatformError group.too-few-members for a group of fewer than three, or a member twice
 */
export function seatOf(groups: readonly GroupOfHosts[] | undefined, self: PartyId): GroupSeat | undefined {
  const group = groups?.find(({ members }) => members.includes(self))
  if (group === undefined) return undefined
  const { name, members } = group
  const different = new Set(members).size
  if (different < LEAST_MEMBERS || different < members.length)
    throw new PlatformError('group.too-few-members', { group: name, members: different, least: LEAST_MEMBERS })
  return { name, members, self }
}

/** Whom the guest counts as one host: a host of its own, or the members of a group. */
export interface Owner {
  readonly name: string
  readonly members: readonly PartyId[]
}

/** Owners in job order; a group stands where its first member does. */
export function ownersAmong(hosts: readonly PartyId[], groups: readonly GroupOfHosts[] = []): Owner[] {
  return ownersOf({ hosts: hosts.map((party) => ({ party })), groups }).map(({ name, members }) => ({ name, members }))
}

/** Whether this is the member that says what need be said once only. */
export function isFirst({ members, self }: GroupSeat): boolean {
  return members[0] === self
}
