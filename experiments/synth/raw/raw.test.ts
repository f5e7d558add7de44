import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticFederation } from '../federation.ts'
import { readTable, type TextTable } from '../read-tables.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-raw-'))
  await writeSyntheticFederation({
    directory: folder,
    seed: 7,
    applications: 700,
    workers: 0,
    noise: false,
    reference: false,
    raw: true,
  })
})
afterAll(() => rm(folder, { recursive: true }))

const table = (path: string) => readTable(join(folder, `${path}.csv`))

/** Sums of `value` over the rows of each key. */
function sums(raw: TextTable, key: string, value: (cell: (column: string) => string) => number): Map<string, number> {
  const totals = new Map<string, number>()
  for (const row of raw.rows) {
    const id = raw.cell(row, key)
    totals.set(id, (totals.get(id) ?? 0) + value((column) => raw.cell(row, column)))
  }
  return totals
}

/** Every row of the feature table has the value that the raw tables add up to. */
function expectColumn(
  features: TextTable,
  key: string,
  column: string,
  totals: ReadonlyMap<string, number>,
  relative = 1e-4,
): void {
  expect(features.rows.length).toBeGreaterThan(50)
  for (const row of features.rows) {
    const expected = Number(features.cell(row, column))
    const found = totals.get(features.cell(row, key)) ?? 0
    expect(Math.abs(found - expected), `${column} ${features.cell(row, key)}`).toBeLessThanOrEqual(
      relative * Math.abs(expected) + 1e-3,
    )
  }
}

test('tax: sales, zero returns, invoiced months and arrears add up to the features', async () => {
  const features = await table('tax/filings')
  const returns = await table('tax/raw/vat_return')
  // A firm whose twelve returns are all zero has sales that no month shows.
  const nonZero = { ...features, rows: features.rows.filter((row) => features.cell(row, 't_zero') !== '12') }
  expectColumn(
    nonZero,
    'match_id',
    't_sales',
    sums(returns, 'uscc', (cell) => Number(cell('sales'))),
  )
  expectColumn(
    features,
    'match_id',
    't_zero',
    sums(returns, 'uscc', (cell) => Number(cell('is_zero'))),
  )
  expectColumn(
    features,
    'match_id',
    't_actm',
    sums(await table('tax/raw/invoice_month'), 'uscc', () => 1),
  )
  const arrears = sums(await table('tax/raw/arrears'), 'uscc', (cell) => Number(cell('amount')))
  expectColumn(features, 'match_id', 't_arrears', arrears)
})

test('social security: months in arrears and insured employees', async () => {
  const features = await table('social/insurance')
  const months = await table('social/raw/ss_month')
  const unpaid = sums(months, 'uscc', (cell) => (Number(cell('paid')) < Number(cell('due')) ? 1 : 0))
  expectColumn(features, 'match_id', 's_arr', unpaid)
  const last = new Map(months.rows.map((row) => [months.cell(row, 'uscc'), Number(months.cell(row, 'insured'))]))
  expectColumn(features, 'match_id', 's_head', last)
})

test('property: units and their value', async () => {
  const features = await table('property/registry')
  const units = await table('property/raw/property_unit')
  // Of an owner's second row the raw tables say nothing: its units count with the first.
  const firsts = new Set(units.rows.map((row) => units.cell(row, 'owner_key')))
  const owners = { ...features, rows: features.rows.filter((row) => firsts.has(features.cell(row, 'owner_key'))) }
  expect(owners.rows.length).toBeGreaterThan(0.8 * features.rows.length)
  expectColumn(
    owners,
    'owner_key',
    'p_cnt',
    sums(units, 'owner_key', () => 1),
  )
  expectColumn(
    owners,
    'owner_key',
    'p_val',
    sums(units, 'owner_key', (cell) => Number(cell('est_value'))),
  )
})

test('parks: electricity and unpaid rents', async () => {
  const features = await table('park-a/tenants')
  const utility = sums(await table('park-a/raw/utility_month'), 'uscc', (cell) => Number(cell('kwh')))
  expectColumn(features, 'match_id', 'k_elec', utility)
  const rents = sums(await table('park-a/raw/rent_month'), 'uscc', (cell) =>
    Number(cell('paid')) < Number(cell('due')) ? 1 : 0,
  )
  expectColumn(features, 'match_id', 'k_rentarr', rents)
})

test('bank: days past due give the labels, and days with settlements the feature', async () => {
  const loans = await table('bank/loans')
  const repayments = await table('bank/raw/repay_monthly')
  const worst = new Map<string, number>()
  for (const row of repayments.rows) {
    const id = repayments.cell(row, 'loan_id')
    worst.set(id, Math.max(worst.get(id) ?? 0, Number(repayments.cell(row, 'dpd'))))
  }
  for (const row of loans.rows) {
    const days = worst.get(loans.cell(row, 'loan_id')) ?? -1
    const label = days >= 90 ? '1' : days > 30 ? '' : '0'
    expect(loans.cell(row, 'y')).toBe(loans.cell(row, 'vintage') >= '2023-10' ? '' : label)
  }
  expectColumn(
    loans,
    'match_id',
    'b_actdays',
    sums(await table('bank/raw/txn_daily'), 'uscc', () => 1),
  )
  const applications = await table('bank/raw/application')
  const approved = applications.rows.filter((row) => applications.cell(row, 'decision') === 'A')
  expect(applications.rows).toHaveLength(700)
  expect(approved).toHaveLength(new Set(loans.rows.map((row) => loans.cell(row, 'match_id'))).size)
})

test('post-loan tables end before the default, and distress shows at the bank and at partners', async () => {
  const months = await table('bank/raw/behaviour_month')
  const repayments = await table('bank/raw/repay_monthly')
  const firstDefault = new Map<string, number>()
  for (const row of repayments.rows) {
    const id = repayments.cell(row, 'loan_id')
    if (Number(repayments.cell(row, 'dpd')) >= 90 && !firstDefault.has(id))
      firstDefault.set(id, Number(repayments.cell(row, 'mob')))
  }
  const use = { soon: [0, 0], later: [0, 0] }
  for (const row of months.rows) {
    const [id, mob] = [months.cell(row, 'loan_id'), Number(months.cell(row, 'mob'))]
    const left = (firstDefault.get(id) ?? 99) - mob
    const soon = months.cell(row, 'default_in_3m') === '1'
    expect(left).toBeGreaterThan(0)
    // Young loans default beyond the last month that the repayments show.
    if (firstDefault.has(id)) expect(soon).toBe(left <= 3)
    const sum = use[soon ? 'soon' : 'later']
    sum[0]! += Number(months.cell(row, 'use_ratio'))
    sum[1]! += 1
  }
  expect(use.soon[0]! / use.soon[1]!).toBeGreaterThan(use.later[0]! / use.later[1]! + 0.05)
  for (const path of ['tax', 'social', 'property', 'park-a'])
    expect((await table(`${path}/raw/behaviour_month`)).rows.length % 12).toBe(0)
})
