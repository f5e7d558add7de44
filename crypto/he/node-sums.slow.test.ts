// Sums over as many rows as a set takes: exact, with the largest flooding, and the memory is given back and used again.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { type NodeSet } from './params.ts'
import { HePool } from './pool.ts'

const WINDOWS = 8

async function sumAll(pool: HePool, set: NodeSet, rows: number, count: number): Promise<void> {
  const key = await pool.generateKey(set)
  const cells = Uint8Array.from(randomBytes(rows), (byte) => byte % count)
  const values = Float64Array.from(randomBytes(rows), (byte) => byte * 2 ** 22 + 1)
  using sums = pool.openNodeSums(key.publicKey, { windows: WINDOWS, columns: [{ cells, count }], rows, nodes: 1 })
  const block = sums.rowsPerBlock
  for (let first = 0; first * block < rows; first += 32) {
    const part = Array.from({ length: Math.min(32, Math.ceil(rows / block) - first) }, (_, i) =>
      pool.encryptRows(key, values.slice((first + i) * block, (first + i + 1) * block)),
    )
    await sums.add([await Promise.all(part)], first)
  }
  const expected = new Float64Array(count)
  for (const [r, cell] of cells.entries()) expected[cell] = (expected[cell] as number) + (values[r] as number)
  const opened = await pool.decryptSums(key, await sums.protect(0, 0), WINDOWS, count)
  expect(opened).toEqual(expected.map((sum) => sum % 2 ** 50))
}

test('2^17 rows under trees, 2^18 under trees-wide, one after another in one pool', async () => {
  await using pool = await HePool.open({ workers: 2 })
  await sumAll(pool, 'trees', 2 ** 17, 20)
  await sumAll(pool, 'trees-wide', 2 ** 18, 8)
})
