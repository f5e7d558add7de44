// What local training refuses, by its code.
import { beforeAll, describe, expect, test } from 'vitest'
import { openEngine } from './engine.ts'
import { openModel } from './model.ts'
import { ADAM, seedOf } from './sample.ts'
import type { ModelSpec, OpenModel, TensorEngine, TrainRequest } from './types.ts'

let engine: TensorEngine
let model: OpenModel
let good: TrainRequest
beforeAll(async () => {
  engine = await openEngine()
  model = await openModel(engine, { kind: 'logistic' }, ['a', 'b'])
  good = {
    weights: new Float32Array(3),
    data: { rows: 2, inputs: Float32Array.of(1, 2, Number.NaN, 4), labels: Uint8Array.of(0, 1) },
    settings: { epochs: 1, batchRows: 1, learningRate: 0.1, optimiser: ADAM, decay: 0 },
    seed: seedOf(1),
  }
})

describe('settings', () => {
  test.each<[title: string, change: object]>([
    ['no epoch', { epochs: 0 }],
    ['half an epoch', { epochs: 1.5 }],
    ['too many epochs', { epochs: 101 }],
    ['no rows in a batch', { batchRows: 0 }],
    ['too many rows in a batch', { batchRows: 65_537 }],
    ['a rate of nought', { learningRate: 0 }],
    ['a rate that is no number', { learningRate: Number.NaN }],
    ['a negative decay', { decay: -0.1 }],
    ['momentum of one', { optimiser: { kind: 'sgd', momentum: 1 } }],
    ['beta of one', { optimiser: { ...ADAM, beta2: 1 } }],
    ['epsilon of nought', { optimiser: { ...ADAM, epsilon: 0 } }],
  ])('refuses %s', async (_, change) => {
    const settings = { ...good.settings, ...change }
    await expect(model.train({ ...good, settings })).rejects.toMatchObject({ code: 'average.settings' })
  })

  test('refuses a negative proximal term and a short seed', async () => {
    const refused = { code: 'average.settings' }
    await expect(model.train({ ...good, proximal: -1 })).rejects.toMatchObject(refused)
    await expect(model.train({ ...good, seed: new Uint8Array(4) })).rejects.toMatchObject(refused)
  })

  test('refuses SCAFFOLD with momentum or adam, and variates of another length', async () => {
    const control = { all: new Float32Array(3), own: new Float32Array(3) }
    const plain = { ...good.settings, optimiser: { kind: 'sgd', momentum: 0 } } as const
    await expect(model.train({ ...good, settings: plain, control })).resolves.toMatchObject({ steps: 2 })
    const refused = { code: 'average.settings' }
    await expect(model.train({ ...good, control })).rejects.toMatchObject(refused)
    const heavy = { ...plain, optimiser: { kind: 'sgd', momentum: 0.5 } } as const
    await expect(model.train({ ...good, settings: heavy, control })).rejects.toMatchObject(refused)
    const short = { ...control, own: new Float32Array(2) }
    await expect(model.train({ ...good, settings: plain, control: short })).rejects.toMatchObject(refused)
  })
})

test.each<[title: string, change: object]>([
  ['no rows', { rows: 0, inputs: new Float32Array(), labels: new Uint8Array() }],
  ['a value too few', { inputs: Float32Array.of(1, 2, 3) }],
  ['a label too few', { labels: Uint8Array.of(0) }],
  ['a label of 2', { labels: Uint8Array.of(0, 2) }],
  ['an infinite value', { inputs: Float32Array.of(1, 2, Infinity, 4) }],
])('refuses rows with %s', async (_, change) => {
  await expect(model.train({ ...good, data: { ...good.data, ...change } })).rejects.toMatchObject({
    code: 'average.rows',
  })
})

test('refuses weights of another model, and weights that are no numbers', async () => {
  for (const weights of [new Float32Array(4), Float32Array.of(0, Number.NaN, 0)]) {
    await expect(model.train({ ...good, weights })).rejects.toMatchObject({ code: 'average.model' })
    await expect(model.predict(weights, good.data)).rejects.toMatchObject({ code: 'average.model' })
  }
})

const mlp = (change: object): ModelSpec => {
  return {
    kind: 'mlp',
    hidden: [2],
    activation: 'relu',
    embeddings: [{ column: 'a', cardinality: 3, width: 2 }],
    ...change,
  }
}
test.each<[title: string, spec: ModelSpec, columns?: string[]]>([
  ['nine hidden layers', mlp({ hidden: Array.from({ length: 9 }, () => 2) })],
  ['a layer without units', mlp({ hidden: [0] })],
  ['a layer of too many units', mlp({ hidden: [4097] })],
  ['an activation that is not known', mlp({ activation: 'softmax' })],
  ['a table for a column that is not there', mlp({ embeddings: [{ column: 'z', cardinality: 3, width: 2 }] })],
  ['two tables for one column', mlp({ embeddings: [1, 2].map((width) => ({ column: 'a', cardinality: 3, width })) })],
  ['a table of one code', mlp({ embeddings: [{ column: 'a', cardinality: 1, width: 2 }] })],
  ['vectors too wide', mlp({ embeddings: [{ column: 'a', cardinality: 3, width: 257 }] })],
  ['more parameters than an update has room for', mlp({ hidden: [2100, 2100] })],
  ['no column', { kind: 'logistic' }, []],
  ['a column twice', { kind: 'logistic' }, ['a', 'a']],
  ['too many columns', { kind: 'logistic' }, Array.from({ length: 2001 }, (_, j) => `x${j}`)],
])('refuses a model with %s', async (_, spec, columns = ['a', 'b']) => {
  await expect(openModel(engine, spec, columns)).rejects.toMatchObject({ code: 'average.model' })
})
