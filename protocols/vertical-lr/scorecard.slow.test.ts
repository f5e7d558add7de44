// Weight-of-evidence columns: weights, bounds and tests of the joint model against fits in the clear.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { memoryVault, MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import { silentLogger } from '#runtime/log.ts'
import { coarserColumns } from './columns.ts'
import { type GuestOutput, openGuest } from './guest.ts'
import { mix, productCount, solveMixing, stepProducts } from './mixing.ts'
import { baseCurvature, projectNonNegative } from './optimiser.ts'
import { clearErrors, distance, partiesOf, trainSample } from './sample-run.ts'
import { WOE_PARAMS, woeInputs } from './sample-woe.ts'
import { partialScores } from './scores.ts'
import { twoSidedP, waldTests } from './wald.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

/** As the bar says: 5e-3 of the centralised coefficients, 2 % of the centralised standard errors. */
const COEFFICIENT = 5e-3
/** And 1e-3 with `precision: fine`. */
const FINE_COEFFICIENT = 1e-3
const ERROR = 0.02

test('weights, standard errors, p-values and scores of a card of three parties with decoys are those in the clear', async () => {
  const rows = 2500
  const params = { ...WOE_PARAMS, rounds: 20, standardErrors: true }
  const sample = woeInputs([3, 2, 2], rows, params, { decoyEvery: 2, base: -3 })
  const scored = [
    { from: 0, to: 100 },
    { from: 1900, to: rows },
  ]
  for (const input of [sample.guest, ...sample.hosts]) Object.assign(input, { scored })
  const { bank, joint, clear, all, tests } = await trainSample(pool, sample)
  expect(distance(joint, clear)).toBeLessThan(COEFFICIENT)
  expect(bank.converged).toBe(true)
  const errors = clearErrors(sample, all, clear)
  const expected = waldTests(clear, errors)
  for (const [j, { standardError, z, p }] of tests.entries()) {
    expect(Math.abs(standardError / errors[j]! - 1)).toBeLessThan(ERROR)
    expect(Math.abs(z - expected[j]!.z)).toBeLessThan(0.03 * Math.abs(expected[j]!.z) + 0.01)
    expect(Math.abs(p - expected[j]!.p)).toBeLessThan(0.02)
  }
  const exact = scored.flatMap(({ from, to }) => [...partialScores(all, joint, from, to)])
  expect(bank.scores.length).toBe(exact.length)
  expect(distance(bank.scores, exact)).toBeLessThanOrEqual(2 * 2 ** -11 + 1e-9)
  expect(distance(bank.holdoutScores, exact.slice(200))).toBeLessThanOrEqual(2 * 2 ** -11 + 1e-9)
})

test('with fine precision weights are within 1e-3 of those in the clear', async () => {
  const params = { ...WOE_PARAMS, precision: 'fine', harmonics: 8, tolerance: 5e-5, rounds: 30 } as const
  const { bank, joint, clear } = await trainSample(pool, woeInputs([3, 2, 2], 2500, params, { base: -3 }))
  expect(bank.converged).toBe(true)
  expect(distance(joint, clear)).toBeLessThan(FINE_COEFFICIENT)
})

test('weights that may not be negative are those of the bounded fit, and held ones have no test', async () => {
  const params = { ...WOE_PARAMS, rounds: 20, nonNegative: true, standardErrors: true }
  const sample = woeInputs([3, 3], 2500, params, { signs: 'mixed', base: -2.5 })
  const { joint, clear, all, tests } = await trainSample(pool, sample)
  expect(clear.filter((weight) => weight === 0).length).toBeGreaterThan(0)
  expect(Math.min(...joint.slice(0, -1))).toBe(0)
  expect(distance(joint, clear)).toBeLessThan(COEFFICIENT)
  const errors = clearErrors(sample, all, clear)
  for (const [j, { standardError, p }] of tests.entries()) {
    if (clear[j] === 0) expect([standardError, p]).toEqual([Number.NaN, Number.NaN])
    else expect(Math.abs(standardError / errors[j]! - 1)).toBeLessThan(ERROR)
  }
})

test('a second training that starts from the weights of the first is over at once', async () => {
  const params = { ...WOE_PARAMS, rounds: 15 }
  const sample = woeInputs([2, 2], 1500, params, { base: -2 })
  const first = await trainSample(pool, sample)
  const { guest, hosts } = sample
  const again = await trainSample(pool, {
    guest: { ...guest, start: [...first.bank.weights, first.bank.intercept] },
    hosts: hosts.map((host, i) => ({ ...host, start: first.parts[i]!.weights })),
  })
  expect(again.bank.rounds).toBeLessThanOrEqual(3)
  expect(distance(again.joint, first.joint)).toBeLessThan(2e-3)
})

