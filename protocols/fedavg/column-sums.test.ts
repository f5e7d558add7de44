// Sums of columns are those of all rows together, however many parties there are and however few levels they leave.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldsFor } from '#crypto/aggregate/fields.ts'
import { countCells, fineEdges, quantilesOf } from './cells.ts'
import { encodeSpread, encodeSummary, readSpread, readSummary, requireSameRows } from './column-sums.ts'
import { uniform } from './sample.ts'

const added = (vectors: readonly Uint32Array[]) => vectors.reduce((sum, own) => sum.map((value, i) => value + own[i]!))

/** Amounts of either sign over seven powers of ten, with holes. */
function columnOf(party: number, rows: number): Float64Array {
  return uniform(`column ${party}`, rows).map((value, row) => {
    if (row % 11 === 0) return Number.NaN
    return (row % 3 === 0 ? -1 : 1) * 10 ** (7 * value - 2)
  })
}

test.each([3, 10, 100, 779])('over %i parties', (parties) => {
  const fields = fieldsFor(parties)
  const floor = 25
  const columns = Array.from({ length: parties }, (_, party) => columnOf(party, Math.ceil(3000 / parties)))
  const all = Float64Array.from(columns.flatMap((values) => [...values]))
  const there = all.filter((value) => !Number.isNaN(value))
  const spread = readSpread(added(columns.map((values) => encodeSpread(values, fields))), fields, floor)
  expect(spread.missing).toBe(all.length - there.length)
  expect(spread.rows.reduce((sum, count) => sum + count, 0)).toBe(there.length)
  for (const count of spread.rows) expect(count).toBeGreaterThanOrEqual(floor)
  const sums = added(columns.map((values) => encodeSummary(values, spread, floor, fields)))
  const told = readSummary(sums, spread, { minimumRows: floor, bins: 12 }, fields)
  expect(() => requireSameRows(told.cells, spread)).not.toThrow()
  const inside = there.map((value) => Math.min(spread.edges.at(-1)!, Math.max(spread.edges[0]!, value)))
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length
  const deviation = Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length)
  expect(told.scale.mean / mean).toBeCloseTo(1, 4)
  expect(told.scale.deviation / deviation).toBeCloseTo(1, 4)
  expect(told.cells.rows).toEqual(countCells(inside, told.cells.edges))
  expect(told.cells.rows.length).toBeGreaterThan(8)
  expect(told.cells.rows.length).toBeLessThanOrEqual(12)
})

test('a column whose rows were counted otherwise in the second round is refused', () => {
  const cells = { edges: [0, 1, 2], rows: [30, 40], missing: 0 }
  expect(() => requireSameRows({ ...cells, rows: [30, 41] }, cells)).toThrow('average.impossible')
})

test('few missing values are withheld, none and many are told', () => {
  const fields = fieldsFor(3)
  const missingOf = (holes: number) => {
    const values = Float64Array.from({ length: 200 }, (_, row) => (row < holes ? Number.NaN : 1))
    return readSpread(
      added([0, 1, 2].map((party) => encodeSpread(party === 0 ? values : values.slice(0, 0), fields))),
      fields,
      20,
    ).missing
  }
  expect([0, 1, 19, 20].map(missingOf)).toEqual([0, null, null, 20])
})

test('rows of a column that are zero are told as zero, not as what the cell around it would hold', () => {
  const cells = { edges: [-1, -(2 ** -20), 2 ** -20, 1], rows: [25, 100, 25], missing: 0 }
  const told = quantilesOf(cells, 20)
  expect(told['0.25']).toBe(0)
  expect(told['0.5']).toBe(0)
  expect(quantilesOf({ ...cells, rows: [25, 25, 100] }, 20)['0.5']).toBeCloseTo(0.25, 5)
})

test('finer cells lie within those that were told, and quantiles rise', () => {
  const rows = fc.array(fc.integer({ min: 20, max: 5000 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(rows, (counts) => {
      const edges = [0, ...counts.map((_, i) => 2 ** i)]
      const cells = { edges, rows: counts, missing: 0 }
      const fine = fineEdges(cells, 20)
      expect(edges.every((edge) => fine.includes(edge))).toBe(true)
      expect(fine.every((edge, i) => i === 0 || edge > fine[i - 1]!)).toBe(true)
      const values = Object.values(quantilesOf(cells, 20))
      expect(values.every((value, i) => i === 0 || value >= values[i - 1]!)).toBe(true)
    }),
    { numRuns: 50 },
  )
})
