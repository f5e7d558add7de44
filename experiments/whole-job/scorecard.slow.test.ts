// A scorecard on real data, as the bank and one partner make it: weight of evidence of every bin, coefficients, standard
// errors and points are those that one process finds that holds all rows. Reference values in ../shared/data.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testContext } from '#cli/test-context.ts'
import type { CoefficientFacts, Table as ResultTable } from '#credit/evaluation/pack.ts'
import { evaluationFacts } from '#party-agent/results/evaluation-facts.ts'
import { ownScorecard } from '#party-agent/results/scorecard.ts'
import { loadResultFile, readJson, type StoredBinning } from '#party-agent/results/stored.ts'
import type { OwnedColumn } from '#protocols/binning-iv/params.ts'
import { runLab } from '../lab/lab.ts'
import { type LabPlan, parseLab } from '../lab/lab-file.ts'
import type { LabMember } from '../lab/homes.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { type CentralFit, fitColumns } from './centralised.ts'
import { columnById, hasSharedData, project, readSharedTable, type Table, TableFolder } from './fixtures.ts'

const AUC = 0.779066
const KS = 0.423384
/** x5 PAY_0, x6 PAY_2, x7 PAY_3, x8 PAY_4, x9 PAY_5, x0 LIMIT_BAL; at the bank x0 PAY_6, x7 PAY_AMT1 */
const IV = {
  tax: { x5: 0.861, x6: 0.537, x7: 0.402, x8: 0.354, x9: 0.33, x0: 0.175 },
  bank: { x0: 0.28, x7: 0.174 },
} as const
const L2 = 1

/** What the two parties keep, read before the lab goes. */
interface Kept {
  readonly result: LabResult
  readonly bins: Readonly<Record<string, readonly OwnedColumn[]>>
  readonly binning: StoredBinning
  readonly coefficients: readonly CoefficientFacts[]
  readonly intercept: number
  readonly bankCard: ResultTable
  readonly taxCard: ResultTable
}

interface Data {
  readonly bank: Table
  readonly tax: Table
  /** of the training rows */
  readonly ids: readonly string[]
  readonly labels: readonly number[]
}

/** A bin in the clear. */
interface ClearBin {
  readonly n: number
  readonly bad: number
  readonly woe: number
}

async function readData(): Promise<Data> {
  const bank = await readSharedTable('default_credit_hetero_guest.csv')
  const tax = await readSharedTable('default_credit_hetero_host.csv')
  const ids = project(bank, ['id'])
    .rows.map(([id = '']) => id)
    .filter((id) => Number(id) % 5 !== 0)
  return { bank, tax, ids, labels: valuesOf(bank, 'y', ids) }
}

function valuesOf(table: Table, column: string, ids: readonly string[]): number[] {
  const byId = columnById(table, column)
  return ids.map((id) => byId.get(id) ?? Number.NaN)
}

async function plan(folder: TableFolder, data: Data): Promise<LabPlan> {
  await folder.write('bank.csv', data.bank)
  await folder.write('tax.csv', data.tax)
  const ids = { column: 'id', kind: 'plain' }
  const parties = {
    bank: { dataset: 'loans', source: { csv: 'bank.csv' }, ids, label: { column: 'y' } },
    tax: { dataset: 'columns', source: { csv: 'tax.csv' }, ids },
  }
  const job = {
    name: 'scorecard',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'columns' }],
    split: { kind: 'id-modulo', divisor: 5, remainder: 0 },
    // the smallest bin of the reference has 210 rows: a larger share would join it with its neighbour
    bin: { method: 'quantile', bins: 10, minimumShare: 0.005 },
    train: { columns: 'woe', l2: L2, rounds: 40, standardErrors: true },
    scorecard: {},
  }
  return parseLab(JSON.stringify({ approvals: 'off', parties, job }), folder.path)
}

async function readKept(result: LabResult, jobDirOf: (party: string) => string): Promise<Kept> {
  const bins = async (party: string) =>
    (await readJson<{ readonly columns: readonly OwnedColumn[] }>(join(jobDirOf(party), 'bins.json')))?.columns ?? []
  const binning = await loadResultFile(jobDirOf('bank'), 'binning')
  const coefficients = await loadResultFile(jobDirOf('bank'), 'coefficients')
  const { tables = [] } = await evaluationFacts(jobDirOf('bank'), result.job)
  return {
    result,
    bins: { bank: await bins('bank'), tax: await bins('tax') },
    binning: binning as StoredBinning,
    coefficients: coefficients?.coefficients ?? [],
    intercept: coefficients?.intercept ?? Number.NaN,
    bankCard: tables.find(({ name }) => name === 'scorecard') as ResultTable,
    taxCard: (await ownScorecard(jobDirOf('tax'))) as ResultTable,
  }
}

