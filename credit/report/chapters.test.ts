import { expect, test } from 'vitest'
import type { EvaluationPack, Table } from '../evaluation/pack.ts'
import { chaptersOf, otherTables, seriesOfChapter, tablesOfChapter } from './chapters.ts'

const table = (name: string): Table => ({ name, columns: ['a'], rows: [[1]] })
const series = { set: 'train' } as EvaluationPack['series'][number]
const pack = (names: readonly string[], curves: EvaluationPack['series'] = []) =>
  ({ tables: names.map(table), series: curves }) as unknown as EvaluationPack

test('a pack has the chapters that have anything to show, in the order of the report', () => {
  expect(chaptersOf(pack(['lr_coef', 'summary', 'reason_mix'], [series]))).toEqual([
    'overview',
    'discrimination',
    'calibration',
    'card',
    'others',
  ])
  // without curves there is nothing to draw, though the summary is there
  expect(chaptersOf(pack(['summary', 'iv_ranking']))).toEqual(['overview', 'variables'])
  expect(chaptersOf(pack([]))).toEqual([])
})

test('each table stands in its chapter, in the order of the report; what no chapter knows stands at the end', () => {
  const all = pack(['woe_table', 'iv_ranking', 'reason_mix', 'psi'], [series])
  expect(tablesOfChapter(all, 'variables').map(({ name }) => name)).toEqual(['iv_ranking', 'woe_table'])
  expect(otherTables(all).map(({ name }) => name)).toEqual(['reason_mix'])
  expect(tablesOfChapter(all, 'others')).toEqual(otherTables(all))
})

test('curves go only with chapters that draw them', () => {
  const all = pack(['summary', 'psi', 'score_band'], [series])
  expect(seriesOfChapter(all, 'bands')).toEqual([series])
  expect(seriesOfChapter(all, 'overview')).toEqual([])
  expect(seriesOfChapter(all, 'stability')).toEqual([])
})
