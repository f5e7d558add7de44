// Sums by cell for the nodes of a level: several streams, columns of several groups, empty groups, a short last block.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KeyUse } from './key-use.ts'
import { addModulo } from './masks.ts'
import { type NodeLayout, NodeSums } from './node-sums.ts'
import { floodBits, maxFloodBits, N, NODE_SETS, nodeSetFor, setNamed, sumNoise } from './params.ts'
import { HePool } from './pool.ts'
import { SharedMemories } from './shared-memories.ts'
import { WorkerPool } from './workers.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

function draw(count: number, limit: number): number[] {
  const words = new Uint32Array(Uint8Array.from(randomBytes(4 * count)).buffer)
  return Array.from(words, (word) => Math.floor((word / 2 ** 32) * limit))
}

function expectedSums(values: Float64Array, cells: Uint8Array, count: number): Float64Array {
  const sums = new Float64Array(count)
  for (const [r, cell] of cells.entries()) sums[cell] = ((sums[cell] as number) + (values[r] as number)) % 2 ** 50
  return sums
}

test.each([
  ['trees', 8, 2500, 3],
  ['trees', 16, 1, 1],
  ['trees-wide', 8, 1025, 2],
] as const)('%s with %i windows over %i rows and %i nodes: exact sums by cell', async (set, windows, rows, nodes) => {
  const key = await pool.generateKey(set)
  const foreign = await pool.readPublicKey(set, key.publicKey.wire)
  const counts = [1, windows, windows + 1, 33]
  const columns = counts.map((count, c) => ({
    count,
    cells: Uint8Array.from(draw(rows, c === 3 ? 5 : count), (cell) => (c === 3 ? 5 * cell : cell)), // empty groups
  }))
  const sums = pool.openNodeSums(foreign, { windows, columns, rows, nodes })
  const block = sums.rowsPerBlock
  const streams = Array.from({ length: nodes }, () => Float64Array.from(draw(rows, 2 ** 32)))
  const blocks = await Promise.all(
    streams.map((values) =>
      Promise.all(
        Array.from({ length: Math.ceil(rows / block) }, (_, b) =>
          pool.encryptRows(key, values.slice(b * block, (b + 1) * block)),
        ),
      ),
    ),
  )
  await expect(sums.protect(0, 0)).rejects.toMatchObject({ code: 'he.range' })
  await expect(sums.add(blocks, 1)).rejects.toMatchObject({ code: 'he.range' })
  await sums.add(
    blocks.map((stream) => stream.slice(0, 1)),
    0,
  )
  if (rows > block) {
    await sums.add(
      blocks.map((stream) => stream.slice(1)),
      1,
    )
  }
  for (const [node, values] of streams.entries()) {
    for (const [c, { cells, count }] of columns.entries()) {
      const answers = await sums.protect(node, c)
      expect(answers.length).toBe(Math.ceil(count / windows))
      expect(await pool.decryptSums(key, answers, windows, count)).toEqual(expectedSums(values, cells, count))
    }
  }
  await expect(sums.protect(nodes, 0)).rejects.toMatchObject({ code: 'he.range' })
  await expect(sums.protect(0, 0)).rejects.toMatchObject({ code: 'he.range' }) // handed out already
})

