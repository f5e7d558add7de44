// Candidates of a node: gains worked out by hand, the learned side of missing values, floors, signs, and what a failed
// candidate rules out.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  childBounds,
  type ColumnSums,
  FREE_BOUNDS,
  leafWeight,
  type NodeState,
  rankSplits,
  withoutSmaller,
} from './split.ts'

const RULE = { lambda: 1, gamma: 0, minChildWeight: 0, maxDeltaStep: 0 }

function column(g: readonly number[], h: readonly number[], more: Partial<ColumnSums> = {}): ColumnSums {
  return { owner: 0, column: 0, g: Float64Array.from(g), h: Float64Array.from(h), missing: false, sign: 0, ...more }
}

function nodeOf({ g, h }: ColumnSums): NodeState {
  const sum = (values: Float64Array) => values.reduce((all, value) => all + value, 0)
  return { total: { g: sum(g), h: sum(h) }, bounds: FREE_BOUNDS, leastWeight: 0 }
}

const rank = (sums: ColumnSums, rule = RULE) => rankSplits([sums], nodeOf(sums), rule)

test('the gain is ½[G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ)] − γ', () => {
  const sums = column([3, -1, -4], [1, 1, 2])
  const [best, second] = rank(sums)
  expect(best).toMatchObject({ cell: 0, left: { g: 3, h: 1 }, right: { g: -5, h: 3 } })
  expect(best!.gain).toBeCloseTo((9 / 2 + 25 / 4 - 4 / 5) / 2, 12)
  expect(second!.gain).toBeCloseTo((4 / 3 + 16 / 3 - 4 / 5) / 2, 12)
  expect(rank(sums, { ...RULE, gamma: 3 }).map(({ cell }) => cell)).toEqual([0])
  expect(leafWeight({ g: -5, h: 3 }, RULE)).toBe(1.25)
})

test('rows without a value go where they gain more, and stand alone against all values when that is best', () => {
  const low = rank(column([3, -3, 2], [1, 1, 1], { missing: true }))
  expect(low[0]).toMatchObject({ cell: 0, missingLeft: true })
  const high = rank(column([3, -3, -2], [1, 1, 1], { missing: true }))
  expect(high[0]).toMatchObject({ cell: 0, missingLeft: false })
  const alone = rank(column([1, 1, -6], [1, 1, 1], { missing: true }))
  expect(alone[0]).toMatchObject({ cell: 1, missingLeft: false })
})

test('where no row of the node lacks a value, missing values go to the heavier side', () => {
  const found = rank(column([3, -4, 2, 0], [1, 4, 1, 0], { missing: true }))
  expect(found.map(({ cell, missingLeft }) => [cell, missingLeft])).toEqual([
    [0, false],
    [1, true],
  ])
})

test('a side below the least weight is no candidate', () => {
  const sums = column([3, -1, -4], [1, 1, 2])
  expect(rank(sums, { ...RULE, minChildWeight: 1.5 }).map(({ cell }) => cell)).toEqual([1])
  expect(rankSplits([sums], { ...nodeOf(sums), leastWeight: 2.5 }, RULE)).toEqual([])
})

test('steps of a quantisation give the candidates of the values', () => {
  const sums = column([3, -1, -4], [1, 1, 2])
  const units = { g: 2 ** -10, h: 2 ** -12 }
  const steps = { ...sums, g: sums.g.map((g) => g / units.g), h: sums.h.map((h) => h / units.h) }
  expect(rankSplits([steps], nodeOf(steps), { ...RULE, minChildWeight: 1.5 }, units)).toEqual(
    rank(sums, { ...RULE, minChildWeight: 1.5 }),
  )
})

test('equal gains are ranked by owner, column and cell', () => {
  const twins = [
    column([3, -3], [1, 1], { owner: 1, column: 2 }),
    column([3, -3], [1, 1], { owner: 1, column: 0 }),
    column([3, -3], [1, 1], { column: 5 }),
  ]
  const order = rankSplits(twins, nodeOf(twins[0]!), RULE).map(({ owner, column: number }) => [owner, number])
  expect(order).toEqual([
    [0, 5],
    [1, 0],
    [1, 2],
  ])
})

