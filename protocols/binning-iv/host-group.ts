// A host that is a member of a group: bins that all members agree on, from sums over the group alone.
import { createHash } from 'node:crypto'
import { assignBins, binCount, binKind, binOfKind, type ColumnBins } from '#credit/bins.ts'
import { merges } from '#credit/binning.ts'
import { countRows, largeBins, measurements } from '#credit/fine-bins.ts'
import type { Terms } from '#protocols/core/agreement.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { openGroup, type OpenGroup } from '#protocols/group/group.ts'
import { type GroupState, meetGroup } from '#protocols/group/meeting.ts'
import { seatOf } from '#protocols/group/params.ts'
import { groupQuantiles, groupWidths } from '#protocols/group/quantiles.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type AgreedColumn, hostFloor, refuseIsolation, rowOrNone } from './host-columns.ts'
import type { HostColumn, HostInput } from './params.ts'

/** What a member knows of its group after round 0: part of the checkpoint. */
export interface GroupPart {
  readonly meeting: GroupState
  /** in the order of aliases */
  readonly columns: readonly AgreedColumn[]
}

/** Round 0 between the members; undefined at a host that is in no group. @throws PlatformError task.params-differ, binning.isolates */
export async function meetMembers(task: TaskContext, input: HostInput): Promise<GroupPart | undefined> {
  const seat = seatOf(input.params.groups, task.self)
  if (seat === undefined) return undefined
  if (merges(input.params.method) || Object.keys(input.params.merges).length > 0)
    throw new PlatformError('binning.merge', { group: seat.name, expected: 'quantile or equal-width, without merges' })
  const meeting = await meetGroup(task, seat, termsOfColumns(input.columns))
  return { meeting, columns: await agreeOnBins(await openGroup(task, seat, meeting), input) }
}

/** The group again, as after each restart. */
export async function openMember(task: TaskContext, input: HostInput, part: GroupPart): Promise<OpenGroup> {
  return await openGroup(task, seatOf(input.params.groups, task.self)!, part.meeting)
}

/** Columns and their codes in an order that all members have. */
export function sortedColumns(columns: readonly HostColumn[]): HostColumn[] {
  return columns
    .toSorted((a, b) => (a.alias < b.alias ? -1 : 1))
    .map((column) => ({ ...column, specials: column.specials.toSorted((a, b) => a - b) }))
}

/** By alias, as digests: the terms of the members are not for the coordinator's log of errors. */
function termsOfColumns(columns: readonly HostColumn[]): Terms {
  return Object.fromEntries(
    sortedColumns(columns).map(({ alias, name, specials, cuts }) => [
      `column ${alias}`,
      createHash('sha256')
        .update(JSON.stringify([name, specials, cuts ?? null]))
        .digest('hex'),
    ]),
  )
}

/** Bins from the training rows of all members: declared cut points, those of an earlier binning of all, or new ones. */
export async function agreeOnBins(group: Pick<OpenGroup, 'seat' | 'count'>, input: HostInput): Promise<AgreedColumn[]> {
  const columns = sortedColumns(input.columns)
  const trainRows = input.sets[0]!.rows
  const train = { rows: input.rows?.subarray(0, trainRows) }
  const earlier = await commonCuts(group, columns)
  const fixed = columns.map(({ cuts }, c) => cuts ?? earlier[c])
  const values = columns.map((column, c) =>
    fixed[c] === undefined
      ? measurements(column.values.subarray(0, trainRows), train.rows, column.specials)
      : new Float64Array(0),
  )
  const { method, bins, minimumRows } = input.params
  const cut = method === 'equal-width' ? groupWidths : groupQuantiles
  const made = await cut(group, 0, values, { bins, least: minimumRows })
  const wide = columns.map(({ specials }, c): ColumnBins => ({ cuts: fixed[c] ?? made[c]!, specials }))
  const own = columns.map((column, c) => rowsByBin(input, column, wide[c]!))
  const counts = await group.count(0, 'rows by bin', own.flat())
  let at = 0
  return columns.map((column, c) => {
    const all = counts.slice(at, (at += own[c]!.length))
    const [rows, occupied] = [all.slice(0, all.length / 2), all.slice(all.length / 2)]
    const seen = rows.slice(0, wide[c]!.cuts.length + 1).filter((count) => count > 0)
    if (earlier[c] !== undefined && seen.some((count) => count < minimumRows))
      throw new PlatformError('binning.isolates', { alias: column.alias, minimumRows })
    const { bins: kept, moved } = largeBins(wide[c]!, rows, hostFloor(input))
    if (earlier[c] === undefined)
      refuseIsolation(column, kept, column.values.subarray(0, trainRows), train.rows, minimumRows)
    return { bins: kept, special: specialsOf(kept, moved, occupied) }
  })
}

/** Training rows by bin, then all rows by bin. Rows that this member lacks are in none: the others may have them. */
function rowsByBin({ rows, sets }: HostInput, column: HostColumn, bins: ColumnBins): number[] {
  const binOfRow = assignBins(column.values, rows?.map(rowOrNone), bins)
  const counts = [countRows(binOfRow.subarray(0, sets[0]!.rows), bins), countRows(binOfRow, bins)]
  return counts.flatMap((some) => some.map((count, bin) => (binKind(bins, bin) === 'no-row' ? 0 : count)))
}

function specialsOf(bins: ColumnBins, moved: readonly number[], occupied: readonly number[]): number[] {
  const filled = new Set(moved.filter((_, bin) => occupied[bin]! > 0))
  filled.add(binOfKind(bins, 'no-row'))
  const joined = new Set(bins.joined?.map(({ from }) => from))
  return Array.from({ length: binCount(bins) }, (_, bin) => bin).filter(
    (bin) => bin > bins.cuts.length && filled.has(bin) && !joined.has(bin),
  )
}

/**
 * By column, the cut points of the group's earlier binnings where all members know the same ones: other ones would differ from them
 * by few rows. Members compare digests by their sum, which is n times one's own only if all are the same.
 */
async function commonCuts(
  group: Pick<OpenGroup, 'seat' | 'count'>,
  columns: readonly HostColumn[],
): Promise<(readonly number[] | undefined)[]> {
  const known = columns.map(({ earlier = [], cuts }) => {
    const different = new Map(earlier.map(({ bins }) => [JSON.stringify(bins.cuts), bins.cuts]))
    return cuts === undefined && different.size === 1 ? [...different.values()][0] : undefined
  })
  const own = known.map((cuts) => (cuts === undefined ? 0 : digestOf(cuts)))
  const sums = await group.count(0, 'earlier cuts', own)
  const { length } = group.seat.members
  return known.map((cuts, c) => (own[c] !== 0 && sums[c] === length * own[c]! ? cuts : undefined))
}

/** 44 bits. */
function digestOf(cuts: readonly number[]): number {
  const digest = createHash('sha256').update(JSON.stringify(cuts)).digest()
  return 1 + Math.floor(digest.readUIntBE(0, 6) / 16)
}
