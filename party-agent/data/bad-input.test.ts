// Every bad source has its own code, says nothing of the values, and leaves the next good one alone.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import type { DatasetConfig, SourceConfig } from '../config.ts'
import { openDataset } from './dataset.ts'
import { collect, DatasetFolder, plainDataset } from './dataset-fixtures.ts'

const CANARY = 'CANARY7731'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

/** Opens the data set and uses all of it, as a job would. */
async function use(config: DatasetConfig): Promise<void> {
  await using dataset = await openDataset('loans', config)
  const { rows } = await dataset.usableIds()
  const { columns, label } = await dataset.describe()
  await collect(dataset.columns(columns, rows))
  if (label !== '') await dataset.label(rows)
}

async function refusalOf(config: DatasetConfig): Promise<PlatformError> {
  const error: unknown = await use(config).then(
    () => expect.unreachable('accepted'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(PlatformError)
  expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain(CANARY)
  const good = await folder.csv('good.csv', 'id,a\n1,1\n2,2\n')
  await use(plainDataset(good))
  return error as PlatformError
}

const csv = (content: string | Uint8Array) => folder.csv('bad.csv', content)

test('an empty file, and a header without rows', async () => {
  expect(await refusalOf(plainDataset(await csv('')))).toMatchObject({ code: 'data.empty' })
  expect(await refusalOf(plainDataset(await csv('id,a\n')))).toMatchObject({ code: 'data.empty' })
})

test('missing columns are named, with the names that were probably meant', async () => {
  const config = plainDataset(await csv('ID,margin,a\n1,1,1\n'), { columns: ['margins', 'a'] })
  expect(await refusalOf(config)).toMatchObject({
    code: 'data.missing-column',
    detail: { dataset: 'loans', columns: ['id', 'margins'], near: ['ID', 'margin'] },
  })
})

test('text in a number column is counted and placed, never repeated', async () => {
  const config = plainDataset(await csv(`id,a,b\n1,1,1\n2,${CANARY},1\n3,"1,5",1\n4,inf,1\n`))
  expect(await refusalOf(config)).toMatchObject({
    code: 'data.not-a-number',
    detail: { dataset: 'loans', column: 'a', count: 3, rows: ['2', '3', '4'] },
  })
})

test('duplicate ids under the rule `reject`', async () => {
  const config = plainDataset(await csv(`id,a\n${CANARY},1\nB,1\n${CANARY},2\n ${CANARY},2\n`))
  expect(await refusalOf(config)).toMatchObject({
    code: 'data.duplicate-id',
    detail: { duplicates: 2, rows: ['3', '4'] },
  })
})

test('a label that is not 0 or 1, or is missing', async () => {
  const config = plainDataset(await csv('id,y\n1,0\n2,2\n3,\n4,1\n'), { label: { column: 'y' } })
  expect(await refusalOf(config)).toMatchObject({
    code: 'data.bad-label',
    detail: { column: 'y', count: 2, rows: ['2', '3'] },
  })
})

test('not one valid id', async () => {
  const ids = { column: 'id', kind: 'uscc', duplicates: 'reject' } as const
  const config = plainDataset(await csv('id,a\n320594000012345,1\n91320594MA1N00018X,1\n'), { ids })
  expect(await refusalOf(config)).toMatchObject({ code: 'data.few-valid-ids', detail: { badFormat: 1, badCheck: 1 } })
})

test.each([
  ['in the header', () => Buffer.alloc(64 * 1024 * 1024, 'B'), 1],
  ['after rows', () => Buffer.concat([Buffer.from('id,a\n1,1\n'), Buffer.alloc(64 * 1024 * 1024, 'B')]), 3],
  [
    'between rows',
    () => Buffer.concat([Buffer.from('id,a\n1,1\n'), Buffer.alloc(1_100_000, 'B'), Buffer.from(',1\n2,2\n')]),
    3,
  ],
])('a line without end %s', async (_, content, line) => {
  expect(await refusalOf(plainDataset(await csv(content())))).toMatchObject({
    code: 'data.line-too-long',
    detail: { line },
  })
})

test('a quote that swallows more than a line may hold', async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `${i},1`).join('\n')
  const { code } = await refusalOf(plainDataset(await csv(`id,a\nX,"${CANARY}\n${rows}\n`)))
  expect(['data.line-too-long', 'data.unreadable']).toContain(code)
})

test.each([
  ['a row with more fields than the header', `id,a\n1,1\n2,${CANARY},3\n`, /fields/],
  ['a quote that is never closed', `id,a\n1,"${CANARY}\n2,2\n`, /quote/],
  ['bytes that are not UTF-8', Buffer.from([...Buffer.from('id,a\n'), 0xff, 0xfe, 0x41, 0x2c, 0x31, 0x0a]), /UTF-8/],
  ['a header that is not UTF-8', Buffer.from([0xb1, 0xe0, 0xba, 0xc5, 0x0a, 0x31, 0x0a]), /UTF-8/],
  ['UTF-16', Buffer.from('id,a\n1,1\n', 'utf16le'), /UTF-8/],
  ['line ends of the old Macintosh', 'id,a\r1,1\r2,2\r', /CR alone/],
  ['two columns of one name', 'id,a,A\n1,1,1\n', /same name/],
])('%s', async (_, content, problem) => {
  const error = await refusalOf(plainDataset(await csv(content)))
  expect(error).toMatchObject({ code: 'data.unreadable', detail: { problem: expect.stringMatching(problem) } })
})

test('a file that is not there, a folder, and a file that is no Parquet', async () => {
  const at = (kind: 'csv' | 'parquet', name: string): DatasetConfig =>
    plainDataset({ kind, path: join(folder.path, name) })
  expect(await refusalOf(at('csv', 'absent.csv'))).toMatchObject({
    code: 'data.unreadable',
    detail: { problem: 'ENOENT' },
  })
  expect(await refusalOf(at('csv', '.'))).toMatchObject({ code: 'data.unreadable', detail: { problem: 'not a file' } })
  await folder.csv('text.parquet', 'id,a\n1,1\n')
  expect(await refusalOf(at('parquet', 'text.parquet'))).toMatchObject({
    code: 'data.unreadable',
    detail: { problem: expect.stringMatching(/Parquet/) },
  })
})

test('a query reads only the files it names beside the configuration, and cannot write or load', async () => {
  await folder.csv('rows.csv', 'id,a\n1,1\n')
  const sql = (query: string): SourceConfig => ({ kind: 'sql', query, folder: folder.path })
  await use(plainDataset(sql("SELECT * FROM 'rows.csv';")))
  const bad = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM 'https://example.com/x.csv'",
    `COPY (SELECT 1) TO '${folder.path}/out.csv'`,
    "SELECT * FROM 'rows.csv'); INSTALL httpfs; SELECT * FROM (SELECT 1 AS id",
    "SELECT CAST('x' || id AS INTEGER) AS id FROM 'rows.csv'",
    'SELECT * FROM nowhere',
  ]
  for (const query of bad) {
    expect(await refusalOf(plainDataset(sql(query))), query).toMatchObject({ code: 'data.unreadable' })
  }
})
