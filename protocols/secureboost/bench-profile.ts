// What the parts of the protocol take: counts the calls of a pool while it works, then measures one call of each kind alone.
import type { NodeColumn, NodeLayout, NodeSums } from '#crypto/he/node-sums.ts'
import type { HePool, HePublicKey } from '#crypto/he/pool.ts'
import { rowsPerBlock } from './layout.ts'

const WINDOWS = 8
const ROWS_PER_BLOCK = rowsPerBlock({ windows: WINDOWS })

/** A pool that counts: the same answers, by the same threads. */
export interface Profiled {
  readonly pool: HePool
  readonly counts: {
    keys: number
    encrypted: number
    prepared: number
    /** blocks × groups of cells */
    added: number
    protected: number
    opened: number
  }
}

export function profiling(pool: HePool): Profiled {
  const counts = { keys: 0, encrypted: 0, prepared: 0, added: 0, protected: 0, opened: 0 }
  const counted: Partial<Record<keyof HePool, unknown>> = {
    generateKey: (...rest: Parameters<HePool['generateKey']>) => {
      counts.keys++
      return pool.generateKey(...rest)
    },
    encryptRows: (...rest: Parameters<HePool['encryptRows']>) => {
      counts.encrypted++
      return pool.encryptRows(...rest)
    },
    decryptSums: (...rest: Parameters<HePool['decryptSums']>) => {
      counts.opened += rest[1].length
      return pool.decryptSums(...rest)
    },
    openNodeSums: (...rest: Parameters<HePool['openNodeSums']>) =>
      countSums(pool.openNodeSums(...rest), rest[1], counts),
  }
  const proxy = new Proxy(pool, {
    get: (target, name) => {
      const known = counted[name as keyof HePool] ?? Reflect.get(target, name, target)
      return typeof known === 'function' ? known.bind(target) : known
    },
  })
  return { pool: proxy, counts }
}

function countSums(sums: NodeSums, { columns, windows }: NodeLayout, counts: Profiled['counts']): NodeSums {
  const groups = columns.reduce((sum, { count }) => sum + Math.ceil(count / windows), 0)
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
const NODES = 4
const GROUPS = CELLS / WINDOWS
const ANSWERS = NODES * COLUMNS * GROUPS

export async function profileOf(pool: HePool, { counts }: Profiled): Promise<Part[]> {
  const key = await pool.generateKey('trees')
  const values = new Float64Array(ROWS_PER_BLOCK).map((_, i) => 2 ** 40 + i)
  const encrypted: Uint8Array[] = []
  const encrypt = await cpuOf(async () => {
    encrypted.push(...(await Promise.all(Array.from({ length: 32 }, () => pool.encryptRows(key, values)))))
  })
  // a block more costs its preparation and its products; one block also carries what each answer costs by itself
  const sumOver = (blocks: number) => cpuOf(() => sumUp(pool, key.publicKey, encrypted.slice(0, blocks)))
  await sumOver(1)
  const [one, many] = [await sumOver(1), await sumOver(32)]
  const prepare = (await cpuOf(() => prepareOnly(pool, key.publicKey, encrypted))) / (31 * NODES)
  const product = Math.max(0, (many - one) / 31 - prepare * NODES) / ANSWERS
  const answers = await sumUp(pool, key.publicKey, encrypted)
  const open = await cpuOf(() => Promise.all(answers.map((some) => pool.decryptSums(key, some, WINDOWS, CELLS))))
  return [
    { name: 'encrypting a block', count: counts.encrypted, seconds: encrypt / encrypted.length },
    { name: 'preparing a block', count: counts.prepared, seconds: prepare },
    { name: 'block x group of cells', count: counts.added, seconds: product },
    { name: 'protecting an answer', count: counts.protected, seconds: Math.max(0, one / ANSWERS - product) },
    { name: 'opening an answer', count: counts.opened, seconds: open / ANSWERS },
  ]
}

/** All blocks but the last: nothing is summed. */
async function prepareOnly(pool: HePool, key: HePublicKey, blocks: readonly Uint8Array[]): Promise<void> {
  const rows = blocks.length * ROWS_PER_BLOCK
  using sums = pool.openNodeSums(key, { windows: WINDOWS, columns: [columnOf(0, rows)], rows, nodes: NODES })
  await sums.add(
    Array.from({ length: NODES }, () => blocks.slice(1)),
    0,
  )
}

function columnOf(c: number, rows: number): NodeColumn {
  return { cells: Uint8Array.from({ length: rows }, (_, row) => (row * (c + 3)) % CELLS), count: CELLS }
}

async function sumUp(pool: HePool, key: HePublicKey, blocks: readonly Uint8Array[]): Promise<Uint8Array[][]> {
  const rows = blocks.length * ROWS_PER_BLOCK
  const columns = Array.from({ length: COLUMNS }, (_, c) => columnOf(c, rows))
  using sums = pool.openNodeSums(key, { windows: WINDOWS, columns, rows, nodes: NODES })
  await sums.add(
    Array.from({ length: NODES }, () => blocks),
    0,
  )
  const asked = columns.flatMap((_, column) => Array.from({ length: NODES }, (__, node) => sums.protect(node, column)))
  return await Promise.all(asked)
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
