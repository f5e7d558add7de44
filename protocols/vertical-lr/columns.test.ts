// Columns as integers for inner products: nothing wraps, and the limbs together are the column.
import { T } from '#crypto/he/params.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryVault } from '#protocols/core/memory.ts'
import { gradientColumns, woeColumn } from './columns.ts'
import { jointRange } from './fourier.ts'
import { PRECISIONS, RESIDUAL_BOUND, WOE_BITS } from './params.ts'
import { WOE_PARAMS } from './sample-woe.ts'
import { clipRange } from './scores.ts'

const seed = await memoryVault().seed('rounding')
const values = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 50, maxLength: 50 })

test.each(['standard', 'fine'] as const)('%s: no inner product wraps, and limbs add up to the column', (precision) => {
  const { residualBits, limbs } = PRECISIONS[precision]
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 400 }), (bins, times) => {
      const trainRows = bins.length * times
      const column = woeColumn(Float64Array.from({ length: trainRows }, (_, i) => bins[i % bins.length]!))
      const data = { bits: WOE_BITS, columns: [column, column] }
      const cut = gradientColumns({ data, params: { ...WOE_PARAMS, precision }, trainRows }, seed)
      expect(cut.columns.length).toBe(2 * limbs)
      for (const limb of cut.columns) {
        const sum = limb.reduce((total, value) => total + Math.abs(value), 0)
        expect(sum * RESIDUAL_BOUND * 2 ** residualBits).toBeLessThan(T / 2)
        expect(limb.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThanOrEqual(2 ** 20)
      }
      const last = cut.scales[2 * limbs - 2]!
      for (let i = 0; i < trainRows; i += 7) {
        let value = 0
        for (let limb = 0; limb < limbs; limb++) value += cut.columns[2 * limb]![i]! / cut.scales[2 * limb]!
        expect(Math.abs(value - column[i]! / 2 ** WOE_BITS)).toBeLessThanOrEqual(1.001 / last)
        // Columns that repeat each other do so still.
        expect(cut.columns[2 * limbs - 1]![i]).toBe(cut.columns[2 * limbs - 2]![i])
      }
    }),
    { numRuns: 8 },
  )
})

test('weights of evidence have an interval of at most ten joint deviations, and clip outside of what they release', () => {
  const part = { low: -6, high: 2, mean: -1, deviation: 0.6 }
  const parts = [part, part, part]
  expect(jointRange(parts, 'standardised')).toMatchObject({ low: -18, high: 6 })
  const { low, high, mean, deviation } = jointRange(parts, 'woe')
  expect([low, high]).toEqual([mean - 5 * deviation, mean + 5 * deviation])
  expect(clipRange(part, 'woe')).toMatchObject({ low: -8, high: 4 })
  expect(clipRange(part, 'standardised')).toEqual(part)
})
