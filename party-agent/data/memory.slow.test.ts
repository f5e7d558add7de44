import { expect, test } from 'vitest'
import { loadAlignedColumns } from './aligned-view.ts'
import { openDataset } from './dataset.ts'
import { DatasetFolder, plainDataset } from './dataset-fixtures.ts'

test('100,000 rows by 300 columns are aligned within 600 MiB', async () => {
  await using folder = await DatasetFolder.open()
  const names = Array.from({ length: 300 }, (_, j) => `c${j}`)
  const select = names.map((name, j) => `sin(i * ${j + 1}) AS ${name}`).join(', ')
  const source = await folder.parquet('wide.parquet', `SELECT i AS id, ${select} FROM range(100000) t(i)`)
  await using dataset = await openDataset('wide', plainDataset(source), { memoryMb: 512 })
  const { rows, ids } = await dataset.usableIds()
  const training = Uint8Array.from(rows, (row) => (row % 5 === 0 ? 0 : 1))
  const before = process.memoryUsage().rss
  const options = { bits: 20, missing: dataset.config.missing, limit: 8 }
  const view = await loadAlignedColumns(dataset, names, rows.toReversed(), training, options)
  expect(ids).toHaveLength(100_000)
  expect(view.columns).toHaveLength(300)
  const grownMiB = Math.round((process.memoryUsage().rss - before) / 2 ** 20)
  expect(grownMiB).toBeLessThan(600)
})
