// Local training: it learns, it finds the optimum of a convex problem, and each term does what its paper says.
import { setImmediate as turn } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { batchBounds, epochOrder } from './batches.ts'
import { openEngine } from './engine.ts'
import { openModel } from './model.ts'
import {
  ADAM,
  draws,
  joinRows,
  largestGap,
  logisticSlopes,
  newtonFit,
  plainSettings,
  sampleRows,
  seedOf,
  solve,
} from './sample.ts'
import { nextVariate } from './scaffold.ts'
import { summarise } from './score-histogram.ts'
import { openServer, type ServerState, serverStep, startOf } from './server.ts'
import type { OpenModel, TensorEngine, TrainingRows } from './types.ts'
import { updateOf } from './update.ts'

let engine: TensorEngine
beforeAll(async () => {
  engine = await openEngine()
})
const logistic = (columns: number) =>
  openModel(
    engine,
    { kind: 'logistic' },
    Array.from({ length: columns }, (_, j) => `x${j}`),
  )

test('an MLP learns an exclusive or, which a logistic regression cannot', async () => {
  const data = sampleRows(1, 800, 2, (x) => (x[0]! * x[1]! < 0 ? 20 : -20))
  const settings = { epochs: 30, batchRows: 50, learningRate: 0.03, optimiser: ADAM, decay: 0 }
  const auc: number[] = []
  for (const hidden of [[8], []]) {
    const model = await openModel(engine, { kind: 'mlp', hidden, activation: 'tanh' }, ['a', 'b'])
    const { weights } = await model.train({ weights: model.initial(seedOf(1)), data, settings, seed: seedOf(2) })
    auc.push(summarise(await model.measure(weights, data)).auc)
  }
  expect(auc[0]).toBeGreaterThan(0.99)
  expect(auc[1]).toBeLessThan(0.6)
})

test('a logistic regression reaches the fit of Newton in the clear', async () => {
  const decay = 0.05
  const data = sampleRows(2, 400, 3, (x) => 2 * x[0]! - x[1]! + 0.5)
  const exact = newtonFit(data, decay)
  const { weights } = await (await logistic(3)).train({
    weights: new Float32Array(4),
    data,
    settings: { ...plainSettings(1, 100, decay), optimiser: { kind: 'sgd', momentum: 0.5 } },
    seed: seedOf(1),
  })
  // A gradient is a mean of 400 products below 1 in float32; it can be lost below 400·2⁻²⁴, and a step below half a
  // unit in the last place of a weight. The distance to the optimum is at most that over the least curvature.
  const { hessian } = logisticSlopes(data, exact, decay)
  const lost = 400 * 2 ** -24 + 2 ** -24 * Math.max(...exact.map(Math.abs))
  expect(largestGap(weights, exact)).toBeLessThan((2 * lost) / leastCurvature(hessian, 4))
})

/** Lowest eigenvalue, by inverse iteration. */
function leastCurvature(hessian: Float64Array, size: number): number {
  let direction = new Float64Array(size).fill(1)
  let curvature = 0
  for (let i = 0; i < 50; i++) {
    const next = solve(hessian.slice(), direction)
    curvature = 1 / Math.hypot(...next)
    direction = next.map((value) => value * curvature)
  }
  return curvature
}

test('one step on all rows of three parties, weighted by rows, is one step on their union', async () => {
  const model = await openModel(engine, { kind: 'mlp', hidden: [4], activation: 'tanh' }, ['a', 'b'])
  const start = model.initial(seedOf(3))
  const parties = [50, 120, 230].map((rows, i) => sampleRows(10 + i, rows, 2, (x) => x[0]! + i))
  const settings = plainSettings(0.5, 1)
  const mean = new Float64Array(start.length)
  for (const data of parties) {
    const { weights } = await model.train({ weights: start, data, settings, seed: seedOf(1) })
    updateOf(weights, start).forEach((move, j) => {
      mean[j]! += (data.rows / 400) * move
    })
  }
  const server = { kind: 'average', learningRate: 1 } as const
  const after = serverStep(server, openServer(server, start), mean)
  const pooled = await model.train({ weights: start, data: parties.reduce(joinRows), settings, seed: seedOf(1) })
  expect(largestGap(after.weights, pooled.weights)).toBeLessThan(400 * 2 ** -24)
  expect(largestGap(mean, new Float64Array(mean.length))).toBeGreaterThan(0.01)
})

