// What a park gains by training with two others: figures in protocols/fedavg/README.md.
import { expect, test } from 'vitest'
import { compareParks, parkHolders } from './parks.ts'

test('the model of three parks is at least as good as that of each, on its own loans, and as one of all loans in one place', async () => {
  const parks = await parkHolders({ applications: 30_000, seed: 20_220_101, badRate: 0.13 })
  const { federated, pooled, holders } = await compareParks(parks, 'logistic')
  expect(Math.abs(federated - pooled)).toBeLessThan(0.003)
  const gains = holders.map(({ own, federated: joint }) => joint - own!)
  for (const gain of gains) expect(gain).toBeGreaterThan(0)
  expect(gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toBeGreaterThan(0.01)
})
