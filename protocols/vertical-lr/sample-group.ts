// For tests: the columns of one owner split over the members of a group, so that no row is at two of them.
import { columnsOfMember, type MemberPart } from './member.ts'
import type { WoeSample } from './sample-woe.ts'
import type { FixedColumns } from './scores.ts'
import type { LrInput } from './training.ts'

export const MEMBERS = ['park-a', 'park-b', 'park-c'] as const

const NOBODY = 3
const HOLDERS = [0, 1, 0, NOBODY, 2, 0, 1, NOBODY]

export interface GroupSample {
  /** the job with a group: bank, pivot, then the members */
  readonly ids: readonly string[]
  readonly guest: WoeSample['guest']
  readonly hosts: readonly LrInput[]
  /** the same rows with the columns of the group at one host */
  readonly pooled: WoeSample
}

/**
 * Gives the columns of the last host to three members, unevenly; every fourth row stays with nobody and holds `elsewhere`
 * of each column, in the clear as well as in the job.
 * @param every only so many-th row is with anybody at all
 */
export function groupOf(sample: WoeSample, elsewhere: number, every = 1): GroupSample {
  const last = sample.hosts.at(-1)!
  const { bits } = last.data
  const code = Math.round(elsewhere * 2 ** bits)
  const rows = last.data.columns[0]!.length
  const holder = Uint8Array.from({ length: rows }, (_, i) => (i % every === 0 ? HOLDERS[(i / every) % 8]! : NOBODY))
  const parts = MEMBERS.map((_, m) => Uint8Array.from(holder, (of) => Number(of === m)))
  const columnsAt = (present: (row: number) => boolean): FixedColumns => ({
    bits,
    columns: last.data.columns.map((column) => {
      const out = new Int32Array(new SharedArrayBuffer(4 * rows))
      for (let i = 0; i < rows; i++) out[i] = present(i) ? column[i]! : code
      return out
    }),
  })
  const groups = [{ name: 'parks', members: [...MEMBERS] }]
  const limits = last.data.columns.map(
    (column) => [column.reduce((a, b) => Math.min(a, b), code), column.reduce((a, b) => Math.max(a, b), code)] as const,
  )
  const members = parts.map((present): LrInput => {
    const member: MemberPart = { present, elsewhere: last.names.map(() => code), limits, bins: '' }
    return { ...last, data: columnsAt((row) => present[row] === 1), groups, member }
  })
  const others = sample.hosts.slice(0, -1)
  return {
    ids: ['bank', ...others.map((_, i) => (i === 0 ? 'pivot' : `dealer-${i}`)), ...MEMBERS],
    guest: { ...sample.guest, groups },
    hosts: [...others.map((input) => ({ ...input, groups })), ...members],
    pooled: { ...sample, hosts: [...others, { ...last, data: columnsAt((row) => holder[row] !== NOBODY) }] },
  }
}

/** What the members bring, added up. */
export function sumOfMembers({ hosts }: GroupSample): readonly Int32Array[] {
  const parts = hosts.flatMap(({ data, member }, i) =>
    member === undefined ? [] : [columnsOfMember(data, member, hosts[i - 1]?.member === undefined)],
  )
  return parts[0]!.columns.map((column, j) =>
    Int32Array.from(column, (value, i) => parts.slice(1).reduce((sum, part) => sum + part.columns[j]![i]!, value)),
  )
}
