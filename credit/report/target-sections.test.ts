import { describe, expect, test } from 'vitest'
import { buildEvaluation } from '../evaluation/build.ts'
import { type Cell, type EvaluationFacts, packTables } from '../evaluation/pack.ts'
import { fixedRandom } from '../evaluation/resampling.ts'
import { testRun } from '../evaluation/test-run.ts'
import { renderModelDocument } from './document.ts'
import { renderReport } from './report.ts'

const N = 4000

/** Counts whose means two columns know a part of each: the bank alone, and with a partner. */
function countRun(): EvaluationFacts {
  const next = fixedRandom()
  const { run, rows } = testRun(N)
  const [bank, partner] = [0, 1].map(() => Float64Array.from({ length: N }, () => next()))
  const joint = Float64Array.from(bank!, (own, i) => 0.2 + 0.8 * own + 1.5 * partner![i]!)
  const values = joint.map((mean, i) => {
    if (i >= rows.sets[0]!.rows + rows.sets[1]!.rows + rows.sets[2]!.rows) return Number.NaN
    let [count, product] = [0, next()]
    while (product > Math.exp(-mean)) [count, product] = [count + 1, product * next()]
    return count
  })
  return {
    run: { ...run, parties: run.parties.slice(0, 2) },
    rows: {
      sets: rows.sets,
      labels: new Int8Array(N).fill(-1),
      scores: joint,
      scoreKind: 'expected',
      targets: { kind: 'count', values },
    },
    coalitions: [{ partners: [], scores: Float64Array.from(bank!, (own) => 0.95 + 0.8 * own) }],
  }
}

function cellsOf(name: string, facts = countRun()): Readonly<Record<string, Cell>>[] {
  const table = packTables(buildEvaluation(facts)).get(name)
  return (table?.rows ?? []).map((row) => Object.fromEntries(row.map((cell, i) => [table!.columns[i]!, cell])))
}

test('each coalition on each set with labels: the partner takes error and deviance away, and orders better', () => {
  const cells = cellsOf('target_summary')
  expect(cells.map(({ set, coalition }) => `${set} ${coalition}`)).toEqual(
    ['BANK+TAX', 'BANK'].flatMap((coalition) => ['train', 'holdout', 'oot'].map((set) => `${set} ${coalition}`)),
  )
  const [joint, alone] = ['BANK+TAX', 'BANK'].map(
    (coalition) => cells.find((cell) => cell['set'] === 'holdout' && cell['coalition'] === coalition)!,
  )
  expect(Number(joint!['rmse'])).toBeLessThan(Number(alone!['rmse_low']))
  expect(Number(joint!['poisson_deviance'])).toBeLessThan(Number(alone!['poisson_deviance_low']))
  expect(Number(joint!['gini'])).toBeGreaterThan(Number(alone!['gini_high']))
  expect(Number(joint!['target_ratio'])).toBeCloseTo(1, 1)
})

test('bands hold every labelled row once, the highest expected labels first, and observed labels follow', () => {
  const bands = cellsOf('target_band').filter(({ set }) => set === 'holdout')
  expect(bands).toHaveLength(10)
  expect(bands.reduce((sum, { n }) => sum + Number(n), 0)).toBe(N / 4)
  const expected = bands.map(({ mean_expected: mean }) => Number(mean))
  expect(expected).toEqual(expected.toSorted((a, b) => b - a))
  expect(Number(bands[0]!['lift'])).toBeGreaterThan(1.3)
  expect(Number(bands[9]!['lift'])).toBeLessThan(0.7)
})

describe.each(['zh', 'en'] as const)('the report in %s', (language) => {
  test('shows error, bands and stability, and nothing that needs classes', () => {
    const pack = buildEvaluation(countRun())
    expect(pack.scoreUnit).toBe('expected')
    const page = renderReport(pack, language)
    const sections = [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, name]) => name)
    expect(sections).toEqual(['overview', 'bands', 'stability', 'definitions'])
    expect(page.match(/NaN|undefined|Infinity/g)).toBeNull()
    expect(page).toContain(language === 'zh' ? '均方根误差 · 测试集' : 'RMSE · hold-out')
    expect(renderModelDocument(pack, {}, language).match(/NaN|undefined|Infinity/g)).toBeNull()
  })
})

test('scores and labels must be of one kind', () => {
  const facts = countRun()
  const { targets: _, ...classes } = facts.rows
  for (const rows of [classes, { ...facts.rows, scoreKind: 'log-odds' as const }])
    expect(() => buildEvaluation({ ...facts, rows })).toThrow(expect.objectContaining({ code: 'evaluation.invalid' }))
})
