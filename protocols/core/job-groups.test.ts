import { expect, test } from 'vitest'
import { groupDifferences, groupOf, groupsOf, ownersOf } from './job-groups.ts'
import { checkJobSpec, type JobSpec } from './job-spec.ts'

const host = (party: string, columns: 'all' | string[] = 'all') => ({ party, dataset: 'd', columns })
const hybrid = {
  version: 1,
  name: 'hybrid',
  guest: { party: 'bank', dataset: 'loans' },
  hosts: [host('tax'), host('park-a'), host('park-b'), host('social'), host('park-c')],
  groups: [{ name: 'parks', members: ['park-c', 'park-a', 'park-b'] }],
  align: { mode: 'left' },
  bin: {},
  train: { columns: 'woe' },
  boost: {},
  scorecard: {},
}
const problemsOf = (change: object) =>
  checkJobSpec(JSON.parse(JSON.stringify({ ...hybrid, ...change }))).problems.map(({ path }) => path)

test('members in the order of the job, and owners as the guest counts them', () => {
  const spec = checkJobSpec(hybrid).spec as JobSpec
  const members = ['park-a', 'park-b', 'park-c']
  expect(groupsOf(spec)).toEqual([{ name: 'parks', members }])
  expect(groupOf(spec, 'park-b')?.name).toBe('parks')
  expect(groupOf(spec, 'tax')).toBeUndefined()
  expect(ownersOf(spec)).toEqual([
    { name: 'tax', members: ['tax'], isGroup: false },
    { name: 'parks', members, isGroup: true },
    { name: 'social', members: ['social'], isGroup: false },
  ])
  const alone = checkJobSpec({ ...hybrid, groups: undefined }).spec as JobSpec
  expect(groupsOf(alone)).toEqual([])
  expect(ownersOf(alone).map(({ name }) => name)).toEqual(hybrid.hosts.map(({ party }) => party))
})

const parks = ['park-a', 'park-b', 'park-c']
test.each([
  ['/groups/0/members', { groups: [{ name: 'parks', members: parks.slice(1) }] }],
  ['/groups/0/members/2', { groups: [{ name: 'parks', members: ['park-a', 'park-b', 'park-d'] }] }],
  ['/groups/0/members/2', { groups: [{ name: 'parks', members: ['park-a', 'park-b', 'tax'] }] }],
  ['/groups/0/name', { groups: [{ name: 'tax', members: parks }] }],
  ['/groups/0/members', { hosts: [...hybrid.hosts.slice(0, 4), host('park-c', ['rent'])] }],
  ['/align/mode', { align: {} }],
  ['/train/columns', { train: {}, scorecard: undefined }],
  ['/train/standardErrors', { train: { columns: 'woe', standardErrors: true } }],
  ['/train/precision', { train: { columns: 'woe', precision: 'fine' } }],
  ['/boost/membership', { boost: { membership: 'visible' } }],
  ['/bin/method', { bin: { method: 'chi-merge' } }],
  ['/bin/merges', { bin: { merges: { 'PARKS.001': [[1, 2]] } } }],
  ['/profile', { profile: {} }],
  ['/select', { select: {} }],
  ['/value', { value: {} }],
])('refused at %s', (path, change) => {
  expect(problemsOf(change)).toContain(path)
})

test('a party is in one group, and a name is one group', () => {
  const members = ['park-a', 'park-b', 'social']
  expect(problemsOf({ groups: [hybrid.groups[0], { name: 'parks', members }] })).toEqual([
    '/groups/1/name',
    '/groups/1/members/0',
    '/groups/1/members/1',
  ])
})

test('columns named one by one may be named in any order', () => {
  const columns = ['rent', 'power']
  const hosts = [host('tax'), host('park-a', columns), host('park-b', columns), host('park-c', columns.toReversed())]
  expect(problemsOf({ hosts })).toEqual([])
})

test('a member whose columns differ from those of the first is named, with what it lacks and adds', () => {
  const spec = checkJobSpec(hybrid).spec as JobSpec
  const brought = new Map([['park-b', ['power', 'area']]])
  const differs = groupDifferences(spec, (party) => brought.get(party) ?? ['rent', 'power'])
  expect(differs).toEqual([{ group: 'parks', party: 'park-b', first: 'park-a', lacks: ['rent'], adds: ['area'] }])
  expect(groupDifferences(spec, () => ['power', 'rent'])).toEqual([])
})
