// What the parts of the protocol take: counts the calls of a pool while it works, then measures one call of each kind alone.
import { groupsOf, type NodeColumn, type NodeLayout, type NodeSums } from '#crypto/he/node-sums.ts'
import { NODE_SETS, type NodeSet } from '#crypto/he/params.ts'
import type { HePool, HePublicKey } from '#crypto/he/pool.ts'
import { rowsPerBlock } from './layout.ts'

const WINDOWS = 8
const ROWS_PER_BLOCK = rowsPerBlock({ windows: WINDOWS })

interface Counts {
  encrypted: number
  prepared: number
  /** blocks × groups of cells */
  added: number
  protected: number
  opened: number
}

/** A pool that counts: the same answers, by the same threads. */
export interface Profiled {
  readonly pool: HePool
  readonly counts: Readonly<Record<NodeSet, Counts>>
}

export function profiling(pool: HePool): Profiled {
  const none = () => ({ encrypted: 0, prepared: 0, added: 0, protected: 0, opened: 0 })
  const counts = { trees: none(), 'trees-wide': none() }
  const of = ({ set }: HePublicKey) => counts[set as NodeSet]
  const counted: Partial<Record<keyof HePool, unknown>> = {
    encryptRows: (...rest: Parameters<HePool['encryptRows']>) => {
      of(rest[0].publicKey).encrypted++
      return pool.encryptRows(...rest)
    },
    decryptSums: (...rest: Parameters<HePool['decryptSums']>) => {
      of(rest[0].publicKey).opened += rest[1].length
      return pool.decryptSums(...rest)
    },
    openNodeSums: (...rest: Parameters<HePool['openNodeSums']>) =>
      countSums(pool.openNodeSums(...rest), rest[1], of(rest[0])),
  }
  const proxy = new Proxy(pool, {
    get: (target, name) => {
      const known = counted[name as keyof HePool] ?? Reflect.get(target, name, target)
      return typeof known === 'function' ? known.bind(target) : known
    },
  })
  return { pool: proxy, counts }
}

function countSums(sums: NodeSums, layout: NodeLayout, counts: Counts): NodeSums {
  const { columns, windows, bundles = columns.map(() => 1) } = layout
  let column = 0
  const groups = bundles.reduce((sum, size) => {
    const own = columns.slice(column, (column += size))
    return (
      sum +
      groupsOf(
        own.reduce((total, { count }) => total + count, 0),
        windows,
      )
    )
  }, 0)
  return {
    rowsPerBlock: sums.rowsPerBlock,
    [Symbol.dispose]: () => sums[Symbol.dispose](),
    add: (blocks: Parameters<NodeSums['add']>[0], first: number) => {
      counts.prepared += blocks.reduce((sum, some) => sum + some.length, 0)
      counts.added += groups * blocks.reduce((sum, some) => sum + some.length, 0)
      return sums.add(blocks, first)
    },
    protect: async (node: number, column: number) => {
      const answers = await sums.protect(node, column)
      counts.protected += answers.length
      return answers
    },
  } as NodeSums
}

export interface Part {
  readonly name: string
  readonly count: number
  /** CPU seconds of one call, all threads */
  readonly seconds: number
}

const COLUMNS = 16
const CELLS = 32
/** streams of ciphertexts that are summed together: one on each level with one node, one, two, four … on the others */
const STREAMS = { trees: 1, 'trees-wide': 2 } as const
const GROUPS = CELLS / WINDOWS

/** What each part takes alone, under the sets that were computed with. */
export async function profileOf(pool: HePool, { counts }: Profiled): Promise<Part[]> {
  const parts: Part[] = []
  for (const set of ['trees', 'trees-wide'] as const)
    if (counts[set].encrypted > 0) parts.push(...(await partsUnder(pool, set, counts[set])))
  return parts
}

async function partsUnder(pool: HePool, set: NodeSet, counts: Counts): Promise<Part[]> {
  const values = NODE_SETS[set].shifts.length
  const streams = STREAMS[set]
  const key = await pool.generateKey(set)
  const own = { pool, key: key.publicKey, values, streams }
  const answers = streams * values * COLUMNS * GROUPS
  const rows = new Float64Array(ROWS_PER_BLOCK).map((_, i) => 2 ** 40 + i)
  const encrypted: Uint8Array[] = []
  const encrypt = await cpuOf(async () => {
    const some = () => pool.encryptRows(key, rows, values === 2 ? rows : undefined)
    encrypted.push(...(await Promise.all(Array.from({ length: 32 }, some))))
  })
  // a block more costs its preparation and its products; one block also carries what each answer costs by itself
  const sumOver = (blocks: number) => cpuOf(() => sumUp(own, encrypted.slice(0, blocks)))
  await sumOver(1)
  const [one, many] = [await sumOver(1), await sumOver(32)]
  const prepare = (await cpuOf(() => prepareOnly(own, encrypted))) / (31 * streams)
  const products = streams * COLUMNS * GROUPS
  const product = Math.max(0, (many - one) / 31 - prepare * streams) / products
  const wires = await sumUp(own, encrypted)
  const openAll = () => Promise.all(wires.map((some) => pool.decryptSums(key, some, WINDOWS, CELLS)))
  await openAll() // each thread loads the key
  const open = await cpuOf(openAll)
  return [
    { name: `encrypting a block, ${set}`, count: counts.encrypted, seconds: encrypt / encrypted.length },
    { name: `preparing a block, ${set}`, count: counts.prepared, seconds: prepare },
    { name: `block x group of cells, ${set}`, count: counts.added, seconds: product },
    {
      name: `protecting an answer, ${set}`,
      count: counts.protected,
      seconds: Math.max(0, one - product * products) / answers,
    },
    { name: `opening an answer, ${set}`, count: counts.opened, seconds: open / answers },
  ]
}

interface Measured {
  readonly pool: HePool
  readonly key: HePublicKey
  /** values of a row */
  readonly values: number
  readonly streams: number
}

/** All blocks but the last: nothing is summed. */
async function prepareOnly({ pool, key, values, streams }: Measured, blocks: readonly Uint8Array[]): Promise<void> {
  const rows = blocks.length * ROWS_PER_BLOCK
  const layout = { windows: WINDOWS, columns: [columnOf(0, rows)], rows, nodes: streams * values, values }
  using sums = pool.openNodeSums(key, layout)
  await sums.add(
    Array.from({ length: streams }, () => blocks.slice(1)),
    0,
  )
}

function columnOf(c: number, rows: number): NodeColumn {
  return { cells: Uint8Array.from({ length: rows }, (_, row) => (row * (c + 3)) % CELLS), count: CELLS }
}

async function sumUp({ pool, key, values, streams }: Measured, blocks: readonly Uint8Array[]): Promise<Uint8Array[][]> {
  const rows = blocks.length * ROWS_PER_BLOCK
  const columns = Array.from({ length: COLUMNS }, (_, c) => columnOf(c, rows))
  const nodes = streams * values
  using sums = pool.openNodeSums(key, { windows: WINDOWS, columns, rows, nodes, values })
  await sums.add(
    Array.from({ length: streams }, () => blocks),
    0,
  )
  const asked = columns.flatMap((_, column) => Array.from({ length: nodes }, (__, node) => sums.protect(node, column)))
  return await Promise.all(asked)
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
