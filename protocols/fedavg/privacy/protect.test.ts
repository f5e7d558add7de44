import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedFieldsFor } from '#crypto/aggregate/fields.ts'
import { addAll, encryptAll, openAll, sampleRound } from '#crypto/aggregate/sample-round.ts'
import { Secret } from '#runtime/secret.ts'
import { type PrivacyPlan, privacyPlan, roundedLength } from './plan.ts'
import { protectRows, protectUpdate, readProtectedSum } from './protect.ts'
import { clippedRowSum, type RowGradient, sampleRows } from './rows.ts'
import type { PrivacySettings } from './settings.ts'

const PARTY: PrivacySettings = { unit: 'party', l2Clip: 1, noiseMultiplier: 1, sampleRate: 1, delta: 1e-5, budget: 8 }
const ROW: PrivacySettings = { ...PARTY, unit: 'row', sampleRate: 0.1 }
const SHAPE = { parties: 3, parameters: 40, clip: 0.5, rows: 9000 }
const seed = (byte: number) => new Secret('seed', new Uint8Array(32).fill(byte))
const zeros = (plan: PrivacyPlan) => new Float64Array(plan.parameters)
const lengthOf = (vector: ArrayLike<number>) => Math.hypot(...Array.from(vector))
const minus = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Float64Array.from({ length: a.length }, (_, i) => (a[i] as number) - (b[i] as number))
const sumOf = (updates: readonly Uint32Array[]) =>
  Uint32Array.from(updates[0] as Uint32Array, (_, i) => updates.reduce((sum, one) => sum + (one[i] as number), 0))

describe('the plan', () => {
  test.each([
    [PARTY, SHAPE, 2],
    [PARTY, { ...SHAPE, parties: 10, parameters: 100_000 }, 2],
    [{ ...PARTY, l2Clip: 0.03, noiseMultiplier: 3 }, { ...SHAPE, parties: 100, parameters: 5000 }, 0.06],
    [{ ...PARTY, noiseMultiplier: 0.4 }, { ...SHAPE, parties: 2 }, 2],
    [ROW, SHAPE, 1 / 900],
    [{ ...ROW, sampleRate: 1 }, { ...SHAPE, parties: 5, clip: 0.01 }, 1 / 9000],
  ])('leaves the asked noise when one party takes its own out of the sum', (settings, shape, sensitivity) => {
    const plan = privacyPlan(settings, shape)
    const left = Math.sqrt(plan.parties - 1) * plan.sigma * plan.step
    expect(left / sensitivity).toBeGreaterThanOrEqual(settings.noiseMultiplier)
    expect(left / sensitivity).toBeLessThan(2 * settings.noiseMultiplier)
    expect(plan.noise).toBeCloseTo(Math.sqrt(plan.parties) * plan.sigma * plan.step, 12)
    expect(plan.mechanism.sampleRate).toBe(settings.sampleRate)
    expect(plan.mechanism.noiseMultiplier / settings.noiseMultiplier).toBeGreaterThan(1 - 1e-9)
    expect(plan.mechanism.noiseMultiplier / settings.noiseMultiplier).toBeLessThan(1.004)
    expect(Number.isInteger(Math.log2(plan.step))).toBe(true)
    expect(plan.parties * 2 * plan.zero).toBeLessThan(2 ** plan.fields.bits)
  })

  test('has the finest step that keeps value and noise inside the field', () => {
    const { step, zero, range, sigma, parameters } = privacyPlan(PARTY, SHAPE)
    const tail = sigma * Math.sqrt(2 * (Math.log(2 * parameters) + 100 * Math.LN2))
    expect(range / step + 1 + tail).toBeLessThanOrEqual(zero)
    expect(2 * (range / step + 1 + tail)).toBeGreaterThan(zero)
  })

  test('keeps to the fields of a sum that all parties open, which are narrower', () => {
    const fields = sharedFieldsFor(3, 2 ** 21)
    const plan = privacyPlan(PARTY, { ...SHAPE, fields })
    expect(plan.zero).toBe(Math.floor(fields.levels / 2))
    expect(plan.step).toBeGreaterThan(privacyPlan(PARTY, SHAPE).step)
    const update = protectUpdate(plan, zeros(plan).fill(1), seed(1), 'r')
    expect(update.every((value) => value <= fields.levels)).toBe(true)
    expect(() => privacyPlan(PARTY, { ...SHAPE, parties: 4, fields })).toThrow('privacy.settings')
  })

  test.each([
    ['sampling of rows, unit party', { ...PARTY, sampleRate: 0.5 }, SHAPE, 'privacy.settings'],
    ['no clip', { ...PARTY, l2Clip: 0 }, SHAPE, 'privacy.settings'],
    ['no budget', { ...PARTY, budget: Number.NaN }, SHAPE, 'privacy.settings'],
    ['a δ of 1', { ...PARTY, delta: 1 }, SHAPE, 'privacy.settings'],
    ['a party alone', PARTY, { ...SHAPE, parties: 1 }, 'privacy.settings'],
    ['no rows', ROW, { ...SHAPE, rows: 0 }, 'privacy.settings'],
    ['a row that is less than a step', ROW, { ...SHAPE, rows: 2e8, clip: 1 }, 'privacy.too-coarse'],
    [
      'a thousand parties and a million numbers',
      PARTY,
      { parties: 700, parameters: 1e6, clip: 1, rows: 1 },
      'privacy.too-coarse',
    ],
  ])('refuses %s', (_, settings, shape, code) => {
    expect(() => privacyPlan(settings, shape)).toThrow(code)
  })
})

