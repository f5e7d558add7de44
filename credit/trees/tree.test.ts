// Columns into cells, splits into sides, and rows to their leaves.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellCount, checkColumn, cutCells } from './columns.ts'
import { falling } from './histogram.ts'
import { columnImportance } from './importance.ts'
import { MAX_CELLS } from './params.ts'
import { treeColumn } from './sample.ts'
import {
  childrenOf,
  checkSides,
  isRight,
  leavesOf,
  levelOf,
  ownerSplit,
  partition,
  sidesOf,
  type Tree,
} from './tree.ts'

const values = fc
  .array(
    fc.oneof(
      fc.integer({ min: -9, max: 9 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(Number.NaN),
    ),
    {
      maxLength: 120,
    },
  )
  .map((drawn) => Float64Array.from(drawn))

test('cells ascend with the values, and none holds fewer rows than the floor', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 63 }), fc.integer({ min: 1, max: 20 }), (column, bins, floor) => {
      const cuts = cutCells(column, bins, floor)
      const made = treeColumn(column, cuts, 0)
      checkColumn(made, column.length)
      expect(cellCount(made)).toBeLessThanOrEqual(Math.min(bins + 1, MAX_CELLS))
      const counts = new Map<number, number>()
      for (const cell of made.cells) counts.set(cell, (counts.get(cell) ?? 0) + 1)
      const present = column.filter((value) => !Number.isNaN(value))
      const alone = made.valueCells === 1 && present.length < floor
      if (!alone) expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(Math.min(floor, column.length))
      const order = [...column.keys()]
        .filter((row) => !Number.isNaN(column[row]!))
        .sort((a, b) => column[a]! - column[b]!)
      for (const [i, row] of order.slice(1).entries())
        expect(made.cells[row]).toBeGreaterThanOrEqual(made.cells[order[i]!]!)
    }),
  )
})

test('cuts lie between values at the quantiles; ties are never parted', () => {
  const column = Float64Array.from([1, 1, 1, 2, 2, 5, 6, 9])
  expect(cutCells(column, 4, 1).cuts).toEqual([1.5, 5.5])
  expect(cutCells(column, 4, 3).cuts).toEqual([1.5])
  expect(cutCells(column, 4, 4).cuts).toEqual([])
  expect(cutCells(Float64Array.from([7, 7, 7]), 4, 1).cuts).toEqual([])
})

test('few rows without a value share the largest cell, as new ones do; enough have their own', () => {
  const column = Float64Array.from([1, 2, 3, 3, 3, Number.NaN, Number.NaN])
  const few = cutCells(column, 3, 1.5)
  expect(few).toMatchObject({ missingCell: few.cuts.length + 1 })
  const shared = cutCells(column, 3, 3)
  expect(treeColumn(Float64Array.of(Number.NaN, 1, 8), shared, 0)).toMatchObject({ missing: false })
  expect(shared.missingCell).toBe(0)
})

const columns = fc
  .record({ valueCells: fc.integer({ min: 2, max: 12 }), missing: fc.boolean() })
  .chain(({ valueCells, missing }) =>
    fc.record({
      cell: fc.integer({ min: 0, max: valueCells - 2 }),
      missingLeft: fc.boolean(),
      fall: fc.boolean(),
      column: fc
        .array(fc.integer({ min: 0, max: valueCells - (missing ? 0 : 1) }), { maxLength: 50 })
        .map((cells) => ({ cells: Uint8Array.from(cells), valueCells, missing, sign: 0 as const })),
    }),
  )

test('the sides of a split are those that the guest chose from the order it was shown', () => {
  fc.assert(
    fc.property(columns, ({ cell, missingLeft, fall, column }) => {
      const shown = fall ? falling(column) : column
      const sides = sidesOf(
        ownerSplit({ cell, missingLeft }, { index: 0, valueCells: column.valueCells }, fall),
        column,
      )
      checkSides(sides, column.cells.length)
      const right = [...shown.cells].map((at) => (at === column.valueCells ? !missingLeft : at > cell))
      expect(right.map((_, row) => isRight(sides, row))).toEqual(right)
      const parts = partition(Uint32Array.from(right.keys()), sides)
      expect(parts.map((rows) => [...rows].map((row) => right[row]))).toEqual(
        parts.map((rows, side) => [...rows].map(() => side === 1)),
      )
    }),
  )
})

test('a row ends in the leaf that its sides lead to', () => {
  const split = (bits: number) => ({ bits: Uint8Array.of(bits) })
  const tree: Tree<{ bits: Uint8Array }> = {
    nodes: [
      { node: 0, split: split(0b1100), cover: 4, rows: 4, value: 0 },
      { node: 1, split: split(0b0110), cover: 2, rows: 2, value: 0 },
      { node: 2, cover: 2, rows: 2, value: 1 },
      { node: 3, cover: 1, rows: 1, value: 2 },
      { node: 4, cover: 1, rows: 1, value: 3 },
    ],
  }
  expect([...leavesOf(tree, 4, ({ bits }) => bits)]).toEqual([3, 4, 2, 2])
  expect([0, 1, 2, 3, 6, 7, 126].map(levelOf)).toEqual([0, 1, 1, 2, 2, 3, 6])
  expect(childrenOf(5)).toEqual([11, 12])
})

test('sides of another length, or with a bit after the last row, are refused', () => {
  const refused = expect.objectContaining({ code: 'boost.invalid' })
  expect(() => checkSides(Uint8Array.of(0, 0), 8)).toThrow(refused)
  expect(() => checkSides(Uint8Array.of(0b100), 2)).toThrow(refused)
  expect(() => checkSides(Uint8Array.of(0b11), 2)).not.toThrow()
})

test('importance is the share of gain and of cover by owner and alias, most gain first', () => {
  const node = (number: number, owner: number, split: number, gain: number, cover: number) => {
    return { node: number, split: { owner, split, gain }, cover, rows: 1, value: 0 }
  }
  const leaf = { node: 2, cover: 5, rows: 1, value: 0.5 }
  const trees = [{ nodes: [node(0, 0, 0, 6, 10), node(1, 1, 0, 2, 5), leaf] }, { nodes: [node(0, 1, 1, 12, 5)] }]
  const aliases = [['income'], ['A-1', 'A-1']]
  expect(columnImportance(trees, ({ owner, split }) => aliases[owner]![split]!)).toEqual([
    { owner: 1, alias: 'A-1', splits: 2, gain: 0.7, cover: 0.5 },
    { owner: 0, alias: 'income', splits: 1, gain: 0.3, cover: 0.5 },
  ])
  expect(columnImportance([{ nodes: [leaf] }], () => '')).toEqual([])
})
