import { expect, test } from 'vitest'
import { privacyLines } from './approval-report.ts'
import { testContext } from './test-context.ts'

test('what a job makes of the ε of a data set is told before anybody signs; without privacy nothing is', () => {
  const foreseen = { dataset: 'tenants', rounds: 10, before: 1.25, after: 2.5, delta: 1e-5 }
  expect(privacyLines(testContext(), foreseen)).toEqual([
    'privacy of tenants: ε 1.250 so far, 2.500 after 10 rounds of this job, at δ 0.00001 (no limit)',
  ])
  expect(privacyLines(testContext(), { ...foreseen, limit: { epsilon: 4, delta: 1e-5 } })[0]).toMatch(/\(at most 4\)$/)
  expect(privacyLines(testContext(), undefined)).toEqual([])
})