test('what does not fit the layout is refused, foreign bytes too, and a key is used up', async () => {
  const key = await pool.generateKey('trees')
  const other = await pool.generateKey('trees')
  const refused = (code: string) => expect.objectContaining({ code })
  const open = (part: Partial<NodeLayout>) =>
    pool.openNodeSums(key.publicKey, {
      windows: 8,
      columns: [{ cells: new Uint8Array(3), count: 2 }],
      rows: 3,
      nodes: 1,
      ...part,
    })
  expect(() => open({ windows: 2 })).toThrow(refused('he.range'))
  expect(() => open({ windows: 12 })).toThrow(refused('he.range'))
  expect(() => open({ columns: [] })).toThrow(refused('he.range'))
  expect(() => open({ rows: 4 })).toThrow(refused('he.range'))
  expect(() => open({ nodes: 0 })).toThrow(refused('he.range'))
  expect(() => open({ values: 2 })).toThrow(refused('he.range')) // a row carries one value under 'trees'
  expect(() => open({ bundles: [2] })).toThrow(refused('he.range'))
  expect(() => open({ bundles: [1, 0] })).toThrow(refused('he.range'))
  expect(() => open({ columns: [{ cells: Uint8Array.of(0, 1, 2), count: 2 }] })).toThrow(refused('he.range'))
  const many = { cells: new Uint8Array(2 ** 17 + 1), count: 1 }
  expect(() => open({ columns: [many], rows: 2 ** 17 + 1 })).toThrow(refused('he.range'))
  expect(nodeSetFor(2 ** 17 + 1)).toBe('trees-wide')
  expect(nodeSetFor(2 ** 20 + 1)).toBeUndefined()
  const gradient = await pool.generateKey('gradient')
  expect(() => pool.openHistogram(key.publicKey, 8, 1)).toThrow(refused('he.parameters'))
  expect(() =>
    pool.openNodeSums(gradient.publicKey, { windows: 8, columns: [many], rows: many.cells.length, nodes: 1 }),
  ).toThrow(refused('he.parameters'))

  const block = await pool.encryptRows(key, Float64Array.of(1, 2, 3))
  using foreign = pool.openNodeSums(other.publicKey, {
    windows: 8,
    columns: [{ cells: new Uint8Array(3), count: 2 }],
    rows: 3,
    nodes: 1,
  })
  await expect(foreign.add([[block]], 0)).rejects.toMatchObject({ code: 'he.wrong-key' })
  using broken = open({})
  await expect(broken.add([[block.subarray(1)]], 0)).rejects.toMatchObject({ code: 'he.malformed' })
  using wrongCount = open({})
  await expect(wrongCount.add([[block], [block]], 0)).rejects.toMatchObject({ code: 'he.range' })
  await expect(wrongCount.add([[block, block]], 0)).rejects.toMatchObject({ code: 'he.range' })

  const abandoned = open({ columns: Array(9).fill({ cells: new Uint8Array(3), count: 2 }) })
  await abandoned.add([[block]], 0)
  abandoned[Symbol.dispose]()
  await expect(abandoned.protect(0, 8)).rejects.toMatchObject({ code: 'he.worker' })
  await expect(abandoned.add([[block]], 1)).rejects.toMatchObject({ code: 'he.range' })

  const sums = open({})
  await sums.add([[block]], 0)
  const [answer] = await sums.protect(0, 0)
  expect([...(await pool.decryptSums(key, [answer as Uint8Array], 8, 2))]).toEqual([6, 0])
  await expect(pool.decryptSums(key, [answer as Uint8Array], 8, 9)).rejects.toMatchObject({ code: 'he.range' })
  await expect(pool.decryptSums(key, [answer as Uint8Array], 8, 3)).rejects.toMatchObject({ code: 'he.malformed' })
  await expect(pool.decryptSums(other, [answer as Uint8Array], 8, 2)).rejects.toMatchObject({ code: 'he.wrong-key' })
})

test('two values a row, columns bundled: exact sums of both, negative ones too', async () => {
  const key = await pool.generateKey('trees-wide')
  const [rows, windows, counts, bundles] = [4500, 4, [3, 3, 10, 1, 2], [2, 1, 2]]
  const columns = counts.map((count) => ({ count, cells: Uint8Array.from(draw(rows, count)) }))
  using sums = pool.openNodeSums(key.publicKey, { windows, columns, bundles, rows, nodes: 3, values: 2 })
  const streams = Array.from({ length: 3 }, () =>
    Float64Array.from(draw(rows, 2 ** 32), (value) => (value % 3 === 0 ? 2 ** 50 - value : 100 * value)),
  )
  const blocks = [0, 1].map((pair) =>
    Promise.all(
      [0, 1, 2].map((b) => {
        const [first, second] = [0, 1].map((value) => streams[2 * pair + value]?.slice(b * 2048, (b + 1) * 2048))
        return pool.encryptRows(key, first as Float64Array, second)
      }),
    ),
  )
  await sums.add(await Promise.all(blocks), 0)
  for (const [node, values] of streams.entries()) {
    let column = 0
    for (const [bundle, size] of bundles.entries()) {
      const own = columns.slice(column, (column += size))
      const total = own.reduce((sum, { count }) => sum + count, 0)
      const answers = await sums.protect(node, bundle)
      expect(answers).toHaveLength(Math.ceil(total / windows))
      const expected = own.flatMap(({ cells, count }) => [...expectedSums(values, cells, count)])
      expect([...(await pool.decryptSums(key, answers, windows, total))]).toEqual(expected)
    }
  }
  // what was sent, for an audit
  const [block] = (await blocks[0]) as Uint8Array[]
  for (const value of [0, 1]) {
    const opened = await pool.decryptRows(key, block as Uint8Array, value)
    expect(opened.subarray(0, 2048)).toEqual(streams[value]?.subarray(0, 2048))
    expect(opened.subarray(2048).every((rest) => rest === 0)).toBe(true)
  }
  const narrow = await pool.generateKey('trees')
  await expect(pool.encryptRows(narrow, Float64Array.of(1), Float64Array.of(1))).rejects.toMatchObject({
    code: 'he.parameters',
  })
})