test('the same request gives the same bits; another seed another order', async () => {
  const model = await openModel(engine, { kind: 'mlp', hidden: [5], activation: 'relu' }, ['a', 'b'])
  const data = sampleRows(4, 500, 2, (x) => x[0]!)
  const settings = { epochs: 2, batchRows: 32, learningRate: 0.05, optimiser: ADAM, decay: 0.001 }
  const weights = model.initial(seedOf(1))
  const kept = weights.slice()
  const run = async (seed: number) => (await model.train({ weights, data, settings, seed: seedOf(seed) })).weights
  const first = await run(1)
  expect(await run(1)).toEqual(first)
  expect(await run(2)).not.toEqual(first)
  expect(weights).toEqual(kept)
})

test('every row is in one batch of an epoch, batches differ by one row, and orders by epoch', () => {
  for (const [rows, batchRows, batches] of [
    [10, 4, 3],
    [10, 3, 3],
    [1, 50, 1],
    [8000, 64, 125],
    [10, 100, 1],
  ] as const) {
    const bounds = batchBounds(rows, batchRows)
    const sizes = bounds.slice(1).map((bound, i) => bound - bounds[i]!)
    expect([sizes.length, bounds.at(-1)]).toEqual([batches, rows])
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  }
  expect(batchBounds(10, 'full')).toEqual([0, 10])
  const orders = [1, 2].map((epoch) => epochOrder(seedOf(1), epoch, 100))
  expect(orders[0]).not.toEqual(orders[1])
  for (const order of orders) expect(order.toSorted()).toEqual(Uint32Array.from({ length: 100 }, (_, i) => i))
})

test('batches larger than a tensor give the gradient of all their rows', async () => {
  const model = await logistic(1)
  const half = sampleRows(5, 6_000, 1, (x) => 2 * x[0]!)
  const data = joinRows(half, half)
  const [one, two] = await Promise.all(
    [half, data].map((rows) =>
      model.train({ weights: new Float32Array(2), data: rows, settings: plainSettings(1, 3), seed: seedOf(1) }),
    ),
  )
  expect(largestGap(one!.weights, two!.weights)).toBeLessThan(12_000 * 2 ** -24)
  expect(one!.loss).toBeCloseTo(two!.loss, 6)
})

test('the proximal term of FedProx pulls to where the round started, as far as its formula says', async () => {
  const model = await logistic(2)
  const data = sampleRows(6, 300, 2, (x) => 3 * x[0]!)
  const start = Float32Array.of(-1, 0.5, 0.2)
  const train = (proximal: number, epochs: number) =>
    model.train({ weights: start, data, settings: plainSettings(0.5, epochs), seed: seedOf(1), proximal })
  const far = (await train(0, 100)).weights
  const near = (await train(1, 100)).weights
  const distance = (w: Float32Array) => Math.hypot(...updateOf(w, start))
  expect(distance(near)).toBeLessThan(0.5 * distance(far))
  // at the minimum of loss + ½·μ·‖w − start‖² the gradient of the loss is μ·(start − w)
  const { gradient } = logisticSlopes(data, near, 0)
  expect(
    largestGap(
      gradient,
      updateOf(near, start).map((move) => -move),
    ),
  ).toBeLessThan(1e-5)
  // the first step starts where the pull is nought
  expect((await train(1, 1)).weights).toEqual((await train(0, 1)).weights)
})

test('decay shrinks weights and leaves biases alone', async () => {
  const model = await openModel(engine, { kind: 'logistic' }, ['a'])
  const rows = { rows: 2, inputs: Float32Array.of(0, 0), labels: Uint8Array.of(0, 1) }
  const { weights } = await model.train({
    weights: Float32Array.of(1, 0),
    data: rows,
    settings: plainSettings(0.5, 1, 0.2),
    seed: seedOf(1),
  })
  expect([...weights]).toEqual([Math.fround(0.9), 0])
})

/** Rounds of two parties with other distributions; the drift of many local steps is what SCAFFOLD takes back. */
async function average(model: OpenModel, parties: readonly TrainingRows[], rounds: number, scaffold: boolean) {
  const settings = plainSettings(1, 20, 0.01)
  const server = { kind: 'average', learningRate: 1 } as const
  const total = parties.reduce((sum, { rows }) => sum + rows, 0)
  let state: ServerState = openServer(server, new Float32Array(model.parameterCount), scaffold)
  const own: Float32Array[] = parties.map(() => new Float32Array(model.parameterCount))
  for (let round = 0; round < rounds; round++) {
    const start = startOf(state)
    const all = Float32Array.from(state.variate ?? [])
    const [mean, variates] = [new Float64Array(start.length), new Float64Array(start.length)]
    for (const [i, data] of parties.entries()) {
      const control = scaffold ? { all, own: own[i]! } : undefined
      const request = { weights: start, data, settings, seed: seedOf(i) }
      const trained = await model.train(control === undefined ? request : { ...request, control })
      const share = data.rows / total
      updateOf(trained.weights, start).forEach((move, j) => {
        mean[j]! += share * move
      })
      if (control === undefined) continue
      const next = nextVariate(control, start, trained.weights, trained.steps, settings.learningRate)
      next.forEach((value, j) => {
        variates[j]! += share * (value - own[i]![j]!)
      })
      own[i] = next
    }
    state = serverStep(server, state, mean, scaffold ? variates : undefined)
  }
  return state.weights
}

