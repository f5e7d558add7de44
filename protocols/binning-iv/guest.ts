// The guest: sends its rows encrypted, opens counts by anonymous bin, weighs them and tells each host what its bins weigh.
import { SLOTS, type HePool } from '#crypto/he/pool.ts'
import type { HeKeyPair } from '#crypto/he/pool.ts'
import { compareTerms } from '#protocols/core/agreement.ts'
import type { SetName } from '#protocols/core/aligned-rows.ts'
import { openRound, type RoleChannel } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { ColumnCells } from './bodies.ts'
import {
  type CellCounts,
  guestFloor,
  openCounts,
  refuseSmallBins,
  weighColumn,
  type WeighedColumn,
  withShape,
} from './counts.ts'
import { answerParts, cellsOf, checkRows, type Pass, passesOf, rowParts, setFor, windowsFor } from './layout.ts'
import { COUNTING, SETUP } from './messages.ts'
import { packRows, type PackedRows } from './packing.ts'
import type { AliasColumn, GuestInput, GuestOutput } from './params.ts'
import { termsOf } from './terms.ts'

export interface GuestState {
  readonly windows: number
  /** by host, in job order */
  readonly columns: readonly (readonly ColumnCells[])[]
  /** by host, in job order, once counted */
  readonly weighed: readonly (readonly AliasColumn[])[]
}

type Host = RoleChannel<typeof COUNTING, 'guest'>

export function openGuest(pool: HePool): RoleProgram<GuestInput, GuestState, GuestOutput> {
  return {
    async setup(task, input) {
      checkRows(input.sets, input.labels.length)
      refuseOneClass(input)
      const terms = termsOf(task, input)
      const hosts = task.hosts.map((host) => openRound(SETUP, 'guest', 'host', task.channel(host), 0))
      await Promise.all(hosts.map((host) => host.send('guest-terms', () => terms)))
      const columns: (readonly ColumnCells[])[] = []
      for (const host of hosts) {
        compareTerms(terms, await host.receive('host-terms'), host.peer)
        columns.push(await host.receive('host-columns'))
      }
      const windows = windowsFor(columns.flat())
      setFor(input.sets, windows)
      await Promise.all(hosts.map((host) => host.send('layout', () => windows)))
      return { windows, columns, weighed: [] }
    },
    async round(task, input, state, round) {
      const hosts = task.hosts.map((host) => openRound(COUNTING, 'guest', 'host', task.channel(host), round))
      const counts = await countAll(task, pool, hosts, input, state)
      const trainWeight = input.weights.subarray(0, input.sets[0]!.rows).reduce((sum, weight) => sum + weight, 0)
      const floor = guestFloor(input.params, trainWeight)
      const weighed = state.columns.map((columns, h) =>
        columns.map((cells, c) => {
          const bySet = counts[h]![c]!
          refuseSmallBins(bySet.get('train')!, cells, floor)
          return weighColumn(cells, input.sets, bySet, input.params, floor)
        }),
      )
      await Promise.all(hosts.map((host, h) => tell(host, weighed[h]!)))
      const shaped = await Promise.all(hosts.map((host, h) => shapesOf(host, weighed[h]!)))
      return { state: { ...state, weighed: shaped }, finished: true }
    },
    async finish(task, _input, { weighed }) {
      return { parties: Object.fromEntries(task.hosts.map((host, h) => [host, weighed[h]!])) }
    },
  }
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

/** Counts by host, column and set. */
async function countAll(
  task: TaskContext,
  pool: HePool,
  hosts: readonly Host[],
  input: GuestInput,
  { windows, columns }: GuestState,
): Promise<Map<SetName, CellCounts>[][]> {
  const counts = columns.map((some) => some.map(() => new Map<SetName, CellCounts>()))
  const set = setFor(input.sets, windows)
  const most = Math.max(...columns.map(({ length }) => length))
  const passes = passesOf(input.sets, windows, most)
  const seed = await task.vault.seed('checks')
  for (const pass of passes) {
    const labels = input.labels.subarray(pass.from, pass.to)
    const rows = packRows(set, labels, input.weights.subarray(pass.from, pass.to), seed, `checks/${pass.set}`)
    const stored = await task.vault.once(`key/${pass.index}`, async () =>
      pool.encodeKeyPair(await pool.generateKey(set)),
    )
    const key = pool.decodeKeyPair(stored)
    const asked = hosts.flatMap((host, h) => (columns[h]!.length > pass.firstColumn ? [{ host, h }] : []))
    await Promise.all(
      asked.map(({ host }) =>
        host.send('row-key', () => key.publicKey.wire, { part: pass.index, keyId: key.publicKey.id }),
      ),
    )
    const sending = sendRows(
      task,
      pool,
      asked.map(({ host }) => host),
      key,
      rows,
      windows,
      passes,
      pass,
    )
    const receiving = asked.map(async ({ host, h }) => {
      for (const part of answerParts(passes, pass, columns[h]!.length)) {
        const answers = await host.receive('cell-sums', { part: part.number, keyId: key.publicKey.id })
        refuseUnless(answers.length === part.end - part.first, 'an answer for each column of the part')
        const opened = await Promise.all(
          answers.map((answer, i) => pool.decryptCells(key, answer, windows, cellsOf(columns[h]![part.first + i]!))),
        )
        for (const [i, sums] of opened.entries()) {
          const { alias } = columns[h]![part.first + i]!
          counts[h]![part.first + i]!.set(pass.set, openCounts(sums, rows.fields, rows.totals, alias, pass.set))
        }
      }
    })
    await Promise.all([sending, ...receiving])
  }
  return counts
}

async function sendRows(
  task: TaskContext,
  pool: HePool,
  hosts: readonly Host[],
  key: HeKeyPair,
  rows: PackedRows,
  windows: number,
  passes: readonly Pass[],
  pass: Pass,
): Promise<void> {
  const perBlock = SLOTS / windows
  for (const part of rowParts(passes, pass, windows)) {
    const values = rows.values.subarray(part.first - pass.from, part.end - pass.from)
    const encrypt = () =>
      Promise.all(
        Array.from({ length: Math.ceil(values.length / perBlock) }, (_, block) =>
          pool.encryptRows(key, values.slice(block * perBlock, (block + 1) * perBlock)),
        ),
      )
    let made: Promise<Uint8Array[]> | undefined
    const address = { part: part.number, keyId: key.publicKey.id }
    await Promise.all(hosts.map((host) => host.send('rows', () => (made ??= encrypt()), address)))
    task.progress({ phase: `encrypting ${pass.set}`, done: part.end, total: passes.at(-1)!.to, unit: 'rows' })
  }
}

async function tell(host: Host, columns: readonly WeighedColumn[]): Promise<void> {
  const rows = Math.min(...columns.map(({ leastRows }) => leastRows))
  await host.send('weights', () => columns.map((column) => column.tell), { rows })
}

async function shapesOf(host: Host, columns: readonly WeighedColumn[]): Promise<AliasColumn[]> {
  const shapes = await host.receive('shapes')
  refuseUnless(shapes.length === columns.length, 'a shape for each column')
  return columns.map(({ keep }, c) => withShape(keep, shapes[c]!))
}
