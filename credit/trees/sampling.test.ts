// Samples of rows and columns, and when to stop.
import { expect, test } from 'vitest'
import { sampleByGradient, sampleColumns, sampleOf, sampleRows } from './sampling.ts'
import { seeded, seededDraw } from './sample.ts'
import { bestTrees, hasStalled } from './stopping.ts'

const ROWS = Uint32Array.from({ length: 1000 }, (_, i) => 3 * i)

test('a sample has the size asked for, each row once and in order, another for another seed', () => {
  const [first, second] = [1, 2].map((seed) => sampleRows(ROWS, 0.3, seededDraw(seed)))
  expect([first!.length, second!.length]).toEqual([300, 300])
  expect([...new Set(first)].sort((a, b) => a - b)).toEqual([...first!])
  expect(first!.every((row) => row % 3 === 0 && row < 3000)).toBe(true)
  expect(first).not.toEqual(second)
  expect(sampleRows(ROWS, 1, seededDraw(1))).toBe(ROWS)
  expect(sampleColumns(10, 0.05, seededDraw(1)).length).toBe(1)
  expect(sampleColumns(3, 1, seededDraw(1))).toEqual([0, 1, 2])
  expect(sampleColumns(0, 0.5, seededDraw(1))).toEqual([])
})

test('every row is as likely as another', () => {
  const times = new Uint32Array(50)
  const rows = Uint32Array.from({ length: 50 }, (_, i) => i)
  for (let seed = 0; seed < 2000; seed++) for (const row of sampleRows(rows, 0.2, seededDraw(seed))) times[row]!++
  // 400 expected, standard deviation 18
  expect(Math.min(...times)).toBeGreaterThan(310)
  expect(Math.max(...times)).toBeLessThan(490)
})

test('sampling by gradient keeps the largest, and makes up for those that it leaves out', () => {
  const next = seeded(5)
  const g = Float64Array.from({ length: 3000 }, () => next() ** 3 - 0.2)
  const { rows, factors } = sampleByGradient(ROWS, g, { top: 0.1, other: 0.2 }, seededDraw(1))
  const kept = [...rows].filter((_, i) => factors[i] === 1)
  const edge = Math.min(...kept.map((row) => Math.abs(g[row]!)))
  expect([rows.length, kept.length]).toEqual([300, 100])
  expect([...ROWS].filter((row) => Math.abs(g[row]!) > edge).every((row) => kept.includes(row))).toBe(true)
  expect(factors.reduce((sum, factor) => sum + factor, 0)).toBeCloseTo(1000, 9)
})

test('rows of one gradient are drawn, not taken from the front', () => {
  const { rows, factors } = sampleByGradient(
    ROWS,
    new Float64Array(3000).fill(0.5),
    { top: 0.3, other: 0.1 },
    seededDraw(1),
  )
  const kept = [...rows].filter((_, i) => factors[i] === 1)
  expect(kept.length).toBe(300)
  expect(kept.filter((row) => row >= 1500).length).toBeGreaterThan(110)
})

test('outside the sample g and h are zero', () => {
  const all = { g: new Float64Array(3000).fill(1), h: new Float64Array(3000).fill(2) }
  const { rows, gradients } = sampleOf({ rowSample: 0.5 }, ROWS, all, seededDraw(1))
  expect(gradients.g.reduce((sum, g) => sum + g, 0)).toBe(rows.length)
  const goss = sampleOf({ rowSample: 1, goss: { top: 0.1, other: 0.1 } }, ROWS, all, seededDraw(1))
  expect(goss.gradients.h.reduce((sum, h) => sum + h, 0)).toBeCloseTo(2000, 9)
})

test('training stops when so many trees brought nothing, and keeps those up to the best', () => {
  expect(bestTrees([3, 2, 2, 4])).toBe(2)
  expect(bestTrees([])).toBe(0)
  expect([1, 2, 3].map((rounds) => hasStalled([3, 2, 2, 4], rounds))).toEqual([true, true, false])
  expect(hasStalled([], 1)).toBe(false)
})
