// An approval of a group's member is about sums over that group, and over no other.
import { expect, test } from 'vitest'
import { type Approval, type AskedOfOwner, type CardDigests, checkApproval, covers } from '#protocols/core/approval.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { decide } from '../policy/policy.ts'
import { draftApproval } from './draft.ts'

const NOW = new Date('2026-06-01T00:00:00.000Z')
const CARDS: CardDigests = new Map(
  ['psi', 'secureboost', 'group'].map((name) => [name, { version: '1', card: 'a'.repeat(64), releases: [] }]),
)
const ASKED: AskedOfOwner = { self: 'park-b', dataset: 'tenants', datasetVersion: '*', columns: ['rent'] }
const PARKS = ['park-a', 'park-b', 'park-c']
const specOf = (groups?: object, parks = PARKS): JobSpec => {
  const hosts = ['tax', ...parks].map((party) => ({ party, dataset: 'tenants' }))
  const sections = { guest: { party: 'bank', dataset: 'loans' }, hosts, align: { mode: 'left' }, boost: {} }
  const { spec, problems } = checkJobSpec({
    version: 1,
    name: 'hybrid',
    ...sections,
    ...(groups === undefined ? {} : { groups }),
  })
  expect(problems).toEqual([])
  return spec as JobSpec
}
const group = (name = 'parks', members = PARKS) => specOf([{ name, members }], members)
const draft = (spec: JobSpec, asked = ASKED): Approval =>
  checkApproval(draftApproval(spec, asked, { template: 'pilot', cards: CARDS, now: NOW }))
const missing = (approval: Approval, spec: JobSpec, asked = ASKED) => covers(approval, spec, asked, CARDS, NOW)

test('the draft of a member names its group, its members and the protocol between them; that of another host does not', () => {
  const approval = draft(group())
  expect(approval.group).toEqual({ name: 'parks', members: PARKS })
  expect(approval.counterparties).toEqual(['tax', 'park-a', 'park-c'])
  expect(approval.protocols.map(({ name }) => name)).toEqual(['psi', 'secureboost', 'group'])
  expect(missing(approval, group())).toEqual([])
  const ofTax = draft(group(), { ...ASKED, self: 'tax' })
  expect(ofTax).not.toHaveProperty('group')
  expect(ofTax.protocols.map(({ name }) => name)).toEqual(['psi', 'secureboost'])
})

test('an approval of sums over the group lets no job have the sums of the member alone', () => {
  expect(missing(draft(group()), specOf())).toEqual([
    'group: park-b approved sums over parks (park-a, park-b, park-c), the job asks for its own',
  ])
})

test('an approval of a host by itself does not make it a member', () => {
  expect(missing(draft(specOf()), group())).toEqual([
    'group: park-b did not approve to be a member of parks (park-a, park-b, park-c)',
    'protocol group: not approved by park-b',
  ])
})

test('a group of others, or by another name, is another group', () => {
  const wider = group('parks', [...PARKS, 'park-d'])
  expect(missing(draft(wider), group())).toEqual([expect.stringMatching(/^group: park-b approved parks .*park-d/)])
  expect(missing(draft(group()), group('zones'))).toEqual([expect.stringMatching(/asked is zones \(park-a, /)])
})

test('a policy has to allow the protocol between members', () => {
  const rule = {
    guest: 'bank',
    purposes: 'any' as const,
    datasets: { tenants: { columns: 'all' as const } },
    peers: 'any' as const,
    minIntersection: 50,
    maxRounds: 100,
  }
  const decideWith = (protocols: ('psi' | 'secureboost' | 'group')[]) =>
    decide({ jobs: [{ ...rule, protocols }] }, group(), 'park-b', ['rent'])
  expect(() => decideWith(['psi', 'secureboost', 'group'])).not.toThrow()
  expect(() => decideWith(['psi', 'secureboost'])).toThrow(
    expect.objectContaining({
      code: 'policy.denied',
      detail: expect.objectContaining({ failed: ['protocols: asked for group'] }),
    }),
  )
})
