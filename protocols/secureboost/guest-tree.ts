// One tree at the guest: grown level by level with the hosts' sums and the sides of their splits.
import { Growth } from '#credit/trees/growth.ts'
import { gradients } from '#credit/trees/objective.ts'
import { quantise } from '#credit/trees/quantise.ts'
import { drawOfTree, sampleColumns } from '#credit/trees/sampling.ts'
import { childrenOf, partition, type SideBits, type SplitRef, type Tree } from '#credit/trees/tree.ts'
import { expandBytes } from '#crypto/prg.ts'
import type { HeKeyPair, HePool } from '#crypto/he/pool.ts'
import { openAudience, openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { sameOfAll } from '#protocols/group/answers.ts'
import type { Owner } from '#protocols/group/params.ts'
import type { Secret } from '#runtime/secret.ts'
import type { NodeRows } from './bodies.ts'
import { type LevelRun, runPasses, type TreeHost } from './guest-level.ts'
import { layPasses } from './guest-passes.ts'
import { settleLevel } from './guest-splits.ts'
import { sampleTree } from './guest-sample.ts'
import { countingRows, type GuestState, unpackMargins } from './guest-state.ts'
import { bitsOfRows, setOf } from './layout.ts'
import { BOOSTING } from './messages.ts'
import type { OfferedColumn, OwnedColumn } from './owner-columns.ts'
import { type GuestInput, type OwnedSplit, ownersOf, sideFloor } from './params.ts'
import { keyOf, keysOfTree } from './tree-keys.ts'

export interface GuestTreeRun {
  readonly task: TaskContext
  readonly pool: HePool
  readonly input: GuestInput
  readonly columns: readonly OwnedColumn[]
  readonly state: GuestState
  readonly seed: Secret
  readonly round: number
}

export interface GrownTree {
  readonly tree: Tree<SplitRef>
  readonly sidesOf: (split: SplitRef) => SideBits
  /** the guest's own splits of this tree */
  readonly own: readonly OwnedSplit[]
  /** by owner: the alias of the column of each split that was answered in this tree */
  readonly aliases: readonly (readonly string[])[]
}

/** What is known of a tree while it grows. */
export interface Growing extends LevelRun {
  readonly run: GuestTreeRun
  readonly own: OwnedSplit[]
  readonly aliases: string[][]
  /** sums were offered over these columns of the guest */
  readonly offered: readonly OfferedColumn[]
  /** training rows that hosts sum over */
  readonly shown: Uint32Array
  /** with visible membership: of these the rows by node, those without a weight as well */
  readonly members: Map<number, Uint32Array>
  /** of the nodes that were split */
  readonly sides: Map<number, SideBits>
}

export async function growTree(run: GuestTreeRun): Promise<GrownTree> {
  const growing = await begin(run)
  const { depth } = run.input.params.boost
  for (let level = 0; level < depth; level++) {
    const nodes = nodesOf(growing)
    if (growing.hosts.length > 0) {
      const phase = `tree ${run.round} of ${run.input.params.boost.trees}, level ${level + 1}`
      if (run.input.params.membership === 'visible') await tellNodes(growing, nodes, level)
      await runPasses({ ...growing, phase }, await layPasses(growing, level))
    }
    growing.growth.rank()
    await settleLevel(growing, nodes, level)
    if (run.input.params.membership === 'visible') partMembers(growing)
    growing.growth.nextLevel()
  }
  const { growth, own, aliases } = growing
  return { tree: growth.tree(), sidesOf: (split) => growth.sidesOf(split), own, aliases }
}

async function begin(run: GuestTreeRun): Promise<Growing> {
  const { task, pool, input, columns, state, seed, round } = run
  const { boost } = input.params
  const tree = round - 1
  const counting = countingRows(input)
  const draw = drawOfTree((label, bytes) => expandBytes(seed, label, bytes), tree)
  const margins = unpackMargins(state.margins)
  const all = gradients(boost.objective, margins, input.labels, input.weights, boost.maxDeltaStep)
  const { shown, ...sample } = sampleTree(input, all, draw)
  const quantised = quantise(sample.gradients, boost.precision, setOf(input.sets).modulus, draw)
  const keys = await keysOfTree({ pool, vault: task.vault, tree }, input)
  const hosts =
    tree < boost.guestFirst
      ? []
      : await Promise.all(ownersOf(input.params, task.hosts).map((owner, h) => meetHost(run, h, owner, keys, shown)))
  const mine = sampleColumns(columns.length, boost.columnSample, draw)
  const growth = new Growth({
    params: boost,
    quantised,
    ...sample,
    floor: sideFloor(input.params, counting.length),
    own: mine.map((index) => ({ index, column: columns[index]!.tree })),
  })
  return {
    run,
    task,
    pool,
    keyOf: (pass) => keyOf(keys, input, pass),
    hosts,
    everyone: openAudience(BOOSTING, 'guest', 'host', task.audience(task.hosts), round),
    quantised,
    growth,
    phase: '',
    counters: { rows: 0 },
    own: [],
    aliases: state.aliases.map(() => []),
    offered: columns.map(({ tree: { cells, valueCells: values, missing, sign } }, c) => ({
      owned: columns[c]!,
      shown: { values, missing, constrained: sign !== 0 },
      falling: false,
      cells,
    })),
    shown,
    members: new Map([[0, shown]]),
    sides: new Map(),
  }
}

async function meetHost(
  run: GuestTreeRun,
  h: number,
  { name, members }: Owner,
  keys: readonly HeKeyPair[],
  shown: Uint32Array,
): Promise<TreeHost> {
  const { params, sets } = run.input
  const channels = members.map((host) => openRound(BOOSTING, 'guest', 'host', run.task.channel(host), run.round))
  const offered = await Promise.all(
    channels.map(async (channel) => {
      for (const [part, { publicKey }] of keys.entries())
        await channel.send('tree-key', () => publicKey.wire, { part, keyId: publicKey.id })
      const columns = await channel.receive('tree-columns')
      if (params.boost.rowSample < 1) await channel.send('tree-rows', () => bitsOfRows(shown, sets[0]!.rows))
      return columns
    }),
  )
  const columns = sameOfAll(offered, 'columns')
  refuseUnless(channels.length === 1 || columns.every(({ missing }) => missing), 'a cell for rows that a member lacks')
  return { owner: h + 1, name, channels, columns, counters: { sums: 0, sides: 0 } }
}

/** What a number of a node in a message means on this level: in a drawn order while membership is hidden. */
function nodesOf({ run, growth }: Growing): readonly number[] {
  const { input } = run
  if (input.params.membership === 'visible')
    return [...new Set([...growth.open, ...growth.asked])].sort((a, b) => a - b)
  return growth.open
}

/** With visible membership: the rows of the nodes of this level. */
async function tellNodes(
  { run, hosts, growth, members }: Growing,
  nodes: readonly number[],
  level: number,
): Promise<void> {
  const trainRows = run.input.sets[0]!.rows
  const told = (): NodeRows[] =>
    nodes.map((node) => ({ rows: bitsOfRows(members.get(node)!, trainRows), asked: growth.asked.includes(node) }))
  const rows = nodes.length === 0 ? 0 : Math.min(...nodes.map((node) => members.get(node)!.length))
  const channels = hosts.flatMap((host) => host.channels)
  await Promise.all(channels.map((channel) => channel.send('node-rows', told, { part: level, rows })))
}

/** The training rows of the children of this level's splits. */
function partMembers({ growth, members, sides }: Growing): void {
  for (const node of growth.open) {
    const parted = sides.get(node)
    if (parted === undefined) continue
    const parts = partition(members.get(node)!, parted)
    for (const [i, child] of childrenOf(node).entries()) members.set(child, parts[i]!)
  }
}
