import { expect, test } from 'vitest'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { PolicyConfig } from '../config.ts'
import { decide } from './policy.ts'

type JobRule = PolicyConfig['jobs'][number]

const RULE: JobRule = {
  guest: 'bank',
  purposes: ['credit model'],
  protocols: ['psi', 'vertical-lr'],
  datasets: { filings: { columns: ['sales', 'late'] } },
  peers: ['social'],
  minIntersection: 1000,
  maxRounds: 30,
}

function job(changes: Record<string, unknown> = {}): JobSpec {
  const { spec, problems } = checkJobSpec({
    version: 1,
    name: 'joint credit',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings', columns: ['sales'] }],
    ...changes,
  })
  expect(problems).toEqual([])
  return spec as JobSpec
}

function failures(rules: readonly JobRule[], spec: JobSpec, offered = ['sales', 'late', 'paid']): readonly string[] {
  try {
    decide({ jobs: [...rules] }, spec, 'tax', offered)
    return []
  } catch (error) {
    expect(error).toMatchObject({ code: 'policy.denied', detail: { party: 'tax', guest: spec.guest.party } })
    return (error as PlatformError).detail['failed'] as string[]
  }
}

test('what one rule allows passes', () => {
  expect(failures([RULE], job())).toEqual([])
})

test('an empty policy refuses every job, and so does one about another guest', () => {
  expect(failures([], job())).toEqual(['guest: no rule of the policy is about bank'])
  expect(failures([{ ...RULE, guest: 'other' }], job())).toHaveLength(1)
})

test.each<[string, Partial<JobRule>, Record<string, unknown>, RegExp]>([
  ['a protocol', { protocols: ['psi'] }, {}, /^protocols: asked for vertical-lr$/],
  ['a purpose', {}, { purpose: 'marketing' }, /^purposes: asked for "marketing"$/],
  ['a data set', { datasets: { other: { columns: 'all' } } }, {}, /^datasets: asked for filings$/],
  ['a column', { datasets: { filings: { columns: ['late'] } } }, {}, /^datasets\.filings\.columns: asked for sales$/],
  ['a smaller intersection', {}, { align: { minIntersection: 999 } }, /^minIntersection: asked for 999/],
  ['more rounds', {}, { train: { rounds: 31 } }, /^maxRounds: asked for 31/],
])('%s that the rule does not allow is refused by name', (_, rule, changes, pattern) => {
  expect(failures([{ ...RULE, ...rule }], job(changes))).toEqual([expect.stringMatching(pattern)])
})

test('a peer that is not listed is refused, the guest and this party need not be', () => {
  const hosts = [
    { party: 'tax', dataset: 'filings', columns: ['sales'] },
    { party: 'social', dataset: 'staff' },
    { party: 'land', dataset: 'titles' },
  ]
  expect(failures([RULE], job({ hosts }))).toEqual(['peers: land would take part'])
  expect(failures([{ ...RULE, peers: 'any' }], job({ hosts }))).toEqual([])
})

test('`all` columns are as many as the data set offers', () => {
  const spec = job({ hosts: [{ party: 'tax', dataset: 'filings' }] })
  expect(failures([RULE], spec)).toEqual(['datasets.filings.columns: asked for paid'])
  expect(failures([RULE], spec, ['sales', 'late'])).toEqual([])
})

test('rules do not add up, and the closest one is reported', () => {
  const onlyPsi: JobRule = { ...RULE, protocols: ['psi'] }
  const onlyTraining: JobRule = { ...RULE, protocols: ['vertical-lr'], maxRounds: 1 }
  expect(failures([onlyTraining, onlyPsi], job())).toEqual(['protocols: asked for vertical-lr'])
})

test("a party's own jobs need a rule too", () => {
  const own = () =>
    decide({ jobs: [{ ...RULE, datasets: { loans: { columns: 'all' } }, peers: 'any' }] }, job(), 'bank', [])
  expect(own).not.toThrow()
  expect(() => decide({ jobs: [] }, job(), 'bank', [])).toThrowError(/^policy\.denied/)
})

test('a party that takes no part in the job refuses it', () => {
  expect(() => decide({ jobs: [RULE] }, job(), 'land', [])).toThrowError(/^job\.unknown-party/)
})
