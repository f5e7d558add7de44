// Sums by cell for the nodes of a level: several streams, columns of several groups, empty groups, a short last block.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
})
