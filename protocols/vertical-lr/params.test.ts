import { T } from '#crypto/he/params.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerCount, chooseLayout } from './gradient.ts'
import { batchOf, MAX_BATCH_ROWS, planBatches, PRECISIONS, RESIDUAL_BOUND, valueBits } from './params.ts'
import { SAMPLE_PARAMS } from './sample.ts'

test('an inner product over a whole batch cannot wrap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MAX_BATCH_ROWS }), (rows) => {
      // mean |x| ≤ 1 for a standardised column, |d| ≤ RESIDUAL_BOUND
      expect(rows * RESIDUAL_BOUND * 2 ** (valueBits(rows) + PRECISIONS.standard.residualBits)).toBeLessThan(T / 2)
    }),
  )
  expect(valueBits(MAX_BATCH_ROWS)).toBeGreaterThanOrEqual(7)
})

test('batches cover every training row once an epoch and never pass the limit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000_000 }),
      fc.constantFrom('full' as const, 256, 5000),
      (rows, batchRows) => {
        const plan = planBatches({ ...SAMPLE_PARAMS, batchRows }, rows)
        let next = 0
        for (let round = 1; round <= plan.batches; round++) {
          const { from, to } = batchOf(plan, rows, round)
          expect(from).toBe(next)
          expect(to - from).toBeLessThanOrEqual(Math.min(plan.rows, MAX_BATCH_ROWS))
          next = to
        }
        expect(next).toBe(rows)
        expect(batchOf(plan, rows, plan.batches + 1)).toEqual(batchOf(plan, rows, 1))
      },
    ),
    { numRuns: 30 },
  )
})

test('a layout holds all rows, and wide tables get fewer rows a block', () => {
  expect(chooseLayout(100_000, [300]).rowsPerBlock).toBeLessThan(chooseLayout(100_000, [10]).rowsPerBlock)
  const { rowsPerBlock, blocks } = chooseLayout(100_001, [30])
  expect(rowsPerBlock * blocks).toBeGreaterThanOrEqual(100_001)
  expect(answerCount(30, 8192)).toBe(30)
})
