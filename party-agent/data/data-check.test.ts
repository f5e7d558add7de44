import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AgentConfig, DatasetConfig } from '../config.ts'
import { dataCheck } from './data-check.ts'
import { DatasetFolder, plainDataset } from './dataset-fixtures.ts'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

const check = (datasets: Record<string, DatasetConfig>) =>
  dataCheck({ datasets, resources: { heWorkers: 1, memoryMb: 256 } } as unknown as AgentConfig)

test('a good data set is described in counts', async () => {
  const source = await folder.csv('good.csv', 'id,y,a,b\n1,0,1,\n2,1,2,5\n3,1,,6\n4,0,4,7\n')
  const report = await check({ loans: plainDataset(source, { label: { column: 'y' } }) })
  expect(report.ok).toBe(true)
  expect(report.datasets).toMatchObject([
    {
      dataset: 'loans',
      rows: 4,
      ids: { total: 4, valid: 4, duplicates: 0 },
      label: { column: 'y', zeros: 2, ones: 2 },
      columns: [
        { name: 'a', missingShare: 0.25, rule: 'mean', constant: false, notNumbers: { count: 0 } },
        { name: 'b', missingShare: 0.25, rule: 'mean' },
      ],
      problems: [],
    },
  ])
})

test('every problem of every data set is in the report, with its mend', async () => {
  const csv = 'id,y,a,b,c\n1,0,x,7,1\n2,9,2,7,\n2,1,3,7,1\n,1,4,7,2\n'
  const bad = plainDataset(await folder.csv('bad.csv', csv), {
    label: { column: 'y' },
    missing: { default: 'reject', values: [], columns: {} },
  })
  const gone = plainDataset({ kind: 'csv', path: join(folder.path, 'gone.csv') })
  const report = await check({ bad, gone, empty: plainDataset(await folder.csv('empty.csv', '')) })
  expect(report.ok).toBe(false)
  const codes = report.datasets.map(({ problems }) => problems.map(({ code, level }) => `${level} ${code}`))
  expect(codes).toEqual([
    [
      'error data.duplicate-id',
      'warning data.few-valid-ids',
      'warning data.not-a-number',
      'warning data.constant-column',
      'warning data.missing-value',
      'error data.bad-label',
    ],
    ['error data.unreadable'],
    ['error data.empty'],
  ])
  expect(report.datasets.flatMap(({ problems }) => problems).every(({ mend }) => mend.length > 0)).toBe(true)
  await rm(join(folder.path, 'bad.csv'))
})

test('a query that does not fit is quoted to its owner', async () => {
  await folder.csv('rows.csv', 'id,a\n1,1\n2,2\n')
  const query = "SELECT id, nothing FROM 'rows.csv'"
  const report = await check({ q: plainDataset({ kind: 'sql', query, folder: folder.path }) })
  expect(report.datasets[0]?.problems[0]?.message).toMatch(/nothing/)
})
