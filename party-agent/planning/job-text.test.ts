import { expect, test } from 'vitest'
import { readJobText } from './job-text.ts'

const JOB = `version: 1
name: first try
guest: { party: bank, dataset: loans }
hosts:
  - { party: tax, dataset: filings }
`

test('a job that can be submitted has no problem', () => {
  const { spec, problems } = readJobText(JOB)
  expect(problems).toEqual([])
  expect(spec?.hosts).toEqual([{ party: 'tax', dataset: 'filings', columns: 'all' }])
})

test.each([
  [
    'train: { rounds: 0 }',
    { line: 6, column: 10, key: 'train.rounds', message: expect.stringContaining('a whole number in [1, 500]') },
  ],
  ['trian: {}', { line: 6, column: 1, key: 'trian', message: expect.stringContaining('unknown key') }],
  ['two words: 1', { line: 6, column: 1, key: 'two words', message: expect.stringContaining('unknown key') }],
  ['select: {}', { line: 6, column: 1, key: 'select', message: 'needs bin' }],
  ['train: { rounds: [', { line: 7, column: 1, key: '', message: expect.any(String) }],
])('%s is told with line, column and key', (section, problem) => {
  const { spec, problems } = readJobText(`${JOB}${section}\n`)
  expect(spec).toBeUndefined()
  expect(problems[0]).toEqual(problem)
})

test('all mistakes are told at once; an empty text, and one that is a word, have some', () => {
  expect(readJobText('name: x\ntrain: { rounds: 0 }\n').problems.map(({ key }) => key)).toEqual(
    expect.arrayContaining(['version', 'guest', 'hosts', 'train.rounds']),
  )
  for (const text of ['', 'job', '- 1', '&a [*a]']) expect(readJobText(text).problems.length).toBeGreaterThan(0)
})
