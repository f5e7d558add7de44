import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { distance } from './sample-run.ts'
import { trainInMemory } from './train-in-memory.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

test.each([[[3, 2, 2]], [[2, 2, 1, 1, 2]]])(
  'the joint model of %j columns is the centralised model',
  async (widths) => {
    const { joint, clear, bank, holdout, events } = await trainInMemory(pool, widths)
    expect(distance(joint, clear)).toBeLessThan(0.02) // as in vertical-lr.test.ts
    // Scores are released in steps of 2^-10 by each host.
    const grid = (widths.length - 1) * 2 ** -11 + 1e-9
    expect(distance([...bank.holdoutScores], [...holdout])).toBeLessThanOrEqual(grid)
    expect(events.length).toBe(bank.rounds)
    expect(bank.losses.at(-1)).toBeLessThan(bank.losses[0]!)
  },
)

test('mini-batches come near the same model', async () => {
  const { joint, clear } = await trainInMemory(pool, [3, 2], { batchRows: 512, rounds: 24 })
  expect(distance(joint, clear)).toBeLessThan(0.1)
})

test('a guest and a host without kernels train with a host that has them', async () => {
  await using alone = await HePool.open({ workers: 1, engine: 'seal' })
  const { joint, clear } = await trainInMemory([alone, pool, alone], [2, 2, 1], { rounds: 12 })
  expect(distance(joint, clear)).toBeLessThan(0.02)
})
