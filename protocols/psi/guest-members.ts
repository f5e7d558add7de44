// Groups in a left alignment: each member is asked by itself, and each row of the guest goes to one member at most, so
// that over the members a group is one host. No member is told of the others, or of rows that went to them.
import { isRow, NO_ROW, STATUS } from '#protocols/core/aligned-rows.ts'
import type { Owner } from '#protocols/group/params.ts'
import type { Found } from './guest-coverage.ts'
import type { HostCoverage } from './report.ts'

/**
 * Each row at the first member of a group that has it. A row that went to another member, or that nobody in the group was asked
 * about, is `no row` at a member like any other that it lacks: then every member has the same kinds of rows.
 */
export function divided(found: readonly Found[], owners: readonly Owner[]): Found[] {
  const earlierOf = new Map(
    owners.flatMap(({ members }) => members.map((member, place) => [member, members.slice(0, place)] as const)),
  )
  const grouped = new Set(owners.flatMap(({ members }) => (members.length > 1 ? members : [])))
  return found.map((one) => {
    if (!grouped.has(one.host)) return one
    const earlier = found.filter(({ host }) => earlierOf.get(one.host)?.includes(host))
    const positionOfRow = one.positionOfRow.map((position, row) =>
      isRow(position) && !earlier.some((other) => isRow(other.positionOfRow[row]!)) ? position : NO_ROW,
    )
    return { ...one, positionOfRow, idsMatched: new Set(positionOfRow.filter(isRow)).size }
  })
}

/**
 * What is known of each row at a group: present where a member has it; absent where all members have said so; no consent where
 * none was asked. @param statuses of the members, as they were found
 */
export function jointStatuses(statuses: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(), ...others] = statuses
  return first.map((status, row) => others.reduce((known, other) => joint(known, other[row]!), status))
}

function joint(one: number, other: number): number {
  if (one === STATUS.present || other === STATUS.present) return STATUS.present
  return one === other ? one : STATUS.notCovered
}

/** The counts of a group from those of its members. @param statuses of the group */
export function jointCoverage(name: string, members: readonly HostCoverage[], statuses: Uint8Array): HostCoverage {
  const rows = (status: number) => statuses.reduce((n, one) => n + Number(one === status), 0)
  const sum = (of: (member: HostCoverage) => number) => members.reduce((total, member) => total + of(member), 0)
  const kinds = [...new Set(members.flatMap(({ byKind }) => Object.keys(byKind)))]
  return {
    host: name,
    present: rows(STATUS.present),
    absent: rows(STATUS.absent),
    notCovered: rows(STATUS.notCovered),
    noConsent: rows(STATUS.noConsent),
    idsAsked: sum(({ idsAsked }) => idsAsked),
    idsMatched: sum(({ idsMatched }) => idsMatched),
    decoys: sum(({ decoys }) => decoys),
    decoysShort: members.some(({ decoysShort }) => decoysShort),
    byKind: Object.fromEntries(kinds.map((kind) => [kind, sum(({ byKind }) => byKind[kind] ?? 0)])),
    members: members.map(({ host, present, idsMatched, decoys }) => ({ host, present, idsMatched, decoys })),
  }
}

/** By row of the guest: whether an owner has it. @param found after the rows were divided, or before */
export function isAtOwner(found: readonly Found[], { members }: Owner, row: number): boolean {
  return found.some(({ host, positionOfRow }) => members.includes(host) && isRow(positionOfRow[row]!))
}
