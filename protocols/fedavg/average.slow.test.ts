// Whole trainings between parties in one process: what is opened is the exact sum, all parties end with the same model.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fieldsFor } from '#crypto/aggregate/fields.ts'
import { MemoryNetwork, type WireMessage } from '#protocols/core/memory.ts'
import { decodeUpdate } from './adder.ts'
import { planOf } from './average-round.ts'
import { mean, rows, sum } from './bodies.ts'

import { GroupSum } from './group-sum.ts'
import type { FedAvgInput, FedAvgParams, KeptRound } from './params.ts'
import { chargeInMemory } from './privacy/accountant.ts'
import type { PrivacyPlan } from './privacy/plan.ts'
import type { PrivacySettings } from './privacy/settings.ts'
import { commitUpdate, type UpdateOpening } from './robustness/commitment.ts'
import { average, COLUMNS, makeInputs, PARAMS, PARTIES } from './sample.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const PRIVACY = {
  unit: 'party',
  l2Clip: 0.5,
  noiseMultiplier: 0.1,
  sampleRate: 1,
  delta: 1e-5,
  budget: 1000,
} as const

/** One step a round over about half of the rows, each row's gradient clipped. */
const ROW_PRIVACY = { ...PRIVACY, unit: 'row', l2Clip: 1, noiseMultiplier: 0.5, sampleRate: 0.5 } as const

function privately(inputs: readonly FedAvgInput[], privacy: PrivacySettings = PRIVACY): FedAvgInput[] {
  return inputs.map((input) => ({ ...input, params: { ...input.params, privacy }, charge: chargeInMemory(privacy) }))
}

test('all parties end with the same model, measured over the rows of all, and each with its own last layer', async () => {
  const outputs = await average(makeInputs(3, { personal: { epochs: 2, learningRate: 0.05 } }))
  expect(new Set(outputs.map(({ digest }) => digest)).size).toBe(1)
  const [first, second] = outputs as [(typeof outputs)[0], (typeof outputs)[0]]
  expect(first).toMatchObject({ trainRows: 120 + 160 + 200, holdoutRows: 240, bestRound: 4, stoppedEarly: false })
  expect(first.rounds.map(({ opener }) => opener)).toEqual(['park-east', 'park-west', 'bank', 'park-east'])
  expect(first.sums).toEqual({ bank: 2, 'park-east': 2, 'park-west': 2 })
  expect(first.rounds.map(({ quality }) => quality)).toEqual(second.rounds.map(({ quality }) => quality))
  const losses = first.rounds.map(({ quality }) => quality!.loss)
  expect(losses[3]).toBeLessThan(losses[0]!)
  expect(first.rounds[3]!.quality!.auc).toBeGreaterThan(0.75)
  // Own measures are of own rows, and add up to those of all.
  const bad = outputs.reduce((total, { own }) => total + own!.bad, 0)
  expect(first.rounds[0]!.quality!.bad).toBe(bad)
  expect(first.personal!.weights).not.toEqual(second.personal!.weights)
  expect(first.holdoutScores).toHaveLength(80)
})

test.each<[string, Partial<FedAvgParams>, PrivacySettings?]>([
  ['plain averaging', {}],
  ['SCAFFOLD, with variates beside the weights', { scaffold: true }],
  ['opened by all parties together', { opening: 'shared' }],
  ['differential privacy of a party, noise included', {}, PRIVACY],
  ['differential privacy of a row, noise included', {}, ROW_PRIVACY],
  ['the same, opened by all parties together', { opening: 'shared', rounds: 1 }, ROW_PRIVACY],
])('every round, what is opened is exactly the sum of what went in: %s', async (_, params, privacy) => {
  const given = new Map<string, Uint32Array[]>()
  const original = GroupSum.prototype.contribute
  vi.spyOn(GroupSum.prototype, 'contribute').mockImplementation(function (this: GroupSum, values, count) {
    given.set(this.keyId, [...(given.get(this.keyId) ?? []), values])
    return original.call(this, values, count)
  })
  const network = new MemoryNetwork()
  const inputs = makeInputs(4, { rounds: 3, ...params })
  await average(privacy === undefined ? inputs : privately(inputs, privacy), network)
  const told = network.transcript.filter(({ step }) => step === 'mean').map(({ bytes }) => mean.decode(bytes))
  // Training rounds, three where nothing else is said, and one that only measures, each told to three others.
  const { rounds = 3 } = params
  expect(told).toHaveLength((rounds + 1) * 3)
  expect(given.size).toBe(rounds + 2)
  for (const { label, sums } of told) {
    const vectors = given.get(Buffer.from(label).toString('hex'))!
    expect(vectors).toHaveLength(4)
    expect([...sums]).toEqual([...sums.keys()].map((i) => vectors.reduce((total, own) => total + own[i]!, 0)))
  }
})

