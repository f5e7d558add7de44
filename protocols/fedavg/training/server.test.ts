// Server optimisers against steps worked by hand, and measures against what they stand for.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addMeasures, logLoss, measureScores, SCORE_BINS, scoreBin, summarise } from './score-histogram.ts'
import { decodeServer, encodeServer, openServer, type ServerSettings, serverStep, startOf } from './server.ts'

const ADAPTIVE = { learningRate: 0.5, beta1: 0.5, beta2: 0.75, tau: 0.5 } as const
const START = Float32Array.of(1, -2)

describe('a step worked by hand', () => {
  test('average: w + η·Δ', () => {
    const settings = { kind: 'average', learningRate: 0.5 } as const
    const after = serverStep(settings, openServer(settings, START), Float64Array.of(4, -1))
    expect([...after.weights]).toEqual([3, -2.5])
    expect(after.round).toBe(1)
  })

  // τ = ½, so v starts at ¼. Δ = (4, 1): m = ½Δ = (2, ½)
  test('adam: two rounds', () => {
    const settings = { kind: 'adam', ...ADAPTIVE } as const
    const first = serverStep(settings, openServer(settings, START), Float64Array.of(4, 1))
    expect([...first.moment!]).toEqual([2, 0.5])
    // v = ¾·¼ + ¼·Δ²
    expect([...first.square!]).toEqual([0.1875 + 4, 0.1875 + 0.25])
    const moves = [(0.5 * 2) / (Math.sqrt(4.1875) + 0.5), (0.5 * 0.5) / (Math.sqrt(0.4375) + 0.5)]
    expect([...first.weights]).toEqual([1 + moves[0]!, -2 + moves[1]!])
    const second = serverStep(settings, first, Float64Array.of(0, -2))
    expect([...second.moment!]).toEqual([1, 0.25 - 1])
    expect([...second.square!]).toEqual([0.75 * 4.1875, 0.75 * 0.4375 + 1])
    expect(second.weights[0]).toBe(first.weights[0]! + (0.5 * 1) / (Math.sqrt(0.75 * 4.1875) + 0.5))
  })

  test('yogi: v moves by (1 − β₂)·Δ² towards Δ², up and down', () => {
    const settings = { kind: 'yogi', ...ADAPTIVE } as const
    const first = serverStep(settings, openServer(settings, START), Float64Array.of(4, 0.25))
    // ¼ − ¼·16·sign(¼ − 16) and ¼ − ¼·1/16·sign(¼ − 1/16)
    expect([...first.square!]).toEqual([0.25 + 4, 0.25 - 0.015625])
    expect(first.weights[0]).toBe(1 + (0.5 * 2) / (Math.sqrt(4.25) + 0.5))
    const still = serverStep(settings, first, Float64Array.of(Math.sqrt(4.25), 0))
    expect(still.square![1]).toBe(first.square![1])
  })

  test('SCAFFOLD: the variate of the federation moves by the mean change', () => {
    const settings = { kind: 'average', learningRate: 1 } as const
    const first = serverStep(settings, openServer(settings, START, true), Float64Array.of(0, 0), Float64Array.of(1, 2))
    const second = serverStep(settings, first, Float64Array.of(0, 0), Float64Array.of(0.5, -1))
    expect([...second.variate!]).toEqual([1.5, 1])
  })
})

test('a step leaves the state before it as it was', () => {
  const settings = { kind: 'yogi', ...ADAPTIVE } as const
  const before = openServer(settings, START, true)
  const copy = encodeServer(before)
  serverStep(settings, before, Float64Array.of(1, 1), Float64Array.of(1, 1))
  expect(encodeServer(before)).toEqual(copy)
})

test('a state survives JSON bit for bit, and the next step is the same', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('average', 'adam', 'yogi'),
      fc.array(fc.tuple(finite(), finite()), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      (kind, pairs, scaffold) => {
        const settings: ServerSettings = kind === 'average' ? { kind, learningRate: 0.7 } : { kind, ...ADAPTIVE }
        const mean = Float64Array.from(pairs, ([move]) => move)
        const open = openServer(
          settings,
          Float32Array.from(pairs, ([, w]) => w),
          scaffold,
        )
        const state = serverStep(settings, open, mean, scaffold ? mean : undefined)
        const again = decodeServer(JSON.parse(JSON.stringify(encodeServer(state))) as never)
        expect(again).toEqual(state)
        expect(serverStep(settings, again, mean, mean)).toEqual(serverStep(settings, state, mean, mean))
        expect(startOf(again)).toEqual(Float32Array.from(state.weights))
      },
    ),
  )
})

const finite = () => fc.double({ min: -1e6, max: 1e6, noNaN: true })