test('a sign rules out splits against it, and bounds the weights of both children', () => {
  const sums = column([3, -1, -4], [1, 1, 2])
  expect(rank({ ...sums, sign: -1 })).toEqual([])
  const [best] = rank({ ...sums, sign: 1 })
  const [left, right] = childBounds(FREE_BOUNDS, best!, RULE)
  const middle = (leafWeight(best!.left, RULE) + leafWeight(best!.right, RULE)) / 2
  expect([left.high, right.low]).toEqual([middle, middle])
  expect(leafWeight({ g: -10, h: 1 }, RULE, left)).toBe(middle)
  expect(rank({ ...sums, sign: 1 }).map(({ gain }) => gain)).toEqual(rank(sums).map(({ gain }) => gain))
})

test('a step bound clamps weights, and the gain is that of the clamped weights', () => {
  const rule = { ...RULE, maxDeltaStep: 0.5 }
  const [best] = rank(column([3, -5], [1, 3]), rule)
  // −(2Gw + (H + λ)w²) with w = −0.5 and 0.5 (free weights −1.5 and 1.25), less the parent's with its free weight 0.4
  expect(best!.gain).toBeCloseTo((-(-3 + 2 * 0.25) + -(-5 + 4 * 0.25) - 4 / 5) / 2, 12)
})

const cells = fc.array(fc.record({ g: fc.integer({ min: -50, max: 50 }), h: fc.integer({ min: 0, max: 50 }) }), {
  minLength: 3,
  maxLength: 9,
})

test('a column shown the other way round has the same gains, sides swapped', () => {
  fc.assert(
    fc.property(cells, fc.boolean(), fc.constantFrom(-1, 0, 1), (drawn, missing, sign) => {
      const values = drawn.slice(0, missing ? -1 : undefined)
      const shown = [...values].reverse().concat(missing ? drawn.slice(-1) : [])
      const of = (from: typeof drawn, way: -1 | 0 | 1) =>
        rank(
          column(
            from.map(({ g }) => g),
            from.map(({ h }) => h),
            { missing, sign: way },
          ),
        )
      const text = (candidates: ReturnType<typeof rank>, swap: boolean) =>
        candidates
          .map(({ gain, left, right }) => JSON.stringify(swap ? [gain, right, left] : [gain, left, right]))
          .sort()
      // all values against no value: no value is on the right either way
      const plain = of(drawn, sign).filter(({ cell }) => cell < values.length - 1)
      const turned = of(shown, -sign as -1 | 0 | 1).filter(({ cell }) => cell < values.length - 1)
      expect(text(turned, true)).toEqual(text(plain, false))
    }),
  )
})

test('a candidate with too few rows rules out exactly those that must have as few', () => {
  fc.assert(
    fc.property(cells, fc.nat(), fc.integer({ min: 1, max: 120 }), (drawn, pick, floor) => {
      const sums = column(
        drawn.map(({ g }) => g),
        drawn.map(({ h }) => h),
        { missing: true },
      )
      const ranked = rank(sums)
      const failed = ranked[pick % Math.max(1, ranked.length)]
      if (failed === undefined) return
      // h stands for the rows of a cell
      const [left, right] = [failed.left.h, failed.right.h]
      if (Math.min(left, right) >= floor) return
      const small = left < right ? 'left' : 'right'
      const kept = withoutSmaller(ranked, failed, small)
      expect(kept).not.toContain(failed)
      for (const other of ranked) {
        const subset =
          small === 'left'
            ? other.cell <= failed.cell && (!other.missingLeft || failed.missingLeft)
            : other.cell >= failed.cell && (other.missingLeft || !failed.missingLeft)
        expect(kept.includes(other)).toBe(!subset)
        if (subset) expect(other[small].h).toBeLessThan(floor)
      }
      expect(withoutSmaller(ranked, failed, 'refused')).toEqual(ranked.filter((other) => other !== failed))
    }),
  )
})
