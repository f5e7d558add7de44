// Keras-style JSON: files that TensorFlow.js writes give the scores that it computes; what cannot be averaged is refused.
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { categoryColumns } from './category-columns.ts'
import { openEngine } from './engine.ts'
import { graphNetwork } from './graph-network.ts'
import { kerasGraph } from './keras-json.ts'
import { openModel } from './model.ts'
import { largestGap, seedOf } from './sample.ts'
import { gradientGap } from './sample-gradient.ts'
import type { TensorEngine } from './types.ts'

let engine: TensorEngine
beforeAll(async () => {
  engine = await openEngine()
})

/** As `model.to_json()` of Keras has it. */
const jsonOf = (model: tfl.LayersModel): string => JSON.stringify(model.toJSON(null, false))

/** The flat vector in the words of the layers package: by names of its variables. */
function give(
  model: tfl.LayersModel,
  parts: readonly { name: string; offset: number; length: number }[],
  weights: Float32Array,
) {
  model.setWeights(
    model.weights.map((variable) => {
      const name = variable.originalName.replace('/', ' ').replace('embeddings', 'vectors')
      const part = parts.find((known) => known.name === name)!
      return tf.tensor(weights.subarray(part.offset, part.offset + part.length), variable.shape as number[])
    }),
  )
}

/** Numbers a, b, d and codes of sector c. */
const COLUMNS = ['a', 'b', 'sector', 'd']
const ROWS = 4
const INPUTS = Float32Array.from(
  [
    [0.5, -1, 0, 1],
    [-0.7, 0.2, 2, -0.3],
    [1.5, 0.4, 1, 0.8],
    [-0.1, -0.9, 2, 0.6],
  ].flat(),
)
const column = (j: number) =>
  tf.tensor2d(
    Float32Array.from({ length: ROWS }, (_, i) => INPUTS[4 * i + j]!),
    [ROWS, 1],
  )

function sequential(): tfl.LayersModel {
  const layers = [
    tfl.layers.dense({ units: 5, activation: 'elu', inputShape: [4], name: 'first' }),
    tfl.layers.layerNormalization({ name: 'even' }),
    tfl.layers.dense({ units: 4, activation: 'swish', useBias: false, name: 'second' }),
    tfl.layers.leakyReLU({ alpha: 0.2, name: 'leak' }),
    tfl.layers.dense({ units: 3, name: 'third' }),
    tfl.layers.activation({ activation: 'selu', name: 'curve' }),
    tfl.layers.dense({ units: 1, activation: 'sigmoid', name: 'chance' }),
  ]
  return tfl.sequential({ layers })
}

function functional(): tfl.LayersModel {
  const sector = tfl.input({ shape: [1], name: 'sector' })
  const b = tfl.input({ shape: [1], name: 'b' })
  const numbers = tfl.input({ shape: [2], name: 'numbers' })
  const vectors = tfl.layers.embedding({ inputDim: 3, outputDim: 2, name: 'table' }).apply(sector)
  const flat = tfl.layers.flatten({ name: 'flat' }).apply(vectors) as tfl.SymbolicTensor
  const deep = tfl.layers.dense({ units: 2, activation: 'tanh', name: 'deep' }).apply(numbers) as tfl.SymbolicTensor
  const soft = tfl.layers.dense({ units: 2, activation: 'softplus', name: 'soft' }).apply(b) as tfl.SymbolicTensor
  const times = tfl.layers.multiply({ name: 'times' }).apply([flat, deep, soft]) as tfl.SymbolicTensor
  const sum = tfl.layers.add({ name: 'sum' }).apply([flat, deep]) as tfl.SymbolicTensor
  const mean = tfl.layers.average({ name: 'mean' }).apply([soft, sum]) as tfl.SymbolicTensor
  const wide = tfl.layers.concatenate({ name: 'wide' }).apply([times, mean, numbers]) as tfl.SymbolicTensor
  const curve = tfl.layers.elu({ name: 'curve' }).apply(wide)
  const score = tfl.layers.dense({ units: 1, name: 'score' }).apply(tfl.layers.reLU({ name: 'up' }).apply(curve))
  return tfl.model({ inputs: [sector, b, numbers], outputs: score as tfl.SymbolicTensor })
}

