// What a dispute reads out of updates of each kind: changes that weighted together are the mean that all were told.
import { expect, test } from 'vitest'
import { chargeInMemory } from '#protocols/fedavg/privacy/accountant.ts'
import type { FedAvgInput, FedAvgParams, KeptRound } from '#protocols/fedavg/params.ts'
import { average, COLUMNS, makeInputs, PARTIES } from '#protocols/fedavg/sample.ts'
import { trainingRows } from '#protocols/fedavg/standardise.ts'
import { diagnoseRound } from './diagnosis.ts'

const PRIVACY = { unit: 'party', l2Clip: 0.5, noiseMultiplier: 0.01, sampleRate: 1, delta: 1e-5, budget: 1e6 } as const

/** One training round, and what the guest makes of it. */
async function disputed(change: Partial<FedAvgParams>, poisoner?: number) {
  const kept: KeptRound[] = []
  const inputs = makeInputs(5, { rounds: 1, ...change }).map((input, i): FedAvgInput => {
    const { columns, labels } = input.train
    return {
      ...input,
      train: { columns, labels: i === poisoner ? labels.map((label) => 1 - label) : labels },
      keep: async (round) => void (kept[i] = round),
      ...(change.privacy === undefined ? {} : { charge: chargeInMemory(change.privacy) }),
    }
  })
  await average(inputs)
  const [own] = kept as [KeptRound]
  const [{ params, holdout }] = inputs as [FedAvgInput]
  const training = { params, columns: COLUMNS, validation: trainingRows(holdout, own.scales) }
  return await diagnoseRound(
    training,
    own,
    kept.map(({ opening }) => opening!),
  )
}

test.each<[string, Partial<FedAvgParams>]>([
  ['averaging', {}],
  ['SCAFFOLD', { scaffold: true }],
  ['opened by all together', { opening: 'shared' }],
  ['differential privacy of a party', { privacy: PRIVACY }],
  ['differential privacy, opened by all together', { privacy: PRIVACY, opening: 'shared' }],
])('%s: nobody is suspected without a reason, and who trained on turned labels is', async (_, change) => {
  const honest = await disputed(change)
  expect(honest.map(({ suspect }) => suspect)).toEqual([false, false, false, false, false])
  const found = await disputed(change, 3)
  expect(found.filter(({ suspect }) => suspect).map(({ party }) => party)).toEqual([PARTIES[3]])
  if (change.privacy !== undefined) return
  // lengths are those of the changes, whatever grid they stood on; with privacy noise comes on top
  const plain = await disputed({})
  for (const [i, { length }] of honest.entries()) expect(length / plain[i]!.length).toBeCloseTo(1, 1)
})
