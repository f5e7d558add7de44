import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAgentConfig } from '#party-agent/config.ts'
import { openDataset } from '#party-agent/data/dataset.ts'
import { normaliseId } from '#protocols/core/ids.ts'
import { heldByAll, type IdCounts } from './counts.ts'
import { offeredColumns } from './declaration.ts'
import { writeSyntheticFederation, type WriteFederationOptions } from './federation.ts'
import type { FederationManifest, HostAlignment } from './manifest.ts'
import { PARTY_FILES, type FileParty, type Host } from './parties.ts'
import { readTable, rowsById, type TextTable } from './read-tables.ts'

const SEED = 20220101
const folders: string[] = []

async function write(
  options: Partial<WriteFederationOptions>,
): Promise<{ folder: string; manifest: FederationManifest }> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-synth-'))
  folders.push(folder)
  const manifest = await writeSyntheticFederation({
    directory: folder,
    seed: SEED,
    applications: 1500,
    workers: 0,
    reference: false,
    raw: false,
    ...options,
  })
  return { folder, manifest }
}

/** SHA-256 of every file, by path. */
async function digests(folder: string): Promise<Map<string, string>> {
  const paths = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  const pairs = paths.map(async (path) => {
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    return [path.slice(folder.length), digest] as const
  })
  return new Map(await Promise.all(pairs))
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

test('the files do not depend on the number of threads, and do on the seed', async () => {
  // more than two chunks in every section
  const applications = 4500
  const parties = ['bank', 'property', 'park-a'] as const
  const alone = await write({ applications, parties, workers: 0 })
  const two = await write({ applications, parties, workers: 2 })
  const three = await write({ applications, parties, workers: 3 })
  const expected = await digests(alone.folder)
  expect(expected.size).toBeGreaterThan(10)
  expect(await digests(two.folder)).toEqual(expected)
  expect(await digests(three.folder)).toEqual(expected)
  const other = await digests((await write({ applications: 100, seed: 1 })).folder)
  const same = await digests((await write({ applications: 100, seed: 2 })).folder)
  expect(other.get('/tax/filings.csv')).not.toBe(same.get('/tax/filings.csv'))
})

describe.each([
  ['as it comes', { applications: 3000 }],
  [
    'with strangers, wrong labels and a slump',
    { overlap: 0.6, labelNoise: 0.1, scenario: 'severe', applications: 1500 },
  ],
  ['without noise', { noise: false }],
] as const)('the manifest of a federation %s', (_, options) => {
  let folder = ''
  let manifest: FederationManifest
  const tables = new Map<FileParty, TextTable>()

  beforeAll(async () => {
    ;({ folder, manifest } = await write(options))
    for (const [party, { file }] of Object.entries(manifest.parties)) {
      tables.set(party as FileParty, await readTable(join(folder, file)))
    }
  })

  /** Ids of a partner's file after normalisation, by kind. */
  function idsOf(host: Host) {
    const table = tables.get(host)!
    const { idColumn } = PARTY_FILES[host]
    const ofKind = (kind: 'uscc' | 'id-card') => {
      const rows = host === 'property' ? table.rows.filter((row) => table.cell(row, 'owner_kind') === kind) : table.rows
      return rowsById(table, rows, idColumn, kind)
    }
    return host === 'property'
      ? { uscc: ofKind('uscc'), representatives: ofKind('id-card') }
      : { uscc: ofKind('uscc'), representatives: undefined }
  }

  test('says how many ids of each file are valid, refused and met twice', () => {
    for (const [party, expected] of Object.entries(manifest.parties)) {
      expect(tables.get(party as FileParty)?.columns).toEqual(expected.columns)
      if (party === 'bank') continue
      const { uscc, representatives } = idsOf(party as Host)
      const found = ({ byId, rows, badFormat, badCheck, duplicates }: typeof uscc) => ({
        rows,
        badFormat,
        badCheck,
        duplicates,
        unique: byId.size,
      })
      expect(found(uscc)).toEqual(expected.ids)
      if (representatives !== undefined) expect(found(representatives)).toEqual(expected.representativeIds)
    }
  })

  test('says what each partner answers about the rows of the bank, as the consents allow', async () => {
    const consents = await consentsIn(folder)
    const bank = tables.get('bank')!
    const scopes = {
      tax: 'TAX',
      social: 'SS',
      property: 'PROPERTY',
      'park-a': 'PARK',
      'park-b': 'PARK',
      'park-c': 'PARK',
    }
    const jointly = new Map<string, number>()
    for (const [host, scope] of Object.entries(scopes)) {
      const { uscc, representatives } = idsOf(host as Host)
      const found = { present: 0, absent: 0, noConsent: 0, byRepresentative: 0, invalid: 0 }
      for (const row of bank.rows) {
        const code = normaliseId('uscc', bank.cell(row, 'match_id'))
        if ('refused' in code) {
          found.invalid += 1
          continue
        }
        const person = normaliseId('id-card', bank.cell(row, 'legal_rep_id'))
        const byCode = uscc.byId.has(code.id)
        const byPerson = 'id' in person && representatives?.byId.has(person.id) === true
        if (!consents.get(code.id)?.has(scope)) found.noConsent += 1
        else if (byCode || byPerson) {
          found.present += 1
          if (!byCode) found.byRepresentative += 1
          const key = bank.cell(row, 'loan_id')
          if (['tax', 'social', 'property'].includes(host)) jointly.set(key, (jointly.get(key) ?? 0) + 1)
        } else found.absent += 1
      }
      const expected = manifest.alignment[host as Host] as HostAlignment
      expect(found).toEqual({
        present: expected.present.loans,
        absent: (host === 'property' ? expected.absent : expected.notCovered).loans,
        noConsent: expected.noConsent.loans,
        byRepresentative: expected.byRepresentative?.loans ?? 0,
        invalid: manifest.bank.invalidIds.loans,
      })
    }
    const all = manifest.joint.find(({ hosts }) => hosts.length === 3)
    expect([...jointly.values()].filter((hosts) => hosts === 3)).toHaveLength(all?.withConsent.loans ?? -1)
  })

  test('counts labels by month; young and indeterminate loans have none', () => {
    const bank = tables.get('bank')!
    const byMonth = new Map<string, { loans: number; bad: number; good: number; noLabel: number }>()
    for (const row of bank.rows) {
      const month = byMonth.get(bank.cell(row, 'vintage')) ?? { loans: 0, bad: 0, good: 0, noLabel: 0 }
      const y = bank.cell(row, 'y')
      month.loans += 1
      month[y === '1' ? 'bad' : y === '0' ? 'good' : 'noLabel'] += 1
      byMonth.set(bank.cell(row, 'vintage'), month)
    }
    expect(
      [...byMonth].map(([month, counts]) => ({ month, ...counts })).toSorted((a, b) => (a.month < b.month ? -1 : 1)),
    ).toEqual(manifest.bank.vintages)
    for (const { month, loans, noLabel } of manifest.bank.vintages) {
      if (month >= '2023-10') expect(noLabel).toBe(loans)
      else expect(noLabel).toBeLessThan(0.2 * loans)
    }
    const ids = bank.rows.map((row) => bank.cell(row, 'loan_id'))
    expect(new Set(ids).size).toBe(ids.length)
    expect(manifest.bank.loans).toBe(ids.length)
    const firms = new Set(bank.rows.map((row) => bank.cell(row, 'legal_rep_id'))).size
    expect(firms).toBeLessThan(0.92 * ids.length)
  })
})

/** Scopes that hold, by code, by the rule of the manifest. */
async function consentsIn(folder: string): Promise<Map<string, Set<string>>> {
  const table = await readTable(join(folder, 'bank/consent.csv'))
  const byCode = new Map<string, Set<string>>()
  for (const row of table.rows) {
    const cell = (column: string) => table.cell(row, column)
    const inForce = cell('signed_at') <= cell('applied_on') && cell('applied_on') <= cell('expires_at')
    if (cell('purpose') !== '贷前审批' || !inForce || cell('withdrawn_at') !== '') continue
    byCode.set(cell('match_id'), new Set(cell('scope').split('|')))
  }
  return byCode
}

test('consents: shares of what is missing, withdrawn and expired, and evidence of each', async () => {
  const { folder } = await write({ applications: 8000, parties: ['bank'] })
  const table = await readTable(join(folder, 'bank/consent.csv'))
  const loan = table.rows.filter((row) => table.cell(row, 'purpose') === '贷前审批')
  const share = (test: (cell: (column: string) => string) => boolean) =>
    loan.filter((row) => test((column) => table.cell(row, column))).length / 8000
  expect(share(() => true)).toBeCloseTo(0.99, 2)
  expect(share((cell) => cell('scope') === 'TAX|SS|PROPERTY|PARK|BUREAU')).toBeCloseTo(0.96, 2)
  expect(share((cell) => cell('scope') === 'TAX|SS|PARK|BUREAU')).toBeCloseTo(0.02, 2)
  expect(share((cell) => cell('withdrawn_at') > cell('applied_on'))).toBeCloseTo(0.006, 2)
  expect(share((cell) => cell('expires_at') < cell('applied_on'))).toBeCloseTo(0.012, 2)
  expect((table.rows.length - loan.length) / 8000).toBeCloseTo(0.7, 1)
  for (const row of table.rows.slice(0, 50)) {
    const evidence = createHash('sha256').update(row.slice(0, -1).join('\n')).digest('hex')
    expect(table.cell(row, 'evidence_sha256')).toBe(evidence)
  }
})

test('id noise: the rates of each kind, and duplicates of which the later date counts', async () => {
  const { folder } = await write({ applications: 8000, parties: ['bank', 'tax', 'park-a', 'park-b', 'park-c'] })
  const tax = await readTable(join(folder, 'tax/filings.csv'))
  const spellings = tax.rows.map((row) => tax.cell(row, 'match_id'))
  const share = (test: (id: string) => boolean) => spellings.filter(test).length / spellings.length
  expect(share((id) => /^[0-9A-Z]{18}$/.test(id))).toBeCloseTo(0.99, 2)
  expect(share((id) => /[a-z]/.test(id))).toBeGreaterThan(0.001)
  expect(share((id) => /\s/.test(id))).toBeGreaterThan(0.001)
  expect(share((id) => /[０-９]/.test(id))).toBeGreaterThan(0.001)
  expect(share((id) => id.includes('-'))).toBeGreaterThan(0.001)
  expect(share((id) => /^\d{15}$/.test(id))).toBe(0)
  const parks = await Promise.all(['a', 'b', 'c'].map((park) => readTable(join(folder, `park-${park}/tenants.csv`))))
  const inParks = parks.flatMap((table) => table.rows.map((row) => table.cell(row, 'match_id')))
  expect(inParks.filter((id) => /^\d{15}$/.test(id)).length / inParks.length).toBeCloseTo(0.015, 2)
  const rows = new Map<string, (readonly string[])[]>()
  for (const row of tax.rows) rows.set(row[0]!, [...(rows.get(row[0]!) ?? []), row])
  const twice = [...rows.values()].filter((list) => list.length > 1)
  const equal = twice.filter(([a, b]) => a?.join() === b?.join())
  expect(equal.length / tax.rows.length).toBeCloseTo(0.005, 2)
  const conflicting = twice.filter((list) => !equal.includes(list))
  expect(conflicting.length).toBeGreaterThan(3)
  for (const [a, b] of conflicting) expect(tax.cell(a!, 'as_of')).not.toBe(tax.cell(b!, 'as_of'))
})

test('planted incidents are there when they are asked for and change nothing else', async () => {
  const options = { applications: 5000, parties: ['bank', 'social', 'park-b'] as const, noise: false }
  const on = await write(options)
  const off = await write({ ...options, defects: false })
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
  const electricity = async (folder: string, late: boolean) => {
    const table = await readTable(join(folder, 'park-b/tenants.csv'))
    const rows = table.rows.filter((row) => table.cell(row, 'as_of') >= '2023-06-30' === late)
    return median(rows.map((row) => Number(table.cell(row, 'k_elec'))))
  }
  expect((await electricity(on.folder, false)) / (await electricity(on.folder, true))).toBeGreaterThan(300)
  expect((await electricity(off.folder, false)) / (await electricity(off.folder, true))).toBeLessThan(3)
  const arrears = async (folder: string) => {
    const table = await readTable(join(folder, 'social/insurance.csv'))
    const deferred = table.rows.filter((row) => {
      const asOf = table.cell(row, 'as_of')
      return asOf >= '2022-04-30' && asOf <= '2023-02-28'
    })
    return deferred.filter((row) => Number(table.cell(row, 's_arr')) >= 3).length / deferred.length
  }
  expect(await arrears(on.folder)).toBeGreaterThan(0.35)
  expect(await arrears(off.folder)).toBeLessThan(0.1)
  const [a, b] = [await digests(on.folder), await digests(off.folder)]
  expect([...a].filter(([path, digest]) => b.get(path) !== digest).map(([path]) => path)).toEqual([
    '/manifest.json',
    '/oracle/defects.json',
    '/park-b/tenants.csv',
    '/social/insurance.csv',
  ])
  const list = JSON.parse(await readFile(join(on.folder, 'oracle/defects.json'), 'utf8')) as { column: string }[]
  expect(list.map(({ column }) => column)).toEqual(['k_elec', 's_arr', ''])
})

test('Parquet holds the same numbers as CSV', async () => {
  const csv = await write({ applications: 400, parties: ['bank', 'tax'] })
  const parquet = await write({ applications: 400, parties: ['bank', 'tax'], format: 'parquet' })
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const read = async (from: string) =>
    (await connection.runAndReadAll(`SELECT match_id, as_of, t_sales, t_margin FROM ${from}`)).getRows()
  const expected = await readTable(join(csv.folder, 'tax/filings.csv'))
  const cells = (row: readonly string[]) =>
    ['match_id', 'as_of', 't_sales', 't_margin'].map((column, k) => {
      const text = expected.cell(row, column)
      return k < 2 ? text : text === '' ? null : Number(text)
    })
  expect(await read(`'${parquet.folder}/tax/filings.parquet'`)).toEqual(expected.rows.map(cells))
  connection.closeSync()
  instance.closeSync()
})

test('what is out of range is refused by name', async () => {
  for (const [option, value] of [
    ['overlap', 0],
    ['overlap', 1.5],
    ['labelNoise', 0.9],
    ['seed', -1],
    ['badRate', 0],
  ] as const) {
    await expect(write({ [option]: value })).rejects.toMatchObject({
      code: 'config.invalid',
      detail: { problems: [expect.stringMatching(`^${option}:`)] },
    })
  }
  await expect(write({ badRate: 0.1, intercept: -3 })).rejects.toMatchObject({ code: 'config.invalid' })
  await expect(write({ parties: ['tax'] })).rejects.toMatchObject({ code: 'config.invalid' })
})

test('--bad-rate sets the share of applicants who default; wrong labels are as many as asked', async () => {
  const { folder } = await write({ applications: 6000, badRate: 0.2, labelNoise: 0.1, parties: ['bank'] })
  const firms = await readTable(join(folder, 'oracle/firms.csv'))
  const risks = firms.rows.map((row) => Number(firms.cell(row, 'true_pd')))
  expect(risks.reduce((sum, risk) => sum + risk, 0) / risks.length).toBeCloseTo(0.2, 2)
  const loans = await readTable(join(folder, 'oracle/loans.csv'))
  const labelled = loans.rows.filter((row) => loans.cell(row, 'file_label') !== '')
  const wrong = labelled.filter((row) => loans.cell(row, 'file_label') !== loans.cell(row, 'true_label'))
  expect(wrong.length / labelled.length).toBeCloseTo(0.1, 1)
})

test.each(['csv', 'parquet'] as const)(
  'an agent reads each %s file by its declaration and finds the ids of the manifest',
  async (format) => {
    const { folder, manifest } = await write({ applications: 1200, format })
    for (const [party, expected] of Object.entries(manifest.parties)) {
      const declared = await readFile(join(folder, party, 'dataset.yaml'), 'utf8')
      const file = join(folder, party, 'agent.yaml')
      await writeFile(file, `home: home\ncoordinator: localhost:7000\ntrustBundle: trust.yaml\n${declared}`)
      const config = await readAgentConfig(file)
      const { dataset: name } = expected
      await using dataset = await openDataset(name, config.datasets[name]!)
      const { columns } = await dataset.describe()
      expect(columns).toEqual(offeredColumns(party as FileParty).map(({ code }) => code))
      for (const column of columns) expect(config.datasets[name]?.features?.[column]?.zh).toMatch(/\p{Script=Han}/u)
      if (party === 'bank') {
        const { profile, rows } = await dataset.sample()
        expect(rows).toHaveLength(manifest.bank.loans)
        expect(profile).toMatchObject(counted(expected.ids))
        const labels = await dataset.labels(rows)
        expect(labels.filter((label) => label === 1)).toHaveLength(manifest.bank.bad)
        expect(labels.filter((label) => label === -1)).toHaveLength(manifest.bank.noLabel)
        continue
      }
      const { keys, rows, profile } = await dataset.hostKeys()
      const { representativeIds } = expected
      expect(keys.map(({ ids }) => ids.length)).toEqual(
        representativeIds === undefined ? [expected.ids.unique] : [expected.ids.unique, representativeIds.unique],
      )
      expect(rows).toHaveLength(expected.ids.unique + (representativeIds?.unique ?? 0))
      if (representativeIds === undefined) expect(profile).toMatchObject(counted(expected.ids))
      for await (const { values } of dataset.columns(columns, rows)) expect(values).toHaveLength(rows.length)
    }
  },
)

function counted({ rows, badFormat, badCheck, duplicates }: IdCounts) {
  return { total: rows, badFormat, badCheck, duplicates, valid: rows - badFormat - badCheck, empty: 0 }
}

test('the cells of the counts add up', () => {
  const cells = Array.from({ length: 64 }, (_, mask) => ({ loans: mask, firms: 1 }))
  expect(heldByAll(cells, ['tax'])).toEqual({ loans: 1024, firms: 32 })
  expect(heldByAll(cells, ['tax', 'park-c']).firms).toBe(16)
})
