// Rounds in which not all take part go on with those that do, and who was left out ends with the same model.
import { expect, test } from 'vitest'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { mean } from './bodies.ts'
import type { FedAvgParams } from './params.ts'
import { averageAmong, without } from './sample.ts'

/** Little noise: what is seen is that all end alike, and that somebody learns. */
const PRIVACY = { unit: 'party', l2Clip: 0.5, noiseMultiplier: 0.1, sampleRate: 1, delta: 1e-5, budget: 1000 } as const

/** park-west misses rounds 2 and 3, the guest round 4 */
const takingPart = (round: number) =>
  [undefined, undefined, without('park-west'), without('park-west'), without('bank')][round]

test.each<[string, Partial<FedAvgParams>]>([
  ['opened by turns', {}],
  ['opened by all that take part', { opening: 'shared' }],
  ['SCAFFOLD', { scaffold: true }],
  ['differential privacy', { privacy: PRIVACY }],
])('who is left out hears the mean and ends with the same model as the others: %s', async (_, params) => {
  const outputs = await averageAmong(params, takingPart)
  expect(new Set(outputs.map(({ digest }) => digest)).size).toBe(1)
  for (const { rounds } of outputs) {
    expect(rounds.map(({ leftOut }) => leftOut?.join())).toEqual([
      undefined,
      'park-west',
      'park-west',
      'bank',
      undefined,
    ])
    expect(rounds.every(({ opener, leftOut }) => leftOut?.includes(opener) !== true)).toBe(true)
  }
  expect(outputs[2]!.rounds.map(({ ownLoss }) => ownLoss !== undefined)).toEqual([true, false, false, true, true])
  const [first] = outputs
  expect(first!.rounds.at(-1)!.quality!.loss).toBeLessThan(first!.rounds[0]!.quality!.loss)
  // quality is over the rows of those that measured it: a round later
  expect(first!.rounds.map(({ quality }) => quality!.rows)).toEqual([240, 240, 240, 320, 320])
})

test('a mean is over the rows of those that took part', async () => {
  const told = async (taking: typeof takingPart) => {
    const network = new MemoryNetwork()
    const [first] = await averageAmong({ rounds: 1 }, taking, network)
    const bodies = network.transcript.filter(({ step }) => step === 'mean').map(({ bytes }) => mean.decode(bytes))
    return { rows: bodies[0]!.rows, weights: first!.weights }
  }
  const [all, three] = [
    await told(() => undefined),
    await told((round) => (round === 1 ? without('park-west') : undefined)),
  ]
  // 120 + 160 + 200 + 240, without 200
  expect([all.rows, three.rows]).toEqual([720, 520])
  const length = (weights: Float32Array) => Math.hypot(...weights)
  // divided by the rows of all, a step would have lost more than a quarter
  expect(length(three.weights) / length(all.weights)).toBeGreaterThan(0.85)
})
