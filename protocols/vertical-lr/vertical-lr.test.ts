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

test.each([[[3, 2]], [[3, 2, 2]]])('the joint model of %j columns is the centralised model', async (widths) => {
  const { joint, clear, bank, holdout, events } = await trainInMemory(pool, widths)
  expect(distance(joint, clear)).toBeLessThan(TOLERANCE)
  // Scores are released in steps of 2^-10 by each host.
  const grid = (widths.length - 1) * 2 ** -11 + 1e-9
  expect(distance([...bank.holdoutScores], [...holdout])).toBeLessThanOrEqual(grid)
  expect(events.length).toBe(bank.rounds)
  expect(bank.losses.at(-1)).toBeLessThan(bank.losses[0]!)
})