describe('a file that TensorFlow.js writes', () => {
  test('as Sequential: its scores and their gradient', async () => {
    const theirs = sequential()
    const model = await openModel(engine, { kind: 'keras', json: jsonOf(theirs) }, COLUMNS)
    expect(model.parameterCount).toBe(theirs.countParams())
    const weights = model.initial(seedOf(1))
    give(theirs, model.parts, weights)
    const expected = (theirs.predict(tf.tensor2d(INPUTS, [ROWS, 4])) as tf.Tensor).dataSync()
    expect(largestGap(await model.predict(weights, { rows: ROWS, inputs: INPUTS }), expected)).toBeLessThan(1e-6)
    expect(model.parts.filter(({ last }) => last).map(({ name }) => name)).toEqual(['chance kernel', 'chance bias'])
    const network = graphNetwork(kerasGraph(jsonOf(theirs), COLUMNS, 'mean'))
    expect(gradientGap(network, { rows: ROWS, inputs: INPUTS })).toBeLessThan(1e-3)
  })

  test('as Functional, with a table, a column of its own and the other numbers', async () => {
    const theirs = functional()
    const spec = { kind: 'keras', json: jsonOf(theirs) } as const
    expect(categoryColumns(spec)).toEqual(['sector'])
    const model = await openModel(engine, spec, COLUMNS)
    expect(model.parameterCount).toBe(theirs.countParams())
    const weights = model.initial(seedOf(1)).map((w) => 3 * w)
    give(theirs, model.parts, weights)
    const numbers = tf.concat([column(0), column(3)], 1)
    const logits = (theirs.predict([column(2), column(1), numbers]) as tf.Tensor).dataSync()
    const expected = Array.from(logits, (z) => 1 / (1 + Math.exp(-z)))
    expect(largestGap(await model.predict(weights, { rows: ROWS, inputs: INPUTS }), expected)).toBeLessThan(1e-6)
    const network = graphNetwork(kerasGraph(spec.json, COLUMNS, 'mean'))
    expect(gradientGap(network, { rows: ROWS, inputs: INPUTS })).toBeLessThan(1e-3)
  })

  test('as model.json, with its topology inside', async () => {
    const file = {
      format: 'layers-model',
      modelTopology: { model_config: JSON.parse(jsonOf(sequential())) as unknown },
    }
    const model = await openModel(engine, { kind: 'keras', json: JSON.stringify(file) }, COLUMNS)
    expect(model.parts.at(-1)?.name).toBe('chance bias')
  })
})

test('an ELU of another limit, which Keras writes and TensorFlow.js does not read', async () => {
  const json = file([
    dense(1, { batch_input_shape: [null, 1] }),
    layer('ELU', 'curve', { alpha: 0.7 }),
    dense(1, { name: 'end' }),
  ])
  const model = await openModel(engine, { kind: 'keras', json }, ['a'])
  const p = await model.predict(Float32Array.of(2, 0, 1, 0), { rows: 2, inputs: Float32Array.of(0.5, -0.5) })
  const scores = [1, 0.7 * (Math.exp(-1) - 1)]
  expect(
    largestGap(
      p,
      scores.map((z) => 1 / (1 + Math.exp(-z))),
    ),
  ).toBeLessThan(1e-6)
  const network = graphNetwork(kerasGraph(json, ['a'], 'mean'))
  expect(gradientGap(network, { rows: 2, inputs: Float32Array.of(0.5, -0.5) })).toBeLessThan(1e-3)
})

test('an indicator for each missing number is an input of the file', async () => {
  const json = file([dense(1, { batch_input_shape: [null, 4] })])
  await expect(openModel(engine, { kind: 'keras', json }, ['a', 'b'])).rejects.toMatchObject({ code: 'average.model' })
  const model = await openModel(engine, { kind: 'keras', json, missing: 'indicator' }, ['a', 'b'])
  expect(model.parameterCount).toBe(5)
})

