// Test support: the rows of one made host dealt out to the members of a group, beside the host with all of them.
import { NO_ROW } from '#credit/bins.ts'
import type { HePool } from '#crypto/he/pool.ts'
import { expandBytes } from '#crypto/prg.ts'
import { isRow } from '#protocols/core/aligned-rows.ts'
import { type MemoryNetwork, type MemoryParty, runInMemory } from '#protocols/core/memory.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import type { GuestInput, GuestOutput, HostInput, HostOutput } from './params.ts'
import { makeSample, type SampleOptions } from './sample.ts'

export const PARKS = { name: 'parks', members: ['park-a', 'park-b', 'park-c'] } as const
/** Of 256: how many rows go to each member; the rest is at none. */
const SHARES = [60, 130, 40] as const

export interface GroupSample {
  readonly guest: GuestInput
  /** a host of its own, first of the hosts */
  readonly tax: HostInput
  readonly members: readonly HostInput[]
  /** what one host with the rows of all members would bring */
  readonly pooled: HostInput
}

/** The first width is that of the host of its own, the second that of the group. */
export function makeGroupSample(options: SampleOptions = {}): GroupSample {
  const { guest, hosts } = makeSample({ widths: [1, 2], left: true, ...options })
  const groups = [PARKS]
  const inGroups = (host: HostInput): HostInput => ({ ...host, params: { ...host.params, groups } })
  const [tax, whole] = [inGroups(hosts[0]!), inGroups(hosts[1]!)]
  const dealt = expandBytes(new Uint8Array(32), 'members', whole.rows!.length)
  const holder = Array.from(dealt, (byte) => {
    const ends = SHARES.map((_, m) => SHARES.slice(0, m + 1).reduce((sum, share) => sum + share, 0))
    return ends.findIndex((end) => byte < end)
  })
  const rowsOf = (has: (row: number) => boolean) =>
    whole.rows!.map((source, row) => (isRow(source) && has(row) ? source : NO_ROW))
  const columns = whole.columns.map((column) => ({ ...column, alias: column.alias.replace('SOCIAL', 'PARKS') }))
  const members = PARKS.members.map((_, m): HostInput => {
    const mine = (row: number) => holder[row] === m
    const own = columns.map((column) => {
      return { ...column, values: column.values.map((value, row) => (mine(row) ? value : Number.NaN)) }
    })
    // members need not have their columns in one order
    return { ...whole, rows: rowsOf(mine), columns: m === 1 ? own.toReversed() : own }
  })
  const pooled = { ...whole, columns, rows: rowsOf((row) => holder[row]! >= 0) }
  return { guest: { ...guest, params: { ...guest.params, groups } }, tax, members, pooled }
}

export function groupParties(pool: HePool, { guest, tax, members }: GroupSample): MemoryParty[] {
  return [
    { id: 'bank', program: openGuest(pool) as never, input: guest },
    { id: 'tax', program: openHost(pool) as never, input: tax },
    ...members.map((input, m) => ({ id: PARKS.members[m]!, program: openHost(pool) as never, input })),
  ]
}

export async function binGroup(
  pool: HePool,
  sample: GroupSample,
  network?: MemoryNetwork,
): Promise<{ readonly guest: GuestOutput; readonly members: readonly HostOutput[] }> {
  const outputs = await runInMemory(groupParties(pool, sample), network)
  return {
    guest: outputs.get('bank') as GuestOutput,
    members: PARKS.members.map((member) => outputs.get(member) as HostOutput),
  }
}
