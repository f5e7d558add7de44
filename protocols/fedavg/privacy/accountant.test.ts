import { expect, test } from 'vitest'
import {
  chargeInMemory,
  epsilonOf,
  ORDERS,
  privacySpend,
  type RoundMechanism,
  rdpOfRound,
  roundsWithin,
} from './accountant.ts'

const mechanism = (sampleRate: number, noiseMultiplier: number): RoundMechanism => ({ sampleRate, noiseMultiplier })
const spend = (q: number, sigma: number, rounds: number, delta: number) =>
  privacySpend(new Array<RoundMechanism>(rounds).fill(mechanism(q, sigma)), delta)

/** Mironov 2017, proposition 3: what older libraries print. */
function older(q: number, sigma: number, rounds: number, delta: number): { epsilon: number; order: number } {
  const all = ORDERS.map((order) => {
    const rdp = rounds * rdpOfRound(mechanism(q, sigma), order)
    return { order, epsilon: rdp - Math.log(delta) / (order - 1) }
  })
  return all.reduce((best, one) => (one.epsilon < best.epsilon ? one : best))
}

const steps = (epochs: number, batch: number) => Math.ceil((epochs * 60_000) / batch)

// TensorFlow Privacy (tutorial on DP-SGD, table of its MNIST example), Opacus (compute_dp_sgd_privacy)
test.each([
  [256 / 60_000, 1.12, 14_063, 2.92, 9],
  [250 / 60_000, 1.3, 3600, 1.18, 17],
  [256 / 60_000, 1.3, steps(15, 256), 1.19, 17],
  [256 / 60_000, 1.1, steps(60, 256), 3.01, 9],
])('the published ε of q = %d, σ = %d after %d rounds', (q, sigma, rounds, published, order) => {
  const found = older(q, sigma, rounds, 1e-5)
  expect(Math.abs(found.epsilon - published)).toBeLessThan(0.005)
  expect(found.order).toBe(order)
})

test('the improved conversion brings 2.92 to 2.52', () => {
  expect(spend(256 / 60_000, 1.12, 14_063, 1e-5).epsilon).toBeCloseTo(2.5216, 3)
})

test.each([
  [100_000, 2048, 1, 3.66],
  [100_000, 2048, 1.5, 1.75],
  [100_000, 2048, 2, 1.17],
  [20_000, 1024, 1.5, 2.76],
  [20_000, 1024, 2, 1.82],
])('ten epochs over %d rows in batches of %d at σ = %d', (rows, batch, sigma, epsilon) => {
  const rounds = Math.ceil((10 * rows) / batch)
  expect(Math.abs(spend(batch / rows, sigma, rounds, 0.1 / rows).epsilon - epsilon)).toBeLessThan(0.01)
})

test('twenty releases at σ = 8 without sampling', () => {
  expect(Math.abs(spend(1, 8, 20, 1e-6).epsilon - 2.74)).toBeLessThan(0.005)
})

test('without sampling the divergence is α / 2σ², and sampling at a rate near 1 comes to it', () => {
  for (const [i, order] of ORDERS.entries()) {
    const sigma = 0.5 + (i % 17) / 2
    expect(rdpOfRound(mechanism(1, sigma), order)).toBe(order / (2 * sigma ** 2))
    expect(rdpOfRound(mechanism(1 - 1e-12, sigma), order) / (order / (2 * sigma ** 2))).toBeCloseTo(1, 6)
  }
})

/** log E[((1 − q) + q·exp((2x − 1) / 2σ²))^α] / (α − 1) over x ~ N(0, σ²), by the trapezoid rule. */
function byQuadrature(q: number, sigma: number, order: number): number {
  const [from, to, step] = [-14 * sigma, order + 14 * sigma, sigma / 40]
  const logs: number[] = []
  for (let x = from; x <= to; x += step) {
    const ratio = (2 * x - 1) / (2 * sigma ** 2) + Math.log(q)
    const [large, small] = [Math.max(ratio, Math.log1p(-q)), Math.min(ratio, Math.log1p(-q))]
    const mixture = large + Math.log1p(Math.exp(small - large))
    logs.push(order * mixture - x ** 2 / (2 * sigma ** 2) - Math.log(sigma * Math.sqrt(2 * Math.PI)))
  }
  const most = Math.max(...logs)
  return (most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) * step)) / (order - 1)
}