test('a code without a vector counts as zeros', async () => {
  const model = await openModel(engine, { kind: 'keras', json: jsonOf(functional()) }, COLUMNS)
  const weights = model.initial(seedOf(1)).map((w) => 3 * w)
  const rows = [3, Number.NaN, -1].flatMap((code) => [0.5, -1, code, 1])
  const p = await model.predict(weights, { rows: 3, inputs: Float32Array.from(rows) })
  const bare = weights.slice()
  const table = model.parts.find(({ name }) => name === 'table vectors')!
  bare.fill(0, table.offset, table.offset + table.length)
  const zeros = await model.predict(bare, { rows: ROWS, inputs: INPUTS })
  expect([...p]).toEqual([zeros[0], zeros[0], zeros[0]])
})

type Settings = Record<string, unknown>
const layer = (className: string, name: string, config: Settings = {}, nodes?: unknown) => {
  return {
    class_name: className,
    config: { name, ...config },
    ...(nodes === undefined ? {} : { inbound_nodes: nodes }),
  }
}
const dense = (units: number, config: Settings = {}) =>
  layer('Dense', `dense${units}`, { units, activation: 'linear', ...config })
const file = (layers: unknown, kind = 'Sequential', more: Settings = {}) =>
  JSON.stringify({ class_name: kind, config: { name: 'net', layers, ...more } })
const start = dense(4, { batch_input_shape: [null, 2] })
const input = layer('InputLayer', 'in', { batch_input_shape: [null, 2] }, [])
const call = (...names: string[]) => [names.map((name) => [name, 0, 0, {}])]
const ends = (name: string) => ({ output_layers: [[name, 0, 0]] })

test.each<[title: string, json: string, detail: Settings]>([
  [
    'BatchNormalization',
    file([start, layer('BatchNormalization', 'norm'), dense(1)]),
    { layer: 'norm', class: 'BatchNormalization' },
  ],
  ['Dropout', file([start, layer('Dropout', 'drop', { rate: 0.5 }), dense(1)]), { layer: 'drop', class: 'Dropout' }],
  ['a layer that nobody knows', file([start, layer('Lambda', 'l'), dense(1)]), { layer: 'l', class: 'Lambda' }],
  ['a recurrent layer', file([start, layer('LSTM', 'memory'), dense(1)]), { layer: 'memory', class: 'LSTM' }],
  ['a class out of the prototype', file([start, layer('constructor', 'c'), dense(1)]), { layer: 'c' }],
  ['an activation that is not known', file([start, dense(1, { activation: 'softmax' })]), { layer: 'dense1' }],
  ['a penalty', file([start, dense(1, { kernel_regularizer: { class_name: 'L2' } })]), { layer: 'dense1' }],
  ['a limit on weights', file([start, dense(1, { bias_constraint: { class_name: 'NonNeg' } })]), { layer: 'dense1' }],
  [
    'a frozen layer',
    file([{ ...start, config: { ...start.config, trainable: false } }, dense(1)]),
    { layer: 'dense4' },
  ],
  ['relu with a top', file([start, layer('ReLU', 'up', { max_value: 6 }), dense(1)]), { layer: 'up' }],
  ['another axis', file([start, layer('LayerNormalization', 'ln', { axis: 0 }), dense(1)]), { layer: 'ln' }],
  ['two units at the end', file([start, dense(2)]), { layer: 'dense2' }],
  [
    'relu at the end',
    file([start, dense(1, { activation: 'relu' })]),
    { problem: 'the output is neither sigmoid nor linear' },
  ],
  ['no units', file([start, dense(0)]), { layer: 'dense0' }],
  ['too many units', file([start, dense(5000)]), { layer: 'dense5000' }],
  ['a name twice', file([start, dense(4), dense(1)]), { layer: 'dense4', problem: 'a second layer has its name' }],
  [
    'an image',
    file([dense(1, { batch_input_shape: [null, 8, 8] })]),
    { problem: 'its input shape is not [null, columns]' },
  ],
  ['no layers', file([]), { problem: 'has no layers' }],
  ['too many layers', file(Array.from({ length: 65 }, () => start)), { problem: 'has 65 layers, at most 64' }],
  ['another kind of model', file([start], 'Subclass'), { problem: 'is neither Sequential nor Functional' }],
  ['text', '{"class_name": ', { problem: 'is not JSON' }],
  [
    'a layer that is used twice',
    functionalFile(dense1([...call('in'), ...call('in')])),
    { problem: 'is used more than once' },
  ],
  ['inputs in the form of Keras 3', functionalFile(dense1([{ args: [], kwargs: {} }])), { layer: 'dense1' }],
  ['an input that is not there', functionalFile(dense1(call('nobody'))), { layer: 'dense1' }],
  ['no way in', functionalFile(dense1([])), { layer: 'dense1', problem: 'has no input' }],
  [
    'a layer that leads nowhere',
    file([input, layer('Dense', 'idle', { units: 3 }, call('in')), dense1(call('in'))], 'Functional', ends('dense1')),
    { layer: 'idle', problem: 'nothing uses it' },
  ],
  [
    'a sum of two widths',
    file(
      [input, layer('Dense', 'three', { units: 3 }, call('in')), layer('Add', 'sum', {}, call('in', 'three'))],
      'Functional',
      ends('sum'),
    ),
    { layer: 'sum', problem: 'has inputs of two widths' },
  ],
  [
    'two outputs',
    functionalFile(dense1(call('in')), {
      output_layers: [
        ['dense1', 0, 0],
        ['in', 0, 0],
      ],
    }),
    { layer: 'the file' },
  ],
  [
    'a table over a number of several',
    file([layer('Embedding', 'table', { input_dim: 3, output_dim: 2, batch_input_shape: [null, 2] }), dense(1)]),
    { layer: 'table' },
  ],
])('refuses %s', async (_, json, detail) => {
  const refusal = openModel(engine, { kind: 'keras', json }, ['a', 'b'])
  await expect(refusal).rejects.toMatchObject({ code: 'average.layer', detail })
})

