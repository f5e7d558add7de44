// The profile of one column (EDA): shares, moments and quantiles over the rows that are there. Smallest and largest value
// are never part of it, and a statistic that fewer than k rows stand behind is left out.
import { PlatformError } from '#runtime/errors.ts'

/** Statistics of a profile, in the order of the table (design: domain.md 2.3). */
export const PROFILE_STATISTICS = [
  'missing_pct',
  'zero_pct',
  'n_unique',
  'top1_value_share',
  'mean',
  'std',
  'p1',
  'p5',
  'p25',
  'p50',
  'p75',
  'p95',
  'p99',
  'special_code_share',
] as const
export type ProfileStatistic = (typeof PROFILE_STATISTICS)[number]

export interface ColumnProfile {
  /** rows looked at, those without a value among them */
  readonly n: number
  readonly statistics: Readonly<Partial<Record<ProfileStatistic, number>>>
}

const QUANTILES: readonly (readonly [ProfileStatistic, number])[] = [
  ['p1', 0.01],
  ['p5', 0.05],
  ['p25', 0.25],
  ['p50', 0.5],
  ['p75', 0.75],
  ['p95', 0.95],
  ['p99', 0.99],
]

/**
 * @param values of the rows that are there; NaN where missing
 * @param specials codes that are no measurements: counted, and left out of moments and quantiles
 * @param least rows that must stand behind a number: a share of fewer rows, or whose complement is fewer, is left out; a
 * quantile needs as many rows on either side; every number is rounded to three digits
 * @throws PlatformError credit.bins where `least` is below 1
 */
export function profileColumn(values: Float64Array, specials: readonly number[], least: number): ColumnProfile {
  if (!(least >= 1)) throw new PlatformError('credit.bins', { least })
  const n = values.length
  const codes = new Set(specials)
  const present = values.filter((value) => !Number.isNaN(value))
  const measured = present.filter((value) => !codes.has(value)).sort()
  const zeros = present.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0)
  const top = mostFrequent(present)
  const found: Partial<Record<ProfileStatistic, number>> = {}
  const share = (name: ProfileStatistic, rows: number) => {
    if (rows === 0 || rows === n || (rows >= least && n - rows >= least)) found[name] = rounded(rows / n)
  }
  if (n < least) return { n, statistics: {} }
  share('missing_pct', n - present.length)
  share('zero_pct', zeros)
  share('special_code_share', present.length - measured.length)
  if (top.rows >= least) share('top1_value_share', top.rows)
  if (measured.length >= least) {
    found.n_unique = Number(top.distinct.toPrecision(2))
    const mean = measured.reduce((sum, value) => sum + value, 0) / measured.length
    const square = measured.reduce((sum, value) => sum + (value - mean) ** 2, 0) / measured.length
    found.mean = rounded(mean)
    found.std = rounded(Math.sqrt(square))
  }
  for (const [name, at] of QUANTILES) {
    const below = at * measured.length
    if (Math.min(below, measured.length - below) >= least)
      found[name] = rounded(measured[Math.floor(below)] ?? Number.NaN)
  }
  return { n, statistics: found }
}

function mostFrequent(values: Float64Array): { readonly rows: number; readonly distinct: number } {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let rows = 0
  for (const count of counts.values()) rows = Math.max(rows, count)
  return { rows, distinct: counts.size }
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
