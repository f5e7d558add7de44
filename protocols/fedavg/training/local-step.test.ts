// Steps of the local optimisers worked by hand, and the drift of two quadratic losses, whose fixed points are known.
import { expect, test } from 'vitest'
import { type LocalStep, localStep, type StepSettings } from './local-step.ts'
import { layOut } from './parameters.ts'
import { nextVariate } from './scaffold.ts'
import { openServer, serverStep, startOf } from './server.ts'
import type { ParameterPart } from './types.ts'
import { updateOf } from './update.ts'

const [KERNEL, BIAS] = layOut([
  { name: 'kernel', shape: [1, 1], start: 'glorot', last: false, decays: true },
  { name: 'bias', shape: [1], start: 'zeros', last: true, decays: false },
]) as [ParameterPart, ParameterPart]
const SGD: StepSettings = { learningRate: 0.5, optimiser: { kind: 'sgd', momentum: 0.5 }, decay: 0, proximal: 0 }
const START = Float32Array.of(1, -1)

function taken(step: LocalStep, gradients: readonly (readonly [number, number])[]): number[] {
  const weights = START.slice()
  for (const gradient of gradients) step(weights, Float32Array.from(gradient))
  return [...weights]
}

test('momentum: velocity ← ½·velocity + g', () => {
  // velocities 1, 1.5 and 2, 1
  const step = localStep(SGD, START, [KERNEL, BIAS])
  expect(
    taken(step, [
      [1, 2],
      [1, 0],
    ]),
  ).toEqual([1 - 0.5 - 0.75, -1 - 1 - 0.5])
})

test('adam: the first step has the length of the rate, whatever the gradient', () => {
  const optimiser = { kind: 'adam', beta1: 0.5, beta2: 0.75, epsilon: 1e-8 } as const
  const step = () => localStep({ ...SGD, optimiser }, START, [KERNEL, BIAS])
  const [first] = taken(step(), [[1000, -0.001]])
  expect(first).toBeCloseTo(0.5, 6)
  // m = ½·(½·1) + ½·3 = 1.75 over 1 − ¼; v = ¾·(¼·1) + ¼·9 = 2.4375 over 1 − 9/16
  const second = taken(step(), [
    [1, 0],
    [3, 0],
  ])
  expect(second[0]).toBeCloseTo(0.5 - (0.5 * (1.75 / 0.75)) / Math.sqrt(2.4375 / 0.4375), 6)
  expect(second[1]).toBe(-1)
})

test('decay pulls what decays, the proximal term all to the start, variates shift; other parts stay', () => {
  const plain = { ...SGD, optimiser: { kind: 'sgd', momentum: 0 } } as const
  expect(taken(localStep({ ...plain, decay: 0.5 }, START, [KERNEL, BIAS]), [[0, 0]])).toEqual([0.75, -1])
  expect(taken(localStep({ ...plain, proximal: 1 }, Float32Array.of(0, 0), [KERNEL, BIAS]), [[0, 0]])).toEqual([
    0.5, -0.5,
  ])
  const control = { all: Float32Array.of(1, 0), own: Float32Array.of(0, 2) }
  expect(taken(localStep({ ...plain, control }, START, [KERNEL, BIAS]), [[0, 0]])).toEqual([0.5, 0])
  expect(taken(localStep({ ...plain, decay: 0.5 }, START, [BIAS]), [[1, 1]])).toEqual([1, -1.5])
})

/** Party i minimises ½·a_i·(w − b_i)², in K steps of a rate η in each round. */
const PARTIES = [
  { a: 1, b: 0 },
  { a: 0.1, b: 10 },
] as const
const [K, RATE] = [10, 0.5]
const QUADRATIC: StepSettings = { learningRate: RATE, optimiser: { kind: 'sgd', momentum: 0 }, decay: 0, proximal: 0 }

function federate(rounds: number, scaffold: boolean): number {
  const server = { kind: 'average', learningRate: 1 } as const
  let state = openServer(server, Float32Array.of(5), scaffold)
  let own: Float32Array[] = PARTIES.map(() => new Float32Array(1))
  for (let round = 0; round < rounds; round++) {
    const start = startOf(state)
    const all = Float32Array.from(state.variate ?? [0])
    const trained = PARTIES.map(({ a, b }, i) => {
      const weights = start.slice()
      const step = localStep(scaffold ? { ...QUADRATIC, control: { all, own: own[i]! } } : QUADRATIC, start, [KERNEL])
      for (let k = 0; k < K; k++) step(weights, Float32Array.of(a * (weights[0]! - b)))
      return weights
    })
    const next = trained.map((weights, i) => nextVariate({ all, own: own[i]! }, start, weights, K, RATE))
    const mean = (moves: readonly Float64Array[]) => Float64Array.of((moves[0]![0]! + moves[1]![0]!) / 2)
    const moves = mean(trained.map((weights) => updateOf(weights, start)))
    state = serverStep(server, state, moves, scaffold ? mean(next.map((c, i) => updateOf(c, own[i]!))) : undefined)
    own = next
  }
  return state.weights[0]!
}

test('with many local steps averaging settles off the optimum, where its formula says; SCAFFOLD on it', () => {
  const weighted = (weight: (a: number) => number) =>
    PARTIES.reduce((sum, { a, b }) => sum + weight(a) * b, 0) / PARTIES.reduce((sum, { a }) => sum + weight(a), 0)
  const optimum = weighted((a) => a)
  const drifted = weighted((a) => 1 - (1 - RATE * a) ** K)
  expect(drifted - optimum).toBeGreaterThan(1)
  expect(federate(100, false)).toBeCloseTo(drifted, 5)
  expect(federate(100, true)).toBeCloseTo(optimum, 5)
})