/** The value bin of each row: how many cut points are below its value. */
function binsOf(values: readonly number[], { bins }: OwnedColumn): number[] {
  const cutsBelow = (value: number) => bins.cuts.filter((cut) => cut < value).length
  return values.map(cutsBelow)
}

function countClear(assigned: readonly number[], labels: readonly number[], bins: number): ClearBin[] {
  const n = new Array<number>(bins).fill(0)
  const bad = new Array<number>(bins).fill(0)
  for (const [row, bin] of assigned.entries()) {
    ;(n[bin] as number)++
    ;(bad[bin] as number) += labels[row] ?? 0
  }
  const allBad = labels.reduce((sum, label) => sum + label, 0)
  const allGood = labels.length - allBad
  return n.map((rows, bin) => {
    const ofBad = (bad[bin] ?? 0) / allBad
    const ofGood = (rows - (bad[bin] ?? 0)) / allGood
    return { n: rows, bad: bad[bin] ?? 0, woe: Math.log(ofBad / ofGood) }
  })
}

/** Upper tail of the normal distribution on both sides, by Simpson's rule over forty deviations beyond. */
function tails(z: number): number {
  const steps = 20_000
  const width = 40 / steps
  const from = Math.abs(z)
  let sum = 0
  for (let i = 0; i <= steps; i++) {
    const x = from + i * width
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp((from * from - x * x) / 2)
  }
  return ((2 * sum * width) / 3 / Math.sqrt(2 * Math.PI)) * Math.exp((-from * from) / 2)
}

/** Rows of a table as objects. */
function cellsOf({ columns, rows }: ResultTable): Readonly<Record<string, unknown>>[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])))
}

