// Random numbers for bootstrap intervals, from a fixed seed: the same scores always give the same interval.
import { createHash } from 'node:crypto'

/** Uniform numbers in [0, 1) by xorshift32. Reproducible and nothing secret. */
export function fixedRandom(): () => number {
  let x = createHash('sha256').update('tributary: bootstrap').digest().readUInt32LE(0) | 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}

/** How often each of `size` rows is drawn in `size` draws with replacement, added to `counts` at `rows`. */
export function drawWithReplacement(rows: Uint32Array, counts: Uint16Array | Float64Array, next: () => number): void {
  for (let i = 0; i < rows.length; i++) counts[rows[Math.floor(next() * rows.length)]!]!++
}

/** A Poisson number: exact below a mean of 30, a rounded normal above. */
export function poisson(mean: number, next: () => number): number {
  if (mean <= 0) return 0
  if (mean < 30) {
    const floor = Math.exp(-mean)
    let product = next()
    let count = 0
    while (product > floor) {
      product *= next()
      count++
    }
    return count
  }
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
}

/** The middle 95 % of resampled values, NaN left out. @returns [NaN, NaN] when nothing is left */
export function percentileInterval(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  if (sorted.length === 0) return [Number.NaN, Number.NaN]
  return [sorted[Math.floor(0.025 * sorted.length)]!, sorted[Math.ceil(0.975 * sorted.length) - 1]!]
}
