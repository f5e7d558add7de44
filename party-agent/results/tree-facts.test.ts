import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Table } from '#credit/evaluation/pack.ts'
import { columnTitle } from '#credit/report/columns.ts'
import type { OwnedSplit } from '#protocols/secureboost/params.ts'
import { writeJson } from './stored.ts'
import { ownSplits, type StoredSplits, type StoredTrees, treeTables } from './tree-facts.ts'

const split = (alias: string, threshold: number, more: Partial<OwnedSplit> = {}): OwnedSplit => {
  const sides = { lowRight: false, missingRight: true, absentRight: true }
  return { tree: 0, name: alias.toLowerCase(), alias, specials: [], threshold, ...sides, ...more }
}
const scorecard = { baseScore: 600, baseOdds: 30, pdo: 20, low: 300, high: 850 }
const about = { version: 1, job: 'job-1', protocol: 'secureboost' } as const
const TREES: StoredTrees = {
  ...about,
  party: 'bank',
  objective: 'logistic',
  start: -1,
  scorecard,
  owners: ['bank', 'tax'],
  aliases: [['B'], ['TAX.F01', 'TAX.F02']],
  splits: [split('B', 2.5, { lowRight: true, missingRight: false })],
  trees: [
    {
      nodes: [
        { node: 0, split: { owner: 1, split: 0, gain: 6 }, cover: 30, rows: 100, value: 0 },
        { node: 1, split: { owner: 0, split: 0, gain: 2 }, cover: 20, rows: 60, value: 0 },
        { node: 2, cover: 10, rows: 40, value: -0.5 },
        { node: 3, cover: 12, rows: 35, value: 0.25 },
        { node: 4, cover: 8, rows: 25, value: -0.1 },
      ],
    },
  ],
  losses: [{ train: 0.6, holdout: 0.61 }],
  stoppedEarly: false,
}

const folder = () => mkdtemp(join(tmpdir(), 'trees-'))
const cells = ({ columns, rows }: Table) =>
  rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])))

test("the guest's tables: shares of gain and cover, losses, and every node; no threshold of a host", async () => {
  const dir = await folder()
  await writeJson(join(dir, 'trees.json'), TREES)
  const tables = await treeTables(dir)
  expect(tables.map(({ name }) => name)).toEqual(['tree_importance', 'tree_losses', 'tree_view'])
  const [importance, losses, view] = tables.map(cells)
  expect(importance).toEqual([
    { rank: 1, party: 'tax', feature: 'TAX.F01', splits: 1, gain_pct: 0.75, cover_pct: 0.6 },
    { rank: 2, party: 'bank', feature: 'B', splits: 1, gain_pct: 0.25, cover_pct: 0.4 },
  ])
  expect(losses).toEqual([{ tree: 1, loss_train: 0.6, loss_holdout: 0.61 }])
  expect(view?.map(({ node, depth, party, left }) => [node, depth, party, left])).toEqual([
    [0, 0, 'tax', null],
    [1, 1, 'bank', 'b > 2.5 / –'],
    [2, 1, null, null],
    [3, 2, null, null],
    [4, 2, null, null],
  ])
  // half a log-odds towards good: more points
  expect(Number(view?.[2]?.['points'])).toBeCloseTo((0.5 * 20) / Math.LN2, 9)
  for (const { columns } of tables) expect(columns.filter((column) => columnTitle(column, 'zh') === column)).toEqual([])
})

test('an owner reads its own splits, with thresholds and sides', async () => {
  const [guest, host] = [await folder(), await folder()]
  await writeJson(join(guest, 'trees.json'), TREES)
  const part: StoredSplits = { ...about, party: 'tax', trees: 1, splits: [split('TAX.F01', 7.25)] }
  await writeJson(join(host, 'splits.json'), part)
  expect(cells((await ownSplits(guest)) as Table)).toMatchObject([{ feature: 'B', threshold: 2.5, low: 'right' }])
  expect(cells((await ownSplits(host)) as Table)).toEqual([
    { split: 0, tree: 1, feature: 'TAX.F01', feature_name: 'tax.f01', threshold: 7.25, low: 'left', missing: 'right' },
  ])
})

test('a job without trees has neither', async () => {
  const dir = await folder()
  expect(await treeTables(dir)).toEqual([])
  expect(await ownSplits(dir)).toBeUndefined()
})