/** Changes the messages of one step, the others stay. */
function changing(name: string, change: (bytes: Uint8Array, message: WireMessage) => Uint8Array): MemoryNetwork {
  return new MemoryNetwork((message) => [message.step === name ? change(message.bytes, message) : message.bytes])
}

test('one residue of one update changed by one bit is noticed by the opener', async () => {
  const network = changing('update', (bytes, { round, from }) => {
    if (round !== 2 || from !== 'park-west') return bytes
    return bytes.map((byte, i) => (i === bytes.length - 500 ? byte ^ 1 : byte))
  })
  await expect(average(makeInputs(3), network)).rejects.toMatchObject({ code: 'he.noise' })
})

test('opened by all together, the model is as good, and who is shown another sum keeps it shut', async () => {
  const [rotating] = await average(makeInputs(3))
  const [shared] = await average(makeInputs(3, { opening: 'shared' }))
  expect(shared!.rounds[3]!.quality!.loss).toBeCloseTo(rotating!.rounds[3]!.quality!.loss, 3)
  const network = changing('sum-shown', (bytes, { round, to }) => {
    if (round !== 1 || to !== PARTIES[2]) return bytes
    return bytes.map((byte, i) => (i === bytes.length - 9 ? byte ^ 1 : byte))
  })
  await expect(average(makeInputs(3, { opening: 'shared' }), network)).rejects.toMatchObject({ code: 'he.noise' })
  const otherLabel = changing('share', (bytes) => sum.encode({ ...sum.decode(bytes), label: new Uint8Array(32) }))
  await expect(average(makeInputs(3, { opening: 'shared' }), otherLabel)).rejects.toMatchObject({
    code: 'average.other-round',
  })
})

test.each<[string, Partial<FedAvgParams>]>([
  ['FedProx', { proximal: 0.1 }],
  ['FedAdam', { server: { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3 } }],
  ['FedYogi', { server: { kind: 'yogi', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3 } }],
  ['SCAFFOLD', { scaffold: true }],
  ['a network', { model: { kind: 'mlp', hidden: [4], activation: 'tanh' } }],
])('%s lowers the loss, the same at all parties', async (_, params) => {
  const outputs = await average(makeInputs(3, { rounds: 5, ...params }))
  expect(new Set(outputs.map(({ digest }) => digest)).size).toBe(1)
  const losses = outputs[0]!.rounds.map(({ quality }) => quality!.loss)
  expect(losses).toHaveLength(5)
  expect(losses.at(-1)).toBeLessThan(losses[0]!)
  expect(losses.at(-1)).toBeLessThan(0.6)
})

test('a loss that does not fall ends training, and the best model counts', async () => {
  const wild = { local: { ...PARAMS.local, learningRate: 3 }, clip: 20, rounds: 12, patience: 2 }
  const [first, ...others] = await average(makeInputs(3, wild))
  const losses = first!.rounds.flatMap(({ quality }) => (quality === undefined ? [] : [quality.loss]))
  expect(first!.stoppedEarly).toBe(true)
  expect(first!.rounds.length).toBeLessThan(12)
  expect(first!.rounds.length).toBe(first!.bestRound + 3)
  if (first!.bestRound > 0) expect(losses[first!.bestRound - 1]).toBe(Math.min(...losses))
  for (const other of others) expect(other.digest).toBe(first!.digest)
  const opened = Object.values(first!.sums).reduce((total, count) => total + count, 0)
  expect(opened).toBe(first!.rounds.length + 1)
})

