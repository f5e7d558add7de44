// Which engine opens, what happens when one does not, and what it leaves behind in the process.
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { ENGINE_CANDIDATES, type EngineCandidate, firstEngine, openEngine, restoreUtil } from './engine.ts'
import { openModel } from './model.ts'
import { ADAM, largestGap, sampleRows, seedOf } from './sample.ts'

const failing = (name: EngineCandidate['name']): EngineCandidate => {
  return { name, start: () => Promise.reject(new Error(`${name} is not here`)) }
}
const candidate = (name: EngineCandidate['name']) => ENGINE_CANDIDATES.find((known) => known.name === name)!

test('the native library opens where its package is installed, WebAssembly otherwise; no listener stays', async () => {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const listeners = () => events.map((event) => process.listenerCount(event))
  const before = listeners()
  const engine = await openEngine()
  expect(engine.version).toBe('4.22.0')
  // the package may be there without its library, which its installation downloads
  expect(hasNative() ? ['tfjs-node', 'tfjs-wasm'] : ['tfjs-wasm']).toContain(engine.name)
  expect(await openEngine()).toBe(engine)
  expect(listeners()).toEqual(before)
})

function hasNative(): boolean {
  try {
    createRequire(import.meta.url).resolve('@tensorflow/tfjs-node')
    return true
  } catch {
    return false
  }
}

test('an engine that does not start gives way to the next, in order', async () => {
  const order = ENGINE_CANDIDATES.map(({ name }) => name)
  expect(order).toEqual(['tfjs-node', 'tfjs-wasm', 'tfjs-cpu'])
  const engine = await firstEngine([failing('tfjs-node'), failing('tfjs-wasm'), candidate('tfjs-cpu')])
  expect(engine).toEqual({ name: 'tfjs-cpu', version: '4.22.0' })
})

test('without any engine the refusal names all that were tried and keeps why', async () => {
  const tried = ['tfjs-node', 'tfjs-wasm'] as const
  const refusal = firstEngine(tried.map(failing))
  await expect(refusal).rejects.toMatchObject({ code: 'average.engine', detail: { tried } })
  await expect(refusal).rejects.toHaveProperty('cause.errors.1.message', 'tfjs-wasm is not here')
})

test('helpers that Node 23 took from util come back, and those that are there stay', () => {
  const isArray = (): boolean => false
  const util: Record<string, unknown> = { isArray }
  restoreUtil(util)
  const isNothing = util['isNullOrUndefined'] as (value: unknown) => boolean
  expect([null, undefined, 0, ''].map(isNothing)).toEqual([true, true, false, false])
  expect(util['isArray']).toBe(isArray)
})

test('JavaScript and WebAssembly train to the same scores within float32', async () => {
  const data = sampleRows(1, 300, 3, (x) => 3 * x[0]! - 2 * x[1]! * x[2]!)
  const spec = { kind: 'mlp', hidden: [6], activation: 'tanh' } as const
  const settings = { epochs: 3, batchRows: 50, learningRate: 0.02, optimiser: ADAM, decay: 0 }
  const predictions: Float64Array[] = []
  for (const name of ['tfjs-cpu', 'tfjs-wasm'] as const) {
    const model = await openModel(await firstEngine([candidate(name)]), spec, ['a', 'b', 'c'])
    const { weights } = await model.train({ weights: model.initial(seedOf(1)), data, settings, seed: seedOf(2) })
    predictions.push(await model.predict(weights, data))
  }
  // 18 steps of a rate of 0.02: a rounding of 2^-24 grows by less than a thousand
  expect(largestGap(predictions[0]!, predictions[1]!)).toBeLessThan(1000 * 2 ** -24)
})
