import { afterAll, beforeAll, expect, test } from 'vitest'
import { DatasetFolder, plainDataset } from '../data/dataset-fixtures.ts'
import { openDataset } from '../data/dataset.ts'
import { lateMonths } from './late-months.ts'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

/** Ten rows a month from January 2023; labels are known before `open`. */
async function monthsOf(count: number, open = count) {
  const rows = Array.from({ length: count * 10 }, (_, i) => {
    const month = Math.floor(i / 10)
    const day = `${2023 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-15`
    return `${i},${day},${month < open ? i % 2 : ''},1`
  })
  const source = await folder.csv(`loans-${count}-${open}.csv`, `id,on,y,a\n${rows.join('\n')}\n`)
  const config = plainDataset(source, {
    label: { column: 'y', indeterminate: [''] },
    describe: { month: 'on', segments: [] },
  })
  await using dataset = await openDataset('loans', config)
  return await lateMonths(dataset)
}

test('the last months are out of time, at most three rows of ten; those without labels are recent', async () => {
  expect(await monthsOf(10)).toEqual({ column: 'on', from: '2023-08' })
  expect(await monthsOf(14, 12)).toEqual({ column: 'on', from: '2023-10', recent: '2024-01' })
})

test('of too few months none is kept', async () => {
  expect(await monthsOf(3)).toBeUndefined()
})
