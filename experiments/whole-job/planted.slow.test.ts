// What is wrong in the synthetic files on purpose, as a bank finds it that sees bins of its partners and no values: the
// park whose meter readings changed their unit, and the months in which contributions could be deferred.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testContext } from '#cli/test-context.ts'
import type { FeatureFacts } from '#credit/evaluation/pack.ts'
import { featureStability } from '#credit/evaluation/features.ts'
import { loadResultFile, readJson } from '#party-agent/results/stored.ts'
import type { OwnedColumn } from '#protocols/binning-iv/params.ts'
import type { LabMember } from '../lab/homes.ts'
import { runLab } from '../lab/lab.ts'
import { writeSyntheticFederation } from '../synth/federation.ts'
import { planSynthetic } from './synthetic-plan.ts'

const HOSTS = ['social', 'park-a', 'park-b'] as const
/** columns with their own names, which only their owners know */
const features = new Map<string, FeatureFacts>()
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-planted-'))
  const size = { applications: 10_000, seed: 20220101, badRate: 0.25 }
  const parties = ['bank', ...HOSTS] as const
  await writeSyntheticFederation({ directory: folder, ...size, parties, raw: false, reference: false })
  const plan = await planSynthetic(folder, HOSTS, {
    align: { mode: 'left', minIntersection: 100, decoys: 0 },
    // the meters change in July 2023; contributions may be deferred until March 2023
    split: { kind: 'keyed-hash', holdout: 0.2, outOfTime: { column: 'vintage', from: '2023-04', recent: '2023-07' } },
    bin: { bins: 5 },
    train: { columns: 'woe' },
    until: 'bin',
  })
  await runLab(plan, {
    cli: testContext(),
    quiet: true,
    split: 0,
    before: async ({ homes, job }, { state, failure }) => {
      expect([state, failure]).toEqual(['succeeded', undefined])
      const dirOf = (party: string) => join((homes.parties[party] as LabMember).home, 'jobs', job)
      const binning = await loadResultFile(dirOf('bank'), 'binning')
      for (const host of HOSTS) {
        const bins = await readJson<{ readonly columns: readonly OwnedColumn[] }>(join(dirOf(host), 'bins.json'))
        for (const { name, alias } of bins?.columns ?? []) {
          const found = binning?.features.find(({ party, feature }) => party === host && feature === alias)
          if (found !== undefined) features.set(`${host} ${name}`, found)
        }
      }
    },
  })
}, 600_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Stability of a column over the rows that its owner has. */
function shift(name: string, to: 'oot' | 'recent'): number {
  const feature = features.get(name) as FeatureFacts
  return featureStability({ ...feature, bins: feature.bins.filter(({ special }) => !special) }, 'train', to)
}

/** What a table of stability flags. */
const MOVED = 0.25

test('the park whose electricity changed its unit stands out, alone among all columns of the parks', () => {
  const moved = [...features.keys()].filter((name) => name.startsWith('park-') && shift(name, 'recent') > MOVED)
  expect(moved).toEqual(['park-b k_elec'])
  expect(shift('park-b k_elec', 'recent')).toBeGreaterThan(3)
  expect(shift('park-b k_elec', 'oot')).toBeLessThan(MOVED)
  // nine of ten rows of the bank are not at this park, and still the column is flagged
  expect(featureStability(features.get('park-b k_elec') as FeatureFacts, 'train', 'recent')).toBeGreaterThan(MOVED)
})

test('arrears of contributions stand out after the months in which they could be deferred, and nothing else', () => {
  const moved = [...features.keys()].filter((name) => name.startsWith('social ') && shift(name, 'oot') > MOVED)
  expect(moved).toEqual(['social s_arr'])
})
