// The scheduler dies before and after each of its writes while a party is away.
import { expect, test } from 'vitest'
import { awayOnce, judge, run } from './simulated-dropout.ts'

test.each(['before', 'after'] as const)(
  'killed %s any write while a party is away, no round has a sum and is voided',
  (when) => {
    const { writes } = run(awayOnce)
    expect(writes).toBeGreaterThan(60)
    // the first is that of the submission, which is then made again
    for (let at = 2; at <= writes; at++) {
      const world = run(awayOnce, at, when)
      expect(world.deaths, `write ${at}`).toBe(1)
      judge(world, `write ${at}`)
    }
  },
)
