// Models: gradients against differences of scores, tensors that are all given back, first weights, measures.
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { openEngine } from './engine.ts'
import { graphNetwork } from './graph-network.ts'
import { mlpGraph } from './mlp-graph.ts'
import { openModel } from './model.ts'
import { initialParameters } from './parameters.ts'
import { ADAM, draws, largestGap, plainSettings, sampleRows, seedOf } from './sample.ts'
import { gradientGap } from './sample-gradient.ts'
import type { ModelSpec, TensorEngine } from './types.ts'
import { updateOf } from './update.ts'

let engine: TensorEngine
beforeAll(async () => {
  engine = await openEngine()
})

const COLUMNS = ['age', 'sector', 'income', 'city']
/** rows with numbers, codes of sector (3) and city (2), missing and unknown ones */
const INPUTS = Float32Array.from(
  [
    [0.5, 0, -1.2, 1],
    [Number.NaN, 2, 0.3, 0],
    [1.1, Number.NaN, 0.7, 9],
    [-0.4, 1, Number.NaN, 1],
    [0.9, 2, 1.6, 0.5],
  ].flat(),
)
const EMBEDDINGS = [
  { column: 'sector', cardinality: 3, width: 2 },
  { column: 'city', cardinality: 2, width: 1 },
]

describe('the gradient of an MLP is that of its scores', () => {
  test.each(['relu', 'tanh', 'sigmoid'] as const)('with %s', (activation) => {
    const spec = { kind: 'mlp', hidden: [4, 3], activation, embeddings: EMBEDDINGS, missing: 'indicator' } as const
    const network = graphNetwork(mlpGraph(spec, COLUMNS))
    // 2 numbers and 2 indicators and 3 vector entries into 4, 3 and 1 units; tables of 4 × 2 and 3 × 1
    expect(network.parts.reduce((sum, { length }) => sum + length, 0)).toBe(11 + 7 * 4 + 4 + 4 * 3 + 3 + 3 + 1)
    expect(gradientGap(network, { rows: 5, inputs: INPUTS })).toBeLessThan(1e-3)
  })

  test('without hidden layers and without numbers', () => {
    const spec = { kind: 'mlp', hidden: [], activation: 'relu', embeddings: EMBEDDINGS } as const
    const network = graphNetwork(mlpGraph(spec, ['sector', 'city']))
    const inputs = Float32Array.of(0, 1, 2, 0, 1, Number.NaN)
    expect(gradientGap(network, { rows: 3, inputs })).toBeLessThan(1e-3)
  })
})

test('a missing number counts as the mean, and as itself where indicators are asked for', async () => {
  const columns = ['age', 'income']
  const odds = async (missing: 'mean' | 'indicator', weights: number[]) => {
    const model = await openModel(engine, { kind: 'logistic', missing }, columns)
    const p = await model.predict(Float32Array.from(weights), { rows: 1, inputs: Float32Array.of(Number.NaN, 2) })
    return Math.log(p[0]! / (1 - p[0]!))
  }
  expect(await odds('mean', [5, 1, 0.25])).toBeCloseTo(2.25, 6)
  expect(await odds('indicator', [5, 1, 3, 7, 0.25])).toBeCloseTo(5.25, 6)
})

test('unknown and missing codes share one vector of their own, which learns', async () => {
  const spec = { kind: 'mlp', hidden: [], activation: 'relu', embeddings: [EMBEDDINGS[0]!] } as const
  const model = await openModel(engine, spec, ['sector'])
  const weights = model.initial(seedOf(1))
  const inputs = Float32Array.of(0, 1, 2, 3, -1, 0.5, Number.NaN)
  const p = await model.predict(weights, { rows: 7, inputs })
  expect(new Set(p).size).toBe(4)
  expect(new Set(p.subarray(3)).size).toBe(1)
  const data = { rows: 7, inputs, labels: Uint8Array.of(0, 0, 0, 1, 1, 1, 1) }
  const settings = { epochs: 100, batchRows: 'full', learningRate: 0.1, optimiser: ADAM, decay: 0 } as const
  const trained = await model.train({ weights, data, settings, seed: seedOf(2) })
  const after = await model.predict(trained.weights, data)
  expect(Math.min(...after.subarray(3))).toBeGreaterThan(0.9)
  expect(Math.max(...after.subarray(0, 3))).toBeLessThan(0.1)
})

test('first weights follow from the seed, layer by layer in their range', async () => {
  const spec = { kind: 'mlp', hidden: [30], activation: 'relu', embeddings: [EMBEDDINGS[0]!] } as const
  const model = await openModel(engine, spec, ['age', 'sector'])
  const weights = model.initial(seedOf(7))
  expect(model.initial(seedOf(7))).toEqual(weights)
  expect(model.initial(seedOf(8))).not.toEqual(weights)
  const largest = model.parts.map(({ name, offset, length }) => {
    return [
      name,
      weights.subarray(offset, offset + length).reduce((most, w) => Math.max(most, Math.abs(w)), 0),
    ] as const
  })
  const limits: Record<string, number> = {
    'sector vectors': 0.05,
    'hidden 1 kernel': Math.sqrt(6 / 33),
    'output kernel': Math.sqrt(6 / 31),
  }
  for (const [name, most] of largest) {
    const limit = limits[name] ?? 0
    expect(most, name).toBeLessThanOrEqual(limit)
    expect(most, name).toBeGreaterThanOrEqual(limit * 0.5)
  }
  expect(initialParameters(model.parts, seedOf(7))).toEqual(weights)
})

