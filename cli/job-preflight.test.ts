import { expect, test } from 'vitest'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import type { FederationView } from './coordinator-client.ts'
import { preflight } from './job-preflight.ts'
import { testContext } from './test-context.ts'

const offer = (name: string, changes: object = {}) => ({
  name,
  id_kind: 'uscc',
  rows: 8000,
  columns: ['a', 'b'],
  label: '',
  ...changes,
})
const party = (name: string, datasets: object[], connected = true) => ({
  party: name,
  connected,
  software: '',
  datasets,
})
const view = (changes: Record<string, object> = {}) =>
  ({
    federation: 'test',
    parties: [
      party('bank', [offer('loans', { label: 'bad', ...changes['loans'] })]),
      party('tax', [offer('filings', changes['filings'])], changes['away'] === undefined),
    ],
  }) as unknown as FederationView

const spec = (changes: object = {}) =>
  checkJobSpec({
    version: 1,
    name: 'x',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings' }],
    ...changes,
  }).spec as JobSpec
const texts = (found: ReturnType<typeof preflight>, level: string) =>
  found.findings.filter((finding) => finding.level === level).map(({ text }) => text)

test('a job that fits has no problem, an estimate for each task, and the warning of a single partner', () => {
  const found = preflight(testContext(), spec(), view())
  expect(texts(found, 'problem')).toEqual([])
  expect(texts(found, 'warning')).toEqual([expect.stringContaining('with one partner')])
  expect(found.estimate.map(({ task }) => task)).toEqual(['align', 'train'])
  expect(found.shape).toEqual({ guestRows: 8000, hostRows: [8000], columns: [2, 2] })
})

test.each([
  ['a stranger', spec({ hosts: [{ party: 'park', dataset: 'x' }] }), view(), 'park is not in the federation'],
  [
    'an unknown data set',
    spec({ hosts: [{ party: 'tax', dataset: 'x' }] }),
    view(),
    'tax offers no x; it offers: filings',
  ],
  [
    'an unknown column',
    spec({ hosts: [{ party: 'tax', dataset: 'filings', columns: ['c'] }] }),
    view(),
    'tax/filings offers no c',
  ],
  [
    'ids of another kind',
    spec(),
    view({ filings: { id_kind: 'mobile' } }),
    'tax has ids of the kind mobile, bank of uscc: nothing can match',
  ],
  ['no label', spec(), view({ loans: { label: '' } }), 'loans declares no label'],
  [
    'too few rows',
    spec(),
    view({ filings: { rows: 900 } }),
    'at most 900 rows in common with tax, and align.minIntersection is 1000',
  ],
])('%s is a problem, in words', (_, job, federation, text) => {
  expect(texts(preflight(testContext(), job, federation), 'problem')).toEqual([text])
})

test('a party that is away and features that are too many for the rows are warned of', () => {
  const found = preflight(testContext(), spec({ train: { rounds: 500 } }), view({ away: {} }))
  expect(texts(found, 'warning')).toEqual(
    expect.arrayContaining([
      'tax is away: the job would wait for its agent',
      '2 columns in 500 rounds need 10000 training rows; there are at most 5600',
    ]),
  )
})
