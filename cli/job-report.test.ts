import { expect, test } from 'vitest'
import { evaluateTargets } from '#credit/evaluation/targets.ts'
import { resultLines } from './job-report.ts'
import type { LocalTargetResult } from '#party-agent/results/local-job.ts'
import { testContext } from './test-context.ts'

const cli = testContext()

function targetResult(kind: 'number' | 'count'): LocalTargetResult {
  const targets = Float64Array.of(0, 1, 2, 4)
  return {
    targets: {
      kind,
      bankOnly: evaluateTargets(Float64Array.of(2, 1, 1, 2), targets, kind),
      joint: evaluateTargets(Float64Array.of(0.5, 1, 2, 3), targets, kind),
    },
    rows: { training: 1200, holdout: 4 },
    rounds: 7,
    converged: true,
    protocol: 'secureboost',
  }
}

test('of a count: error, deviance, order and R² of the bank alone and jointly, and no word of classes', () => {
  const text = resultLines(cli, { targetResult: targetResult('count') }).join('\n')
  for (const word of ['RMSE', 'Poisson deviance', 'Gini', 'R²', '1200 training rows, 4 held out', '7 trees'])
    expect(text).toContain(word)
  expect(text).not.toMatch(/AUC|KS/)
})

test('of a number there is no deviance', () => {
  expect(resultLines(cli, { targetResult: targetResult('number') }).join('\n')).not.toContain('deviance')
})

test('a job that scores says how many rows, and how to have them', () => {
  expect(resultLines(cli, { scored: 31 })).toEqual(['31 rows scored; as CSV: tributary job scores'])
  expect(resultLines(cli, {})).toEqual([])
})
