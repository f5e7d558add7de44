import { expect, test } from 'vitest'
import { checkJobSpec, coalitionsOf, planTasks } from './job-spec.ts'

const minimal = {
  version: 1,
  name: 'joint credit',
  guest: { party: 'bank', dataset: 'loans' },
  hosts: [{ party: 'tax', dataset: 'filings' }],
}

test('a minimal job gets the documented defaults', () => {
  const { spec } = checkJobSpec(minimal)
  expect(spec).toMatchObject({
    align: { minIntersection: 1000 },
    train: { l2: 1, rounds: 25, batchRows: 'full' },
    split: { kind: 'keyed-hash', holdout: 0.3 },
  })
})

test('every problem is reported at once, with its path', () => {
  const { problems } = checkJobSpec({ ...minimal, name: '', train: { rounds: 0, speed: 'fast' } })
  expect(problems.map((problem) => problem.path)).toEqual(expect.arrayContaining(['/name', '/train/rounds']))
})

test('a party that takes part twice is refused', () => {
  const { problems } = checkJobSpec({ ...minimal, hosts: [{ party: 'bank', dataset: 'x' }] })
  expect(problems).toEqual([{ path: '/hosts/0/party', message: 'bank takes part twice' }])
})

const pipeline = {
  ...minimal,
  hosts: [
    { party: 'tax', dataset: 'filings', columns: 'all' },
    { party: 'social', dataset: 'contributions', columns: 'all' },
    { party: 'property', dataset: 'registry', columns: 'all' },
  ],
  align: { mode: 'left' },
  split: { kind: 'keyed-hash', holdout: 0.3, outOfTime: { column: 'vintage', from: '2023-04', recent: '2023-10' } },
  bin: {},
  select: {},
  train: { columns: 'woe', standardErrors: true },
  scorecard: {},
  value: { coalitions: 'shapley' },
}

test('a whole pipeline is planned in order, and an earlier job takes the first tasks away', () => {
  const { spec } = checkJobSpec(pipeline)
  expect(spec && planTasks(spec).map(({ task }) => task)).toEqual(['align', 'bin', 'select', 'train', 'value'])
  const again = checkJobSpec({ ...pipeline, reuse: { job: `job-${'a'.repeat(20)}`, through: 'bin' } }).spec
  expect(again && planTasks(again).map(({ task }) => task)).toEqual(['select', 'train', 'value'])
})

test('coalitions: every one that is neither none nor all, by size', () => {
  const { spec } = checkJobSpec(pipeline)
  expect(spec && coalitionsOf(spec)).toEqual([[0], [1], [2], [0, 1], [0, 2], [1, 2]])
})

test.each([
  ['/split/outOfTime', { align: { mode: 'inner' } }],
  [
    '/split/outOfTime/recent',
    { split: { ...pipeline.split, outOfTime: { column: 'v', from: '2023-04', recent: '2023-04' } } },
  ],
  ['/select', { bin: undefined, train: {}, scorecard: undefined }],
  ['/train/columns', { bin: undefined, select: undefined, scorecard: undefined }],
  ['/train/nonNegative', { train: { nonNegative: true }, scorecard: undefined }],
  ['/scorecard', { train: {} }],
  ['/value', { hosts: pipeline.hosts.slice(0, 1) }],
  ['/reuse/through', { reuse: { job: `job-${'a'.repeat(20)}`, through: 'select' }, select: undefined }],
])('sections that do not go together: %s', (path, change) => {
  const { problems } = checkJobSpec(JSON.parse(JSON.stringify({ ...pipeline, ...change })))
  expect(problems.map((problem) => problem.path)).toEqual([path])
})
