import { expect, test } from 'vitest'
import { checkJobSpec, coalitionsOf, type JobSpec, planTasks } from './job-spec.ts'

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

const specOf = (sections: object) => checkJobSpec({ ...minimal, ...sections }).spec as JobSpec

test('a job that names no model trains the regression; one with boost alone grows trees; one with both does both', () => {
  const tasks = (sections: object) => planTasks(specOf(sections)).map(({ task }) => task)
  expect(tasks({})).toEqual(['align', 'train'])
  expect(tasks({ boost: {} })).toEqual(['align', 'boost'])
  expect(tasks({ boost: {}, train: {} })).toEqual(['align', 'train', 'boost'])
  expect(tasks({ boost: {}, train: {}, until: 'train' })).toEqual(['align', 'train'])
})

test('a job that scores aligns and scores, trains nothing, and stands alone', () => {
  const score = { job: `job-${'1'.repeat(20)}` }
  const { spec } = checkJobSpec({ ...minimal, score })
  expect(planTasks(spec as JobSpec)).toEqual([
    { task: 'align', protocol: 'psi', maxRounds: 1 },
    { task: 'score', protocol: 'secureboost', maxRounds: 1 },
  ])
  expect(spec).not.toHaveProperty('train')
  for (const [section, value] of Object.entries({
    train: {},
    boost: {},
    bin: {},
    profile: {},
    scorecard: {},
    until: 'align',
  })) {
    const { problems } = checkJobSpec({ ...minimal, score, [section]: value })
    expect(
      problems.map(({ path }) => path),
      section,
    ).toContain(`/${section}`)
  }
  const { problems } = checkJobSpec({ ...minimal, statistics: {}, score })
  expect(problems.map(({ path }) => path)).toContain('/score')
})

test('the value report grows trees where the job has no regression', () => {
  const hosts = ['tax', 'social'].map((party) => ({ party, dataset: 'd' }))
  const plan = (sections: object) => planTasks(specOf({ hosts, value: {}, ...sections })).at(-1)
  expect(plan({ boost: { trees: 7 } })).toEqual({ task: 'value', protocol: 'secureboost', maxRounds: 2 * 8 })
  expect(plan({ boost: {}, train: {} })).toMatchObject({ task: 'value', protocol: 'vertical-lr' })
})

test.each([
  [{ boost: { goss: { top: 0.8, other: 0.3 } } }, '/boost/goss'],
  [{ boost: { goss: { top: 0.2, other: 0.1 }, rowSample: 0.5 } }, '/boost/rowSample'],
  [{ boost: { trees: 3, guestFirst: 4 } }, '/boost/guestFirst'],
  [{ boost: {}, until: 'train' }, '/until'],
  [{ boost: { depth: 7 } }, '/boost/depth'],
  [{ boost: { minLeafRows: 49 } }, '/boost/minLeafRows'],
])('%j is refused at %s', (sections, path) => {
  expect(checkJobSpec({ ...minimal, ...sections }).problems.map((problem) => problem.path)).toContain(path)
})
