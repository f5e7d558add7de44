import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Expansion } from '#crypto/aggregate/streams.ts'
import { bernoulliExp, expBetween } from './bernoulli.ts'
import { DiscreteGaussian } from './discrete-gaussian.ts'
import { sumDistance } from './plan.ts'

const stream = (name: string) => new Expansion(new Uint8Array(32).fill(9), name)

/** Probability of each whole number from −reach to reach. */
function pmf(sigma: number, reach = Math.ceil(40 * sigma) + 2): { reach: number; at: (x: number) => number } {
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)))
  const total = weights.reduce((a, b) => a + b)
  return { reach, at: (x) => (weights[x + reach] ?? 0) / total }
}

/** Pearson's statistic over cells of at least 25 expected draws, and what it exceeds once in 10^9 (Laurent, Massart 2000). */
function chiSquare(draws: readonly number[], sigma: number): { statistic: number; limit: number } {
  const { reach, at } = pmf(sigma)
  const counts = new Map<number, number>()
  for (const draw of draws) counts.set(draw, (counts.get(draw) ?? 0) + 1)
  let [statistic, cells, expected, seen] = [0, 0, 0, 0]
  for (let x = -reach; x <= reach; x++) {
    expected += at(x) * draws.length
    seen += counts.get(x) ?? 0
    if (expected >= 25 || x === reach) {
      statistic += (seen - expected) ** 2 / Math.max(expected, 1e-9)
      ;[cells, expected, seen] = [cells + 1, 0, 0]
    }
  }
  const tail = 9 * Math.LN10
  return { statistic, limit: cells + 2 * Math.sqrt(cells * tail) + 2 * tail }
}

const draw = (sigma: number, count: number, name: string) => {
  const noise = new DiscreteGaussian(sigma, stream(name))
  return Array.from({ length: count }, () => noise.next())
}

describe('draws', () => {
  test.each([1 / 64, 0.5, 0.75, 1, 3.25, 20.5])('have the exact distribution of σ = %d', (sigma) => {
    const draws = draw(sigma, 60_000, `chi-square ${sigma}`)
    const { statistic, limit } = chiSquare(draws, sigma)
    expect(statistic).toBeLessThan(limit)
  })

  test('of a normal variable, rounded, or of a σ three hundredths off, are told apart by the same test', () => {
    const words = stream('control')
    const uniform = () => (words.word() + 0.5) / 2 ** 32
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    const rounded = chiSquare(
      Array.from({ length: 60_000 }, () => Math.round(0.75 * normal())),
      0.75,
    )
    expect(rounded.statistic).toBeGreaterThan(rounded.limit)
    const other = chiSquare(draw(3.25, 60_000, 'other'), 3.25 * 1.03)
    expect(other.statistic).toBeGreaterThan(other.limit)
  })

  test.each([0.5, 2, 1000.25, 40_000])('have the moments of σ = %d', (sigma) => {
    const n = 40_000
    const draws = draw(sigma, n, `moments ${sigma}`)
    // Exact for small σ; for σ ≥ 1 the variance is σ² and the fourth moment 3σ⁴ within 1e-7 of it.
    const { reach, at } = pmf(Math.min(sigma, 10))
    const exact = (power: number) => {
      let moment = 0
      for (let x = -reach; x <= reach; x++) moment += x ** power * at(x)
      return moment * (sigma / Math.min(sigma, 10)) ** power
    }
    const mean = draws.reduce((a, b) => a + b, 0) / n
    const square = draws.reduce((a, b) => a + b * b, 0) / n
    // Six standard errors: 2e-9 each.
    expect(Math.abs(mean)).toBeLessThan(6 * Math.sqrt(exact(2) / n))
    expect(Math.abs(square - exact(2))).toBeLessThan(6 * Math.sqrt((exact(4) - exact(2) ** 2) / n))
  })

  test('follow from the stream alone', () => {
    expect(draw(12.5, 1000, 'same')).toEqual(draw(12.5, 1000, 'same'))
    expect(draw(12.5, 1000, 'same')).not.toEqual(draw(12.5, 1000, 'other'))
  })

  test.each([0, -1, 0.3, Number.NaN, 2 ** 25])('a σ of %d is refused', (sigma) => {
    expect(() => new DiscreteGaussian(sigma, stream('x'))).toThrow('privacy.settings')
  })
})

