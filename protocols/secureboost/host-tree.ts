// One tree at a host: what it offers, the sums it answers with on each level, and the sides of the splits that are chosen.
import { MAX_ASKS } from '#credit/trees/params.ts'
import { isRight } from '#credit/trees/tree.ts'
import type { HePublicKey } from '#crypto/he/pool.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { ChosenSplit, NodeRows } from './bodies.ts'
import { answerPasses, type Counters, type HostTree } from './host-level.ts'
import { cutPasses, hiddenLevel, type Pass, rowsOfBits, type Streams, visibleLevel } from './layout.ts'
import { makeSplit, type OfferedColumn, offerColumns, smallerSide } from './owner-columns.ts'
import { type OwnedSplit, sideFloor } from './params.ts'
import { keySets } from './tree-keys.ts'

/** @returns the splits whose sides were told, in order */
export async function answerTree(here: HostTree): Promise<OwnedSplit[]> {
  const { guest, input, pool, columns, seed, tree } = here
  const keys: HePublicKey[] = []
  for (const [part, name] of keySets(input).entries())
    keys.push(await pool.readPublicKey(name, await guest.receive('tree-key', { part })))
  const offered = offerColumns(columns, input, seed, tree)
  await guest.send('tree-columns', () => offered.map(({ shown }) => shown))
  const sample = await hearSample(here)
  const made: OwnedSplit[] = []
  const counters: Counters = { rows: 0, sums: 0, sides: 0 }
  for (let level = 0; level < input.params.boost.depth; level++) {
    const nodes = input.params.membership === 'visible' ? await hearNodes(here, level) : undefined
    await answerPasses(here, keys, offered, await hearPasses(here, level, nodes, sample), level, counters)
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

/** Says where each row falls, unless one side has too few of the rows that this host, or its group, has. */
async function tellSides(
  { guest, input, tree, train, trainRows }: HostTree,
  offered: readonly OfferedColumn[],
  chosen: ChosenSplit,
  node: NodeRows | undefined,
  counters: Counters,
  made: OwnedSplit[],
): Promise<void> {
  const { owned, sides, groupRows } = makeSplit(offered, chosen, tree)
  const ownRows = () => smallerSide(sides, node === undefined ? train : train.filter((row) => isRight(node.rows, row)))
  const rows = groupRows ?? ownRows()
  const minimumRows = sideFloor(input.params, trainRows)
  const part = { part: counters.sides++, rows, minimumRows }
  if (rows < minimumRows) return guest.send('sides', () => ({ refused: true }) as const, part)
  made.push(owned)
  await guest.send('sides', () => ({ refused: false, alias: owned.alias, sides }) as const, part)
}