describe.runIf(hasSharedData())('a scorecard on default_credit_hetero', () => {
  let folder: TableFolder
  let data: Data
  let kept: Kept
  /** by party and column: counts of value bins in the clear, and the column as weights of evidence */
  const clear = new Map<string, { readonly bins: readonly ClearBin[]; readonly woe: Float64Array }>()
  let central: CentralFit

  beforeAll(async () => {
    data = await readData()
    folder = await TableFolder.open()
    const read: { kept?: Kept } = {}
    await runLab(await plan(folder, data), {
      cli: testContext(),
      quiet: true,
      before: async ({ homes, job }, result) => {
        expect(result).toMatchObject({ state: 'succeeded' })
        read.kept = await readKept(result, (party) => join((homes.parties[party] as LabMember).home, 'jobs', job))
      },
    })
    kept = read.kept as Kept
    for (const [party, columns] of Object.entries(kept.bins)) {
      for (const column of columns) {
        const assigned = binsOf(valuesOf(party === 'bank' ? data.bank : data.tax, column.name, data.ids), column)
        const bins = countClear(assigned, data.labels, column.bins.cuts.length + 1)
        const woe = Float64Array.from(assigned, (bin) => bins[bin]?.woe ?? Number.NaN)
        clear.set(`${party} ${column.name}`, { bins, woe })
      }
    }
    const columns = [...clear.values()].map(({ woe }) => woe)
    central = fitColumns(columns, data.labels, L2)
  }, 600_000)
  afterAll(() => folder[Symbol.asyncDispose]())

  test('AUC and KS on the hold-out rows', () => {
    const { metrics } = kept.result
    expect(metrics).toMatchObject({ rows: { training: 24_000, holdout: 6_000 }, converged: true })
    expect(Math.abs((metrics?.joint.auc.value ?? 0) - AUC)).toBeLessThan(0.001)
    expect(Math.abs((metrics?.joint.ks.value ?? 0) - KS)).toBeLessThan(0.003)
  })

  test('information values', () => {
    for (const [party, expected] of Object.entries(IV)) {
      for (const [name, iv] of Object.entries(expected)) {
        const alias = kept.bins[party]?.find((column) => column.name === name)?.alias
        const found = kept.binning.features.find((feature) => feature.party === party && feature.feature === alias)
        expect(Math.abs((found?.iv ?? 0) - iv), `${party} ${name}`).toBeLessThan(0.002)
      }
    }
  })

  test('counts are exact and the weight of every bin is the one in the clear, at its owner and at the bank', () => {
    let compared = 0
    for (const [party, columns] of Object.entries(kept.bins)) {
      for (const { name, alias, table } of columns) {
        const expected = clear.get(`${party} ${name}`)?.bins ?? []
        const atBank = kept.binning.features.find((feature) => feature.party === party && feature.feature === alias)
        for (const { bin, kind, number, woe } of table.filter((entry) => entry.kind === 'value')) {
          const { n, bad, woe: inTheClear } = expected[bin] as ClearBin
          expect(kind).toBe('value')
          expect(Math.abs(woe - inTheClear), `${party} ${name} ${bin}`).toBeLessThan(1e-9)
          const told = atBank?.bins.find((entry) => entry.bin === number)
          expect(told?.counts['train'], `${party} ${name} ${bin}`).toEqual({ n, bad, good: n - bad })
          expect(Math.abs((told?.woe ?? Number.NaN) - inTheClear)).toBeLessThan(1e-9)
          compared++
        }
      }
    }
    expect(compared).toBeGreaterThan(150)
  })

  test('the bank reads no cut point and no name of a column of its partner', () => {
    const ofTax = kept.binning.features.filter(({ party }) => party === 'tax')
    expect(ofTax.map(({ feature }) => feature)).toEqual(kept.bins['tax']?.map(({ alias }) => alias))
    const text = JSON.stringify([ofTax, kept.coefficients.filter(({ party }) => party === 'tax')])
    for (const { name, bins } of kept.bins['tax'] ?? []) {
      expect(text).not.toContain(`"${name}"`)
      for (const cut of bins.cuts) expect(text).not.toContain(String(cut))
    }
  })

  test('coefficients, standard errors and p-values are those of a fit of all columns in one place', () => {
    const names = [...clear.keys()]
    expect(kept.coefficients).toHaveLength(names.length)
    for (const [j, { party, beta, stdErr }] of kept.coefficients.entries()) {
      expect(names[j]?.startsWith(`${party} `)).toBe(true)
      expect(Math.abs(beta - (central.weights[j] ?? 0)), names[j]).toBeLessThan(5e-3)
      const ratio = (stdErr ?? Number.NaN) / (central.standardErrors[j] ?? Number.NaN)
      expect(Math.abs(ratio - 1), names[j]).toBeLessThan(0.02)
    }
    expect(Math.abs(kept.intercept - central.intercept)).toBeLessThan(5e-3)
    for (const { features } of Object.values(kept.result.models)) {
      for (const { coefficient, test: wald } of features) {
        const { standardError, z, p } = wald as NonNullable<typeof wald>
        expect(z).toBeCloseTo(coefficient / standardError, 6)
        expect(Math.abs(p - tails(z))).toBeLessThan(1e-6)
      }
    }
  })

  test("points of the partner's bins are the same on both cards, and whole points stray no further than promised", () => {
    const bank = cellsOf(kept.bankCard)
    const ofTax = bank.filter(({ party }) => party === 'tax')
    const byBin = (cells: typeof bank) =>
      cells.map((cell) => [cell['feature_code'], cell['bin_no'], cell['points']].join(' ')).toSorted()
    expect(byBin(ofTax)).toEqual(byBin(cellsOf(kept.taxCard)))
    for (const { woe, beta, points, exact_points: exact } of bank) {
      expect(Number(exact)).toBeCloseTo((-20 / Math.LN2) * Number(beta) * Number(woe), 9)
      expect(Math.abs(Number(points) - Number(exact))).toBeLessThanOrEqual(0.5)
    }
    // Every training row: whole points against the exact score of its log-odds.
    const base = 600 - (20 / Math.LN2) * (kept.intercept + Math.log(30))
    const worst = new Float64Array(data.ids.length).fill(Math.round(base) - base)
    for (const [j, { party, feature, beta }] of kept.coefficients.entries()) {
      const { woe } = [...clear.values()][j] as { readonly woe: Float64Array }
      const points = new Map(
        bank
          .filter((cell) => cell['party'] === party && cell['feature_code'] === feature)
          .map((cell) => [Number(cell['woe']).toFixed(9), Number(cell['points'])]),
      )
      for (const [row, value] of woe.entries()) {
        const whole = points.get(value.toFixed(9)) ?? Number.NaN
        ;(worst[row] as number) += whole + (20 / Math.LN2) * beta * value
      }
    }
    const largest = worst.reduce((most, by) => Math.max(most, Math.abs(by)), 0)
    expect(largest).toBeLessThanOrEqual((kept.coefficients.length + 1) / 2)
  })
})
