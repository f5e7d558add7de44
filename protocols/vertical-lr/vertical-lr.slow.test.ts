import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { distance } from './sample-run.ts'
import { trainInMemory } from './train-in-memory.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
}, 60_000)
afterAll(() => pool[Symbol.asyncDispose]())

test('the joint model of a guest and four hosts is the centralised model', async () => {
  const { joint, clear } = await trainInMemory(pool, [2, 2, 1, 1, 2])
  expect(distance(joint, clear)).toBeLessThan(0.02)
})

test('mini-batches come near the same model', async () => {
  const { joint, clear } = await trainInMemory(pool, [3, 2], { batchRows: 512, rounds: 24 })
  expect(distance(joint, clear)).toBeLessThan(0.1)
})
