// A group of hosts beside a host of its own: the trees are those of one host with all rows of the group.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import { boostGroup, makeGroupSample, pooledOwners } from './group-sample.ts'
import { comparedModel, comparedReference, trainInTheClear } from './reference.ts'
import type { SampleOptions } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const SETS: readonly AlignedSet[] = [
  { name: 'train', rows: 1900 },
  { name: 'holdout', rows: 403 },
  { name: 'oot', rows: 61 },
]
const EXACT = { precision: 'exact' } as const

async function againstReference(options: SampleOptions, count?: number) {
  const sample = makeGroupSample(options, count)
  const { precision } = sample.guest.params.boost
  const { guest, hosts } = await boostGroup(pool, sample)
  const owners = await pooledOwners(sample)
  const reference = trainInTheClear(sample.pooled, precision === 'exact' ? 'real' : precision, owners)
  const own = sample.pooled.hosts.length - 1
  const members = hosts.slice(own)
  for (const member of members) expect(member).toEqual(members[0])
  const ofOwners = hosts.slice(0, own + 1)
  expect(comparedModel(guest, ofOwners)).toEqual(comparedReference(sample.pooled, reference, owners.columns))
  const margins = Object.values(guest.margins).flatMap((some) => [...some])
  for (const [row, margin] of margins.entries()) expect(margin).toBeCloseTo(reference.margins[row]!, 9)
  expect(guest.aliases[own + 1]!.length).toBeGreaterThan(0) // splits of the group were chosen
  return { guest, hosts, sample }
}

describe('trees are those of one host with the rows of all members', () => {
  test.each<[string, SampleOptions, number]>([
    ['exact', { boost: EXACT }, 3],
    ['rows of no member, decoys, missing values, weights, sets', { sets: SETS, left: true, boost: EXACT }, 3],
    ['four members, quantised', { boost: { depth: 4 } }, 4],
  ])('%s', async (_, options, members) => {
    await againstReference(options, members)
  })
})
