import { describe, expect, test } from 'vitest'
import { renderReport } from '../report/report.ts'
import { buildEvaluation } from './build.ts'
import { CHALLENGER_COLUMNS } from './challenger.ts'
import { compareRuns, modelsOf } from './compare.ts'
import { aucOf } from './discrimination.ts'
import { packTables, type Table } from './pack.ts'
import { rankRows } from './ranking.ts'
import { testRun } from './test-run.ts'

const { champion: _, ...facts } = testRun(4000)
/** Knows the labels a little better than the champion. */
const better = facts.rows.scores.map((score, i) => score + (facts.rows.labels[i] === 1 ? 0.4 : 0))
const pack = buildEvaluation({ ...facts, challenger: { algorithm: 'trees', scores: better } })
const cell = ({ columns, rows }: Table, i: number, name: string) => rows[i]?.[columns.indexOf(name)] ?? null

describe('champion and challenger', () => {
  const table = packTables(pack).get('champion_challenger') as Table

  test('stand line by line, set by set, with the difference of the second', () => {
    expect(table.columns).toEqual(CHALLENGER_COLUMNS)
    expect(table.rows.map((row) => row.slice(0, 3))).toEqual(
      ['train', 'holdout', 'oot'].flatMap((set) => [
        [set, 'champion', 'WOE + LR'],
        [set, 'challenger', 'trees'],
      ]),
    )
    for (const i of [0, 2, 4]) {
      expect(cell(table, i, 'delta_auc')).toBeNull()
      const difference = Number(cell(table, i + 1, 'auc')) - Number(cell(table, i, 'auc'))
      expect(Number(cell(table, i + 1, 'delta_auc'))).toBeCloseTo(difference, 12)
      expect(Number(cell(table, i + 1, 'delta_auc_low'))).toBeLessThan(difference)
      expect(Number(cell(table, i + 1, 'delta_auc_high'))).toBeGreaterThan(difference)
      expect(Number(cell(table, i + 1, 'delta_auc_low'))).toBeGreaterThan(0)
    }
  })

  test('are measured on the rows that both scored', () => {
    const half = better.map((score, i) => (i % 2 === 0 ? score : Number.NaN))
    const some = buildEvaluation({ ...facts, challenger: { algorithm: 'trees', scores: half } })
    const compared = packTables(some).get('champion_challenger') as Table
    const train = facts.rows.sets[0]?.rows ?? 0
    const kept = Uint32Array.from({ length: train / 2 }, (_, i) => 2 * i).filter(
      (row) => (facts.rows.labels[row] ?? -1) >= 0,
    )
    const expected = rankRows(
      Float64Array.from(kept, (row) => facts.rows.scores[row] ?? 0),
      Int8Array.from(kept, (row) => facts.rows.labels[row] ?? 0),
    )
    expect(cell(compared, 0, 'n')).toBe(kept.length)
    expect(cell(compared, 1, 'n')).toBe(kept.length)
    expect(Number(cell(compared, 0, 'auc'))).toBeCloseTo(aucOf(expected), 12)
  })

  test('the same scores twice differ in nothing, and nobody is swapped', () => {
    const same = buildEvaluation({ ...facts, challenger: { algorithm: 'trees', scores: facts.rows.scores.slice() } })
    const compared = packTables(same).get('champion_challenger') as Table
    expect(cell(compared, 1, 'delta_auc_low')).toBe(0)
    expect(cell(compared, 1, 'delta_auc_high')).toBe(0)
    const swaps = packTables(same).get('swap_set') as Table
    const swapped = swaps.rows.filter((row) => String(row[0]).startsWith('swap'))
    expect(swapped.map((row) => row[1])).toEqual(swapped.map(() => 0))
  })

  test.each(['zh', 'en'] as const)('the report in %s shows both curves and both lines', (language) => {
    const page = renderReport(pack, language)
    const section = page.slice(page.indexOf('<section id="champion"'), page.indexOf('<section id="variables"'))
    expect(section).toContain(language === 'zh' ? '挑战者' : 'challenger')
    expect(section.match(/<svg /g)).toHaveLength(1)
    expect(section).toContain('trees')
  })

  test('are two columns of a comparison, and one job is enough', () => {
    expect(modelsOf([pack]).map(({ model }) => model)).toEqual(['final', 'challenger'])
    const compared = compareRuns([pack])
    const auc = compared.rows.filter((row) => row[0] === 'auc' && row[1] === 'holdout')
    expect(auc.map((row) => row.at(-1))).toEqual(['final', 'challenger'])
    expect(auc[1]?.[3]).toBe(cell(table, 3, 'auc'))
  })

  test('scores of other rows, or without bounds, are refused', () => {
    const refused = (scores: Float64Array) => () =>
      buildEvaluation({ ...facts, challenger: { algorithm: 'trees', scores } })
    expect(refused(new Float64Array(3))).toThrow(expect.objectContaining({ code: 'evaluation.invalid' }))
    expect(refused(better.map(() => Number.POSITIVE_INFINITY))).toThrow(
      expect.objectContaining({ code: 'evaluation.invalid' }),
    )
  })
})