describe('an update', () => {
  const plan = privacyPlan(PARTY, SHAPE)

  test('is the same after a restart, another one in another round, and of another party', () => {
    const update = protectUpdate(plan, zeros(plan), seed(1), 'round-1')
    expect(protectUpdate(plan, zeros(plan), seed(1), 'round-1')).toEqual(update)
    expect(protectUpdate(plan, zeros(plan), seed(1), 'round-2')).not.toEqual(update)
    expect(protectUpdate(plan, zeros(plan), seed(2), 'round-1')).not.toEqual(update)
  })

  test('adds up, encrypted, to the contributions and the noise', () => {
    const contributions = [0.2, -0.1, 0.05].map((value) => zeros(plan).fill(value))
    const updates = contributions.map((one, i) => protectUpdate(plan, one, seed(i), 'r'))
    const noise = contributions.map((_, i) => protectUpdate(plan, zeros(plan), seed(i), 'r'))
    const round = sampleRound(3)
    const sums = openAll(
      round,
      addAll(
        round,
        updates.map((one, i) => encryptAll(round, i, one)),
      ),
      plan.parameters,
    )
    expect(sums).toEqual(sumOf(updates))
    const [all, alone] = [readProtectedSum(plan, sums), readProtectedSum(plan, sumOf(noise))]
    // ‖(0.2, …)‖ = 1.26 is scaled to 1, the other two are shorter; each is rounded by less than a step.
    const clipped = 1 / Math.sqrt(40) - 0.1 + 0.05
    for (let i = 0; i < plan.parameters; i++)
      expect(Math.abs((all[i] as number) - (alone[i] as number) - clipped)).toBeLessThan(3 * plan.step)
  })

  test('has noise of the asked size in every coordinate, without a bias', () => {
    const wide = privacyPlan(PARTY, { ...SHAPE, parameters: 20_000 })
    const sums = sumOf([1, 2, 3].map((party) => protectUpdate(wide, zeros(wide), seed(party), 'r')))
    const noise = readProtectedSum(wide, sums)
    const n = noise.length
    const mean = noise.reduce((a, b) => a + b) / n
    const deviation = Math.sqrt(noise.reduce((a, b) => a + b * b) / n)
    expect(Math.abs(mean)).toBeLessThan((6 * wide.noise) / Math.sqrt(n))
    expect(Math.abs(deviation / wide.noise - 1)).toBeLessThan(6 / Math.sqrt(2 * n))
  })

  test('of any two contributions of a party, however long, differ by no more than the noise is made for', () => {
    const value = fc.double({ min: -5, max: 5, noNaN: true })
    const vector = fc.array(value, { minLength: 40, maxLength: 40 }).map((one) => Float64Array.from(one))
    const limit = roundedLength(2 / plan.step, 40)
    fc.assert(
      fc.property(vector, vector, fc.nat(200), (a, b, round) => {
        const one = protectUpdate(plan, a, seed(1), `${round}`)
        const other = protectUpdate(plan, b, seed(1), `${round}`)
        expect(lengthOf(minus(one, other))).toBeLessThanOrEqual(limit)
      }),
      { numRuns: 100 },
    )
    const far = protectUpdate(plan, zeros(plan).fill(100), seed(1), 'r')
    const back = protectUpdate(plan, zeros(plan).fill(-100), seed(1), 'r')
    const reached = lengthOf(minus(far, back))
    expect(reached).toBeGreaterThan(0.999 * (2 / plan.step))
  })

  test('is longer after rounding by what the bound says, where steps are long', () => {
    // 10,000 coordinates of half a step: rounding moves each by half a step, √(d/4) = 50 beside a length of 50.
    const d = 10_000
    let coins = 1
    const uniform = () => (coins = (coins * 48_271) % 2_147_483_647) / 2_147_483_647
    const difference = Array.from({ length: d }, () => {
      const u = uniform()
      return Math.floor(0.5 + u) - Math.floor(u)
    })
    expect(lengthOf(difference)).toBeGreaterThan(1.3 * 50)
    expect(lengthOf(difference)).toBeLessThan(roundedLength(50, d))
    expect(roundedLength(50, d)).toBeLessThan(50 + Math.sqrt(d))
    expect(roundedLength(50, 4)).toBe(52)
  })

  test('tells two contributions apart as rarely as normal noise would, once a party took its own out', () => {
    // Each coordinate is a trial: with a contribution of ±l2Clip in it, what is left of the sum has the sign of the truth.
    const trials = 20_000
    const wide = privacyPlan(PARTY, { ...SHAPE, parameters: trials })
    const updates = [0, 1, 2].map((party) => protectUpdate(wide, zeros(wide), seed(party), 'trials'))
    const all = readProtectedSum(wide, sumOf(updates))
    const own = readProtectedSum({ ...wide, parties: 1 }, updates[2] as Uint32Array)
    const right = minus(all, own).filter(
      (noise, i) => Math.sign((i % 2 === 0 ? 1 : -1) + noise) === (i % 2 === 0 ? 1 : -1),
    )
    // Φ(½) = 0.6915 at a noise of one sensitivity; with σ/√n instead of σ/√(n − 1) it would be 0.7298. Standard error 0.0033.
    expect(right.length / trials).toBeGreaterThan(0.6915 - 0.018)
    expect(right.length / trials).toBeLessThan(0.6915 + 0.018)
  })

  test.each([
    ['too short', new Float64Array(39), 'he.range'],
    ['not a number', new Float64Array(40).fill(Number.NaN), 'he.range'],
  ])('that is %s is refused', (_, contribution, code) => {
    expect(() => protectUpdate(plan, contribution, seed(1), 'r')).toThrow(code)
  })

  test('of local training has too little noise in a plan for rows, and is refused; and the other way round', async () => {
    const rows = privacyPlan(ROW, SHAPE)
    expect(() => protectUpdate(rows, zeros(rows), seed(1), 'r')).toThrow('privacy.settings')
    const own = { own: 10, all: 9000, gradientOf: () => undefined }
    await expect(protectRows(plan, own, seed(1), 'r')).rejects.toThrow('privacy.settings')
  })
})

