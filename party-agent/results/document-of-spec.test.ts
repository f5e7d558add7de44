import { expect, test } from 'vitest'
import { documentItems } from '#credit/report/document.ts'
import { CARDS, cardDigest } from '../approvals/cards.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { factsOfSpec } from './document-of-spec.ts'

const minimal = {
  version: 1,
  name: 'joint credit',
  guest: { party: 'bank', dataset: 'loans' },
  hosts: [{ party: 'tax', dataset: 'filings', columns: 'all' }],
}
const pipeline = {
  ...minimal,
  align: { mode: 'left', decoys: 0.5, minIntersection: 700 },
  split: { kind: 'keyed-hash', holdout: 0.25 },
  bin: { method: 'monotonic', bins: 7 },
  select: {},
  train: { columns: 'woe', l2: 0.25, rounds: 9 },
}
function specOf(job: unknown): JobSpec {
  const { spec, problems } = checkJobSpec(job)
  expect(problems).toEqual([])
  return spec as JobSpec
}
const texts = (fact: string | { readonly zh: string; readonly en: string } | undefined) =>
  typeof fact === 'object' ? [fact.zh, fact.en] : [fact ?? '']

test('all that is stated is an item that the document leaves to the platform', () => {
  const asked = documentItems().filter(({ provider }) => provider === 'platform')
  const stated = Object.entries(factsOfSpec(specOf(pipeline)))
  expect(asked.map(({ id }) => id)).toEqual(expect.arrayContaining(stated.map(([id]) => id)))
  expect(stated.flatMap(([, fact]) => texts(fact)).filter((text) => text.trim() === '')).toEqual([])
})

test('the parameters are those of the job that was signed', () => {
  const facts = factsOfSpec(specOf(pipeline))
  for (const text of texts(facts['alignment.protocol'])) {
    expect(text).toContain('0.5')
    expect(text).toContain('700')
  }
  expect(facts['features.binning']).toContain('method "monotonic", bins 7')
  expect(facts['training.iterations']).toMatch(/columns "woe".*l2 0\.25.*rounds 9/)
  expect(texts(facts['training.seeds']).every((text) => text.includes('keyed-hash'))).toBe(true)
  expect(facts['selection.thresholds']).toBeTypeOf('string')
})

test('what the job has no section for is not stated', () => {
  const facts = factsOfSpec(specOf(minimal))
  expect(Object.keys(facts)).not.toContain('features.binning')
  expect(Object.keys(facts)).not.toContain('selection.thresholds')
  expect(texts(facts['alignment.protocol'])).toEqual([
    expect.stringContaining('内连接，最小交集 1000'),
    expect.stringContaining('inner join, at least 1000 matches'),
  ])
})

test('the leakage statements are named by the digests of the cards that run, and of no others', () => {
  const digests = new Map(CARDS.map((card) => [card.protocol, cardDigest(card)]))
  const [zh, en] = texts(factsOfSpec(specOf(pipeline))['security.leakage'])
  for (const protocol of ['psi', 'binning-iv', 'vertical-lr']) {
    expect(en).toContain(
      `${protocol} v${CARDS.find((card) => card.protocol === protocol)?.version}: ${digests.get(protocol)}`,
    )
    expect(zh).toContain(
      `${protocol} v${CARDS.find((card) => card.protocol === protocol)?.version}: ${digests.get(protocol)}`,
    )
  }
  expect(texts(factsOfSpec(specOf(minimal))['security.leakage'])[1]).not.toContain('binning-iv')
})
