// Facts of an evaluation from a folder as a finished job leaves it at the guest.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { buildEvaluation } from '#credit/evaluation/build.ts'
import type { Table } from '#credit/evaluation/pack.ts'
import { evaluationFacts } from './evaluation-facts.ts'
import { storeRows, storeScores } from './score-store.ts'
import { type BinnedFeature, storeResultFile, writeJson } from './stored.ts'

const SPEC = {
  version: 1,
  name: 'joint credit',
  guest: { party: 'bank', dataset: 'loans' },
  hosts: [
    { party: 'tax', dataset: 'filings', columns: 'all' },
    { party: 'social', dataset: 'contributions', columns: 'all' },
  ],
  align: { mode: 'left' },
  bin: {},
  select: {},
  train: { columns: 'woe', standardErrors: true },
}
const ROWS = 400

/** Two bins of training rows with these WOE. */
function feature(party: string, name: string, more: Partial<BinnedFeature> = {}): BinnedFeature {
  const bin = (number: number, n: number, woe: number) => {
    const count = { n, bad: n / 10, good: n - n / 10 }
    return { bin: number, label: `bin ${number}`, special: false, woe, iv: 0.1, counts: { train: count } }
  }
  return { party, feature: name, iv: 0.2, bins: [bin(1, 100, -1), bin(2, 300, 1)], observedSign: 1, ...more }
}

const alignment = {
  mode: 'left',
  nInput: 1000,
  nValid: 990,
  nIds: 800,
  pairwise: [{ host: 'tax', count: 600 }],
  hosts: [
    { host: 'tax', present: 700, absent: 200, notCovered: 60, noConsent: 40, idsMatched: 600, decoys: 90 },
    { host: 'social', present: 500, absent: 480, notCovered: 0, noConsent: 20, idsMatched: 400, decoys: 80 },
  ],
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facts-'))
  await writeFile(join(folder, 'spec.json'), JSON.stringify(SPEC))
  await writeJson(join(folder, 'result.json'), { job: 'job-1', rounds: 3, losses: [0.7, 0.6, 0.5], alignment })
  const labels = Int8Array.from({ length: ROWS }, (_, row) => (row % 5 === 0 ? 1 : 0))
  const sets = [{ name: 'train' as const, rows: ROWS }]
  await storeRows(folder, { sets, labels, included: new Uint8Array(ROWS).fill(1), segments: [] })
  const scores = Float64Array.from(labels, (label, row) => (row % 7) / 7 + label)
  await storeScores(folder, { hosts: ['tax', 'social'], scores })
})

const cells = (table: Table | undefined) =>
  (table?.rows ?? []).map((row) => Object.fromEntries((table?.columns ?? []).map((name, i) => [name, row[i]])))
const tableOf = async (name: string) =>
  cells(buildEvaluation(await evaluationFacts(folder, 'job-1')).tables.find((table) => table.name === name))

async function storeModel(features: readonly BinnedFeature[], vif?: Table): Promise<void> {
  await storeResultFile(folder, 'binning', { version: 1, features })
  const tables = vif === undefined ? [] : [vif]
  await storeResultFile(folder, 'selection', { version: 1, chosen: { bank: ['age'], tax: ['TAX.F01'] }, tables })
  const coefficients = [
    { party: 'tax', feature: 'TAX.F01', beta: 0.5, stdErr: 0.1 },
    { party: 'bank', feature: 'age', beta: 1.5, stdErr: 0.3 },
    { party: 'social', feature: 'TAX.F01', beta: -0.25, stdErr: 0.5 },
  ]
  await storeResultFile(folder, 'coefficients', { version: 1, intercept: -2, coefficients })
}

