import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { storeRows, storeScores } from '#party-agent/results/score-store.ts'
import { checkJobSpec } from '#protocols/core/job-spec.ts'
import { comparedRuns } from '#party-agent/results/compared-runs.ts'
import { compareLines } from './job-compare.ts'
import { testContext } from './test-context.ts'

const N = 400
const labels = Int8Array.from({ length: N }, (_, i) => (i % 4 === 0 ? 1 : 0))

/** A job folder with scores that are right in all but every `wrong`-th row. */
async function writeJob(home: string, job: string, wrong: number, models: object = {}): Promise<string> {
  const folder = join(home, 'jobs', job)
  await mkdir(folder, { recursive: true })
  const { spec } = checkJobSpec({
    version: 1,
    name: `wrong every ${wrong}`,
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings' }],
    ...models,
  })
  await writeFile(join(folder, 'spec.json'), JSON.stringify(spec))
  await writeFile(join(folder, 'result.json'), JSON.stringify({ job, rounds: 3, losses: [0.6, 0.5] }))
  const sets = [
    { name: 'train', rows: N / 2 },
    { name: 'holdout', rows: N / 2 },
  ] as const
  await storeRows(folder, { sets, labels, included: new Uint8Array(N).fill(1), segments: [] })
  const scores = Float64Array.from(labels, (label, i) => (i % wrong === 0 ? -1 : 1) * (label - 0.5) + i * 1e-6)
  if (spec?.train !== undefined) await storeScores(folder, { hosts: ['tax'], scores })
  if (spec?.boost !== undefined)
    await storeScores(folder, { hosts: ['tax'], kind: 'trees', scores: scores.map((z) => 2 * z) })
  return folder
}

test('runs stand side by side, set by set, with the difference of the last from the first', async () => {
  const home = await mkdtemp(join(tmpdir(), 'compare-'))
  const [worse, better] = [`job-${'1'.repeat(20)}`, `job-${'2'.repeat(20)}`]
  await writeJob(home, worse, 3)
  await writeJob(home, better, 5)
  const compared = await comparedRuns(home, [worse, better])
  const { columns, rows } = compared.table
  const column = (name: string) => columns.indexOf(name)
  expect([...new Set(rows.map((row) => row[column('set')]))]).toEqual(['train', 'holdout'])
  const ofHoldout = rows.filter((row) => row[column('set')] === 'holdout' && row[column('metric')] === 'auc')
  const auc = ofHoldout.map((row) => Number(row[column('value')]))
  expect(auc[1]).toBeGreaterThan(auc[0] ?? 1)
  const lines = compareLines(testContext(), compared)
  const line = lines.filter((text) => text.startsWith('  auc ')).at(-1) ?? ''
  expect(line.split(/\s+/).slice(2)).toEqual([
    (auc[0] ?? 0).toFixed(4),
    (auc[1] ?? 0).toFixed(4),
    `+${((auc[1] ?? 0) - (auc[0] ?? 0)).toFixed(4)}`,
  ])
})

test('both models of one job stand side by side; trees alone are the model of their job', async () => {
  const home = await mkdtemp(join(tmpdir(), 'compare-'))
  const [both, alone] = [`job-${'4'.repeat(20)}`, `job-${'5'.repeat(20)}`]
  await writeJob(home, both, 3, { train: {}, boost: {} })
  await writeJob(home, alone, 5, { boost: {} })
  const compared = await comparedRuns(home, [both])
  expect(compared.models.map(({ model }) => model)).toEqual(['final', 'challenger'])
  const lines = compareLines(testContext(), compared)
  expect(lines[1]).toMatch(/gradient-boosted trees .* \(challenger\)$/)
  // twice the log-odds: the same order, another calibration
  const ofLine = (metric: string) =>
    lines
      .filter((line) => line.startsWith(`  ${metric} `))
      .at(-1)
      ?.split(/\s+/)
      .slice(2)
  expect(ofLine('auc')?.[0]).toBe(ofLine('auc')?.[1])
  expect(ofLine('brier')?.[0]).not.toBe(ofLine('brier')?.[1])
  const { models } = await comparedRuns(home, [both, alone])
  expect(models.map(({ jobId, model }) => `${jobId} ${model}`)).toEqual([
    `${both} final`,
    `${both} challenger`,
    `${alone} final`,
  ])
  expect(models[2]?.algorithm).toContain('gradient-boosted trees')
})

test('a job without scores here is named', async () => {
  const home = await mkdtemp(join(tmpdir(), 'compare-'))
  await expect(comparedRuns(home, [`job-${'3'.repeat(20)}`])).rejects.toMatchObject({ code: 'results.none' })
})
