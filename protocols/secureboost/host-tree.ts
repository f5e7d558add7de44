// One tree at a host: what it offers, the sums it answers with on each level, and the sides of the splits that are chosen.
import { MAX_ASKS } from '#credit/trees/params.ts'
import { isRight } from '#credit/trees/tree.ts'
import type { HePool, HePublicKey } from '#crypto/he/pool.ts'
import type { RoleChannel } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { Secret } from '#runtime/secret.ts'
import type { ChosenSplit, NodeRows } from './bodies.ts'
import {
  answerParts,
  blockParts,
  bundlesOf,
  cipherStreams,
  cutPasses,
  hiddenLevel,
  type Pass,
  rowsOfBits,
  setOf,
  shownCells,
  type Streams,
  visibleLevel,
} from './layout.ts'
import type { BOOSTING } from './messages.ts'
import { makeSplit, type OfferedColumn, offerColumns, type OwnedColumn, smallerSide } from './owner-columns.ts'
import { type HostInput, type OwnedSplit, sideFloor } from './params.ts'

export interface HostTree {
  readonly task: TaskContext
  readonly pool: HePool
  readonly guest: RoleChannel<typeof BOOSTING, 'host'>
  readonly input: HostInput
  readonly columns: readonly OwnedColumn[]
  /** the training rows that this host has */
  readonly train: Uint32Array
  readonly seed: Secret
  /** from 0 */
  readonly tree: number
}

/** Numbers of the messages of this round. */
interface Counters {
  rows: number
  sums: number
  sides: number
}

/** @returns the splits whose sides were told, in order */
export async function answerTree(here: HostTree): Promise<OwnedSplit[]> {
  const { guest, input, pool, columns, seed, tree } = here
  const key = await pool.readPublicKey(setOf(input.sets, input.params).name, await guest.receive('tree-key'))
  const offered = offerColumns(columns, input, seed, tree)
  await guest.send('tree-columns', () => offered.map(({ shown }) => shown))
  const sample = await hearSample(here)
  const made: OwnedSplit[] = []
  const counters: Counters = { rows: 0, sums: 0, sides: 0 }
  for (let level = 0; level < input.params.boost.depth; level++) {
    const nodes = input.params.membership === 'visible' ? await hearNodes(here, level) : undefined
    for (const pass of await hearPasses(here, level, nodes, sample))
      await answerPass(here, key, offered, pass, level, counters)
    for (let ask = 0; ask < MAX_ASKS; ask++) {
      const splits = await guest.receive('chosen', { part: level * MAX_ASKS + ask })
      refuseUnless(
        splits.every(({ node }) => node < (nodes?.length ?? 2 ** level)),
        'nodes of the level',
      )
      for (const split of splits) await tellSides(here, offered, split, nodes?.[split.node], counters, made)
    }
  }
  return made
}

/** The training rows that the tree is grown from. @throws PlatformError protocol.malformed */
async function hearSample({ guest, input }: HostTree): Promise<Uint32Array> {
  const { rowSample } = input.params.boost
  const trainRows = input.sets[0]!.rows
  if (rowSample === 1) return Uint32Array.from({ length: trainRows }, (_, row) => row)
  const rows = rowsOfBits(await guest.receive('tree-rows'), trainRows)
  refuseUnless(rows.length === Math.max(1, Math.round(rowSample * trainRows)), 'a sample of the size of the settings')
  return rows
}

/** The nodes of a level, each row in one of them at most. @throws PlatformError protocol.malformed */
async function hearNodes({ guest, input }: HostTree, level: number): Promise<readonly NodeRows[]> {
  const nodes = await guest.receive('node-rows', { part: level })
  const trainRows = input.sets[0]!.rows
  refuseUnless(nodes.length <= 2 ** level, `at most ${2 ** level} nodes`)
  const taken = new Uint8Array(trainRows)
  for (const { rows } of nodes) {
    const members = rowsOfBits(rows, trainRows)
    refuseUnless(members.length >= sideFloor(input.params, 0), 'as many rows in a node as a leaf needs')
    for (const row of members) taken[row]!++
  }
  refuseUnless(!taken.some((count) => count > 1), 'each row in one node')
  return nodes
}

async function hearPasses(
  here: HostTree,
  level: number,
  nodes: readonly NodeRows[] | undefined,
  sample: Uint32Array,
): Promise<Pass[]> {
  const asked = askedOn(here, level, nodes, sample)
  const windows = await here.guest.receive('layout', { part: level })
  refuseUnless(windows.length === asked.length, 'a layout for all that is asked')
  return asked.flatMap((streams, i) => cutPasses(streams, windows[i]!, here.input.params))
}

function askedOn(
  { input }: HostTree,
  level: number,
  nodes: readonly NodeRows[] | undefined,
  sample: Uint32Array,
): Streams[] {
  const trainRows = input.sets[0]!.rows
  if (nodes === undefined) return hiddenLevel(level, input.params, sample)
  const asked = nodes.filter((node) => node.asked).map(({ rows }) => rowsOfBits(rows, trainRows))
  return visibleLevel(asked, input.params)
}

/** A plain loop: there is one for each column and node. */
function cellsAt(cells: Uint8Array, rows: Uint32Array): Uint8Array {
  const out = new Uint8Array(rows.length)
  for (let i = 0; i < rows.length; i++) out[i] = cells[rows[i]!]!
  return out
}

/** Receives the rows of a pass and answers with the sums of all columns. */
async function answerPass(
  { task, pool, guest }: HostTree,
  key: HePublicKey,
  offered: readonly OfferedColumn[],
  pass: Pass,
  level: number,
  counters: Counters,
): Promise<void> {
  const { rows, rowCount, streams, values, windows } = pass
  const columns = offered.map(({ cells, shown }) => ({
    cells: rows.length === cells.length ? cells : cellsAt(cells, rows),
    count: shownCells(shown),
  }))
  const shown = offered.map((column) => column.shown)
  const bundles = bundlesOf(shown, pass).map((bundle) => bundle.columns)
  using sums = pool.openNodeSums(key, { windows, columns, bundles, rows: rowCount, nodes: streams, values })
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
    task.progress({ phase: `summing level ${level + 1}`, done, total: rowCount, unit: 'rows' })
  }
  for (const part of answerParts(pass, shown)) {
    task.signal.throwIfAborted()
    const answers = async () =>
      (await Promise.all(part.map(({ stream, bundle }) => sums.protect(stream, bundle)))).flat()
    await guest.send('cell-sums', answers, { part: counters.sums++, keyId: key.id })
  }
}

/** Says where each row falls, unless one side has too few of the rows that this host has. */
async function tellSides(
  { guest, input, tree, train }: HostTree,
  offered: readonly OfferedColumn[],
  chosen: ChosenSplit,
  node: NodeRows | undefined,
  counters: Counters,
  made: OwnedSplit[],
): Promise<void> {
  const { owned, sides } = makeSplit(offered, chosen, tree)
  const rows = smallerSide(sides, node === undefined ? train : train.filter((row) => isRight(node.rows, row)))
  const minimumRows = sideFloor(input.params, train.length)
  const part = { part: counters.sides++, rows, minimumRows }
  if (rows < minimumRows) return guest.send('sides', () => ({ refused: true }) as const, part)
  made.push(owned)
  await guest.send('sides', () => ({ refused: false, alias: owned.alias, sides }) as const, part)
}
