// Counts of all columns, set after set: the guest sends its rows encrypted and opens sums by anonymous cell.
import { type HeKeyPair, type HePool, SLOTS } from '#crypto/he/pool.ts'
import type { SetName } from '#protocols/core/aligned-rows.ts'
import type { RoleChannel } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { ColumnCells } from './bodies.ts'
import { type CellCounts, openCounts } from './counts.ts'
import { residueOf, sumMembers } from './guest-groups.ts'
import { answerParts, cellsOf, type Pass, passesOf, type RowPart, rowParts, setFor } from './layout.ts'
import type { COUNTING } from './messages.ts'
import { packRows, type PackedRows } from './packing.ts'
import type { GuestInput } from './params.ts'

export type Host = RoleChannel<typeof COUNTING, 'guest'>

interface Counted {
  readonly windows: number
  /** by host or group of hosts */
  readonly columns: readonly (readonly ColumnCells[])[]
}

/** Counts by host or group of hosts, column and set. @param owners the members of each; of a host of its own itself */
export async function countAll(
  task: TaskContext,
  pool: HePool,
  owners: readonly (readonly Host[])[],
  input: GuestInput,
  { windows, columns }: Counted,
): Promise<Map<SetName, CellCounts>[][]> {
  const counts = columns.map((some) => some.map(() => new Map<SetName, CellCounts>()))
  const set = setFor(input.sets, windows)
  const most = Math.max(...columns.map(({ length }) => length))
  const passes = passesOf(input.sets, windows, most)
  const seed = await task.vault.seed('checks')
  for (const pass of passes) {
    const labels = input.labels.subarray(pass.from, pass.to)
    const rows = packRows(set, labels, input.weights.subarray(pass.from, pass.to), seed, `checks/${pass.set}`)
    const total = residueOf(set, rows.values)
    const stored = await task.vault.once(`key/${pass.index}`, async () =>
      pool.encodeKeyPair(await pool.generateKey(set)),
    )
    const key = pool.decodeKeyPair(stored)
    const asked = owners.flatMap((members, o) => (columns[o]!.length > pass.firstColumn ? [{ members, o }] : []))
    const hosts = asked.flatMap(({ members }) => members)
    await Promise.all(
      hosts.map((host) =>
        host.send('row-key', () => key.publicKey.wire, { part: pass.index, keyId: key.publicKey.id }),
      ),
    )
    const sending = sendRows(task, pool, hosts, key, rows, windows, passes, pass)
    const receiving = asked.map(async ({ members, o }) => {
      for (const part of answerParts(passes, pass, columns[o]!.length)) {
        const cells = columns[o]!.slice(part.first, part.end)
        const opened = await Promise.all(members.map((host) => openAnswers(pool, host, key, windows, part, cells)))
        for (const [i, column] of cells.entries()) {
          const ofMembers = opened.map((sums) => sums[i]!)
          const sums = sumMembers(set, ofMembers, column, total)
          const opens = openCounts(sums, rows.fields, rows.totals, column.alias, pass.set)
          counts[o]![part.first + i]!.set(pass.set, opens)
        }
      }
    })
    await Promise.all([sending, ...receiving])
  }
  return counts
}

/** One message of answers: sums by column and cell, masked where the host is a member of a group. */
async function openAnswers(
  pool: HePool,
  host: Host,
  key: HeKeyPair,
  windows: number,
  part: RowPart,
  cells: readonly ColumnCells[],
): Promise<Float64Array[]> {
  const answers = await host.receive('cell-sums', { part: part.number, keyId: key.publicKey.id })
  refuseUnless(answers.length === cells.length, 'an answer for each column of the part')
  return await Promise.all(answers.map((answer, i) => pool.decryptCells(key, answer, windows, cellsOf(cells[i]!))))
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
