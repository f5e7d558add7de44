import { expect, test } from 'vitest'
import { type Approval, type AskedOfOwner, covers } from '#protocols/core/approval.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { cardDigests } from './cards.ts'
import { draftApproval } from './draft.ts'

const NOW = new Date('2026-06-01T00:00:00.000Z')
const ASKED: AskedOfOwner = {
  self: 'park-b',
  dataset: 'tenants',
  datasetVersion: 'schema-0123456789abcdef',
  columns: ['rent', 'electricity'],
  label: 'overdue',
}
const specOf = (average: object, hosts = ['park-b', 'park-c']): JobSpec => {
  const { spec, problems } = checkJobSpec({
    version: 1,
    name: 'parks',
    guest: { party: 'park-a', dataset: 'tenants' },
    hosts: hosts.map((party) => ({ party, dataset: 'tenants' })),
    average,
  })
  expect(problems).toEqual([])
  return spec as JobSpec
}
const SPEC = specOf({ rounds: 10, minimumRows: 200 })
const draft = (spec = SPEC, narrow: readonly string[] = [], asked = ASKED): Approval =>
  draftApproval(spec, asked, { template: 'pilot', cards: cardDigests(), now: NOW, narrow })
const missing = (approval: Approval, spec = SPEC, asked = ASKED) => covers(approval, spec, asked, cardDigests(), NOW)

test('a draft covers its own job: with the label, the rows, and as many numbers as each party tells in its turn', () => {
  const approval = draft()
  expect(missing(approval)).toEqual([])
  expect(approval.average).toEqual({ label: 'overdue', minRows: 50 })
  expect(approval.protocols.map(({ name }) => name)).toEqual(['fedavg'])
  // statistics: spread and summary, rounds 0 to 2; average: rows and mean, rounds 0 to 11; to two others
  expect(approval.floors.maxReleasedCells).toBe(2 * (2 * 3 + 2 * 12))
})

test.each<[string, { label?: string | undefined; minRows?: number; maxEpsilon?: string } | undefined, RegExp]>([
  ['nothing over the rows of all', undefined, /^average: park-b approved nothing/],
  ['statistics only', { label: undefined }, /^label: park-b approved none, the data set has overdue/],
  ['another label', { label: 'default' }, /^label: park-b approved default/],
  ['more rows', { minRows: 500 }, /^average: statistics.minimumRows is 50, park-b wants at least 500/],
  ['privacy', { maxEpsilon: '8' }, /differential privacy with an epsilon of at most 8, asked is none/],
])('an approval of %s does not cover the job', (_, change, problem) => {
  const { average, ...rest } = draft()
  const { label, ...kept } = { ...average, minRows: 50, ...change }
  const narrower = { ...kept, ...(label === undefined ? {} : { label }) }
  const approval: Approval = change === undefined ? rest : { ...rest, average: narrower }
  expect(missing(approval)[0]).toMatch(problem)
})

test('a job may spend as much as was approved, and no more', () => {
  const approval = draft(specOf({ privacy: { budget: 4 } }))
  expect(approval.average?.maxEpsilon).toBe('4')
  expect(missing(approval, specOf({ privacy: { budget: 3 } }))).toEqual([])
  expect(missing(approval, specOf({ privacy: { budget: 5 } }))).toEqual([
    'average: park-b wants differential privacy with an epsilon of at most 4, asked is 5',
  ])
})

test('a job of statistics reads no label, and is approved without one', () => {
  const { average: _, ...rest } = SPEC
  const { label: __, ...unlabelled } = ASKED
  const approval = draft(rest as JobSpec)
  expect(approval.average).toEqual({ minRows: 50 })
  expect(missing(approval, rest as JobSpec, unlabelled)).toEqual([])
  expect(missing(approval)).toContain('label: park-b approved none, the data set has overdue')
})

test('signers narrow rows and privacy, and cannot widen them', () => {
  expect(draft(SPEC, ['minRows=500', 'maxEpsilon=2.5']).average).toMatchObject({ minRows: 500, maxEpsilon: '2.5' })
  const refused = (spec: JobSpec, change: string) => {
    let code = ''
    try {
      draft(spec, [change])
    } catch (error) {
      code = (error as { code: string }).code
    }
    return code
  }
  expect(refused(SPEC, 'minRows=10')).toBe('approval.invalid')
  expect(refused(specOf({ privacy: { budget: 4 } }), 'maxEpsilon=5')).toBe('approval.invalid')
  expect(refused(SPEC, 'maxEpsilon=many')).toBe('approval.invalid')
})
