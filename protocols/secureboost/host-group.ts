// A host that is a member of a group: the cells that all members agree on, from sums over the group alone.
import { createHash } from 'node:crypto'
import { type CountedCuts, countCells, joinCells } from '#credit/trees/columns.ts'
import type { Terms } from '#protocols/core/agreement.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { openGroup, type OpenGroup } from '#protocols/group/group.ts'
import { type GroupState, meetGroup } from '#protocols/group/meeting.ts'
import { seatOf } from '#protocols/group/params.ts'
import { treeCuts } from './host-cuts.ts'
import { decidingValues, knownRows, memberColumns, type OwnedColumn, type OwnedRows } from './owner-columns.ts'
import { type BoostColumn, type HostInput, sideFloor } from './params.ts'

/** What a member knows of its group after round 0: part of the checkpoint. */
export interface GroupPart {
  readonly meeting: GroupState
  /** training rows that members have */
  readonly rows: number
  /** by column, in the order of their aliases, the same at all members */
  readonly cells: readonly CountedCuts[]
}

/** Round 0 between the members. @throws PlatformError task.params-differ, group.other-sum, group.too-few-members */
export async function meetMembers(task: TaskContext, input: HostInput): Promise<GroupPart | undefined> {
  const seat = seatOf(input.params.groups, task.self)
  if (seat === undefined) return undefined
  const meeting = await meetGroup(task, seat, termsOfColumns(input.columns))
  return { meeting, ...(await agreeOnCells(await openGroup(task, seat, meeting), input)) }
}

/** From counts over the group alone. */
export async function agreeOnCells(
  group: Pick<OpenGroup, 'count'>,
  input: HostInput,
): Promise<Omit<GroupPart, 'meeting'>> {
  const values = decidingValues(rowsOf(input))
  const { bins } = input.params.boost
  const wanted = await treeCuts(group, 0, values, bins)
  const own = values.map((column, c) => {
    const counts = countCells(column, wanted[c]!)
    return [...counts, column.length - counts.reduce((sum, count) => sum + count, 0)]
  })
  const [rows = 0, ...counts] = await group.count(0, 'cells of trees', [values[0]!.length, ...own.flat()])
  const floor = sideFloor(input.params, rows)
  let at = 0
  const cells = wanted.map((cuts) => {
    const ofValues = counts.slice(at, (at += cuts.length + 1))
    return joinCells(cuts, ofValues, counts[at++]!, floor)
  })
  return { rows, cells }
}

/** The group again, as after each restart; and the columns as the members agreed to see them. */
export async function openMember(task: TaskContext, { params }: HostInput, part: GroupPart): Promise<OpenGroup> {
  return await openGroup(task, seatOf(params.groups, task.self)!, part.meeting)
}

export function columnsOfMember(input: HostInput, { cells }: Pick<GroupPart, 'cells'>): OwnedColumn[] {
  return memberColumns(rowsOf(input), cells)
}

/** In the order of the aliases: data sets of members may have their columns in other orders. */
function rowsOf(input: HostInput): OwnedRows {
  const columns = input.columns.toSorted((a, b) => (a.alias < b.alias ? -1 : 1))
  return { ...input, columns, known: knownRows(input.rows), counts: () => true }
}

/** By alias, as digests: what is said among members is not for the coordinator's log of errors. */
function termsOfColumns(columns: readonly BoostColumn[]): Terms {
  return Object.fromEntries(
    columns.map(({ alias, name, specials, sign }) => {
      const facts = JSON.stringify([name, specials.toSorted((a, b) => a - b), sign])
      return [`column ${alias}`, createHash('sha256').update(facts).digest('hex')]
    }),
  )
}