test.each(['trees', 'trees-wide'] as const)('%s: masked answers open to sum and mask, modulo 2^50', async (set) => {
  const key = await pool.generateKey(set)
  const t = 2 ** 50
  const [rows, windows, counts, bundles] = [1100, 8, [3, 7, 10], [2, 1]]
  const columns = counts.map((count) => ({ count, cells: Uint8Array.from(draw(rows, count)) }))
  const streams = [0, 1].map(() => Float64Array.from(draw(rows, 2 ** 32), (v) => (v % 3 === 0 ? t - v : 1000 * v)))
  const blocks = await Promise.all(
    streams.map((values) =>
      Promise.all([0, 1].map((b) => pool.encryptRows(key, values.slice(b * 1024, (b + 1) * 1024)))),
    ),
  )
  const open = async (masks?: NodeLayout['masks']) => {
    const layout = { windows, columns, bundles, rows, nodes: 2, ...(masks !== undefined && { masks }) }
    using sums = pool.openNodeSums(key.publicKey, layout)
    await sums.add(blocks, 0)
    const opened: Float64Array[] = []
    for (const node of [0, 1])
      for (const bundle of [0, 1])
        opened.push(await pool.decryptSums(key, await sums.protect(node, bundle), windows, 10))
    return opened
  }
  const extremes = [0, 1, t - 1, t / 2, t / 2 - 1]
  const masks = [0, 1, 2, 3].map((i) => draw(10, t).map((mask, cell) => (i === 0 ? (extremes[cell] ?? mask) : mask)))
  const plain = await open()
  const masked = await open((node, bundle) => BigUint64Array.from(masks[2 * node + bundle] as number[], BigInt))
  const negated = await open((node, bundle) =>
    BigUint64Array.from(masks[2 * node + bundle] as number[], (mask) => BigInt((t - mask) % t)),
  )
  for (const [i, sums] of plain.entries()) {
    expect(masked[i]).toEqual(addModulo(set, [sums, Float64Array.from(masks[i] as number[])]))
    expect(addModulo(set, [masked[i] as Float64Array, negated[i] as Float64Array])).toEqual(
      addModulo(set, [sums, sums]),
    )
  }
  // a mask too few, and one that is no residue
  await expect(open(() => new BigUint64Array(9))).rejects.toMatchObject({ code: 'he.range' })
  await expect(open(() => new BigUint64Array(10).fill(2n ** 50n))).rejects.toMatchObject({ code: 'he.range' })
  const layout = { windows, columns, rows, nodes: 2, values: 2, masks: () => new BigUint64Array(0) }
  expect(() => pool.openNodeSums(key.publicKey, layout)).toThrow(expect.objectContaining({ code: 'he.range' }))
})

test('a key gives no more cells than its flooding was made for', async () => {
  const key = await pool.generateKey('trees')
  await using workers = await WorkerPool.open(1)
  const use = new KeyUse()
  const set = setNamed('trees')
  use.take(key.publicKey.id, set, set.revealedPerKey - 5)
  const column = { cells: Uint8Array.of(0, 1, 2), count: 3 }
  const material = { set: 'trees' as const, id: key.publicKey.id, publicWire: key.publicKey.wire }
  const layout = { windows: 8, columns: [column, column], rows: 3, nodes: 1 }
  const take = (cells: number) => use.take(key.publicKey.id, set, cells)
  using sums = new NodeSums(workers, new SharedMemories(), material, take, layout)
  await sums.add([[await pool.encryptRows(key, Float64Array.of(4, 5, 6))]], 0)
  expect([...(await pool.decryptSums(key, await sums.protect(0, 0), 8, 3))]).toEqual([4, 5, 6])
  // two cells are left
  for (const _ of [1, 2]) await expect(sums.protect(0, 1)).rejects.toMatchObject({ code: 'he.key-used-up' })
})

test('flooding of both sets follows 2^f ≥ B · √(8/7 · revealed) · 2^40 and leaves room in an answer', () => {
  for (const name of ['trees', 'trees-wide'] as const) {
    const set = setNamed(name)
    const { terms, shifts } = NODE_SETS[name]
    const bits = floodBits(set, sumNoise(terms))
    expect(bits).toBeLessThanOrEqual(maxFloodBits(set))
    expect(2 ** bits).toBeGreaterThanOrEqual(sumNoise(terms) * Math.sqrt((8 / 7) * set.revealedPerKey) * 2 ** 40)
    // at the answer's prime: flooding, ten standard deviations of the rounding of c1 times a ternary secret, and of the
    // upper of two values what the lower one adds
    const dropped = set.dataPrimes.slice(1).reduce((product, prime) => product * Number(prime), 1)
    for (const shift of shifts) {
      const noise = (3 * 2 ** bits * 2 ** shift) / dropped + 10 * Math.sqrt(((2 / 3) * N) / 12)
      const below = shift < Math.max(...shifts) ? 2 ** -(Math.max(...shifts) - 50) : 0
      expect((set.plainModulus * noise) / Number(set.dataPrimes[0] as bigint) + below).toBeLessThan(0.35)
    }
  }
})

test('a shift by one of a sum of three uniform integers of M values moves the roots of its distribution by at most √(8/7)/M', () => {
  const many = 1500
  const uniform = new Float64Array(many).fill(1 / many)
  const sumOf = (a: Float64Array, b: Float64Array) => {
    const out = new Float64Array(a.length + b.length - 1)
    for (const [i, x] of a.entries()) for (const [j, y] of b.entries()) out[i + j] = (out[i + j] as number) + x * y
    return out
  }
  const roots = [0, ...sumOf(sumOf(uniform, uniform), uniform).map(Math.sqrt), 0]
  const moved = roots.reduce((sum, root, i) => sum + ((roots[i + 1] ?? 0) - root) ** 2, 0)
  expect(moved).toBeLessThan(8 / 7 / many ** 2)
  expect(moved).toBeGreaterThan(1.13 / many ** 2)
})
