import { expect, test } from 'vitest'
import { diagnosisLines, requestLines } from './dispute-report.ts'
import { testContext } from './test-context.ts'

test('who agrees reads what for; who asked reads each party on a line, suspects named', () => {
  const request = {
    v: 1,
    job: 'job-0123456789abcdef0123',
    round: 2,
    guest: 'bank',
    by: 'Li Wei',
    reason: 'the loss rose',
    time: '2026-06-01T00:00:00.000Z',
    sealingKey: '',
  } as const
  const asked = requestLines(testContext(), request, 'dispute-1', false).join('\n')
  for (const part of ['dispute-1', 'the loss rose', 'bank (Li Wei)', 'the update of round 2'])
    expect(asked).toContain(part)
  expect(asked).not.toContain('privacy')
  expect(requestLines(testContext(), request, 'dispute-1', true).join('\n')).toContain('costs more ε')
  const line = { length: 1.5, lengthRatio: 1, cosine: 0.5, harm: -0.001, suspect: false }
  const lines = diagnosisLines(testContext(), [
    { party: 'tax', ...line },
    { party: 'park', ...line, cosine: -0.8, suspect: true },
  ])
  expect(lines[1]).not.toContain('suspect')
  expect(lines[2]).toMatch(/^park .*-0\.800 .*suspect/)
})