test('SCAFFOLD reaches the optimum of all rows, where averaging alone with the same settings stays off it', async () => {
  const parties = [
    sampleRows(7, 200, 2, (x) => 6 * x[0]! + 3),
    sampleRows(8, 400, 2, (x) => -4 * x[1]! - 3 - 6 * x[0]!),
  ]
  const model = await logistic(2)
  const optimum = newtonFit(parties.reduce(joinRows), 0.01)
  const drifted = largestGap(await average(model, parties, 60, false), optimum)
  const corrected = largestGap(await average(model, parties, 60, true), optimum)
  expect(drifted).toBeGreaterThan(0.05)
  expect(corrected).toBeLessThan(drifted / 100)
})

test('the new variate of SCAFFOLD is the mean gradient of the way, corrected: worked by hand', () => {
  const control = { all: Float32Array.of(0.25, -0.5), own: Float32Array.of(1, 0.5) }
  // 4 steps of 0.5 moved the weights by −1 and +2: the mean corrected gradient was 0.5 and −1
  const next = nextVariate(control, Float32Array.of(2, 1), Float32Array.of(1, 3), 4, 0.5)
  expect([...next]).toEqual([1 - 0.25 + 0.5, 0.5 + 0.5 - 1])
})

test('personalisation moves the last layer only, and helps a party that differs', async () => {
  const model = await openModel(engine, { kind: 'mlp', hidden: [6], activation: 'tanh' }, ['a', 'b'])
  const settings = { epochs: 10, batchRows: 50, learningRate: 0.02, optimiser: ADAM, decay: 0 }
  const common = sampleRows(9, 600, 2, (x) => 5 * x[0]! * x[1]!)
  const differing = sampleRows(10, 600, 2, (x) => -5 * x[0]! * x[1]! + 1)
  const global = await model.train({ weights: model.initial(seedOf(1)), data: common, settings, seed: seedOf(1) })
  const tuned = await model.train({
    weights: global.weights,
    data: differing,
    settings,
    seed: seedOf(2),
    layers: 'last',
  })
  for (const { last, offset, length } of model.parts) {
    const moved = updateOf(tuned.weights, global.weights).subarray(offset, offset + length)
    expect(moved.every((move) => move !== 0)).toBe(last)
    expect(moved.every((move) => move === 0)).toBe(!last)
  }
  const loss = async (weights: Float32Array) => summarise(await model.measure(weights, differing)).loss
  expect(await loss(tuned.weights)).toBeLessThan((await loss(global.weights)) - 0.1)
})

test('other work has its turn between batches, progress is told, and an abort ends it with its reason', async () => {
  const model = await logistic(2)
  const data = sampleRows(11, 100, 2, () => 0)
  const settings = { epochs: 2, batchRows: 10, learningRate: 0.1, optimiser: ADAM, decay: 0 }
  const request = { weights: new Float32Array(3), data, settings, seed: seedOf(1) }
  const told: number[] = []
  let turns = 0
  let training = true
  const others = (async () => {
    for (; training; turns++) await turn()
  })()
  const result = await model.train({ ...request, onProgress: ({ step, steps }) => told.push(step / steps) })
  training = false
  await others
  expect(result.steps).toBe(20)
  expect(told).toEqual(Array.from({ length: 20 }, (_, i) => (i + 1) / 20))
  expect(turns).toBeGreaterThanOrEqual(20)

  const abort = new AbortController()
  const onProgress = ({ step }: { step: number }) => {
    told.push(step)
    if (step === 3) abort.abort(new Error('enough'))
  }
  told.length = 0
  await expect(model.train({ ...request, signal: abort.signal, onProgress })).rejects.toThrow('enough')
  expect(told).toEqual([1, 2, 3])
  await expect(model.measure(request.weights, data, abort.signal)).rejects.toThrow('enough')
})

test('training that diverges says so', async () => {
  const model = await openModel(engine, { kind: 'mlp', hidden: [4], activation: 'relu' }, ['a'])
  const inputs = Float32Array.from(draws(1, 'x', 50), (x) => 1e18 * x)
  const data = { rows: 50, inputs, labels: Uint8Array.from({ length: 50 }, (_, i) => i % 2) }
  const request = { weights: model.initial(seedOf(1)), data, settings: plainSettings(10, 20), seed: seedOf(1) }
  const refusal = model.train(request)
  await expect(refusal).rejects.toMatchObject({ code: 'average.diverged' })
})
