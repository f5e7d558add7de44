import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDataset } from './dataset.ts'
import { DatasetFolder, plainDataset } from './dataset-fixtures.ts'

test('a line of 2 GiB is refused without being read whole', async () => {
  await using folder = await DatasetFolder.open()
  const path = join(folder.path, 'huge.csv')
  await using file = await open(path, 'w')
  await file.write('id,a\n1,1\n')
  const block = Buffer.alloc(16 * 1024 * 1024, 'B')
  for (let written = 0; written < 2 ** 31; written += block.length) await file.write(block)
  await file.write(',1\n2,2\n')
  const before = process.memoryUsage().rss
  await expect(openDataset('loans', plainDataset({ kind: 'csv', path }))).rejects.toMatchObject({
    code: 'data.line-too-long',
    detail: { line: 3 },
  })
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
})