function dense1(nodes: unknown) {
  return layer('Dense', 'dense1', { units: 1 }, nodes)
}

function functionalFile(last: unknown, more: Settings = ends('dense1')): string {
  return file([input, last], 'Functional', more)
}

test.each<[title: string, json: string]>([
  ['inputs that are not the columns', file([dense(1, { batch_input_shape: [null, 3] })])],
  ['no weights', file([layer('Activation', 'only', { activation: 'sigmoid', batch_input_shape: [null, 1] })])],
  ['too many hidden layers', file([start, ...Array.from({ length: 8 }, (_, i) => dense(i + 5)), dense(1)])],
  ['a long text', `"${'x'.repeat(65_536)}"`],
])('refuses a model with %s', async (title, json) => {
  const columns = title === 'no weights' ? ['a'] : ['a', 'b']
  await expect(openModel(engine, { kind: 'keras', json }, columns)).rejects.toMatchObject({ code: 'average.model' })
})

test('parameters beyond the limit are refused before anything of that size is made', async () => {
  const wide = (name: string) => layer('Dense', name, { units: 4096, activation: 'relu' })
  const first = layer('Dense', 'first', { units: 4096, batch_input_shape: [null, 2] })
  const json = file([first, wide('second'), wide('third'), dense(1)])
  await expect(openModel(engine, { kind: 'keras', json }, ['a', 'b'])).rejects.toMatchObject({
    code: 'average.model',
    detail: { parameters: 3 * 4096 + 2 * (4096 * 4096 + 4096) + 4097, most: 4_194_304 },
  })
})

test('a file with any part replaced by anything is read or refused, and nothing else', () => {
  const texts = [jsonOf(sequential()), jsonOf(functional())]
  const paths = texts.map((text) => pathsOf(JSON.parse(text)))
  const replacement = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('Dense', '__proto__', 'sector', [[['b', 0, 0, {}]]], 1e9, -1),
  )
  const cases = fc.tuple(fc.nat({ max: 1 }), fc.nat(), replacement)
  let refused = 0
  fc.assert(
    fc.property(cases, ([which, index, value]) => {
      const path = paths[which]![index % paths[which]!.length]!
      const json = JSON.stringify(replaced(JSON.parse(texts[which]!), path, value))
      try {
        kerasGraph(json, COLUMNS, 'mean')
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PlatformError)
        expect((thrown as PlatformError).code).toMatch(/^average\.(layer|model)$/)
        refused++
      }
    }),
    { numRuns: 1000 },
  )
  expect(refused).toBeGreaterThan(200)
})

/** Keys to every value inside. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [...(path.length === 0 ? [] : [[...path]]), ...inner.flatMap(([key, child]) => pathsOf(child, [...path, key]))]
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>
  copy[key] = replaced(copy[key], rest, by)
  return copy
}
