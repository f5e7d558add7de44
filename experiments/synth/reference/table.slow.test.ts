// The generator against the design's tables: 300,000 applications of seed 20220101 and 100,000 of several seeds, held out
// as the design held them out (docs/decisions/0010).
import { beforeAll, describe, expect, test } from 'vitest'
import { stability } from '#credit/woe.ts'
import { INTERCEPT } from '../applicant.ts'
import { referenceWorld } from '../world.ts'
import type { SynthParty } from '../tables/table.ts'
import { ALL_PARTIES, fitCoalition, selectColumns } from './coalitions.ts'
import { publishedTraining } from './published-split.ts'
import { PUBLISHED_STATISTICS } from './published-statistics.ts'
import { type Sample, sampleFromGenerator, SETS } from './sample.ts'
import { binColumn, type BinnedColumn } from './woe-lr.ts'

const SEED = 20220101

describe('300,000 applications', () => {
  let sample: Sample
  let kept: BinnedColumn[]

  beforeAll(() => {
    sample = sampleFromGenerator(referenceWorld(SEED, INTERCEPT), 300_000, publishedTraining(300_000))
    kept = selectColumns(sample).kept
  })

  test('as many booked loans as published, as many of them trained on, and their bad rates', () => {
    const count = (test: (set: number) => boolean) => {
      const rows = [...sample.sets.keys()].filter((i) => test(sample.sets[i]!))
      return { rows: rows.length, badRate: rows.filter((i) => sample.labels[i] === 1).length / rows.length }
    }
    const development = count((set) => set <= 1)
    expect(development.rows).toBe(102_866 + 44_182)
    expect(count((set) => set === SETS.indexOf('train')).rows).toBe(102_866)
    expect(development.badRate).toBeCloseTo(0.0328, 4)
    const oot = count((set) => set === SETS.indexOf('oot'))
    expect(oot.rows).toBe(60_684)
    expect(oot.badRate).toBeCloseTo(0.0371, 4)
    expect(count((set) => set === SETS.indexOf('recent')).badRate).toBeCloseTo(0.0398, 4)
  })

  test('percentiles and missing shares of every column, to the digits of the table', () => {
    for (const column of sample.columns) {
      const published = PUBLISHED_STATISTICS[column.code]!
      const values: number[] = []
      let rows = 0
      for (const [i, set] of sample.sets.entries()) {
        if (set > 1) continue
        rows += 1
        if (!Number.isNaN(column.values[i]!)) values.push(column.values[i]!)
      }
      values.sort((a, b) => a - b)
      const at = (share: number) => values[Math.floor(share * (values.length - 1))]!
      const close = (value: number, expected: number | undefined, what: string) => {
        if (expected === undefined) return
        const tolerance = Math.max(0.006 * Math.abs(expected), 0.001)
        expect(
          Math.abs(value - expected),
          `${column.code} ${what}: ${value}, published ${expected}`,
        ).toBeLessThanOrEqual(tolerance)
      }
      close(at(0.05), published.p5, 'p5')
      close(at(0.5), published.p50, 'p50')
      close(at(0.95), published.p95, 'p95')
      close(values.reduce((sum, x) => sum + x, 0) / values.length, published.mean, 'mean')
      expect(Math.abs(100 * (1 - values.length / rows) - published.missing), `${column.code} missing`).toBeLessThan(
        0.06,
      )
    }
  })

  test('information values over the development sample, to 0.0025', () => {
    const development = { ...sample, sets: sample.sets.map((set) => (set === SETS.indexOf('holdout') ? 0 : set)) }
    for (const column of sample.columns) {
      const published = PUBLISHED_STATISTICS[column.code]!
      const { iv } = binColumn(development, column)
      expect(Math.abs(iv - published.iv), `${column.code}: ${iv}, published ${published.iv}`).toBeLessThan(0.0025)
    }
  })

  // parties; AUC and KS held out and out of time, where published
  test.each([
    [['bank'], 0.694, 0.291, 0.696, 0.285],
    [['tax'], 0.663, 0.246, 0.679, 0.264],
    [['social'], 0.647, 0.215, 0.629, 0.193],
    [['property'], 0.635, 0.24, 0.614, 0.189],
    [['parks'], 0.576, 0.098, 0.582, 0.101],
    [['bank', 'tax'], 0.736, 0.351, 0.749, 0.374],
    [['bank', 'social'], 0.737, 0.349, 0.728, 0.335],
    [['bank', 'property'], 0.737, 0.352, 0.728, 0.34],
    [['bank', 'parks'], 0.717, 0.331, 0.718, 0.319],
    [['bank', 'tax', 'social'], 0.77, 0.403, 0.774, 0.409],
    [['bank', 'tax', 'social', 'property'], 0.8, 0.444, 0.794, 0.441],
    [ALL_PARTIES, 0.809, 0.464, 0.804, 0.451],
    [ALL_PARTIES.filter((party) => party !== 'tax'), 0.786, undefined, 0.77, undefined],
    [ALL_PARTIES.filter((party) => party !== 'social'), 0.783, undefined, 0.784, undefined],
    [ALL_PARTIES.filter((party) => party !== 'property'), 0.782, undefined, 0.785, undefined],
  ] as const)('%j: AUC %d on the hold-out rows', (parties, auc, ks, aucOutOfTime, ksOutOfTime) => {
    const { holdout, oot } = fitCoalition(sample, kept, parties)
    expect(Math.abs(holdout.auc - auc)).toBeLessThan(0.002)
    expect(Math.abs(oot.auc - aucOutOfTime)).toBeLessThan(0.002)
    if (ks === undefined) return
    expect(Math.abs(holdout.ks - ks)).toBeLessThan(0.008)
    expect(Math.abs(oot.ks - ksOutOfTime)).toBeLessThan(0.005)
  })
})

