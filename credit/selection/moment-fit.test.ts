import { expect, test } from 'vitest'
import { correlationOf, linearFit, type MomentMatrix } from './moment-fit.ts'

// Four rows: x = 1 2 3 4, z = 2 1 4 3, c = 5 5 5 5 (constant), label = 0 0 1 1.
const COLUMNS = [
  [1, 2, 3, 4],
  [2, 1, 4, 3],
  [1, 1, 1, 1],
  [5, 5, 5, 5],
]
const LABEL = [0, 0, 1, 1]
const meanOf = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0) / 4
const MOMENTS: MomentMatrix = {
  matrix: COLUMNS.flatMap((x) => COLUMNS.map((y) => meanOf(x, y))),
  size: 4,
  intercept: 2,
  rows: 4,
}

test('correlations are Pearson’s, without the intercept; a constant column has none', () => {
  const r = correlationOf(MOMENTS)
  expect(r[1]).toBeCloseTo(0.6, 12) // cov 0.75, variances 1.25
  expect(Array.from(r.slice(6))).toEqual([0, 0, 1])
})

test('least squares of one column: textbook slope and standard error', () => {
  // slope = cov(x, y)/var(x) = 0.5/1.25 = 0.4; SSE = 1 − 0.8 = 0.2; s² = 0.1; se = √(0.1/5)
  const fit = linearFit(
    MOMENTS,
    COLUMNS.map((x) => meanOf(x, LABEL)),
    [0],
  )
  expect(fit.beta[0]).toBeCloseTo(0.4, 12)
  expect(fit.stdErr[0]).toBeCloseTo(Math.sqrt(0.1 / 5), 12)
})

test('columns that repeat each other are refused', () => {
  expect(() =>
    linearFit(
      MOMENTS,
      COLUMNS.map((x) => meanOf(x, LABEL)),
      [0, 3],
    ),
  ).toThrow(expect.objectContaining({ code: 'evaluation.invalid' }))
})