describe('published properties (Canonne, Kamath, Steinke 2020)', () => {
  test('variance at most σ², and the tail below that of the normal variable', () => {
    for (const sigma of [0.3, 0.5, 1, 2.5]) {
      const { reach, at } = pmf(sigma)
      let [variance, tail] = [0, 0]
      for (let x = reach; x >= -reach; x--) {
        variance += x * x * at(x)
        tail += at(x)
        if (x >= 1) expect(tail).toBeLessThanOrEqual(Math.exp(-(x ** 2) / (2 * sigma ** 2)))
      }
      expect(variance).toBeLessThanOrEqual(sigma ** 2 * (1 + 1e-12))
      if (sigma ** 2 <= 1 / 3) expect(variance).toBeLessThan(3 * Math.exp(-1 / (2 * sigma ** 2)))
    }
  })

  test('shifted by whole numbers its divergence is that of the normal variable', () => {
    const sigma = 1.5
    const { reach, at } = pmf(sigma)
    for (const [order, shift] of [
      [2, 1],
      [5, 2],
      [16, 1],
    ] as const) {
      let sum = 0
      const log = (x: number) => Math.log(at(0)) - x ** 2 / (2 * sigma ** 2)
      for (let x = -reach; x <= reach; x++) sum += Math.exp(order * log(x - shift) + (1 - order) * log(x))
      expect(Math.log(sum) / (order - 1)).toBeCloseTo((order * shift ** 2) / (2 * sigma ** 2), 9)
    }
  })
})

test('the sum of two is as far from one as Kairouz, Liu, Steinke bound it, and not closer than none', () => {
  for (const sigma of [0.4, 0.6, 0.9]) {
    const { reach, at } = pmf(sigma, 30)
    const sum = new Map<number, number>()
    for (let x = -reach; x <= reach; x++)
      for (let y = -reach; y <= reach; y++) sum.set(x + y, (sum.get(x + y) ?? 0) + at(x) * at(y))
    const order = 4
    let total = 0
    for (let x = -12; x <= 12; x++) total += (sum.get(x - 1) as number) ** order * (sum.get(x) as number) ** (1 - order)
    const divergence = Math.log(total) / (order - 1)
    const bound = (order / 2) * (1 / (Math.SQRT2 * sigma) + sumDistance(3, sigma)) ** 2
    expect(divergence).toBeLessThan(bound)
  }
  // At σ = 0.4 the sum is visibly not one discrete Gaussian of variance 2σ²: the correction is needed.
  expect(sumDistance(3, 0.4)).toBeGreaterThan(0.1)
  expect(sumDistance(3, 4)).toBeLessThan(1e-60)
  expect(sumDistance(2, 0.4)).toBe(0)
})

describe('the coin', () => {
  // exp(−1) and exp(−1/3), 68 digits: python3 -c "from decimal import *; getcontext().prec = 90; print(Decimal(-1).exp())"
  const E1 = 36787944117144232159552377016146086744581113103176783450783680169746n
  const E3 = 71653131057378925042560409692537966745311205982147915714087020712730n
  const DECIMALS = 10n ** 68n

  test('has whole numbers on both sides of exp at any precision', () => {
    for (const [p, q, decimals] of [
      [1n, 1n, E1],
      [1n, 3n, E3],
    ] as const) {
      for (const bits of [1n, 32n, 64n, 200n]) {
        const [low, high] = expBetween(p, q, bits)
        expect(low * DECIMALS).toBeLessThanOrEqual((decimals + 1n) << bits)
        expect(high * DECIMALS).toBeGreaterThanOrEqual(decimals << bits)
        expect(high - low).toBeLessThanOrEqual(2n)
      }
    }
    expect(expBetween(0n, 1n, 40n)[1]).toBeGreaterThanOrEqual(1n << 40n)
    expect(expBetween(5000n, 1n, 40n)[1]).toBe(1n)
  })

  test('is decided by whole numbers where the first word does not tell, and as exp would', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(2 ** 32 - 1),
        (p, q, second) => {
          const exact = () => [BigInt(p), BigInt(q)] as const
          const [low] = expBetween(BigInt(p), BigInt(q), 64n)
          const first = Number(low >> 32n)
          // beside the probability two words do not tell either
          const drawn = (BigInt(first) << 32n) + BigInt(second)
          fc.pre(drawn + 2n < low || drawn > low + 2n)
          let words = 0
          const coin = bernoulliExp(p / q, exact, { word: () => [first, second][words++] as number })
          expect(words).toBe(2)
          expect(coin).toBe(drawn < low)
        },
      ),
      { numRuns: 200, examples: [[67, 1, 2 ** 31]] },
    )
  })
})
