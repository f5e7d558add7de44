import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { distance } from './sample-run.ts'
import { trainInMemory } from './train-in-memory.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
}, 60_000)
afterAll(() => pool[Symbol.asyncDispose]())

/**
 * The series is off by up to 0.01 where rows are (residual.test.ts); a coefficient moves by at most that over the
 * smallest curvature of these tables, and the last step is below the tolerance of the stopping rule.
 */
const TOLERANCE = 0.02

test('the joint model of two parties is the centralised model', async () => {
  const { joint, clear, bank, holdout, events } = await trainInMemory(pool, [3, 2])
  expect(distance(joint, clear)).toBeLessThan(TOLERANCE)
  // Scores are released in steps of 2^-10 by each host.
  expect(distance([...bank.holdoutScores], [...holdout])).toBeLessThanOrEqual(2 ** -11 + 1e-9)
  expect(events.length).toBe(bank.rounds)
  expect(bank.losses.at(-1)).toBeLessThan(bank.losses[0]!)
})
