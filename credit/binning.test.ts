// Cut points, merges and weight of evidence: against sorted values, by hand, and by properties.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignBins, binCount, binKind, binLabel, binOfKind, type ColumnBins, NO_CONSENT, NO_ROW } from './bins.ts'
import { binColumn, type BinRule, countBins } from './binning.ts'
import { CHI_SQUARE_LIMIT, chiMerge, chiSquare } from './chi-merge.ts'
import { equalWidthCuts, fineBins, joinSmallBins, quantileCuts } from './fine-bins.ts'
import { mergeBins } from './merges.ts'
import { monotonicMerge, sumOf } from './monotonic.ts'
import { valuesAtRanks } from './ranks.ts'
import { shapeOf, stability, weightOfEvidence } from './woe.ts'

const refused = (code: string) => expect.objectContaining({ code })
const anyCounts = fc.array(
  fc.tuple(fc.nat(400), fc.nat(400)).map(([good, bad]) => ({ n: good + bad, bad })),
  { minLength: 1, maxLength: 25 },
)

describe('bins', () => {
  const bins: ColumnBins = { cuts: [0, 1.5], specials: [-9, -8] }

  test('value, special, missing, absent and unasked rows have bins of their own', () => {
    const values = Float64Array.of(-1, 0, 0.1, 1.5, 2, -9, -8, Number.NaN, 7, 7)
    const rows = Uint32Array.from([0, 1, 2, 3, 4, 5, 6, 7, NO_ROW, NO_CONSENT])
    expect([...assignBins(values, rows, bins)]).toEqual([0, 0, 1, 1, 2, 3, 4, 5, 6, 7])
    expect(binCount(bins)).toBe(8)
    expect(Array.from({ length: 8 }, (_, bin) => binLabel(bins, bin))).toEqual([
      '(-∞, 0]',
      '(0, 1.5]',
      '(1.5, ∞)',
      'special -9',
      'special -8',
      'missing',
      'no-row',
      'no-consent',
    ])
    for (const kind of ['value', 'special', 'missing', 'no-row', 'no-consent'] as const) {
      expect(binKind(bins, binOfKind(bins, kind))).toBe(kind)
    }
  })

  test('rows of a joined bin count where it was joined', () => {
    const joined: ColumnBins = { ...bins, joined: [{ from: 5, into: 1 }] }
    expect([...assignBins(Float64Array.of(Number.NaN, -9), undefined, joined)]).toEqual([1, 3])
  })

  test('a value is in the bin whose cuts surround it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 60 }),
        fc.array(fc.double({ noNaN: true }), { maxLength: 20 }),
        (some, others) => {
          const cuts = some.map((cut) => cut + 0).sort((a, b) => a - b)
          fc.pre(new Set(cuts).size === cuts.length)
          const values = Float64Array.of(...others, ...cuts, ...cuts.map((cut) => cut * (1 + Number.EPSILON)))
          const expected = Array.from(values, (value) => cuts.filter((cut) => cut < value).length)
          expect([...assignBins(values, undefined, { cuts, specials: [] })]).toEqual(expected)
        },
      ),
    )
  })

  test('cuts out of order, a code twice, too many bins and a chain of joins are refused', () => {
    const one = Float64Array.of(1)
    for (const wrong of [
      { cuts: [2, 1], specials: [] },
      { cuts: [Number.POSITIVE_INFINITY], specials: [] },
      { cuts: [], specials: [1, 1] },
      { cuts: Array.from({ length: 126 }, (_, i) => i), specials: [] },
      {
        cuts: [],
        specials: [1],
        joined: [
          { from: 1, into: 2 },
          { from: 2, into: 0 },
        ],
      },
    ]) {
      expect(() => assignBins(one, undefined, wrong)).toThrow(refused('credit.bins'))
    }
    expect(() => assignBins(one, new Uint32Array(2), bins)).toThrow(refused('credit.bins'))
  })
})

