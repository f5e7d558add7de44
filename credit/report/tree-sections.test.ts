// The section on boosted trees: what is drawn of the importance, the losses and the first trees.
import { expect, test } from 'vitest'
import { buildEvaluation } from '../evaluation/build.ts'
import { type Cell, tableOf } from '../evaluation/pack.ts'
import { testRun } from '../evaluation/test-run.ts'
import { treePlot } from './tree-plot.ts'
import { treeSection } from './tree-sections.ts'

const base = buildEvaluation(testRun(600))
const [guest, host] = base.run.parties.map(({ party }) => party) as [string, string]
const LEAF = { party: null, feature: null, left: null }
const line = (tree: number, node: number, more: Readonly<Record<string, Cell>>) => {
  return { tree, node, depth: 0, split: null, gain: null, cover: 1, leaf_value: null, points: null, n: 1000, ...more }
}

/** Trees of three nodes: the first splits on a column of the guest, the others on one of a host. */
function tablesOf(trees: number, points: boolean) {
  const view = Array.from({ length: trees }, (_unused, i) => [
    line(
      i + 1,
      0,
      i === 0
        ? { party: guest, feature: '<b>', left: 'income > 1234.5678 / –' }
        : { party: host, feature: 'H-7', left: null },
    ),
    line(i + 1, 1, { ...LEAF, n: 250, leaf_value: -0.125, points: points ? 3.607 : null }),
    line(i + 1, 2, { ...LEAF, n: 750, leaf_value: 0.05, points: points ? -1.443 : null }),
  ]).flat()
  const importance = [
    { rank: 1, party: host, feature: 'H-7', splits: 4, gain_pct: 0.75, cover_pct: 0.5 },
    { rank: 2, party: guest, feature: '<b>', splits: 1, gain_pct: 0.25, cover_pct: 0.5 },
  ]
  const losses = Array.from({ length: trees }, (_unused, i) => ({
    tree: i + 1,
    loss_train: 0.5 - i / 100,
    loss_holdout: 0.6,
  }))
  return [
    tableOf('tree_importance', ['rank', 'party', 'feature', 'splits', 'gain_pct', 'cover_pct'], importance),
    tableOf('tree_losses', ['tree', 'loss_train', 'loss_holdout'], losses),
    tableOf('tree_view', Object.keys(view[0]!), view),
  ]
}

const sectionOf = (trees: number, points: boolean, language: 'zh' | 'en' = 'en') =>
  treeSection({ ...base, tables: tablesOf(trees, points) }, language).html

test.each(['zh', 'en'] as const)('shows importance, losses and the first three trees in %s', (language) => {
  const section = sectionOf(5, true, language)
  const titles = [...section.matchAll(/<figure><figcaption>([^<]*)/g)].map(([, title]) => title)
  expect(titles.slice(3)).toEqual([1, 2, 3].map((tree) => `${language === 'zh' ? '树' : 'Tree'} ${tree}`))
  expect(titles).toHaveLength(6)
})

test('own columns say who goes left, those of partners have their alias only; leaves show points', () => {
  const section = sectionOf(2, true)
  expect(section).toContain('&gt; 1230 / – · 100%')
  expect(section).toContain('<title>H-7 · 100%</title>')
  expect(section).toContain('<title>+3.6 · 25%</title>')
  expect(section).toContain('<title>-1.4 · 75%</title>')
  expect(section).not.toContain('<b>')
})

test('without a scale leaves show log-odds', () => {
  const section = sectionOf(2, false)
  expect(section).toContain('<title>-0.125 · 25%</title>')
  expect(section).toContain('<title>+0.050 · 75%</title>')
})

test('a run without trees has no such section', () => {
  expect(treeSection(base, 'en').html).toBe('')
})

test('of levels that are not drawn the number of nodes is told, and nothing is drawn outside', () => {
  const nodes = Array.from({ length: 63 }, (_unused, node) => {
    const leaf = { node, rows: 64 >> Math.floor(Math.log2(node + 1)), written: '+1' }
    return node < 31 ? { ...leaf, split: { label: `c${node}`, left: '', colour: 1 } } : leaf
  })
  const plot = treePlot({ title: 'deep', nodes, legend: [] }).html
  expect(plot.match(/<g>/g)).toHaveLength(15)
  expect(plot.match(/\+6…<\/text>/g)).toHaveLength(8)
  const height = Number(/viewBox="0 0 460 (\d+)"/.exec(plot)?.[1])
  const ys = [...plot.matchAll(/ y="([\d.]+)"/g)].map(([, y]) => Number(y))
  expect(Math.max(...ys)).toBeLessThan(height)
})
