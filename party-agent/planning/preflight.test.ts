import { expect, test } from 'vitest'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import type { FederationView } from '../link/coordinator-client.ts'
import { preflight } from './preflight.ts'

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
  found.findings.filter((finding) => finding.level === level).map(({ text }) => text.en)

test('a job that fits has no problem, an estimate for each task, and the warning of a single partner', () => {
  const found = preflight(spec(), view())
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
  expect(texts(preflight(job, federation), 'problem')).toEqual([text])
})

test('a party that is away and features that are too many for the rows are warned of', () => {
  const found = preflight(spec({ train: { rounds: 500 } }), view({ away: {} }))
  expect(texts(found, 'warning')).toEqual(
    expect.arrayContaining([
      'tax is away: the job would wait for its agent',
      '2 columns in 500 rounds need 10000 training rows; there are at most 5600',
    ]),
  )
})

const parks = (changes: object = {}) =>
  checkJobSpec({
    version: 1,
    name: 'x',
    guest: { party: 'park-a', dataset: 'loans' },
    hosts: [
      { party: 'park-b', dataset: 'loans' },
      { party: 'park-c', dataset: 'loans' },
    ],
    average: { rounds: 10 },
    ...changes,
  }).spec as JobSpec
const parksView = (ofC: object = {}) =>
  ({
    federation: 'test',
    parties: ['park-a', 'park-b', 'park-c'].map((name) =>
      party(name, [offer('loans', { label: 'bad', id_kind: name, ...(name === 'park-c' ? ofC : {}) })]),
    ),
  }) as unknown as FederationView

test('parties with the same columns: rows add up, kinds of ids do not matter, and what averaging costs is estimated', () => {
  const found = preflight(parks(), parksView())
  expect(found.findings).toEqual([])
  expect(found.rows).toBe(24_000)
  expect(found.estimate.map(({ task }) => task)).toEqual(['statistics', 'average'])
  expect(found.estimate.every(({ bytes, seconds }) => bytes > 0 && seconds > 0)).toBe(true)
})

test.each([
  ['no label', { label: '' }, 'problem', 'park-c/loans declares no label'],
  ['too few rows', { rows: 80 }, 'problem', '80 rows, and average.minimumRows is 100'],
  ['other numbers of columns', { columns: ['a'] }, 'problem', '1 columns, park-a has 2: all parties bring the same'],
  ['other names', { columns: ['a', 'c'] }, 'warning', 'c: not among the columns of park-a, unless by an alias'],
])('a park with %s is found before anybody is asked', (_, ofC, level, text) => {
  expect(texts(preflight(parks(), parksView(ofC)), level)).toEqual([text])
})

test('a member of a group that offers other columns is a problem that names it', () => {
  const hosts = ['tax', 'park-a', 'park-b', 'park-c'].map((name) => ({ party: name, dataset: 'rows' }))
  const groups = [{ name: 'parks', members: ['park-a', 'park-b', 'park-c'] }]
  const job = spec({ hosts, groups, align: { mode: 'left' }, boost: {} })
  const withoutDecoys = spec({ hosts, groups, align: { mode: 'left', decoys: 0 }, boost: {} })
  const federation = (columns: string[]) =>
    ({
      federation: 'test',
      parties: [
        party('bank', [offer('loans', { label: 'bad' })]),
        ...hosts.map(({ party: name }) => party(name, [offer('rows', name === 'park-b' ? { columns } : {})])),
      ],
    }) as unknown as FederationView
  const fits = preflight(job, federation(['b', 'a']))
  expect(texts(fits, 'problem')).toEqual([])
  expect(texts(fits, 'warning')).toEqual([expect.stringContaining('up to 12288 rows and more beside 8000 of yours')])
  expect(preflight(withoutDecoys, federation(['a', 'c'])).findings).toEqual([
    {
      check: 'groups',
      level: 'problem',
      party: 'park-b',
      text: expect.objectContaining({
        en: 'members of parks bring the same columns: park-b lacks b of park-a and adds c',
      }),
      mend: expect.anything(),
    },
  ])
})

test('bins of data that an earlier job has binned are warned of, unless the job goes on from it', () => {
  const binned = spec({ bin: {}, train: { columns: 'woe' } })
  const earlier = [{ job: 'job-0123456789abcdef0123', spec: binned }]
  const warned = (job: JobSpec, known = earlier) =>
    preflight(job, view(), known).findings.filter(({ check }) => check === 'bins')
  expect(warned(binned)).toMatchObject([{ level: 'warning', party: 'tax' }])
  expect(warned(binned)[0]?.mend.en).toContain('reuse: { job: job-0123456789abcdef0123, through: bin }')
  const reuse = { job: 'job-0123456789abcdef0123', through: 'bin' }
  expect(warned(spec({ bin: {}, train: { columns: 'woe' }, reuse }))).toEqual([])
  expect(warned(binned, [])).toEqual([])
  expect(warned(spec())).toEqual([])
})

test('standard errors of more columns than there are rows for are warned of', () => {
  const columns = Array.from({ length: 40 }, (_, i) => `c${i}`)
  const job = (select: object) => spec({ bin: {}, select, train: { columns: 'woe', standardErrors: true } })
  const warned = (select: object) =>
    preflight(job(select), view({ filings: { columns } })).findings.filter(({ check }) => check === 'features')
  expect(warned({})[0]?.text.en).toBe('standard errors of 42 columns need 9460 training rows; there are at most 5600')
  expect(warned({ maximumColumns: 20 })).toEqual([])
})
