import { expect, test } from 'vitest'
import { evaluate } from './discrimination.ts'
import { evaluateTargets } from './targets.ts'

/** Numbers in (0, 1) from a seed. */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
}
const rounded = (next: () => number, n: number) => Float64Array.from({ length: n }, () => Math.round(20 * next()) / 20)

test('error, deviance and order of a small table, worked out by hand', () => {
  const expected = Float64Array.of(1, 2, 3, 2)
  const targets = Float64Array.of(0, 2, 4, 2)
  const found = evaluateTargets(expected, targets, 'count')
  expect(found).toMatchObject({ rows: 4, mean: 2, expected: 2, mae: 0.5 })
  expect(found.rmse.value).toBeCloseTo(Math.sqrt(2 / 4), 12)
  expect(found.r2).toBeCloseTo(1 - 0.5 / 2, 12)
  expect(found.deviance?.value).toBeCloseTo((2 * 1 + 2 * (4 * Math.log(4 / 3) - 1)) / 4, 12)
  expect(found.gini?.value).toBeCloseTo(1, 12)
  // ranks by the model the wrong way round
  expect(evaluateTargets(Float64Array.of(3, 2, 1, 2), targets, 'count').gini?.value).toBeCloseTo(-1, 12)
  expect(evaluateTargets(expected, targets, 'number').deviance).toBeNull()
  expect(evaluateTargets(Float64Array.of(1, 2, 3, 0), targets, 'count').deviance).toBeNull()
  expect(evaluateTargets(expected, Float64Array.of(2, 2, 2, 2), 'count')).toMatchObject({ r2: null, gini: null })
})

test('of two classes the Gini coefficient and its interval are those of the AUC', () => {
  const next = numbersFrom(3)
  const scores = rounded(next, 3000)
  const labels = Uint8Array.from(scores, (score) => (next() < 0.1 + 0.3 * score ? 1 : 0))
  const { auc } = evaluate(scores, labels)
  const { gini } = evaluateTargets(scores, Float64Array.from(labels), 'count')
  expect(gini?.value).toBeCloseTo(2 * auc.value - 1, 12)
  expect(gini?.low).toBeCloseTo(2 * auc.low - 1, 3)
  expect(gini?.high).toBeCloseTo(2 * auc.high - 1, 3)
  // control: the interval is not that of the AUC itself
  expect((gini?.high ?? 0) - (gini?.low ?? 0)).toBeGreaterThan(1.5 * (auc.high - auc.low))
})

test('intervals hold the true measures as often as they say', () => {
  const measures = (next: () => number, n: number) => {
    const expected = Float64Array.from({ length: n }, () => 0.5 + 2 * next())
    const targets = expected.map((mu) => mu + (next() - 0.5) * 4)
    return evaluateTargets(expected, targets, 'number')
  }
  const truth = measures(numbersFrom(1), 200_000)
  const runs = Array.from({ length: 300 }, (_, seed) => measures(numbersFrom(100 + seed), 400))
  const held = (of: (one: typeof truth) => { value: number; low: number; high: number }) =>
    runs.filter((run) => of(run).low <= of(truth).value && of(truth).value <= of(run).high).length / runs.length
  for (const share of [held(({ rmse }) => rmse), held(({ gini }) => gini!)]) {
    expect(share).toBeGreaterThan(0.91)
    expect(share).toBeLessThan(0.99)
  }
})
