import { expect, test } from 'vitest'
import type { StoredAverageResult } from '#party-agent/results/average-facts.ts'
import { averageReportFiles } from '#party-agent/results/average-report.ts'
import { averageCompareLines } from './average-compare.ts'
import { averageLines, ownTableLines } from './average-report.ts'
import { testContext } from './test-context.ts'

const quality = (round: number) => ({ rows: 300, bad: 40, loss: 0.5 / round, auc: 0.7, aucError: 0.002, ks: 0.3 })
const resultOf = (rounds: number, change: Partial<StoredAverageResult> = {}): StoredAverageResult => ({
  job: `job-${'0'.repeat(20)}`,
  name: 'parks <b>together</b>',
  party: 'park-b',
  protocol: 'fedavg',
  algorithm: 'fedprox',
  rows: { training: 700, holdout: 300 },
  parties: 3,
  parameters: 27,
  federated: quality(rounds),
  rounds: Array.from({ length: rounds }, (_, i) => ({
    round: i + 1,
    opener: ['park-b', 'park-c', 'park-a'][i % 3] ?? '',
    ownLoss: 0.4,
    cut: 0.01,
    quality: quality(i + 1),
  })),
  bestRound: rounds,
  stoppedEarly: false,
  modelDigest: 'd'.repeat(64),
  engine: { name: 'tfjs-wasm', version: '4.22.0' },
  own: { rows: 90, bad: 12, loss: 0.41, auc: 0.6512, ks: 0.25 },
  ...change,
})
const english = testContext({ t: (en) => en })

test('measures of all parties with the rows behind them, own rows apart, the engine and the digest', () => {
  const text = averageLines(english, resultOf(3)).join('\n')
  expect(text).toContain('AUC 0.7000 ± 0.0020   KS 0.3000')
  expect(text).toContain('300 rows, 40 bad')
  expect(text).toContain(
    '3 parties, 700 training rows, 300 held out; fedprox, 27 weights, 3 rounds; the model is that of round 3',
  )
  expect(text).toMatch(/The 90 held-out rows of park-b alone.*\n.*\n.*model of all parties +0\.6512/)
  expect(text).toContain('trained here with tfjs-wasm 4.22.0')
  expect(text).toContain('d'.repeat(64))
})

test('many rounds are cut in the middle; what was spent stands at each where there is privacy', () => {
  const lines = averageLines(english, resultOf(40))
  expect(lines.some((line) => line.includes('… 28 …'))).toBe(true)
  expect(lines.filter((line) => /^ {2}\d+/.test(line) && line.includes('park-'))).toHaveLength(12)
  const private_ = resultOf(2)
  const rounds = private_.rounds.map((round) => ({ ...round, epsilon: 1.25 * round.round }))
  expect(averageLines(english, { ...private_, rounds }).join('\n')).toMatch(/ε\n.*1\.250\n.*2\.500/)
})

test('without hold-out rows nothing is claimed', () => {
  const { federated: _, own: __, ...rest } = resultOf(1)
  const text = averageLines(english, { ...rest, rounds: [{ round: 1, opener: 'park-b', ownLoss: 0.4, cut: 0 }] }).join(
    '\n',
  )
  expect(text).toContain('Nothing was measured')
  expect(text).not.toContain('AUC 0')
  const worse = averageLines(english, { ...rest, rounds: resultOf(2).rounds, bestRound: 0 }).join('\n')
  expect(worse).toContain('No round was better')
})

test('jobs side by side: all parties, own rows, and a dash where a job has none', () => {
  const lines = averageCompareLines(english, [
    resultOf(3),
    { ...resultOf(5), job: `job-${'1'.repeat(20)}`, own: undefined },
  ])
  const text = lines.join('\n')
  expect(text).toContain('fedprox, round 3/3')
  expect(text).toMatch(/all parties +job-00000000 +job-11111111\n +rows +300 +300\n +AUC +0\.7000 +0\.7000/)
  expect(text).toMatch(/own rows .*\n +rows +90 +—\n +AUC +0\.6512 +—/)
  expect(text).not.toContain('own last layer')
})

test('a lab, and only a lab, lists all parties beside each other', () => {
  const lines = ownTableLines(english, { 'park-a': resultOf(1, { party: 'park-a' }), 'park-b': resultOf(1) })
  expect(lines.slice(2).map((line) => line.trim().split(/\s+/).slice(0, 4))).toEqual([
    ['park-a', '90', '—', '0.6512'],
    ['park-b', '90', '—', '0.6512'],
  ])
})

test('the pages hold the same in both languages, need no network, and take names as text', () => {
  const columns = [
    {
      name: '=k_rent',
      cells: { edges: [0, 1, 2], rows: [60, 80], missing: null },
      rows: 140,
      scale: { mean: 0.9, deviation: 0.4 },
      quantiles: { '0.5': 1.1 },
    },
  ]
  const files = averageReportFiles(resultOf(5), columns)
  for (const page of ['report.en.html', 'report.zh.html']) {
    const text = files.get(page) ?? ''
    expect(text).toContain('parks &lt;b&gt;together&lt;/b&gt;')
    expect(text).toContain('0.6512')
    expect(text).toContain('<path')
    expect(text).not.toMatch(/NaN|Infinity|undefined/)
    expect(text).not.toMatch(/<script|https?:/)
  }
  expect(files.get('csv/rounds.csv')?.split('\r\n')).toHaveLength(7)
  expect(files.get('csv/statistics.csv')).toContain("'=k_rent,140,,0.9,0.4")
  expect(files.get('csv/histograms.csv')).toContain("'=k_rent,1,2,80")
})
