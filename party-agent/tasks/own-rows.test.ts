import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import type { DatasetConfig } from '../config.ts'
import { openDataset } from '../data/dataset.ts'
import { DatasetFolder, plainDataset } from '../data/dataset-fixtures.ts'
import { sizeOf } from '../ledger/row-set.ts'
import type { BoundJob } from './binding.ts'
import { categoriesOf, loadOwnRows } from './own-rows.ts'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

const specOf = (sections: object): JobSpec => {
  const { spec, problems } = checkJobSpec({
    version: 1,
    name: 'parks',
    guest: { party: 'park-a', dataset: 'rows' },
    hosts: [
      { party: 'park-b', dataset: 'rows' },
      { party: 'park-c', dataset: 'rows' },
    ],
    ...sections,
  })
  expect(problems).toEqual([])
  return spec as JobSpec
}
const jobOf = (spec: JobSpec, jobId = `job-${'0'.repeat(20)}`): BoundJob => ({
  jobId,
  spec,
  self: 'park-b',
  jobDir: folder.path,
  log: silentLogger,
  seedOf: async (label) => new Secret(label, new Uint8Array(32)),
})
const LABELLED: Partial<DatasetConfig> = { label: { column: 'y', indeterminate: [''] } }

async function load(lines: readonly string[], changes: Partial<DatasetConfig>, job = jobOf(specOf({ average: {} }))) {
  const source = await folder.csv(`${Math.abs(hash(lines.join()))}.csv`, `id,y,rent,area\n${lines.join('\n')}\n`)
  await using dataset = await openDataset('rows', plainDataset(source, changes))
  return await loadOwnRows(job, dataset, ['rent', 'area'])
}
const hash = (text: string) => [...text].reduce((sum, c) => (sum * 31 + (c.codePointAt(0) ?? 0)) | 0, 7)
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},${(from + i) % 2},${from + i},${1000 + from + i}`)

test('columns stand under the names that all share, in the order of these names', async () => {
  const features = { rent: { alias: 'z_rent' }, area: { alias: 'a_area' } }
  const { columns, train, holdout } = await load(rows(0, 100), { ...LABELLED, features })
  expect(columns).toEqual(['a_area', 'z_rent'])
  for (const { columns: values, labels } of [train, holdout]) {
    expect(values[0]?.map((x) => x - 1000)).toEqual(values[1])
    expect([...labels]).toEqual(Array.from(values[1] ?? [], (x) => x % 2))
  }
  expect(train.labels.length + holdout.labels.length).toBe(100)
})

test('two columns under one name are refused', async () => {
  const features = { rent: { alias: 'same' }, area: { alias: 'same' } }
  await expect(load(rows(0, 100), { ...LABELLED, features })).rejects.toMatchObject({ code: 'job.invalid' })
})

test('an id is on one side of the split at every party, and on another in another job', async () => {
  const idsOf = ({ columns, holdout }: Awaited<ReturnType<typeof load>>) => [
    ...(holdout.columns[columns.indexOf('rent')] ?? []),
  ]
  const here = idsOf(await load(rows(0, 200), LABELLED))
  const there = idsOf(await load(rows(100, 300), LABELLED))
  const both = (ids: readonly number[]) => ids.filter((id) => id >= 100 && id < 200)
  expect(both(here).length).toBeGreaterThan(10)
  expect(both(there)).toEqual(both(here))
  const other = idsOf(await load(rows(0, 200), LABELLED, jobOf(specOf({ average: {} }), `job-${'1'.repeat(20)}`)))
  expect(other).not.toEqual(here)
})

test('codes and empty fields are missing, and the owner says what that is; unclear labels stay out', async () => {
  const lines = ['1,1,-99,5', '2,0,,6', '3,,7,7', ...rows(4, 60)]
  const settings = { values: [], columns: { area: 'mean' } } as const
  const features = { rent: { specials: [-99] } }
  const missing = async (rule: 'mean' | 'zero' | 'reject') => {
    const own = await load(lines, { ...LABELLED, features, missing: { default: rule, ...settings } })
    const rent = [...(own.train.columns[1] ?? []), ...(own.holdout.columns[1] ?? [])]
    return { nan: rent.filter(Number.isNaN).length, zero: rent.filter((x) => x === 0).length, all: rent.length }
  }
  expect(await missing('mean')).toEqual({ nan: 2, zero: 0, all: 58 })
  expect(await missing('zero')).toEqual({ nan: 0, zero: 2, all: 58 })
  await expect(missing('reject')).rejects.toMatchObject({ code: 'data.missing-value' })
})

test('the guard is told the rows behind each sum; a job of statistics reads no label', async () => {
  const own = await load(rows(0, 100), LABELLED)
  expect(own.cells.map(({ what, rows: set }) => [what, set.total, sizeOf(set)])).toEqual([
    ['training', 100, own.train.labels.length],
    ['hold-out', 100, own.holdout.labels.length],
  ])
  const unlabelled = await load(rows(0, 100), {}, jobOf(specOf({ statistics: {} })))
  expect([...unlabelled.train.labels, ...unlabelled.holdout.labels].every((label) => label === 0)).toBe(true)
})

test('columns of categories are those that the model takes as codes', () => {
  const embeddings = [{ column: 'city', cardinality: 13, width: 4 }]
  expect([...categoriesOf(specOf({ average: { model: { kind: 'mlp', embeddings } } }))]).toEqual(['city'])
  expect([...categoriesOf(specOf({ average: {} }))]).toEqual([])
})
