// The guest: sends its rows encrypted, opens counts by anonymous bin, weighs them and tells each host what its bins weigh.
import type { HePool } from '#crypto/he/pool.ts'
import { compareTerms } from '#protocols/core/agreement.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { sameOfAll } from '#protocols/group/answers.ts'
import { type Owner, ownersAmong } from '#protocols/group/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { ColumnCells } from './bodies.ts'
import { guestFloor, refuseSmallBins, weighColumn, type WeighedColumn, withShape } from './counts.ts'
import { countAll, type Host } from './guest-counting.ts'
import { checkGroupColumns } from './guest-groups.ts'
import { checkRows, setFor, windowsFor } from './layout.ts'
import { COUNTING, SETUP } from './messages.ts'
import type { AliasColumn, GuestInput, GuestOutput } from './params.ts'
import { termsOf } from './terms.ts'

export interface GuestState {
  readonly windows: number
  /** by host or group of hosts, in job order */
  readonly columns: readonly (readonly ColumnCells[])[]
  /** by host or group of hosts, once counted */
  readonly weighed: readonly (readonly AliasColumn[])[]
}

export function openGuest(pool: HePool): RoleProgram<GuestInput, GuestState, GuestOutput> {
  return {
    async setup(task, input) {
      checkRows(input.sets, input.labels.length)
      refuseOneClass(input)
      const terms = termsOf(task, input)
      const hosts = task.hosts.map((host) => openRound(SETUP, 'guest', 'host', task.channel(host), 0))
      await Promise.all(hosts.map((host) => host.send('guest-terms', () => terms)))
      const ofHost = new Map<string, readonly ColumnCells[]>()
      for (const host of hosts) {
        compareTerms(terms, await host.receive('host-terms'), host.peer)
        ofHost.set(host.peer, await host.receive('host-columns'))
      }
      const columns = ownersIn(task, input).map(({ members }) => {
        const same = sameOfAll(
          members.map((member) => ofHost.get(member)!),
          'columns',
        )
        checkGroupColumns(same, members.length)
        return same
      })
      const windows = windowsFor(columns.flat())
      setFor(input.sets, windows)
      await Promise.all(hosts.map((host) => host.send('layout', () => windows)))
      return { windows, columns, weighed: [] }
    },
    async round(task, input, state, round) {
      const owners = ownersIn(task, input).map(({ members }) =>
        members.map((host) => openRound(COUNTING, 'guest', 'host', task.channel(host), round)),
      )
      const counts = await countAll(task, pool, owners, input, state)
      const trainWeight = input.weights.subarray(0, input.sets[0]!.rows).reduce((sum, weight) => sum + weight, 0)
      const floor = guestFloor(input.params, trainWeight)
      const weighed = state.columns.map((columns, o) =>
        columns.map((cells, c) => {
          const bySet = counts[o]![c]!
          refuseSmallBins(bySet.get('train')!, cells, floor)
          return weighColumn(cells, input.sets, bySet, input.params, floor)
        }),
      )
      await Promise.all(owners.flatMap((members, o) => members.map((host) => tell(host, weighed[o]!))))
      const shaped = await Promise.all(owners.map((members, o) => shapesOf(members, weighed[o]!)))
      return { state: { ...state, weighed: shaped }, finished: true }
    },
    async finish(task, input, { weighed }) {
      return { parties: Object.fromEntries(ownersIn(task, input).map(({ name }, o) => [name, weighed[o]!])) }
    },
  }
}

/** Hosts and groups of hosts, as the guest counts them. */
function ownersIn({ hosts }: TaskContext, { params }: GuestInput): Owner[] {
  return ownersAmong(hosts, params.groups)
}

/** @throws PlatformError binning.one-class */
function refuseOneClass({ labels, weights, sets, params }: GuestInput): void {
  let [good, bad] = [0, 0]
  for (let row = 0; row < sets[0]!.rows; row++) {
    if (labels[row] === 1) bad += weights[row]!
    else good += weights[row]!
  }
  if (good === 0 || bad === 0 || good + bad < params.minimumRows) {
    throw new PlatformError('binning.one-class', { set: 'train' })
  }
}

async function tell(host: Host, columns: readonly WeighedColumn[]): Promise<void> {
  const rows = Math.min(...columns.map(({ leastRows }) => leastRows))
  await host.send('weights', () => columns.map((column) => column.tell), { rows })
}

async function shapesOf(members: readonly Host[], columns: readonly WeighedColumn[]): Promise<AliasColumn[]> {
  const said = await Promise.all(members.map((host) => host.receive('shapes')))
  const shapes = sameOfAll(said, 'shapes')
  refuseUnless(shapes.length === columns.length, 'a shape for each column')
  return columns.map(({ keep }, c) => withShape(keep, shapes[c]!))
}