test('a training goes on from the model of an earlier one, with a party less or more', async () => {
  const [before] = await average(makeInputs(3))
  const loss = before!.rounds.at(-1)!.quality!.loss
  const more = makeInputs(4, { rounds: 2 }).map((input) => ({ ...input, start: before!.weights }))
  const [after] = await average(more)
  const [anew] = await average(makeInputs(4, { rounds: 2 }))
  expect(after!.rounds[0]!.quality!.loss).toBeLessThan(anew!.rounds[0]!.quality!.loss)
  expect(after!.rounds[0]!.quality!.loss).toBeCloseTo(loss, 1)
  const differing = more.map((input, i) =>
    i === 2 ? { ...input, start: new Float32Array(before!.weights.length) } : input,
  )
  await expect(average(differing)).rejects.toMatchObject({ code: 'task.params-differ' })
  const short = more.map((input) => ({ ...input, start: new Float32Array(2) }))
  await expect(average(short)).rejects.toMatchObject({ code: 'average.settings' })
})

test('a bound of changes: longer ones are scaled down, a mean that is longer is refused by all', async () => {
  const [first] = await average(makeInputs(3, { rounds: 2, normBound: 0.05 }))
  expect(first!.rounds.map(({ scaled }) => scaled)).toEqual([true, true])
  const [free] = await average(makeInputs(3, { rounds: 2, normBound: 50 }))
  expect(free!.rounds.map(({ scaled }) => scaled)).toEqual([false, false])
  // A party whose program is changed: it multiplies its update, which all parties see at the length of the mean.
  const original = GroupSum.prototype.contribute
  vi.spyOn(GroupSum.prototype, 'contribute').mockImplementation(function (this: GroupSum, values, count) {
    const { levels } = this.fields
    const far = values.map((value, i) => {
      const changed = Math.round(levels / 2 + 50 * (value - levels / 2))
      return i < COLUMNS.length + 1 ? Math.min(levels, Math.max(0, changed)) : value
    })
    return original.call(this, values.length < 10 || count !== 160 ? values : far, count)
  })
  // Nobody goes on from it, and each has what a dispute about that round needs.
  const kept: string[] = []
  const keeping = makeInputs(3, { rounds: 2, normBound: 0.05 }).map((input, i) => ({
    ...input,
    keep: async ({ round, opening, commitments }: KeptRound) =>
      void kept.push(`${PARTIES[i]} ${round} ${opening?.party} ${commitments.length}`),
  }))
  await expect(average(keeping)).rejects.toMatchObject({ code: 'robustness.sum-too-long' })
  expect(kept.toSorted()).toEqual(
    PARTIES.slice(0, 3)
      .map((party) => `${party} 1 ${party} 3`)
      .toSorted(),
  )
})

test('the commitment of an update is that of its vector, and of no other', async () => {
  const kept: UpdateOpening[] = []
  const original = GroupSum.prototype.contribute
  vi.spyOn(GroupSum.prototype, 'contribute').mockImplementation(function (this: GroupSum, values, count) {
    kept.push(this.openingOf(values, count))
    return original.call(this, values, count)
  })
  const network = new MemoryNetwork()
  await average(makeInputs(3, { rounds: 1 }), network)
  const updates = network.transcript.filter(({ step }) => step === 'update')
  expect(kept).toHaveLength(updates.length)
  for (const { bytes, from } of updates) {
    const { label, commitment } = decodeUpdate(bytes)
    const opening = kept.find((one) => one.party === from && Buffer.compare(one.label, label) === 0)!
    expect(Buffer.from(commitUpdate(opening)).toString('hex')).toBe(Buffer.from(commitment!).toString('hex'))
    expect(commitUpdate({ ...opening, values: opening.values.with(0, opening.values[0]! ^ 1) })).not.toEqual(
      new Uint8Array(commitment!),
    )
  }
})

test('without hold-out rows nothing is measured and the last model counts', async () => {
  const network = new MemoryNetwork()
  const inputs = makeInputs(3).map((input) => ({
    ...input,
    holdout: { columns: input.columns.map(() => new Float64Array(0)), labels: new Uint8Array(0) },
  }))
  const [first] = await average(inputs, network)
  expect(first).toMatchObject({ bestRound: 4, holdoutRows: 0, stoppedEarly: false })
  expect(first!.own).toBeUndefined()
  expect(first!.rounds.every(({ quality }) => quality === undefined)).toBe(true)
  expect(network.transcript.filter(({ step }) => step === 'sum')).toHaveLength(5)
})

