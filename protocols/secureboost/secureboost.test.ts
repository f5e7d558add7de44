// The whole protocol against the same training in the clear.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { comparedModel, comparedReference, trainInTheClear } from './reference.ts'
import { boost, makeSample, type SampleOptions } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

async function againstReference(options: SampleOptions): Promise<void> {
  const sample = makeSample(options)
  const { precision } = sample.guest.params.boost
  const { guest, hosts } = await boost(pool, sample)
  const reference = trainInTheClear(sample, precision === 'exact' ? 'real' : precision)
  expect(comparedModel(guest, hosts)).toEqual(comparedReference(sample, reference))
  expect(guest.start).toBe(reference.start)
  const all = Object.values(guest.margins).flatMap((margins) => [...margins])
  for (const [row, margin] of all.entries()) expect(margin).toBeCloseTo(reference.margins[row]!, 9)
}

describe('the model is that of the training in the clear', () => {
  test('exact, one host, hidden', () => againstReference({ boost: { precision: 'exact' } }))
  test('exact, one host, visible', () => againstReference({ boost: { precision: 'exact' }, membership: 'visible' }))
  test('quantised, one host', () => againstReference({}))
})
