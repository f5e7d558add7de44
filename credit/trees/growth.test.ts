// The guest's view of a growing tree: what it asks for, and what it makes of refusals.
import { expect, test } from 'vitest'
import { Growth } from './growth.ts'
import { sumColumns } from './histogram.ts'
import { gradients } from './objective.ts'
import { DEFAULT_BOOST, MAX_ASKS } from './params.ts'
import { unquantised } from './quantise.ts'
import { treeSample } from './sample.ts'
import type { Candidate } from './split.ts'
import { ownerSplit, type SideBits, sidesOf } from './tree.ts'

const ROWS = 600
const sample = treeSample('logistic', ROWS)
const offered = sample.columns.map((column, index) => ({ index, column }))
const [hosts, own] = [offered.slice(0, 4), offered.slice(4)] // labels depend on the first four
const params = { ...DEFAULT_BOOST, minLeafRows: 20 }

function open(): Growth {
  const values = gradients('logistic', new Float64Array(ROWS), sample.labels, sample.weights)
  const rows = Uint32Array.from(sample.labels, (_, row) => row)
  return new Growth({ params, quantised: unquantised(values), gradients: values, rows, floor: 20, own })
}

/** Sums of the asked nodes from one host, and the ranking. */
function ask(growth: Growth): void {
  const values = unquantised(gradients('logistic', new Float64Array(ROWS), sample.labels, sample.weights))
  for (const node of growth.asked)
    for (const sums of sumColumns(1, hosts, growth.rowsOf(node), values)) growth.addSums(node, sums)
  growth.rank()
}

function sidesAt(candidate: Candidate): SideBits {
  const column = sample.columns[candidate.column]!
  return sidesOf(ownerSplit(candidate, { index: candidate.column, valueCells: column.valueCells }, false), column)
}

/** Answers all that is wanted; the host's candidates as `host` says. */
function grow(growth: Growth, host: (candidate: Candidate) => 'sides' | 'refuse'): number[] {
  const asksByLevel: number[] = []
  const numbers = [0, 0]
  while (growth.open.length > 0) {
    ask(growth)
    let asks = 0
    for (let wanted = growth.wanted(); wanted.length > 0; wanted = growth.wanted())
      for (const { node, candidate } of wanted) {
        asks += candidate.owner
        if (candidate.owner === 1 && host(candidate) === 'refuse') growth.refuse(node)
        else growth.answer(node, sidesAt(candidate), numbers[candidate.owner]!++)
      }
    asksByLevel.push(asks)
    growth.nextLevel()
  }
  return asksByLevel
}

test('of two siblings the one with fewer rows is asked for', () => {
  const growth = open()
  expect([growth.open, growth.asked]).toEqual([[0], [0]])
  ask(growth)
  const [{ node, candidate }] = growth.wanted() as [{ node: number; candidate: Candidate }]
  expect(growth.answer(node, sidesAt(candidate), 0)).toBe(true)
  growth.nextLevel()
  expect(growth.open).toEqual([1, 2])
  const [left, right] = [growth.rowsOf(1).length, growth.rowsOf(2).length]
  expect(left + right).toBe(ROWS)
  expect(growth.asked).toEqual([left <= right ? 1 : 2])
})

test('a host that refuses is asked so often a node, then the guest splits on its own columns', () => {
  const growth = open()
  const asks = grow(growth, () => 'refuse')
  const splits = growth.tree().nodes.flatMap(({ split }) => split ?? [])
  expect(asks[0]).toBe(MAX_ASKS)
  expect(splits.length).toBeGreaterThan(1)
  expect(new Set(splits.map(({ owner }) => owner))).toEqual(new Set([0]))
})

test('sides that leave too few rows are not taken, and the next best is wanted', () => {
  const growth = open()
  ask(growth)
  const first = growth.wanted()[0]!
  expect(growth.answer(0, new Uint8Array(ROWS / 8), 0)).toBe(false)
  const next = growth.wanted()[0]!
  expect(next.candidate).not.toEqual(first.candidate)
  expect(next.candidate.gain).toBeLessThanOrEqual(first.candidate.gain)
})

test('splits are found by owner and number; others, and nodes of other levels, are refused', () => {
  const growth = open()
  grow(growth, () => 'sides')
  const refused = expect.objectContaining({ code: 'boost.invalid' })
  for (const { split } of growth.tree().nodes)
    if (split !== undefined) expect(growth.sidesOf(split)).toHaveLength(ROWS / 8)
  expect(() => growth.sidesOf({ owner: 1, split: 99, gain: 0 })).toThrow(refused)
  expect(() => growth.rowsOf(0)).toThrow(refused)
  expect(() => growth.refuse(1)).toThrow(refused)
})
