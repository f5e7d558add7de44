import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate } from './discrimination.ts'

const labelled = fc
  .array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 60 })
  .filter((rows) => new Set(rows.map(([, label]) => label)).size === 2)

test('AUC and KS equal their definitions over all pairs and thresholds, ties included', () => {
  fc.assert(
    fc.property(labelled, (rows) => {
      const bad = rows.filter(([, label]) => label === 1).map(([score]) => score)
      const good = rows.filter(([, label]) => label === 0).map(([score]) => score)
      let wins = 0
      for (const b of bad) for (const g of good) wins += b > g ? 1 : b === g ? 0.5 : 0
      const share = (group: number[], threshold: number) =>
        group.filter((score) => score >= threshold).length / group.length
      const ks = Math.max(...rows.map(([threshold]) => Math.abs(share(bad, threshold) - share(good, threshold))))
      const result = evaluate(
        Float64Array.from(rows, ([score]) => score),
        Uint8Array.from(rows, ([, label]) => label),
      )
      expect(result.auc.value).toBeCloseTo(wins / bad.length / good.length, 12)
      expect(result.ks.value).toBeCloseTo(ks, 12)
    }),
    { numRuns: 100 },
  )
})

test('a perfect order has AUC 1 and KS 1, and no spread', () => {
  const { auc, ks } = evaluate(Float64Array.of(3, 2, 1, 0), Uint8Array.of(1, 1, 0, 0))
  expect(auc).toEqual({ value: 1, low: 1, high: 1 })
  expect(ks.value).toBe(1)
})

test('the DeLong interval of a worked example', () => {
  // Components by hand: V10 = {1, ½, ¾ …}: bad scores 4, 2, 1; good scores 3, 2, 0, 0.
  // psi(bad=4) = 1, psi(2) = (0 + ½ + 1 + 1)/4 = .625, psi(1) = ½; mean .708333
  // psi(good=3) = ⅓, psi(2) = (1 + ½ + 0)/3 = ½, psi(0) = 1, 1
  const { auc } = evaluate(Float64Array.of(4, 2, 1, 3, 2, 0, 0), Uint8Array.of(1, 1, 1, 0, 0, 0, 0))
  const mean = 17 / 24
  const ofBad = ((1 - mean) ** 2 + (0.625 - mean) ** 2 + (0.5 - mean) ** 2) / 2
  const ofGood = ((1 / 3 - mean) ** 2 + (0.5 - mean) ** 2 + 2 * (1 - mean) ** 2) / 3
  expect(auc.value).toBeCloseTo(mean, 12)
  expect(auc.value - auc.low).toBeCloseTo(1.959963984540054 * Math.sqrt(ofBad / 3 + ofGood / 4), 12)
})

test('the same scores give the same intervals, and they hold the value', () => {
  const scores = Float64Array.from({ length: 500 }, (_, i) => Math.sin(i * 12.9898) + (i % 5 === 0 ? 0.8 : 0))
  const labels = Uint8Array.from({ length: 500 }, (_, i) => (i % 5 === 0 ? 1 : 0))
  const first = evaluate(scores, labels)
  expect(evaluate(scores, labels)).toEqual(first)
  for (const { value, low, high } of [first.auc, first.ks]) expect(low < value && value < high).toBe(true)
})
