// Sums by cell for the nodes of a level: several streams, columns of several groups, empty groups, a short last block.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeLayout } from './node-sums.ts'
import { floodBits, maxFloodBits, N, NODE_SETS, nodeSetFor, setNamed, sumNoise } from './params.ts'
import { HePool } from './pool.ts'

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
  expect(() => open({ windows: 4 })).toThrow(refused('he.range'))
  expect(() => open({ windows: 12 })).toThrow(refused('he.range'))
  expect(() => open({ columns: [] })).toThrow(refused('he.range'))
  expect(() => open({ rows: 4 })).toThrow(refused('he.range'))
  expect(() => open({ nodes: 0 })).toThrow(refused('he.range'))
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

test('flooding of both sets follows f ≥ log2 B + log2(revealed) + 40 and leaves room in an answer', () => {
  for (const name of ['trees', 'trees-wide'] as const) {
    const set = setNamed(name)
    const { rows } = NODE_SETS[name]
    const bits = floodBits(set, sumNoise(rows))
    expect(bits).toBe(maxFloodBits(set))
    expect(2 ** bits).toBeGreaterThanOrEqual(sumNoise(rows) * set.revealedPerKey * 2 ** 40)
    // at the answer's prime: flooding, and ten standard deviations of the rounding of c1 times a ternary secret
    const dropped = set.dataPrimes.slice(1).reduce((product, prime) => product * Number(prime), 1)
    const noise = 2 ** bits / dropped + 10 * Math.sqrt(((2 / 3) * N) / 12)
    expect((set.plainModulus * noise) / Number(set.dataPrimes[0] as bigint)).toBeLessThan(0.35)
  }
})
