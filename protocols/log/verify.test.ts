import { expect, test } from 'vitest'
import { SyntheticLog } from '#experiments/log/synthetic-log.ts'
import { verifyLog } from './verify.ts'

async function* streamOf(leaves: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* leaves
}

test('a log of several jobs is valid', async () => {
  const log = new SyntheticLog()
  const leaves = [...log.leaves(1500)]
  const report = await verifyLog({
    origin: log.origin,
    participants: log.participants,
    logKey: log.logKey,
    checkpoint: log.checkpoint(),
    leaves: streamOf(leaves),
  })
  expect(report.problems).toEqual([])
  expect(report.facts.size).toBe(1500)
})