test('rows are standardised by the scales that all parties agreed on', async () => {
  const plain = makeInputs(3, { rounds: 2 })
  const stretched = plain.map((input) => {
    const stretch = (part: FedAvgInput['train']) => ({
      ...part,
      columns: part.columns.map((values) => values.map((value) => 1000 * value + 7)),
    })
    const scales = input.columns.map(() => ({ mean: 7, deviation: 1000 }))
    return { ...input, scales, train: stretch(input.train), holdout: stretch(input.holdout) }
  })
  const [[one], [other]] = [await average(plain), await average(stretched)]
  for (const [i, weight] of other!.weights.entries()) expect(weight).toBeCloseTo(one!.weights[i]!, 3)
  const own = await average(plain.map((input) => ({ ...input, scales: 'own' as const })))
  expect(new Set(own.map(({ digest }) => digest)).size).toBe(1)
  const means = own.map(({ scales }) => scales![0]!.mean)
  expect(means).toEqual(means.toSorted((a, b) => a - b))
  expect(new Set(means).size).toBe(3)
  const differing = stretched.map((input, i) =>
    i === 2 ? { ...input, scales: input.scales.with(0, null as never) } : input,
  )
  await expect(average(differing)).rejects.toMatchObject({ code: 'task.params-differ' })
})

test('differential privacy: two parties may average, and the budget ends training', async () => {
  const [first, second] = await average(privately(makeInputs(2)))
  expect(first!.digest).toBe(second!.digest)
  // Over two, what is measured would be the other's own: it is not measured.
  expect(first!.rounds.every(({ quality }) => quality === undefined)).toBe(true)
  expect(first!.own!.rows).toBe(80)
  expect(first!.rounds.map(({ epsilon }) => epsilon!)).toEqual(
    first!.rounds.map(({ epsilon }) => epsilon!).toSorted((a, b) => a - b),
  )
  const tight = { ...PRIVACY, noiseMultiplier: 2, budget: 5 }
  const [limited] = await average(privately(makeInputs(3, { rounds: 50 }), tight))
  expect(limited!.rounds.length).toBeGreaterThan(1)
  expect(limited!.rounds.length).toBeLessThan(50)
  expect(limited!.rounds.at(-1)!.epsilon).toBeLessThanOrEqual(5)
})

test('differential privacy of a row: steps over samples of rows lower the loss', async () => {
  const steps = { rounds: 6, server: { kind: 'average', learningRate: 1.5 } } as const
  const outputs = await average(privately(makeInputs(3, steps), ROW_PRIVACY))
  expect(new Set(outputs.map(({ digest }) => digest)).size).toBe(1)
  const losses = outputs[0]!.rounds.map(({ quality }) => quality!.loss)
  expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.03)
  const { epsilon } = outputs[0]!.rounds.at(-1)!
  expect(epsilon).toBeGreaterThan(outputs[0]!.rounds[0]!.epsilon!)
})

test('differential privacy where all open together: the lattice is that of a shared sum, the cost of a round that of any', async () => {
  const shared = makeInputs(3, { opening: 'shared', rounds: 1 })
  const [first, ...others] = await average(privately(shared))
  for (const { digest } of others) expect(digest).toBe(first!.digest)
  const facts = { group: { participants: PARTIES.slice(0, 3), keys: {} }, totals: { train: 480, holdout: 240 } }
  const planFor = (opening: 'shared' | 'rotating') =>
    planOf({ ...PARAMS, ...shared[0]!.params, privacy: PRIVACY, opening }, facts, 5) as PrivacyPlan
  const [coarse, fine] = [planFor('shared'), planFor('rotating')]
  expect(coarse.step).toBeGreaterThan(fine.step)
  expect(coarse.noise / fine.noise).toBeGreaterThanOrEqual(1)
  expect(coarse.noise / fine.noise).toBeLessThan(1.2)
  const { mechanism } = coarse
  const { epsilon } = await chargeInMemory(PRIVACY)({ round: 'a', mechanism })
  expect(first!.rounds[0]!.epsilon).toBe(epsilon)
})

