import { mkdtemp, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadRows, loadScores, type ScoredRows, storeRows, storeScores } from './score-store.ts'

const ROWS: ScoredRows = {
  sets: [
    { name: 'train', rows: 2 },
    { name: 'holdout', rows: 1 },
  ],
  labels: Int8Array.of(1, 0, -1),
  included: Uint8Array.of(1, 1, 0),
  months: Int32Array.of(202_301, 202_302, 0),
  amounts: Float64Array.of(12.5, 80, Number.NaN),
  segments: [{ dimension: 'city', values: ['南京', '苏州'], codes: Uint16Array.of(1, 0, 0xffff) }],
}

test('rows and scores come back as they were', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scores-'))
  await storeRows(folder, ROWS)
  await storeScores(folder, { hosts: ['tax', 'social'], scores: Float64Array.of(-3.25, 0.5, Number.NaN) })
  expect(await loadRows(folder)).toEqual(ROWS)
  expect((await loadScores(folder, ['tax', 'social']))?.scores).toEqual(Float64Array.of(-3.25, 0.5, Number.NaN))
  expect(await loadScores(folder, ['tax'])).toBeUndefined()
})

test('optional columns stay away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scores-'))
  const { months: _, amounts: __, ...few } = ROWS
  await storeRows(folder, { ...few, segments: [] })
  expect(await loadRows(folder)).toEqual({ ...few, segments: [] })
})

test('a column that was cut short is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scores-'))
  await storeRows(folder, ROWS)
  await truncate(join(folder, 'scores', 'labels.i8'), 2)
  await expect(loadRows(folder)).rejects.toMatchObject({ code: 'storage.damaged', detail: { file: 'labels.i8' } })
})