test('the same first weights have the same bits on every machine', async () => {
  const model = await openModel(engine, { kind: 'mlp', hidden: [2], activation: 'relu' }, ['a', 'b'])
  expect([...model.initial(seedOf(1))]).toMatchInlineSnapshot(`
    [
      0.29048219323158264,
      -0.5656112432479858,
      0.1828516125679016,
      -1.0443308353424072,
      0,
      0,
      -0.8554908037185669,
      0.41078612208366394,
      0,
    ]
  `)
})

test('gradients of rows have the mean that a step on all of them takes', async () => {
  const spec: ModelSpec = { kind: 'mlp', hidden: [4], activation: 'tanh', embeddings: EMBEDDINGS }
  const model = await openModel(engine, spec, COLUMNS)
  const data = { rows: 5, inputs: INPUTS, labels: Uint8Array.of(0, 1, 0, 1, 1) }
  const weights = model.initial(seedOf(4))
  const gradientOf = model.rowGradient(weights, data)
  const mean = new Float64Array(weights.length)
  const row = new Float64Array(weights.length)
  for (let i = 0; i < data.rows; i++) {
    gradientOf(i, row)
    row.forEach((slope, j) => {
      mean[j]! += slope / data.rows
    })
  }
  const step = await model.train({ weights, data, settings: plainSettings(1, 1), seed: seedOf(1) })
  expect(largestGap(mean, updateOf(weights, step.weights))).toBeLessThan(1e-6)
  expect(Math.hypot(...mean)).toBeGreaterThan(0.1)
})

test('the gradient of a row has the same bits whatever rows stand beside it', async () => {
  const model = await openModel(engine, { kind: 'mlp', hidden: [9, 5], activation: 'relu' }, ['a', 'b', 'c'])
  const data = sampleRows(6, 40, 3, (x) => x[0]!)
  const weights = model.initial(seedOf(1))
  const gradientsOf = (from: number, to: number) => {
    const inputs = data.inputs.subarray(3 * from, 3 * to)
    const gradientOf = model.rowGradient(weights, { rows: to - from, inputs, labels: data.labels.subarray(from, to) })
    return Array.from({ length: to - from }, (_, i) => {
      const out = new Float64Array(weights.length)
      gradientOf(i, out)
      return out
    })
  }
  expect([...gradientsOf(0, 7), ...gradientsOf(7, 40)]).toEqual(gradientsOf(0, 40))
})

test('measures of parts add up to those of the whole, also of no rows', async () => {
  const model = await openModel(engine, { kind: 'logistic' }, ['a', 'b'])
  const data = sampleRows(3, 10_000, 2, (x) => x[0]!)
  const weights = Float32Array.of(1.5, -0.5, 0.1)
  const measures = await model.measure(weights, data)
  const p = await model.predict(weights, data)
  const loss = p.reduce((sum, chance, i) => sum - Math.log(data.labels[i] === 1 ? chance : 1 - chance), 0)
  expect(measures.lossSum).toBeCloseTo(loss, 2)
  expect([measures.rows, measures.bad]).toEqual([10_000, data.labels.reduce((sum, label) => sum + label, 0)])
  expect(measures.badScores.reduce((sum, n) => sum + n, 0)).toBe(measures.bad)
  const none = await model.measure(weights, { rows: 0, inputs: new Float32Array(), labels: new Uint8Array() })
  expect([none.rows, none.bad, none.lossSum]).toEqual([0, 0, 0])
})

test('no tensor is left behind, also where a call fails', async () => {
  const before = tf.memory()
  const spec: ModelSpec = { kind: 'mlp', hidden: [4], activation: 'tanh', embeddings: EMBEDDINGS }
  const model = await openModel(engine, spec, COLUMNS)
  const data = { rows: 5, inputs: INPUTS, labels: Uint8Array.of(0, 1, 0, 1, 1) }
  const settings = { epochs: 2, batchRows: 2, learningRate: 0.1, optimiser: ADAM, decay: 0.01 }
  const { weights } = await model.train({ weights: model.initial(seedOf(1)), data, settings, seed: seedOf(2) })
  await model.measure(weights, data)
  const huge = Float32Array.from(draws(1, 'huge', weights.length), (w) => w * 3e38)
  await expect(model.measure(huge, data)).rejects.toMatchObject({ code: 'average.diverged' })
  await expect(model.train({ weights: huge, data, settings, seed: seedOf(2) })).rejects.toMatchObject({
    code: 'average.diverged',
  })
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers })
})