describe('rows', () => {
  const gradients = Array.from({ length: 3000 }, (_, row) =>
    Float64Array.from({ length: 40 }, (_, i) => Math.sin(row * 41 + i) * (row % 7)),
  )
  const gradientOf = (row: number, out: Float64Array) => out.set(gradients[row] as Float64Array)

  test('add up exactly: one row more changes nothing but its own clipped gradient', async () => {
    const all = Uint32Array.from({ length: 3000 }, (_, row) => row)
    const sum = await clippedRowSum(all, 40, 1, gradientOf)
    expect(await clippedRowSum(all.toReversed(), 40, 1, gradientOf)).toEqual(sum)
    for (const row of [0, 6, 1501]) {
      const without = await clippedRowSum(
        all.filter((one) => one !== row),
        40,
        1,
        gradientOf,
      )
      const alone = await clippedRowSum(Uint32Array.of(row), 40, 1, gradientOf)
      expect(minus(sum, without)).toEqual(alone)
      expect(lengthOf(alone)).toBeLessThanOrEqual(1)
    }
    expect(lengthOf(await clippedRowSum(Uint32Array.of(6), 40, 1, gradientOf))).toBeGreaterThan(0.99999)
    await expect(clippedRowSum(all, 40, 1, (_, out) => out.fill(Number.NaN))).rejects.toThrow('he.range')
  })

  test('enter a round at the sample rate, independently of other rounds, and again after a restart', () => {
    const [n, q] = [100_000, 0.1]
    const drawn = sampleRows(n, q, seed(1), 'a')
    const spread = 6 * Math.sqrt(n * q * (1 - q))
    expect(Math.abs(drawn.length - n * q)).toBeLessThan(spread)
    expect(sampleRows(n, q, seed(1), 'a')).toEqual(drawn)
    const other = new Set(sampleRows(n, q, seed(1), 'b'))
    const both = drawn.filter((row) => other.has(row)).length
    expect(Math.abs(both - n * q * q)).toBeLessThan(6 * Math.sqrt(n * q * q))
    expect(sampleRows(5, 1, seed(1), 'a')).toEqual(Uint32Array.of(0, 1, 2, 3, 4))
  })

  test('leave other work its turn, and stop when they are told to', async () => {
    const many = new Uint32Array(500)
    const slow = (_: number, out: Float64Array) => {
      const end = performance.now() + 0.2
      while (performance.now() < end) out[0] = 1
    }
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await clippedRowSum(many, 4, 1, slow)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
    const signal = AbortSignal.abort(new Error('told to stop'))
    await expect(clippedRowSum(many, 4, 1, slow, signal)).rejects.toThrow('told to stop')
  })

  test('of a party become the mean gradient of the federation, with noise', async () => {
    const plan = privacyPlan({ ...ROW, sampleRate: 1 }, { ...SHAPE, rows: 3000 })
    const own = { own: 3000, all: 3000, gradientOf }
    const update = await protectRows(plan, own, seed(4), 'r')
    const noise = await protectRows(plan, { ...own, gradientOf: () => undefined }, seed(4), 'r')
    const sum = await clippedRowSum(Uint32Array.from(gradients.keys()), 40, 1, gradientOf)
    for (let i = 0; i < 40; i++) {
      const found = ((update[i] as number) - (noise[i] as number)) * plan.step
      expect(Math.abs(found + (sum[i] as number) / 3000)).toBeLessThan(plan.step)
    }
  })

  test('show in the sum as often as in the mechanism that is counted, once a party took its own noise out', async () => {
    // Row i moves coordinate i alone, by l2Clip: each coordinate is a trial of one row that is there, or is not.
    const trials = 6000
    const settings = { ...ROW, sampleRate: 0.5, noiseMultiplier: 0.8 }
    const plan = privacyPlan(settings, { parties: 3, parameters: trials, clip: 1e-3, rows: trials })
    const protect = (gradientOf: RowGradient, party: number) =>
      protectRows(plan, { own: trials, all: trials, gradientOf }, seed(party), 'trials')
    const other = await protect(() => undefined, 1)
    const shown = async (gradientOf: RowGradient) => {
      const sum = readProtectedSum({ ...plan, parties: 2 }, sumOf([await protect(gradientOf, 0), other]))
      return sum.filter((value) => -value > 1 / (0.5 * trials) / 2).length / trials
    }
    const there = await shown((row, out) => {
      out[row] = 1
    })
    const absent = await shown(() => undefined)
    // Φ(−0.625) = 0.266 where it is absent or was not drawn, 0.734 where it was. Standard error 0.0065.
    expect(Math.abs(absent - 0.266)).toBeLessThan(0.035)
    expect(Math.abs(there - (0.266 + 0.734) / 2)).toBeLessThan(0.035)
  })
})
