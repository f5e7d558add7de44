// The settings of the trees, several hosts, and data with holes: each run against the same training in the clear.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aucOf } from '#credit/evaluation/discrimination.ts'
import { rankRows } from '#credit/evaluation/ranking.ts'
import { HePool } from '#crypto/he/pool.ts'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import { runInMemory } from '#protocols/core/memory.ts'
import { isRight } from '#credit/trees/tree.ts'
import { sidesOfValues } from './owner-columns.ts'
import type { GuestOutput, HostOutput } from './params.ts'
import { comparedModel, comparedReference, trainInTheClear } from './reference.ts'
import { boost, makeSample, partiesOf, type SampleOptions } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const SETS: readonly AlignedSet[] = [
  { name: 'train', rows: 1900 },
  { name: 'holdout', rows: 403 },
  { name: 'oot', rows: 61 },
  { name: 'recent', rows: 9 },
]
const EXACT = { precision: 'exact' } as const

async function againstReference(options: SampleOptions) {
  const sample = makeSample(options)
  const { precision } = sample.guest.params.boost
  const run = await boost(pool, sample)
  const reference = trainInTheClear(sample, precision === 'exact' ? 'real' : precision)
  expect(comparedModel(run.guest, run.hosts)).toEqual(comparedReference(sample, reference))
  const margins = Object.values(run.guest.margins).flatMap((some) => [...some])
  expect(margins.length).toBe(sample.guest.labels.length)
  for (const [row, margin] of margins.entries()) expect(margin).toBeCloseTo(reference.margins[row]!, 9)
  return { ...run, sample, reference }
}

describe('splits and leaf values are those of the training in the clear, with exact gradients', () => {
  test.each<[string, SampleOptions]>([
    ['two hosts', { widths: [2, 3, 2], boost: EXACT }],
    ['four hosts', { widths: [1, 2, 1, 2, 1], boost: EXACT }],
    ['a guest without columns', { widths: [0, 2, 2], boost: EXACT }],
    ['sets, decoys, rows that are not there, missing values, weights', { sets: SETS, left: true, boost: EXACT }],
    ['the same, with visible membership', { sets: SETS, left: true, boost: EXACT, membership: 'visible' }],
    ['two hosts, visible membership', { widths: [2, 2, 2], boost: EXACT, membership: 'visible' }],
    ['prescribed directions', { signs: true, left: true, widths: [2, 4], boost: EXACT }],
    ['sampled rows and columns', { widths: [3, 5], boost: { ...EXACT, rowSample: 0.6, columnSample: 0.5 } }],
    [
      'sampled rows, visible membership',
      { widths: [2, 2], membership: 'visible', boost: { ...EXACT, trees: 1, rowSample: 0.5 } },
    ],
    ['one-side sampling', { boost: { ...EXACT, goss: { top: 0.2, other: 0.3 } } }],
    ['squared error', { boost: { ...EXACT, objective: 'squared', lambda: 3, gamma: 0.2 } }],
    ['counts', { boost: { ...EXACT, objective: 'poisson', maxDeltaStep: 0.7 } }],
    ['first trees of the guest alone', { boost: { ...EXACT, trees: 3, guestFirst: 1 } }],
    ['a deep tree that is not full', { boost: { ...EXACT, trees: 1, depth: 6, bins: 16, minLeafRows: 120 } }],
    ['63 cells', { boost: { ...EXACT, trees: 1, depth: 2, bins: 63 }, sets: [{ name: 'train', rows: 4000 }] }],
  ])('%s', async (_, options) => {
    await againstReference(options)
  })
})

describe('parties whose machines have no kernels', () => {
  test.each(['hidden', 'visible'] as const)(
    'beside one that has them, %s: the same trees, bit for bit',
    async (membership) => {
      await using alone = await HePool.open({ workers: 1, engine: 'seal' })
      const boosting = { trees: 1, depth: 2, bins: 8 }
      const sample = makeSample({
        widths: [1, 2, 2],
        membership,
        boost: boosting,
        sets: [{ name: 'train', rows: 900 }],
      })
      const [guest, tax, social] = partiesOf(pool, sample)
      const [guestAlone, taxAlone] = partiesOf(alone, sample)
      const reference = comparedReference(sample, trainInTheClear(sample, 'quantised'))
      for (const parties of [
        [guest!, taxAlone!, social!],
        [guestAlone!, tax!, social!],
      ]) {
        const outputs = await runInMemory(parties)
        const hosts = [outputs.get('tax'), outputs.get('social')] as HostOutput[]
        expect(comparedModel(outputs.get('bank') as GuestOutput, hosts)).toEqual(reference)
      }
    },
  )
})

describe('quantised gradients', () => {
  test('give the model of the same rounding in the clear, and nearly the AUC of exact ones', async () => {
    const { guest, sample } = await againstReference({ sets: SETS, boost: { trees: 4 } })
    const exact = trainInTheClear(sample, 'real')
    const labels = Uint8Array.from(sample.guest.labels)
    const aucAt = (margins: Float64Array) => aucOf(rankRows(margins, labels.subarray(0, margins.length)))
    expect(Math.abs(aucAt(guest.margins.train!) - aucAt(exact.margins.subarray(0, 1900)))).toBeLessThan(0.001)
  })
})

test('training stops early where hold-out rows gain nothing more, and drops the trees after the best', async () => {
  const { guest, hosts } = await againstReference({
    sets: SETS,
    boost: { ...EXACT, trees: 30, depth: 3, learningRate: 1, earlyStopping: { rounds: 2 } },
  })
  expect(guest.stoppedEarly).toBe(true)
  expect(guest.losses.length).toBe(guest.trees.length + 2)
  expect(hosts[0]!.trees).toBe(guest.trees.length)
  // both sides keep the splits of trees that count, by the same numbers
  expect(hosts[0]!.splits.map(({ alias }) => alias)).toEqual(guest.aliases[1])
  expect(guest.splits.map(({ alias }) => alias)).toEqual(guest.aliases[0])
  const best = Math.min(...guest.losses.map(({ holdout }) => holdout!))
  expect(guest.losses[guest.trees.length - 1]!.holdout).toBe(best)
})

test('a host tells the side of other rows as it told that of the training rows', async () => {
  const { guest, hosts, sample } = await againstReference({ left: true, boost: { trees: 1 } })
  const [root] = guest.trees[0]!.nodes
  const { owner, split } = root!.split!
  expect(owner).toBe(1)
  const owned = hosts[0]!.splits[split]!
  const { rows, columns } = sample.hosts[0]!
  const { values } = columns.find(({ alias }) => alias === owned.alias)!
  const sides = sidesOfValues(owned, values, (row) => rows![row]! < 0xffff_fffe)
  const right = Array.from(values, (_, row) => row).filter(
    (row) => sample.guest.weights[row]! > 0 && isRight(sides, row),
  )
  expect(right.length).toBe(guest.trees[0]!.nodes[2]!.rows)
})
