import { expect, test } from 'vitest'
import type { FederationView, JobView } from '../link/coordinator-client.ts'
import { fillTemplate, type Surroundings } from './fill-template.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { readJobText } from './job-text.ts'
import { BINNING_TEMPLATES, type EarlierJob, jobTemplate, TEMPLATES, type TemplateParts } from './templates.ts'

const data = (name: string, changes: object = {}) => ({
  name,
  id_kind: 'uscc',
  rows: 8000,
  columns: ['a', 'b'],
  label: '',
  ...changes,
})
const party = (name: string, ...datasets: object[]) => ({ party: name, connected: true, software: '', datasets })
const around = (parties: object[], jobs: object[] = [], binned: EarlierJob[] = []): Surroundings => ({
  binned,
  self: 'bank',
  view: { federation: 'test', parties } as unknown as FederationView,
  jobs: jobs as JobView[],
})
const bank = party('bank', data('months', { label: 'bad', rows: 90_000 }), data('loans', { label: 'bad' }))
const tax = party('tax', data('small', { rows: 100 }), data('features', { columns: ['c', 'd'] }))
const phone = party('phone', data('calls', { id_kind: 'mobile' }))
const parks = ['a', 'b', 'c'].map((letter) => party(`park-${letter}`, data('tenants', { columns: ['t'], rows: 600 })))

const partsOf = (...given: Parameters<typeof fillTemplate>): TemplateParts => {
  const filled = fillTemplate(...given)
  if ('lacking' in filled) throw new Error(filled.lacking.en)
  return filled.parts
}
const lacking = (...given: Parameters<typeof fillTemplate>) => {
  const filled = fillTemplate(...given)
  return 'lacking' in filled ? filled.lacking.en : 'nothing'
}

test('a scorecard takes the data set that the guides name, partners with ids in common, and no more rows than there are', () => {
  const parts = partsOf('scorecard', around([bank, tax, phone]))
  expect(parts.guest).toEqual({ party: 'bank', dataset: 'loans' })
  expect(parts.hosts).toEqual([{ party: 'tax', dataset: 'features' }])
  expect(parts.minIntersection).toBe(1000)
  expect(parts.maximumColumns).toBe(26)
  expect(partsOf('trees', around([bank, ...parks])).minIntersection).toBe(150)
})

test('partners can be chosen, and one alone has no value to be compared', () => {
  const parts = partsOf('scorecard', around([bank, tax, ...parks]), ['park-b'])
  expect(parts.hosts).toEqual([{ party: 'park-b', dataset: 'tenants' }])
  const { spec } = readJobText(jobTemplate((en) => en, 'scorecard', parts))
  expect(spec?.value).toBeUndefined()
  expect(lacking('scorecard', around([bank, tax]), [])).toBe('nobody is chosen to take part')
})

test.each(BINNING_TEMPLATES)(
  '%s goes on from the bins of an earlier job of the same data, whose sections stand as they were',
  (name) => {
    const first = readJobText(`version: 1
name: first
purpose: "a: b"
guest: { party: bank, dataset: loans, columns: [b, a] }
hosts: [{ party: park-a, dataset: tenants }, { party: tax, dataset: features }]
align: { minIntersection: 70, mode: left }
split: { kind: keyed-hash, holdout: 0.25, outOfTime: { column: m, from: '2024-01' } }
bin: { bins: 7, method: chi-merge }
train: { rounds: 11, columns: woe }
`).spec as JobSpec
    const job = 'job-0123456789abcdef0123'
    const other = { job: 'job-00000000000000000000', spec: { ...first, guest: { ...first.guest, dataset: 'months' } } }
    const surroundings = around([bank, tax, ...parks.slice(0, 1)], [], [other, { job, spec: first }])
    const { spec, problems } = readJobText(jobTemplate((en) => en, name, partsOf(name, surroundings)))
    expect(problems).toEqual([])
    expect(spec?.reuse).toEqual({ job, through: 'bin' })
    for (const section of ['purpose', 'guest', 'hosts', 'align', 'split', 'bin'] as const)
      expect(JSON.stringify(spec?.[section])).toBe(JSON.stringify(first[section]))
    if (name !== 'scan') expect(spec?.train?.rounds).toBe(11)
    expect(partsOf(name, surroundings, ['tax']).reuse).toBeUndefined()
  },
)

test('three parties with the same columns are a group, and the first host is another', () => {
  const parts = partsOf('hybrid', around([bank, ...parks, tax]))
  expect(parts.hosts.map((host) => host.party)).toEqual(['tax', 'park-a', 'park-b', 'park-c'])
  expect(parts.groups).toEqual([{ name: 'parks', members: ['park-a', 'park-b', 'park-c'] }])
  expect(lacking('hybrid', around([bank, tax, ...parks.slice(1)]))).toMatch(/^it takes three parties/)
})

test('averaging takes those with labels and the same columns', () => {
  const labelled = ['x', 'y'].map((name) => party(name, data('rows', { label: 'bad', id_kind: 'plain' })))
  expect(partsOf('parks', around([bank, tax, ...labelled])).hosts.map((host) => host.party)).toEqual(['x', 'y'])
  expect(lacking('parks', around([bank, tax]))).toMatch(/^it takes two other parties/)
})

test('scoring takes the trees of the newest job that grew some, with its partners in their order', () => {
  const job = (id: string, changes: object = {}) => ({
    job: id,
    guest: 'bank',
    hosts: ['park-a', 'tax'],
    state: 'succeeded',
    tasks: [{ task: 'boost' }],
    ...changes,
  })
  const jobs = [job('job-1', { state: 'failed' }), job('job-2', { guest: 'tax' }), job('job-3'), job('job-4')]
  const parts = partsOf('score', around([bank, tax, ...parks], jobs))
  expect(parts).toMatchObject({ job: 'job-3', hosts: [{ party: 'park-a' }, { party: 'tax' }] })
  expect(lacking('score', around([bank, tax], jobs))).toMatch(/^no job of your party/)
})

test('without a label, or without a partner, it says so', () => {
  expect(lacking('trees', around([party('bank', data('loans')), tax]))).toMatch(/no data set with a label/)
  expect(lacking('trees', around([bank, phone]))).toMatch(/^no other party/)
})

test.each(TEMPLATES)('what is filled in is a job that can be submitted: %s', (name) => {
  const labelled = ['x', 'y'].map((other) => party(other, data('rows', { label: 'bad' })))
  const grown = {
    job: 'job-00000000000000000001',
    guest: 'bank',
    hosts: ['tax'],
    state: 'succeeded',
    tasks: [{ task: 'boost' }],
  }
  const parts = partsOf(name, around([bank, tax, ...parks, ...labelled], [grown]))
  for (const language of ['en', 'zh']) {
    const text = jobTemplate((en, zh) => (language === 'zh' ? zh : en), name, parts)
    expect(readJobText(text).problems).toEqual([])
  }
})