describe('refusals', () => {
  const refused = (inputs: readonly FedAvgInput[], code: string, network?: MemoryNetwork) =>
    expect(average(inputs, network)).rejects.toMatchObject({ code })

  test('fewer than three parties without differential privacy', () => refused(makeInputs(2), 'average.too-few-parties'))

  test('a party with fewer rows than the floor, and a floor below the one in code', async () => {
    await refused(makeInputs(3, { minimumRows: 130 }), 'release.too-few-rows')
    await refused(makeInputs(3, { minimumRows: 49 }), 'average.settings')
  })

  test('fewer hold-out rows than the floor', async () => {
    const inputs = makeInputs(3).map(({ holdout, ...input }) => {
      const few = { columns: holdout.columns.map((values) => values.slice(0, 10)), labels: holdout.labels.slice(0, 10) }
      return { ...input, holdout: few }
    })
    await refused(inputs, 'release.too-few-rows')
  })

  test.each<[string, (input: FedAvgInput) => FedAvgInput]>([
    ['another learning rate', (input) => ({ ...input, params: { ...input.params, clip: 0.5 } })],
    ['other columns', (input) => ({ ...input, columns: ['age', 'sales', 'debt', 'other'] })],
    [
      'another model',
      (input) => ({ ...input, params: { ...input.params, model: { kind: 'logistic', missing: 'indicator' } } }),
    ],
    ['other sums before', (input) => ({ ...input, sumsBefore: { bank: 2 } })],
  ])('%s at one party', (_, change) =>
    refused(
      makeInputs(3).map((input, i) => (i === 1 ? change(input) : input)),
      'task.params-differ',
    ),
  )

  test('SCAFFOLD with differential privacy', () =>
    refused(privately(makeInputs(3, { scaffold: true })), 'average.settings'))

  test('a mean that no updates can give', async () => {
    const { levels } = fieldsFor(3)
    const network = changing('mean', (bytes) => {
      const body = mean.decode(bytes)
      return mean.encode({ ...body, sums: body.sums.map((one, i) => (i === 0 ? 3 * levels + 1 : one)) })
    })
    await refused(makeInputs(3), 'average.impossible', network)
    const shorter = changing('mean', (bytes) => {
      const body = mean.decode(bytes)
      return mean.encode({ ...body, sums: body.sums.subarray(1) })
    })
    await refused(makeInputs(3), 'average.impossible', shorter)
    const fewer = changing('mean', (bytes) => {
      const { quality, ...body } = mean.decode(bytes)
      return mean.encode({ ...body, quality: { ...quality!, rows: quality!.rows - 1 } })
    })
    await refused(makeInputs(3), 'average.impossible', fewer)
    const none = changing('rows', (bytes) => rows.encode({ ...rows.decode(bytes), train: 10 }))
    await refused(makeInputs(3), 'average.impossible', none)
  })

  test('commitments that are not what a party said, and too few of them', async () => {
    const other = changing('mean', (bytes, { to }) => {
      const body = mean.decode(bytes)
      const changed = body.commitments!.map((one, i) => (PARTIES[i] === to ? one.map((byte) => byte ^ 1) : one))
      return mean.encode({ ...body, commitments: changed })
    })
    await refused(makeInputs(3), 'average.impossible', other)
    const none = changing('mean', (bytes) => mean.encode({ ...mean.decode(bytes), commitments: [] }))
    await refused(makeInputs(3), 'average.impossible', none)
    // of another party's a party cannot know: it shows in the next round, whose label all must share
    const ofAnother = changing('mean', (bytes, { to, round }) => {
      if (to !== PARTIES[2] || round !== 1) return bytes
      const body = mean.decode(bytes)
      return mean.encode({ ...body, commitments: body.commitments!.with(0, new Uint8Array(32)) })
    })
    await refused(makeInputs(3), 'average.other-round', ofAnother)
  })

  test('a mean or a sum of another round', async () => {
    const [otherMean, otherSum] = [
      changing('mean', (bytes) => mean.encode({ ...mean.decode(bytes), label: new Uint8Array(32) })),
      changing('sum', (bytes) => sum.encode({ ...sum.decode(bytes), label: new Uint8Array(32) })),
    ]
    await refused(makeInputs(3), 'average.other-round', otherMean)
    await refused(makeInputs(3), 'average.other-round', otherSum)
  })

  test('an opener that tells one party another mean is found out in the next round', async () => {
    const network = changing('mean', (bytes, { to, round }) => {
      if (to !== PARTIES[2] || round !== 1) return bytes
      const body = mean.decode(bytes)
      return mean.encode({ ...body, sums: body.sums.map((one, i) => (i === 0 ? one + 1 : one)) })
    })
    await refused(makeInputs(3), 'average.other-round', network)
    expect(network.transcript.some(({ step, round }) => step === 'sum' && round === 2)).toBe(false)
  })
})