describe('cut points', () => {
  test('quantiles are those of numpy: linear interpolation, ties once', () => {
    expect(quantileCuts(Float64Array.of(9, 1, 7, 3, 5), 4)).toEqual([3, 5, 7])
    expect(quantileCuts(Float64Array.of(4, 1, 2, 3), 3)).toEqual([2, 3])
    expect(quantileCuts(Float64Array.of(4, 1, 2, 3), 5)).toEqual([1.6, 2.2, 2.8, 3.4000000000000004])
    expect(quantileCuts(Float64Array.of(1, 1, 1, 1, 2, 8), 4)).toEqual([1, 1.75])
    expect(quantileCuts(Float64Array.of(2, 2, 2), 4)).toEqual([])
    expect(quantileCuts(new Float64Array(), 4)).toEqual([])
  })

  test('equal width parts the range', () => {
    expect(equalWidthCuts(Float64Array.of(10, 0, 3), 4)).toEqual([2.5, 5, 7.5])
    expect(equalWidthCuts(Float64Array.of(3, 3), 4)).toEqual([])
  })

  const shapes = fc.oneof(
    fc.integer({ min: -20, max: 20 }).map((value) => value + 0),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ noNaN: true }),
    fc.nat(400).map((power) => 2 ** (power - 100)),
    fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1e308, -1e308),
  )
  const anyValues = fc.oneof(
    fc.array(shapes, { minLength: 1, maxLength: 400 }),
    // long enough that tails are cut off the sample: ties, outliers, a heavy tail
    fc.tuple(fc.nat(3), fc.integer({ min: 600, max: 3000 })).map(([kind, count]) =>
      Array.from({ length: count }, (_, i) => {
        const place = ((i * 7919) % count) / count
        return [place, i % 97 === 0 ? 1e300 * place : place, Math.floor(place * 9), Math.exp(20 * place)][kind]!
      }),
    ),
  )

  test('ranks are those of sorted values, whatever their distribution', () => {
    fc.assert(
      fc.property(anyValues, fc.array(fc.nat(2999)), (some, ranks) => {
        const values = Float64Array.from(some)
        const asked = ranks.filter((rank) => rank < values.length)
        const found = valuesAtRanks(values, asked)
        const sorted = Float64Array.from(some).sort()
        expect(asked.filter((rank) => found.get(rank) !== sorted[rank])).toEqual([])
        expect([...values]).toEqual(some)
      }),
    )
  })

  test('small bins join their smaller neighbour until none is small', () => {
    expect(joinSmallBins([1, 2, 3], [50, 3, 60, 50], 10)).toEqual([2, 3])
    expect(joinSmallBins([1, 2], [1, 1, 1], 10)).toEqual([])
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }), fc.nat(120), (rows, floor) => {
        const cuts = rows.slice(1).map((_, i) => i)
        const kept = joinSmallBins(cuts, rows, floor)
        const sums = [...kept, rows.length - 1].map((cut, i) =>
          rows.slice(i === 0 ? 0 : kept[i - 1]! + 1, cut + 1).reduce((a, b) => a + b, 0),
        )
        if (kept.length > 0) expect(Math.min(...sums)).toBeGreaterThanOrEqual(floor)
      }),
    )
  })

  test('a special bin that is small, but not empty, counts in the largest value bin', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => (i < 3 ? Number.NaN : i < 60 ? 1 : 2))
    const { bins } = fineBins(values, undefined, 100, [-9], { method: 'quantile', bins: 2, floor: 5 })
    expect(bins).toEqual({ cuts: [1], specials: [-9], joined: [{ from: 3, into: 0 }] })
    expect([...assignBins(values, undefined, bins)].filter((bin) => bin === 0).length).toBe(60)
  })

  test('fine bins come from the training rows alone, and every row is placed as they say', () => {
    const cell = fc.tuple(shapes, fc.nat(9)).map(([value, kind]) => (kind === 0 ? Number.NaN : kind === 1 ? -9 : value))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, fc.constantFrom(0, 1, 2, NO_ROW, NO_CONSENT)), { minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.constantFrom('quantile' as const, 'equal-width' as const),
        fc.integer({ min: 2, max: 25 }),
        fc.nat(30),
        (cells, at, method, count, floor) => {
          const values = Float64Array.from(cells, ([value]) => value)
          fc.pre(values.every((value) => Math.abs(value) < 1e100 || Number.isNaN(value)))
          const rows = Uint32Array.from(cells, ([, row]) => row)
          const trainRows = (at % cells.length) + 1
          const how = { method, bins: count, floor }
          const { bins, binOfRow } = fineBins(values, rows, trainRows, [-9], how)
          expect([...binOfRow]).toEqual([...assignBins(values, rows, bins)])
          const alone = fineBins(values.slice(0, trainRows), rows.slice(0, trainRows), trainRows, [-9], how)
          expect(alone.bins).toEqual(bins)
        },
      ),
    )
  })
})

