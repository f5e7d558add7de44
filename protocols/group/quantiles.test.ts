import { describe, expect, test } from 'vitest'
import { quantileCuts } from '#credit/fine-bins.ts'
import { expandUniform } from '#crypto/prg.ts'
import { T } from '#crypto/ring.ts'
import { countValues, groupQuantiles, groupWidths } from './quantiles.ts'

const ROWS = 6000
const BINS = 6
const LEAST = 50
const uniform = (label: string) => expandUniform(new Uint8Array(32), label, ROWS).map((value) => value / T)
const COLUMNS: Record<string, Float64Array> = {
  uniform: uniform('a'),
  wide: uniform('b').map((value) => Math.exp(20 * value)),
  'of either sign': uniform('c').map((value) => (value - 0.4) * 1e6),
  'few whole numbers': uniform('d').map((value) => Math.floor(value * 5)),
  'mostly zero': uniform('e').map((value) => (value < 0.8 ? 0 : value * 100)),
  constant: uniform('f').fill(7),
  'with gaps': uniform('g').map((value) => (value < 0.3 ? Number.NaN : value)),
  empty: uniform('h').fill(Number.NaN),
}
/** A group of one, without messages: what all members together count. */
const alone = { count: async (_round: number, _label: string, values: ArrayLike<number>) => Array.from(values) }
const isValue = (value: number) => !Number.isNaN(value)

describe('quantiles of a group', () => {
  test.each(Object.entries(COLUMNS))('part rows as those of one owner do: %s', async (name, values) => {
    const [cuts] = (await groupQuantiles(alone, 0, [values], { bins: BINS, least: LEAST })) as [number[]]
    const pooled = quantileCuts(values.filter(isValue), BINS)
    expect(cuts).toHaveLength(pooled.length)
    expect(cuts).toEqual([...new Set(cuts)].toSorted((a, b) => a - b))
    const rows = values.filter(isValue).length
    const pooledCounts = countValues(values, pooled)
    for (const [bin, count] of countValues(values, cuts).entries()) {
      const tied = ['few whole numbers', 'mostly zero'].includes(name)
      const slack = tied && pooledCounts[bin]! > rows / BINS ? 0 : rows / (8 * BINS)
      expect(Math.abs(count - pooledCounts[bin]!), `bin ${bin}`).toBeLessThanOrEqual(slack)
      if (rows > 0) expect(count).toBeGreaterThan(0)
    }
  })

  test('are asked about by counts alone, of cells that hold as many rows as need be', async () => {
    const asked: number[][] = []
    const watched = {
      count: async (_round: number, label: string, values: ArrayLike<number>) => {
        expect(label).toBe(`cells ${asked.length}`)
        asked.push(Array.from(values))
        return Array.from(values)
      },
    }
    await groupQuantiles(watched, 0, [COLUMNS['uniform']!], { bins: BINS, least: LEAST })
    const [first, last] = [asked[0]!, asked.at(-1)!].map((cells) => cells.filter((count) => count > 0))
    // powers of two: all of the values are in about twelve of them, of which three hold the sixths
    expect(asked[0]).toHaveLength(132)
    expect(last!.length).toBeGreaterThan(60)
    const few = (cells: readonly number[]) => cells.filter((count) => count < LEAST / 2).length
    expect(few(last!)).toBe(few(first!))
  })
})

test('equal widths part a range that a few outliers do not take, and whose ends are nobody’s values', async () => {
  const values = COLUMNS['uniform']!.map((value, row) => (row < 10 ? 1e9 : value))
  const [cuts] = (await groupWidths(alone, 0, [values], { bins: 4, least: LEAST })) as [number[]]
  expect(cuts).toHaveLength(3)
  for (const [i, cut] of cuts.entries()) expect(Math.abs(cut - (i + 1) / 4)).toBeLessThan(0.03)
  const rest = values.toSorted()
  expect(rest.includes(cuts[0]! - (cuts[1]! - cuts[0]!))).toBe(false)
  expect(await groupWidths(alone, 0, [values.subarray(0, 60)], { bins: 4, least: LEAST })).toEqual([[]])
})