test('the divergence is what an integral says, at twenty points', () => {
  let state = 12_345
  const uniform = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 2 ** 31
  }
  for (let i = 0; i < 20; i++) {
    const q = 10 ** (-3 + 2.9 * uniform())
    const sigma = 0.6 + 4 * uniform()
    const order = 2 + Math.floor(62 * uniform())
    const found = rdpOfRound(mechanism(q, sigma), order)
    expect(Math.abs(found - byQuadrature(q, sigma, order)), `${q} ${sigma} ${order}`).toBeLessThan(1e-9 * (1 + found))
  }
})

test('ε grows with the rounds and the sample rate, and falls with the noise and δ', () => {
  for (const [q, sigma] of [
    [0.01, 0.8],
    [0.2, 2],
    [1, 12],
  ] as const) {
    const { epsilon } = spend(q, sigma, 100, 1e-5)
    expect(spend(q, sigma, 101, 1e-5).epsilon).toBeGreaterThan(epsilon)
    expect(spend(q * 0.99, sigma, 100, 1e-5).epsilon).toBeLessThan(epsilon)
    expect(spend(q, sigma * 1.01, 100, 1e-5).epsilon).toBeLessThan(epsilon)
    expect(spend(q, sigma, 100, 1.1e-5).epsilon).toBeLessThan(epsilon)
  }
})

test('no order does better than the best, and the conversion is below the older one', () => {
  const rdp = ORDERS.map((order) => 50 * rdpOfRound(mechanism(0.05, 1.2), order))
  const { epsilon, order } = epsilonOf(rdp, 1e-6)
  expect(
    epsilonOf(
      rdp.map((one, i) => (ORDERS[i] === order ? one : Number.POSITIVE_INFINITY)),
      1e-6,
    ),
  ).toEqual({
    epsilon,
    order,
  })
  expect(epsilon).toBeLessThan(older(0.05, 1.2, 50, 1e-6).epsilon)
})

test('rounds of several kinds add up in any order; none cost nothing', () => {
  const [a, b] = [mechanism(0.1, 1.5), mechanism(1, 20)]
  expect(privacySpend([a, b, a], 1e-5)).toEqual(privacySpend([a, a, b], 1e-5))
  expect(privacySpend([a, b, a], 1e-5).epsilon).toBeGreaterThan(privacySpend([a, a], 1e-5).epsilon)
  expect(privacySpend([], 1e-5)).toEqual({ epsilon: 0, delta: 1e-5, order: 0, rounds: 0 })
})

test('a budget allows the rounds up to it and not one more', () => {
  const budget = { budget: 2, delta: 1e-5 }
  const most = roundsWithin(mechanism(0.02, 1.1), budget, 100_000)
  expect(spend(0.02, 1.1, most, 1e-5).epsilon).toBeLessThanOrEqual(2)
  expect(spend(0.02, 1.1, most + 1, 1e-5).epsilon).toBeGreaterThan(2)
  expect(roundsWithin(mechanism(0.02, 1.1), budget, 7)).toBe(7)
  expect(roundsWithin(mechanism(1, 0.5), budget, 7)).toBe(0)
})

test('a charge in memory counts a round once and stops at the budget', async () => {
  const charge = chargeInMemory({ budget: 2, delta: 1e-5 })
  const first = await charge({ round: 'a', mechanism: mechanism(1, 4) })
  expect(await charge({ round: 'a', mechanism: mechanism(1, 4) })).toEqual(first)
  expect((await charge({ round: 'b', mechanism: mechanism(1, 4) })).rounds).toBe(2)
  await expect(charge({ round: 'c', mechanism: mechanism(1, 1) })).rejects.toThrow('privacy.budget-spent')
  expect((await charge({ round: 'b', mechanism: mechanism(1, 4) })).rounds).toBe(2)
})

test.each([
  ['a sample rate of nothing', mechanism(0, 1)],
  ['a sample rate above 1', mechanism(1.1, 1)],
  ['no noise', mechanism(0.5, 0)],
  ['a noise that is no number', mechanism(0.5, Number.NaN)],
])('%s is refused', (_, one) => {
  expect(() => privacySpend([one], 1e-5)).toThrow('privacy.settings')
})
