// What data sets bring to a left alignment: rows and ids by kind, labels that are neither good nor bad, days.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_CONSENT, NO_ROW } from '#protocols/core/aligned-rows.ts'
import type { AgentConfig, DatasetConfig } from '../config.ts'
import { dataCheck } from './data-check.ts'
import { type Dataset, openDataset } from './dataset.ts'
import { DatasetFolder, plainDataset } from './dataset-fixtures.ts'
import { dayOf, monthOf } from './day.ts'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

let files = 0
async function open(csv: string, changes: Partial<DatasetConfig>): Promise<Dataset> {
  return openDataset('rows', plainDataset(await folder.csv(`rows-${files++}.csv`, csv), changes))
}

describe('the sample of a guest', () => {
  const CSV = 'loan,firm,boss\nA,f1,b1\nB,f1,b1\nC,,b2\nD,f2,\nE,f3,b1\n'
  const IDS = { column: 'firm', kind: 'plain', duplicates: 'reject', sampleId: 'loan' } as const

  test('has every row, ids numbered through the kinds, and −1 where there is none', async () => {
    await using dataset = await open(CSV.replaceAll(/b(\d)/g, '1390000000$1'), {
      ids: { ...IDS, second: { column: 'boss', kind: 'mobile' } },
    })
    const sample = await dataset.sample()
    expect(sample.keys).toEqual([
      { kind: 'plain', ids: ['f1', 'f2', 'f3'] },
      { kind: 'mobile', ids: ['13900000001', '13900000002'] },
    ])
    expect(sample.idOfRow.map((list) => [...list])).toEqual([
      [0, 0, -1, 1, 2],
      [3, 3, 4, -1, 3],
    ])
    expect([...sample.rows]).toEqual([0, 1, 2, 3, 4])
    expect(sample.splitKeys).toEqual(['f1', 'f1', 'row:C', 'f2', 'f3'])
    expect(sample.profile).toMatchObject({ total: 5, valid: 4, empty: 1, duplicates: 1 })
  })

  test.each([
    ['twice', 'loan,firm\nA,f1\nA,f2\n', ['2']],
    ['empty', 'loan,firm\nA,f1\n,f2\n', ['2']],
  ])('a sample id that is %s is refused with its row', async (_, csv, rows) => {
    await using dataset = await open(csv, { ids: IDS })
    await expect(dataset.sample()).rejects.toMatchObject({
      code: 'data.duplicate-id',
      detail: { column: 'loan', rows },
    })
  })

  test('names of rows are never offered as columns', async () => {
    await using dataset = await open('loan,firm,boss,month,x\nA,f,b,2023-01,1\n', {
      ids: { ...IDS, second: { column: 'boss', kind: 'mobile' } },
      describe: { month: 'month', segments: [] },
    })
    expect((await dataset.describe()).columns).toEqual(['x'])
  })
})

describe('the keys of a host', () => {
  const CSV =
    'key,kind,as_of\nf1,F,2023-01-01\n13900000001,P,2023-01-01\nf1,F,2023-02-01\nf1,F,2022-01-01\nx,?,2023-01-01\n12,P,2023-01-01\n'
  const IDS = {
    column: 'key',
    kind: 'plain',
    duplicates: 'last',
    orderBy: 'as_of',
    kindColumn: 'kind',
    kinds: { F: 'plain', P: 'mobile' },
  } as const

  test('are the different ids of each kind, with the latest row of each, and every row is counted', async () => {
    await using dataset = await open(CSV, { ids: IDS })
    const { keys, rows, profile } = await dataset.hostKeys()
    expect(keys).toEqual([
      { kind: 'plain', ids: ['f1'] },
      { kind: 'mobile', ids: ['13900000001'] },
    ])
    expect([...rows]).toEqual([2, 1])
    expect(profile).toMatchObject({ total: 6, valid: 4, badFormat: 2, duplicates: 2 })
    expect(await dataset.profileIds()).toEqual(profile)
  })

  test('in inner mode the declared kind alone takes part', async () => {
    await using dataset = await open(CSV, { ids: IDS })
    expect(await dataset.usableIds()).toMatchObject({ ids: ['f1'], rows: Uint32Array.of(2) })
  })
})

describe('labels', () => {
  const CSV = 'id,y\n1,0\n2,1\n3,\n4,2\n5,1\n'
  test.each<[string[], number[] | string]>([
    [
      ['', '2'],
      [1, -1, 0, -1, -1, 1],
    ],
    [['2'], 'data.bad-label'],
    [[''], 'data.bad-label'],
    [[], 'data.bad-label'],
  ])('declared indeterminate %j', async (indeterminate, expected) => {
    await using dataset = await open(CSV, { label: { column: 'y', indeterminate } })
    const labels = dataset.labels(Uint32Array.of(1, 2, 0, NO_ROW, 3, 1))
    if (typeof expected === 'string') await expect(labels).rejects.toMatchObject({ code: expected })
    else expect([...(await labels)]).toEqual(expected)
  })

  test('a data check counts them', async () => {
    const source = await folder.csv('check.csv', CSV)
    const rows = plainDataset(source, { label: { column: 'y', indeterminate: ['', '2'] } })
    const { datasets } = await dataCheck({
      datasets: { rows },
      resources: { heWorkers: 1, heEngine: 'auto', memoryMb: 128 },
    } as unknown as AgentConfig)
    expect(datasets[0]?.label).toEqual({ column: 'y', kind: 'binary', zeros: 1, ones: 2, others: 0, indeterminate: 2 })
  })
})

test('columns are read where rows repeat and are absent', async () => {
  await using dataset = await open('id,v\n1,10\n2,\n3,30\n', {})
  const found: number[][] = []
  for await (const { values } of dataset.columns(['v'], Uint32Array.of(2, NO_ROW, 0, 2, 1, NO_CONSENT)))
    found.push([...values])
  expect(found).toEqual([[30, Number.NaN, 10, 30, Number.NaN, Number.NaN]])
  expect(await dataset.texts('v')).toEqual(['10', null, '30'])
})

test.each([
  ['2023-04-05', '2023-04-05', '2023-04'],
  ['20230405', '2023-04-05', '2023-04'],
  ['2023/04/05', '2023-04-05', '2023-04'],
  [' 2023-04-05 10:00:00', '2023-04-05', '2023-04'],
  ['2023-04-05T10:00:00Z', '2023-04-05', '2023-04'],
  ['2023-04', undefined, '2023-04'],
  ['202304', undefined, '2023-04'],
  ['2023-13', undefined, undefined],
  ['2023-04-32', undefined, '2023-04'],
  ['05.04.2023', undefined, undefined],
  ['', undefined, undefined],
  [null, undefined, undefined],
])('day and month of %j', (text, day, month) => {
  expect([dayOf(text), monthOf(text)]).toEqual([day, month])
})