test('coefficients carry the spread of their WOE, their share, inflation and direction, each of its own party', async () => {
  const same = [feature('tax', 'TAX.F01'), feature('bank', 'age', { expectedSign: -1 }), feature('social', 'TAX.F01')]
  const vif = {
    name: 'vif',
    columns: ['feature', 'party', 'vif'],
    rows: [
      ['TAX.F01', 'social', 9],
      ['TAX.F01', 'tax', 1.25],
    ],
  }
  await storeModel(same, vif)
  const [tax, bank, social] = await tableOf('lr_coef')
  // WOE −1 in a quarter of the rows and 1 in the others: mean ½, standard deviation √¾
  const spread = Math.sqrt(0.75)
  expect(tax?.['std_beta']).toBeCloseTo(0.5 * spread, 12)
  expect(bank?.['std_beta']).toBeCloseTo(1.5 * spread, 12)
  expect([tax, bank, social].map((row) => Number(row?.['contribution_pct']).toFixed(6))).toEqual([
    (0.5 / 2.25).toFixed(6),
    (1.5 / 2.25).toFixed(6),
    (0.25 / 2.25).toFixed(6),
  ])
  expect([tax, bank, social].map((row) => row?.['vif'])).toEqual([1.25, null, 9])
  // the bank expected the other direction than was observed; a negative coefficient turns the WOE around
  expect([tax, bank, social].map((row) => row?.['sign_ok'])).toEqual([true, false, false])
  expect(tax?.['wald_z']).toBeCloseTo(5, 12)
})

test.each([
  ['no expectation', {}, true],
  ['the expected direction', { expectedSign: 1 as const }, true],
  ['a direction that turns', { expectedSign: -1 as const, observedSign: 0 as const }, true],
  ['the other direction', { expectedSign: -1 as const }, false],
])('%s: sign_ok', async (_, more, expected) => {
  await storeModel([feature('bank', 'age', more)])
  const own = (await tableOf('lr_coef')).find(({ party }) => party === 'bank')
  expect(own?.['sign_ok']).toBe(expected)
})

test('a coefficient whose column was not binned keeps what training said, and no more', async () => {
  await storeModel([feature('bank', 'age')])
  const facts = await evaluationFacts(folder, 'job-1')
  expect(facts.coefficients?.[0]).toEqual({ party: 'tax', feature: 'TAX.F01', beta: 0.5, stdErr: 0.1 })
  expect(facts.intercept).toBe(-2)
})

test('the alignment is one line a host: rows by what became of them, and no column that an id could stand in', async () => {
  expect(await tableOf('psi_report')).toEqual([
    {
      party: 'tax',
      mode: 'left',
      n_input: 1000,
      n_valid: 990,
      n_ids: 800,
      n_intersection: 600,
      coverage_pct: 0.75,
      present: 700,
      absent: 200,
      not_covered: 60,
      no_consent: 40,
      decoys: 90,
    },
    expect.objectContaining({ party: 'social', n_intersection: 400, coverage_pct: 0.5, absent: 480, no_consent: 20 }),
  ])
})

test('an inner alignment tells what is common with each host, and nothing of single rows', async () => {
  const { hosts: _, ...inner } = { ...alignment, mode: 'inner' }
  await writeJson(join(folder, 'result.json'), { job: 'job-1', rounds: 3, alignment: inner })
  const nothing = { present: null, absent: null, not_covered: null, no_consent: null, decoys: null }
  expect(await tableOf('psi_report')).toMatchObject([
    { party: 'tax', mode: 'inner', n_intersection: 600, coverage_pct: 0.75, ...nothing },
  ])
})

test('an alignment without ids has no coverage, and without an alignment of its own a job has no such table', async () => {
  const none = { ...alignment, nIds: 0 }
  await writeJson(join(folder, 'result.json'), { job: 'job-1', rounds: 3, alignment: none })
  expect((await tableOf('psi_report')).map((row) => row['coverage_pct'])).toEqual([null, null])
  await writeJson(join(folder, 'result.json'), { job: 'job-1', rounds: 3 })
  expect(await tableOf('psi_report')).toEqual([])
})

test('a folder without a model has no facts', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'facts-'))
  await expect(evaluationFacts(empty, 'job-1')).rejects.toMatchObject({
    code: 'results.none',
    detail: { job: 'job-1' },
  })
})
