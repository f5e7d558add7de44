// One level of a tree at a host: takes in the guest's encrypted rows and answers with sums by the cells of its columns.
import type { NodeSums } from '#crypto/he/node-sums.ts'
import type { HePool, HePublicKey } from '#crypto/he/pool.ts'
import { release } from '#crypto/he/raw.ts'
import type { RoleChannel } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { OpenGroup } from '#protocols/group/group.ts'
import type { Secret } from '#runtime/secret.ts'
import { setNamed } from '#crypto/he/params.ts'
import { answerParts, blockParts, bundlesOf, cipherStreams, type Pass, shownCells } from './layout.ts'
import type { BOOSTING } from './messages.ts'
import type { OfferedColumn, OwnedColumn } from './owner-columns.ts'
import type { HostInput } from './params.ts'
import { keyOf } from './tree-keys.ts'

export interface HostTree {
  readonly task: TaskContext
  readonly pool: HePool
  readonly guest: RoleChannel<typeof BOOSTING, 'host'>
  readonly input: HostInput
  readonly columns: readonly OwnedColumn[]
  /** the training rows that this host has */
  readonly train: Uint32Array
  /** where it is a member of a group: how many its members have */
  readonly group?: OpenGroup
  readonly trainRows: number
  readonly seed: Secret
  /** from 0 */
  readonly tree: number
}

/** Numbers of the messages of this round. */
export interface Counters {
  rows: number
  sums: number
  sides: number
}

/** A plain loop: there is one for each column and node. */
function cellsAt(cells: Uint8Array, rows: Uint32Array): Uint8Array {
  const out = new Uint8Array(rows.length)
  for (let i = 0; i < rows.length; i++) out[i] = cells[rows[i]!]!
  return out
}

/** Answers the passes of a level in order; the rows of the next one are taken in while the last one is summed. */
export async function answerPasses(
  here: HostTree,
  keys: readonly HePublicKey[],
  offered: readonly OfferedColumn[],
  passes: readonly Pass[],
  level: number,
  counters: Counters,
): Promise<void> {
  const answered: Promise<void>[] = []
  for (const [i, pass] of passes.entries()) {
    const key = keyOf(keys, here.input, pass)
    await answered[i - 2] // two passes in memory at most
    const sums = await takeRows(here, key, offered, pass, { level, pass: i }, counters)
    const before = answered[i - 1]
    const answer = (async () => {
      using _ = sums
      await before
      await sendSums(here, key, offered, pass, sums, counters)
    })()
    answer.catch(() => undefined) // told to whoever waits for it
    answered.push(answer)
  }
  await Promise.all(answered)
}

/** Receives the rows of a pass; the sums of all columns over them, those of a member of a group masked. */
async function takeRows(
  { task, pool, guest, group, tree }: HostTree,
  key: HePublicKey,
  offered: readonly OfferedColumn[],
  pass: Pass,
  at: { readonly level: number; readonly pass: number },
  counters: Counters,
): Promise<NodeSums> {
  const { rows, rowCount, streams, values, windows } = pass
  const columns = offered.map(({ cells, shown }) => ({
    cells: rows.length === cells.length ? cells : cellsAt(cells, rows),
    count: shownCells(shown),
  }))
  const shown = offered.map((column) => column.shown)
  const bundled = bundlesOf(shown, pass)
  const bundles = bundled.map((bundle) => bundle.columns)
  const modulus = BigInt(setNamed(key.set).plainModulus)
  const masks = (stream: number, bundle: number) =>
    group!.masks(`tree ${tree}/${at.level}/${at.pass}/${stream}/${bundle}`, bundled[bundle]!.cells, modulus)
  const layout = { windows, columns, bundles, rows: rowCount, nodes: streams, values }
  const sums = pool.openNodeSums(key, group === undefined ? layout : { ...layout, masks })
  using scope = new DisposableStack()
  scope.defer(() => sums[Symbol.dispose]())
  for (const { first, end } of blockParts(pass)) {
    task.signal.throwIfAborted()
    const blocks = await guest.receive('rows', { part: counters.rows++, keyId: key.id })
    const each = end - first
    const ciphers = cipherStreams(pass)
    refuseUnless(blocks.length === each * ciphers, 'the blocks of each node of the part')
    await sums.add(
      Array.from({ length: ciphers }, (_, stream) => blocks.slice(stream * each, (stream + 1) * each)),
      first,
    )
    const done = Math.min(rowCount, end * sums.rowsPerBlock)
    task.progress({ phase: `summing level ${at.level + 1}`, done, total: rowCount, unit: 'rows' })
  }
  scope.move()
  return sums
}

async function sendSums(
  { task, guest }: HostTree,
  key: HePublicKey,
  offered: readonly OfferedColumn[],
  pass: Pass,
  sums: NodeSums,
  counters: Counters,
): Promise<void> {
  for (const part of answerParts(
    pass,
    offered.map(({ shown }) => shown),
  )) {
    task.signal.throwIfAborted()
    let made: readonly Uint8Array[] = []
    const answers = async () =>
      (made = (await Promise.all(part.map(({ stream, bundle }) => sums.protect(stream, bundle)))).flat())
    await guest.send('cell-sums', answers, { part: counters.sums++, keyId: key.id })
    made.forEach(release) // megabytes that the collector would mark the heap for
  }
}
