// Statistics over the rows of all parties agree with those of the rows in one place; small cells are told to nobody.
import { expect, test } from 'vitest'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { countCells, fineEdges, GRID, joinCells } from './cells.ts'
import { runWithAdder } from './memory-adder.ts'
import type { StatisticsInput, StatisticsOutput } from './params.ts'
import { fixedVault, PARTIES, uniform } from './sample.ts'
import { openStatistics } from './statistics.ts'

const NAMES = ['sales', 'age', 'flag', 'rare', 'constant']

/** Long-tailed amounts with losses, ages, a flag with holes, a column of few values, a constant. */
function makeInput(party: number, rows: number, params = { minimumRows: 50, bins: 8 }): StatisticsInput {
  const draws = (name: string) => uniform(`${party} ${name}`, rows)
  const sales = draws('sales').map((value) => (value < 0.1 ? -5000 * value : Math.exp(4 + party + 9 * value)))
  const age = draws('age').map((value) => 20 + Math.floor(40 * value) + party)
  const flag = draws('flag').map((value) => (value < 0.2 ? Number.NaN : Number(value < 0.6)))
  const rare = draws('rare').map((_, row) => (row < 9 ? row : Number.NaN))
  const constant = new Float64Array(rows).fill(3.5)
  return { params, columns: NAMES, values: [sales, age, flag, rare, constant], sumsBefore: {} }
}

const INPUTS = [0, 1, 2].map((party) => makeInput(party, 700 + 300 * party))

async function run(inputs: readonly StatisticsInput[], network?: MemoryNetwork): Promise<StatisticsOutput[]> {
  const parties = inputs.map((input, i) => {
    return { id: PARTIES[i]!, program: openStatistics() as never, input, vault: fixedVault(i) }
  })
  const outputs = await runWithAdder(parties, 1, network)
  return inputs.map((_, i) => outputs.get(PARTIES[i]!) as StatisticsOutput)
}

const pooled = (column: number) =>
  Float64Array.from(INPUTS.flatMap(({ values }) => [...values[column]!])).filter((value) => !Number.isNaN(value))

test('counts, means, deviations and quantiles are those of all rows together', async () => {
  const [first, ...others] = await run(INPUTS)
  for (const other of others) expect(other).toEqual(first)
  const byName = Object.fromEntries(first!.columns.map((column) => [column.name, column]))
  for (const [c, name] of ['sales', 'age', 'flag'].entries()) {
    const { cells, rows, scale, quantiles } = byName[name]!
    const range = joinCells(GRID, countCells(pooled(c), GRID), 50).edges
    const values = pooled(c).map((value) => Math.min(range.at(-1)!, Math.max(range[0]!, value)))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
    expect(rows).toBe(values.length)
    expect(scale.mean / mean).toBeCloseTo(1, 5)
    expect(scale.deviation / deviation).toBeCloseTo(1, 5)
    expect(cells.rows).toEqual(countCells(values, cells.edges))
    expect(cells.rows.length).toBeLessThanOrEqual(8)
    const sorted = values.toSorted()
    for (const [share, value] of Object.entries(quantiles)) {
      const below = sorted.filter((one) => one <= value).length / sorted.length
      if (name !== 'flag') expect(Math.abs(below - Number(share)), `${name} ${share}`).toBeLessThan(0.03)
    }
  }
  expect(byName.flag!.cells.missing).toBe(
    INPUTS.reduce((sum, { values }) => sum + values[2]!.filter(Number.isNaN).length, 0),
  )
  expect(byName.constant!.scale).toEqual({ mean: 3.5, deviation: 1 })
  expect(first!.sums).toEqual({ bank: 2 })
})

test('a column with too few values, and cells with too few rows, are told to no host', async () => {
  const network = new MemoryNetwork()
  const [first] = await run(INPUTS, network)
  const rare = first!.columns[3]!
  expect(rare).toMatchObject({
    rows: 0,
    cells: { edges: [], rows: [] },
    scale: { mean: 0, deviation: 1 },
    quantiles: {},
  })
  for (const { cells } of first!.columns) for (const count of cells.rows) expect(count).toBeGreaterThanOrEqual(50)
  const released = network.transcript.filter(({ kind }) => kind === 'released-aggregate')
  expect(released.map(({ step, to }) => `${step} ${to}`)).toEqual(
    ['spread', 'summary'].flatMap((step) => ['park-east', 'park-west'].map((to) => `${step} ${to}`)),
  )
  for (const { release } of released) expect(release!.rows).toBeGreaterThanOrEqual(50)
  const sums = network.transcript.filter(({ step }) => step === 'sum')
  expect(sums.map(({ to }) => to)).toEqual(['bank', 'bank'])
})

test('cells are joined until each has enough rows, and the outer edges are not where values end', () => {
  const values = Float64Array.of(...new Array(60).fill(3), ...new Array(30).fill(5), 1e9, Number.NaN)
  const counts = countCells(values, GRID)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(91)
  expect(joinCells(GRID, counts, 20)).toEqual({ edges: [2, 4, 8], rows: [60, 31] })
  expect(joinCells(GRID, counts, 40)).toEqual({ edges: [2, 4], rows: [91] })
  expect(joinCells(GRID, counts, 92)).toEqual({ edges: [], rows: [] })
  expect(joinCells([0, 1, 2, 3], [10, 0, 10], 15)).toEqual({ edges: [0, 3], rows: [20] })
  const fine = fineEdges({ edges: [2, 4, 8], rows: [600, 310], missing: 0 }, 20)
  expect(fine).toEqual(fine.toSorted((a, b) => a - b))
  expect(fine.length).toBe(1 + 15 + 7)
})

test.each([
  ['a floor below the one in code', { minimumRows: 19, bins: 8 }, 'average.settings'],
  ['no bins', { minimumRows: 50, bins: 0 }, 'average.settings'],
  ['fewer rows than the floor', { minimumRows: 5000, bins: 8 }, 'release.too-few-rows'],
])('%s is refused', async (_, params, code) => {
  await expect(run(INPUTS.map((input) => ({ ...input, params })))).rejects.toMatchObject({ code })
})

test('other columns, settings or a party too few are refused', async () => {
  const [a, b, c] = INPUTS as [StatisticsInput, StatisticsInput, StatisticsInput]
  const refused = (inputs: readonly StatisticsInput[], code: string) =>
    expect(run(inputs)).rejects.toMatchObject({ code })
  await refused([a, b, { ...c, columns: [...NAMES.slice(0, 4), 'other'] }], 'task.params-differ')
  await refused([a, b, { ...c, params: { minimumRows: 60, bins: 8 } }], 'task.params-differ')
  await refused([a, b, { ...c, sumsBefore: { bank: 1 } }], 'task.params-differ')
  await refused([a, b], 'average.too-few-parties')
  await refused([a, b, { ...c, values: c.values.slice(1) }], 'average.rows')
})