describe('merging', () => {
  test('groups are runs of neighbours that cover all bins, within the rule', () => {
    fc.assert(
      fc.property(
        anyCounts,
        fc.integer({ min: 1, max: 8 }),
        fc.nat(200),
        fc.constantFrom(0, 1),
        (counts, maximumBins, floor, turns) => {
          const rule = { maximumBins, floor, turns: turns as 0 | 1 }
          for (const groups of [chiMerge(counts, rule), monotonicMerge(counts, rule)]) {
            expect(groups.flat()).toEqual([...counts.keys()])
            expect(groups.length).toBeLessThanOrEqual(maximumBins)
            const sizes = groups.map((group) => sumOf(counts, group).n)
            if (groups.length > 1) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(floor)
          }
          const rates = monotonicMerge(counts, { ...rule, turns: 0 }).map((group) => {
            const { n, bad } = sumOf(counts, group)
            return n === 0 ? 0 : bad / n
          })
          expect(['rising', 'falling', 'flat']).toContain(shapeOf(rates).direction)
        },
      ),
    )
  })

  test('neighbours that differ by less than the limit are joined, others are not', () => {
    const counts = [
      { n: 100, bad: 10 },
      { n: 100, bad: 11 },
      { n: 100, bad: 40 },
    ]
    expect(chiSquare(counts[0]!, counts[1]!)).toBeLessThan(CHI_SQUARE_LIMIT)
    expect(chiSquare(counts[1]!, counts[2]!)).toBeCloseTo(22.13, 1)
    expect(chiMerge(counts, { maximumBins: 9, floor: 1 })).toEqual([[0, 1], [2]])
  })

  test('one turning point keeps a valley that a monotonic order loses', () => {
    const counts = [40, 10, 40].map((bad) => ({ n: 100, bad }))
    expect(monotonicMerge(counts, { maximumBins: 5, floor: 1, turns: 1 })).toEqual([[0], [1], [2]])
    expect(monotonicMerge(counts, { maximumBins: 5, floor: 1, turns: 0 }).length).toBe(2)
  })

  test('a merge moves bins, joins specials, and refuses what is unknown, twice or apart', () => {
    const bins: ColumnBins = { cuts: [1, 2, 3], specials: [-9] }
    expect(
      mergeBins(bins, [
        [1, 2],
        [0, 5],
      ]),
    ).toEqual({
      bins: { cuts: [1, 3], specials: [-9], joined: [{ from: 4, into: 0 }] },
      moved: [0, 1, 1, 2, 3, 0, 5, 6],
    })
    for (const wrong of [
      [[0, 2]],
      [
        [0, 1],
        [1, 2],
      ],
      [[8]],
      [[-1]],
      [[0.5]],
    ]) {
      expect(() => mergeBins(bins, wrong)).toThrow(refused('binning.merge'))
    }
  })
})

describe('weight of evidence', () => {
  test('the worked case of the README', () => {
    const { bins, iv } = weightOfEvidence([
      { n: 100, bad: 20 },
      { n: 200, bad: 20 },
      { n: 100, bad: 5 },
    ])
    expect(bins.map(({ woe }) => Number(woe.toFixed(2)))).toEqual([0.68, -0.13, -0.88])
    expect(iv).toBeCloseTo(
      bins.reduce((sum, bin) => sum + bin.iv, 0),
      12,
    )
  })

  test('an empty bin is neutral, a missing class counts ½, and IV is never negative', () => {
    expect(
      weightOfEvidence([
        { n: 0, bad: 0 },
        { n: 10, bad: 5 },
      ]).bins[0],
    ).toEqual({ woe: 0, iv: 0 })
    const { bins } = weightOfEvidence([
      { n: 10, bad: 0 },
      { n: 30, bad: 20 },
    ])
    expect(bins[0]!.woe).toBeCloseTo(Math.log(0.5 / 20 / (10 / 20)), 12)
    fc.assert(
      fc.property(anyCounts, (counts) => {
        expect(weightOfEvidence(counts).iv).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('stability is 0 for equal shares and symmetric', () => {
    expect(stability([10, 20, 30], [1, 2, 3])).toBeCloseTo(0, 12)
    expect(stability([50, 50], [80, 20])).toBeCloseTo(0.3 * Math.log(1.6) + 0.3 * Math.log(2.5), 12)
    expect(stability([50, 50], [80, 20])).toBeCloseTo(stability([80, 20], [50, 50]), 12)
    expect(stability([5, 5], [0, 0])).toBe(0)
  })

  test('turning points', () => {
    expect(shapeOf([1, 2, 2, 3])).toEqual({ direction: 'rising', turningPoints: 0 })
    expect(shapeOf([3, 1, 2])).toEqual({ direction: 'none', turningPoints: 1 })
    expect(shapeOf([1, 1])).toEqual({ direction: 'flat', turningPoints: 0 })
  })
})

test('a column binned in the clear: counts of all rows, bins above the floor', () => {
  const rule: BinRule = { method: 'monotonic', bins: 5, minimumRows: 50, minimumShare: 0.05 }
  const values = Float64Array.from({ length: 4000 }, (_, i) => ((i * 7919) % 4001) / 4001)
  const labels = Uint8Array.from(values, (value, i) => ((i * 31) % 100 < 60 * value ? 1 : 0))
  const { bins, counts, woe } = binColumn(values, undefined, [], labels, undefined, rule)
  expect(counts.reduce((sum, { n }) => sum + n, 0)).toBe(4000)
  expect(bins.cuts.length).toBeLessThanOrEqual(4)
  expect(counts.filter(({ n }) => n > 0 && n < 200)).toEqual([])
  expect(shapeOf(woe.bins.slice(0, bins.cuts.length + 1).map((bin) => bin.woe)).direction).toBe('rising')
  const weights = new Uint8Array(4000).fill(2)
  expect(countBins(assignBins(values, undefined, bins), bins, labels, weights)[0]!.n).toBe(2 * counts[0]!.n)
})