test('the information round that is run again after a crash says the same', async () => {
  const params = { ...WOE_PARAMS, rounds: 2, standardErrors: true }
  const { guest, hosts } = woeInputs([2, 1], 700, params)
  // One program of each party, run twice from one vault: every mask and key is drawn once.
  const vaults = new Map(['bank', 'host-0'].map((id) => [id, memoryVault()]))
  const run = async () => {
    const network = new MemoryNetwork()
    const parties = partiesOf(pool, { guest, hosts }).map((party) => {
      const program = party.program as never as ReturnType<typeof openGuest>
      const within = (task: Parameters<typeof program.setup>[0]) => ({ ...task, vault: vaults.get(party.id)! })
      const wrapped: typeof program = {
        setup: (task, input) => program.setup(within(task), input),
        round: (task, input, state, round) => program.round(within(task), input, state, round),
        finish: (task, input, state) => program.finish(within(task), input, state),
      }
      return { ...party, program: wrapped as never }
    })
    const outputs = await runInMemory(parties, network, { log: silentLogger })
    return { bank: outputs.get('bank') as GuestOutput, transcript: network.transcript }
  }
  const [first, again] = [await run(), await run()]
  expect(again.bank).toEqual(first.bank)
  const plain = (said: typeof first.transcript) =>
    said
      .filter(({ kind }) => kind !== 'ciphertext')
      .map(
        ({ from, to, round, step, part, bytes }) =>
          `${from}>${to} ${round} ${step} ${part} ${Buffer.from(bytes).toString('hex')}`,
      )
      .sort()
  expect(plain(again.transcript)).toEqual(plain(first.transcript))
})

test('p-values are those of the normal distribution', () => {
  // mpmath: erfc(z / sqrt(2))
  const known = [
    [0, 1],
    [0.5, 0.617075077451974],
    [1, 0.31731050786291410283],
    [1.959963984540054, 0.05],
    [3, 0.0026997960632601865],
    [5, 5.733031437583878e-7],
    [10, 1.5239706048321053e-23],
    [38, 5.770848e-316],
  ] as const
  for (const [z, p] of known) expect(Math.abs(twoSidedP(z) - p)).toBeLessThanOrEqual(1e-12 * p + 1e-16)
  expect(twoSidedP(-1)).toBe(twoSidedP(1))
  expect(twoSidedP(10) / 1.5239706048321053e-23).toBeCloseTo(1, 10)
})

test('the nearest point without a negative coordinate, in the metric of a matrix, meets the conditions of optimality', () => {
  const matrix = Float64Array.of(2, 0.9, 0.3, 0.9, 1, 0.2, 0.3, 0.2, 1.5)
  const y = [1, -2, -1]
  const free = new Set([2])
  const w = projectNonNegative(matrix, 3, y, free)
  const slope = [0, 1, 2].map((a) => [0, 1, 2].reduce((sum, b) => sum + matrix[3 * a + b]! * (w[b]! - y[b]!), 0))
  for (const j of [0, 1]) {
    expect(w[j]).toBeGreaterThanOrEqual(0)
    expect(slope[j]).toBeGreaterThanOrEqual(-1e-9)
    expect(Math.abs(w[j]! * slope[j]!)).toBeLessThan(1e-9)
  }
  expect(Math.abs(slope[2]!)).toBeLessThan(1e-9)
  expect(w[2]).not.toBe(0)
})

test('mixing finds the fixed point of a linear map of two owners far sooner than its steps alone', () => {
  const a = [
    [0.5, 0.3],
    [0.3, 0.8],
  ] as const
  const factor = { size: 1, lower: Float64Array.of(1) }
  let weights = [0, 0]
  let earlier: { weights: number[]; step: number[] }[] = []
  let shortest = Number.POSITIVE_INFINITY
  for (let round = 0; round < 14; round++) {
    const step = a.map(([left, right], j) => 1 + left * weights[0]! + right * weights[1]! - weights[j]!)
    const of = (j: number) => earlier.map((one) => ({ weights: [one.weights[j]!], step: [one.step[j]!] }))
    const products = [0, 1].map((j) => stepProducts([step[j]!], of(j), factor))
    expect(products[0]!.length).toBe(productCount(earlier.length))
    const mixing = solveMixing(
      products[0]!.map((product, i) => product + products[1]![i]!),
      earlier.length,
      shortest,
    )
    shortest = mixing.shortest
    const next = [0, 1].map((j) => mix([weights[j]!], [step[j]!], of(j), mixing.factors)[0]!)
    earlier = [...earlier, { weights, step }].slice(-3)
    weights = next
  }
  // (1 − a)·w = 1; the slowest direction has 0.986, so 14 plain steps would do a fifth of the way
  expect(weights[0]!).toBeCloseTo(50, 3)
  expect(weights[1]!).toBeCloseTo(80, 3)
})

test('columns rounded at random are right on average, and those that fit are left alone', async () => {
  const data = { bits: 16, columns: [new Int32Array(40_000).fill(12_345), new Int32Array(40_000).fill(-99_999)] }
  const coarse = coarserColumns(data, 7, 40_000, await memoryVault().seed('rounding'))
  for (const [j, column] of coarse.columns.entries()) {
    const exact = data.columns[j]![0]! / 2 ** 9
    expect(new Set(column)).toEqual(new Set([Math.floor(exact), Math.ceil(exact)]))
    expect(Math.abs(column.reduce((sum, value) => sum + value, 0) / 40_000 - exact)).toBeLessThan(0.02)
  }
  expect(coarserColumns(data, 16, 40_000, await memoryVault().seed('rounding'))).toBe(data)
})

test('the base curvature counts rows of weight 1 only', () => {
  const labels = Uint8Array.from({ length: 1000 }, (_, i) => (i % 20 === 0 ? 1 : 0))
  expect(baseCurvature(labels, undefined, 1000).curvature).toBe(2 ** -3)
  const half = Uint8Array.from({ length: 1000 }, (_, i) => (i < 500 ? 1 : 0))
  expect(baseCurvature(labels, half, 1000).curvature).toBe(2 ** -4)
  expect(baseCurvature(labels, half, 1000).effectiveRows).toBe(500)
})