test.each<[title: string, change: object]>([
  ['cut bytes', { weights: 'AAAAAAAA' }],
  ['no base64', { weights: '****************' }],
  ['a value that is no number', { weights: Buffer.from(Float64Array.of(1, Number.NaN).buffer).toString('base64') }],
  ['nothing', { weights: '' }],
  ['moments of another length', { moment: Buffer.from(Float64Array.of(1).buffer).toString('base64') }],
  ['a round that is none', { round: -1 }],
])('a stored state with %s is refused', (_, change) => {
  const stored = encodeServer(openServer({ kind: 'adam', ...ADAPTIVE }, START))
  expect(() => decodeServer({ ...stored, ...change })).toThrow(/average\.state/)
})

test('settings outside their range, other lengths and missing parts are refused', () => {
  const settings = { kind: 'average', learningRate: 1 } as const
  const state = openServer(settings, START, true)
  const update = Float64Array.of(1, 1)
  expect(() => openServer({ kind: 'average', learningRate: 0 }, START)).toThrow(/average\.settings/)
  expect(() => openServer({ kind: 'adam', ...ADAPTIVE, tau: 0 }, START)).toThrow(/average\.settings/)
  expect(() => openServer({ kind: 'yogi', ...ADAPTIVE, beta1: 1 }, START)).toThrow(/average\.settings/)
  expect(() => serverStep(settings, state, Float64Array.of(1), update)).toThrow(/average\.settings/)
  expect(() => serverStep(settings, state, Float64Array.of(1, Infinity), update)).toThrow(/average\.settings/)
  expect(() => serverStep(settings, state, update)).toThrow(/average\.settings/)
  expect(() => serverStep({ kind: 'adam', ...ADAPTIVE }, state, update, update)).toThrow(/average\.settings/)
  expect(() => serverStep(settings, state, Float64Array.of(1.7e308, 0), Float64Array.of(0, 0))).not.toThrow()
  const huge = openServer({ kind: 'average', learningRate: 10 }, START)
  expect(() => serverStep({ kind: 'average', learningRate: 10 }, huge, Float64Array.of(1e308, 0))).toThrow(
    /average\.diverged/,
  )
})

describe('measures', () => {
  test('the AUC of the scores is within the error of the one from bins, and KS at least that from bins', () => {
    const rows = fc.array(fc.tuple(fc.double({ min: -12, max: 12, noNaN: true }), fc.nat({ max: 1 })), { minLength: 2 })
    fc.assert(
      fc.property(rows, (pairs) => {
        const scores = Float32Array.from(pairs, ([score]) => score)
        const labels = Uint8Array.from(pairs, ([, label]) => label)
        const { auc, aucError, ks } = summarise(measureScores(scores, labels))
        const exact = exactly(scores, labels)
        expect(Math.abs(auc - exact.auc)).toBeLessThanOrEqual(aucError + 1e-12)
        expect(ks).toBeLessThanOrEqual(exact.ks + 1e-12)
      }),
    )
  })

  test('parts add up', () => {
    const scores = Float32Array.of(-9, 0.01, 0.02, 9)
    const labels = Uint8Array.of(0, 1, 0, 1)
    const whole = measureScores(scores, labels)
    const parts = [0, 2].map((at) => measureScores(scores.subarray(at, at + 2), labels.subarray(at, at + 2)))
    expect(addMeasures(parts[0]!, parts[1]!)).toEqual(whole)
    // the pair of scores in one bin counts half: of 4 pairs, 3½ are in order
    expect(summarise(whole)).toMatchObject({ auc: 3.5 / 4, aucError: 0.5 / 4, ks: 0.5 })
  })

  test('bins cover all scores, and one class says nothing', () => {
    expect([-Infinity, -8, -7.95, 0, 7.99, 8, Infinity].map(scoreBin)).toEqual([0, 0, 0, 128, 255, 255, 255])
    expect(SCORE_BINS).toBe(256)
    expect(summarise(measureScores(Float32Array.of(1), Uint8Array.of(1)))).toMatchObject({ auc: 0.5, aucError: 0.5 })
  })

  test('the loss is finite where the probability is not', () => {
    expect(logLoss(800, 0)).toBe(800)
    expect(logLoss(-800, 0)).toBe(0)
    expect(logLoss(0, 1)).toBeCloseTo(Math.LN2, 15)
  })
})

/** AUC by all pairs, KS at all scores; ½ and 0 where a class is absent. */
function exactly(scores: Float32Array, labels: Uint8Array): { auc: number; ks: number } {
  const good = [...scores].filter((_, i) => labels[i] === 0)
  const bad = [...scores].filter((_, i) => labels[i] === 1)
  if (good.length === 0 || bad.length === 0) return { auc: 0.5, ks: 0 }
  const wins = bad.flatMap((b) => good.map((g) => (b > g ? 1 : b === g ? 0.5 : 0)))
  const below = (of: number[], edge: number) => of.filter((score) => score < edge).length / of.length
  const edges = [...scores, Infinity]
  return {
    auc: wins.reduce((sum: number, win) => sum + win, 0) / wins.length,
    ks: Math.max(...edges.map((edge) => Math.abs(below(good, edge) - below(bad, edge)))),
  }
}
