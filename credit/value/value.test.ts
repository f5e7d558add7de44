import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { delongVariance } from '../evaluation/discrimination.ts'
import { rankRows } from '../evaluation/ranking.ts'
import { percentileInterval } from '../evaluation/resampling.ts'
import { PARTNERS, testRun } from '../evaluation/test-run.ts'
import { allCoalitions, coalitionKey, leaveOneOut, shapleyValues, sharesOf } from './coalitions.ts'
import { partnerTables } from './partner-tables.ts'
import { jointNormalResamples } from './joint-normal.ts'
import { commonResamples, drawnResamples } from './resamples.ts'

const three = ['A', 'B', 'C']
const games = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 })
  .map((values) => new Map(allCoalitions(three).map((coalition, i) => [coalitionKey(coalition), values[i]!])))
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0)

describe('Shapley values', () => {
  test('of the glove game are the textbook ones', () => {
    // A has a left glove, B and C a right one each; a pair is worth 1: 4/6, 1/6, 1/6.
    const pair = (coalition: string[]): number => (coalition.includes('A') && coalition.length > 1 ? 1 : 0)
    const values = new Map(allCoalitions(three).map((coalition) => [coalitionKey(coalition), pair(coalition)]))
    expect([...shapleyValues(three, values).values()]).toEqual([2 / 3, 1 / 6, 1 / 6].map((v) => expect.closeTo(v, 12)))
  })

  test('add up to what all partners add; shares add up to 1', () => {
    fc.assert(
      fc.property(games, (values) => {
        const shapley = shapleyValues(three, values)
        const whole = values.get('A+B+C')! - values.get('')!
        expect(sum(shapley.values())).toBeCloseTo(whole, 12)
        const shares = [...sharesOf(shapley).values()]
        if (whole > 1e-6) expect(sum(shares.map((share) => share!))).toBeCloseTo(1, 9)
        if (whole < -1e-6) expect(shares).toEqual([null, null, null])
      }),
    )
  })

  test('are equal for partners who add the same, nothing for one who adds nothing', () => {
    const value = (coalition: string[]): number =>
      (coalition.includes('A') ? 0.1 : 0) + (coalition.includes('B') ? 0.1 : 0) + (coalition.length > 1 ? 0 : 0)
    const values = new Map(allCoalitions(three).map((coalition) => [coalitionKey(coalition), value(coalition)]))
    const shapley = shapleyValues(three, values)
    expect(shapley.get('A')).toBeCloseTo(shapley.get('B')!, 12)
    expect(shapley.get('C')).toBeCloseTo(0, 12)
    expect(leaveOneOut(three, 'A', values)).toBeCloseTo(0.1, 12)
  })

  test('a coalition that is missing, and too many partners, are refused', () => {
    expect(() => shapleyValues(['A', 'B'], new Map([['', 0.5]]))).toThrow(PlatformError)
    expect(() => allCoalitions(Array.from({ length: 13 }, (_, i) => `P${i}`))).toThrow(PlatformError)
  })
})

test('the interval of common resamples agrees with DeLong', () => {
  const { rows } = testRun(4000)
  const labels = rows.labels.map((label) => Math.max(0, label))
  const ranking = rankRows(rows.scores, labels)
  const auc = commonResamples([ranking])[0]!.auc
  const [low, high] = percentileInterval([...auc])
  const width = 2 * 1.96 * Math.sqrt(delongVariance(ranking))
  expect((high - low) / width).toBeGreaterThan(0.85)
  expect((high - low) / width).toBeLessThan(1.15)
})

test('with many rows normal numbers replace the draws, and the intervals stay the same', () => {
  const { rows, coalitions = [] } = testRun(6000)
  const labels = rows.labels.map((label) => Math.max(0, label))
  const rankings = [0, 5, 15].map((at) => rankRows(coalitions[at]!.scores, labels))
  const [drawn, normal] = [drawnResamples(rankings), jointNormalResamples(rankings, 400)]
  const widths = (resamples: typeof drawn, pick: (r: number) => number): number => {
    const [low, high] = percentileInterval(Array.from(resamples[0]!.auc, (_, r) => pick(r)))
    return high - low
  }
  for (const measure of ['auc', 'ks'] as const) {
    const gain = (of: typeof drawn) => widths(of, (r) => of[2]![measure][r]! - of[0]![measure][r]!)
    const alone = (of: typeof drawn) => widths(of, (r) => of[1]![measure][r]!)
    for (const ratio of [gain(normal) / gain(drawn), alone(normal) / alone(drawn)]) {
      expect(ratio).toBeGreaterThan(0.8)
      expect(ratio).toBeLessThan(1.25)
    }
  }
  const twice = jointNormalResamples([rankings[0]!, rankings[0]!], 50)
  expect([...twice[0]!.auc]).toEqual([...twice[1]!.auc].map((auc) => expect.closeTo(auc, 6)))
})

describe('the partner tables', () => {
  const { run, rows, coalitions = [], costs = [] } = testRun(12_000)
  const tables = partnerTables(run.guest, rows, coalitions, costs, 'holdout')
  const [lift, value] = tables
  const of = (table: (typeof tables)[number] | undefined, column: string) =>
    table!.rows.map((row) => row[table!.columns.indexOf(column)])

  test('have a line for each coalition and each partner, and the shares are a whole', () => {
    expect(of(lift, 'coalition')).toHaveLength(16)
    expect(new Set(of(value, 'party'))).toEqual(new Set(PARTNERS))
    expect(sum(of(value, 'share_pct') as number[])).toBeCloseTo(1, 9)
    const auc = new Map(of(lift, 'coalition').map((name, i) => [name, Number(of(lift, 'auc')[i])]))
    const whole = auc.get('BANK+PARK+PROP+SS+TAX')! - auc.get('BANK')!
    expect(sum(of(value, 'shapley_auc') as number[])).toBeCloseTo(whole, 12)
  })

  test('rank the partners by what they add, each within its interval', () => {
    expect(of(value, 'party')[0]).toBe('TAX')
    expect(of(value, 'party')[3]).toBe('PARK')
    for (const [i, shapley] of (of(value, 'shapley_auc') as number[]).entries()) {
      expect(Number(of(value, 'shapley_low')[i])).toBeLessThan(shapley)
      expect(Number(of(value, 'shapley_high')[i])).toBeGreaterThan(shapley)
    }
  })

  test('the guest alone approves no more than itself, and better models approve more', () => {
    const extra = of(lift, 'extra_approvals_at_equal_bad_rate') as number[]
    expect(extra[0]).toBe(0)
    expect(extra.at(-1)).toBeGreaterThan(0)
  })

  test('with some coalitions only, leave-one-out is there and Shapley is not', () => {
    const some = coalitions.filter(({ partners }) => [0, 3, 4].includes(partners.length))
    const [, table] = partnerTables(run.guest, rows, some, [], 'holdout')
    expect(of(table, 'shapley_auc')).toEqual([null, null, null, null])
    expect(of(table, 'delta_leave_one_out').every((delta) => Number(delta) > 0)).toBe(true)
    expect(partnerTables(run.guest, rows, coalitions.slice(0, 1), [], 'holdout')).toEqual([])
  })

  test('a coalition twice is refused', () => {
    const twice = [...coalitions, coalitions[1]!]
    expect(() => partnerTables(run.guest, rows, twice, [], 'holdout')).toThrow(PlatformError)
  })
})