describe('100,000 applications', () => {
  let published: ReturnType<typeof measure>
  const measure = (seed: number) => {
    const sample = sampleFromGenerator(referenceWorld(seed, INTERCEPT), 100_000, publishedTraining(100_000))
    const { kept } = selectColumns(sample)
    return (...partners: SynthParty[]) => fitCoalition(sample, kept, ['bank', ...partners])
  }

  beforeAll(() => {
    published = measure(SEED)
  })

  test('of the published seed: bank, pairs, all, and what the partners add are within the published intervals', () => {
    const fit = published
    const bank = fit()
    const all = fit('tax', 'social', 'property', 'parks')
    expect(Math.abs(bank.holdout.auc - 0.698)).toBeLessThan(0.015)
    expect(Math.abs(all.holdout.auc - 0.813)).toBeLessThan(0.009)
    expect(Math.abs(all.holdout.auc - bank.holdout.auc - 0.114)).toBeLessThan(0.01)
    expect(Math.abs(all.oot.auc - bank.oot.auc - 0.107)).toBeLessThan(0.005)
    // Pairs are published for 300,000 only; at this size a seed moves them as it moves the bank.
    const pairs = { tax: 0.736, social: 0.737, property: 0.737, parks: 0.717 } as const
    for (const [host, auc] of Object.entries(pairs)) {
      const pair = fit(host as SynthParty).holdout.auc
      expect(Math.abs(pair - auc), `bank + ${host}: ${pair}`).toBeLessThan(0.015)
    }
  })

  // 32 seeds have .6934 ± .0148, .8022 ± .0107, .1087 ± .0103 and .1008 ± .0094 (docs/decisions/0010). The mean of
  // three is held to three standard errors of that.
  test('of three seeds in a row: their mean is that of many seeds', () => {
    const results = [SEED, SEED + 1, SEED + 2].map((seed) => {
      const fit = seed === SEED ? published : measure(seed)
      const bank = fit()
      const all = fit('tax', 'social', 'property', 'parks')
      return [bank.holdout.auc, all.holdout.auc, all.holdout.auc - bank.holdout.auc, all.oot.auc - bank.oot.auc]
    })
    const means = [0, 1, 2, 3].map((k) => results.reduce((sum, r) => sum + r[k]! / 3, 0))
    const known = [
      [0.6934, 0.0148],
      [0.8022, 0.0107],
      [0.1087, 0.0103],
      [0.1008, 0.0094],
    ] as const
    for (const [k, [mean, sd]] of known.entries())
      expect(Math.abs(means[k]! - mean)).toBeLessThan((3 * sd) / Math.sqrt(3))
  })
})

test.each([
  ['base', 0, 0.05],
  ['severe', 0.25, 2],
] as const)('the score of all parties shifts out of time in scenario %s by more than %d', (scenario, low, high) => {
  const sample = sampleFromGenerator({ ...referenceWorld(SEED, INTERCEPT), scenario }, 60_000)
  const { scores } = fitCoalition(sample, selectColumns(sample).kept, ALL_PARTIES)
  const of = (set: number) => scores.filter((_, i) => sample.sets[i] === set)
  const cuts = of(0).toSorted()
  const bands = (values: Float64Array) => {
    const counts = new Array<number>(10).fill(0)
    for (const value of values) {
      const band = Array.from({ length: 9 }, (_, k) => cuts[Math.floor(((k + 1) * cuts.length) / 10)]!).filter(
        (cut) => value > cut,
      ).length
      counts[band]! += 1
    }
    return counts
  }
  const shift = stability(bands(of(0)), bands(of(SETS.indexOf('oot'))))
  expect(shift).toBeGreaterThan(low)
  expect(shift).toBeLessThan(high)
})
