import { expect, test } from 'vitest'
import { profileColumn } from './profile.ts'

/** 1 … 1000, then 100 zeros that are a code, then 50 missing. */
const values = Float64Array.from({ length: 1150 }, (_, i) => (i < 1000 ? i + 1 : i < 1100 ? 0 : Number.NaN))

test('shares, moments and quantiles of what is measured, to three digits', () => {
  expect(profileColumn(values, [0], 20)).toEqual({
    n: 1150,
    statistics: {
      missing_pct: 0.0435,
      zero_pct: 0.087,
      special_code_share: 0.087,
      top1_value_share: 0.087,
      n_unique: 1000,
      mean: 501, // 500.5
      std: 289,
      p5: 51,
      p25: 251,
      p50: 501,
      p75: 751,
      p95: 951,
      // p1 and p99 would stand on ten rows
    },
  })
})

test('a share of a few rows is left out, and so is everything of few rows', () => {
  const few = Float64Array.from({ length: 100 }, (_, i) => (i < 5 ? Number.NaN : i))
  expect(profileColumn(few, [], 20).statistics).not.toHaveProperty('missing_pct')
  expect(profileColumn(few.subarray(0, 19), [], 20)).toEqual({ n: 19, statistics: {} })
})
