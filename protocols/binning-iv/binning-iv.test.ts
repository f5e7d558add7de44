// The federated binning against the same binning in the clear: every count, every weight, every method.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assignBins, NO_CONSENT, NO_ROW } from '#credit/bins.ts'
import { type BinMethod, countBins } from '#credit/binning.ts'
import { HePool } from '#crypto/he/pool.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { runInMemory } from '#protocols/core/memory.ts'
import * as rows from '#protocols/core/aligned-rows.ts'
import type { SetName } from '#protocols/core/aligned-rows.ts'
import { guestFloor } from './counts.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { type GuestOutput, type HostOutput, LEAST_COUNT } from './params.ts'
import { referenceColumn } from './reference.ts'
import { bin, HOSTS, makeSample, type Sample, type SampleOptions } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
}, 60_000)
afterAll(() => pool[Symbol.asyncDispose]())

const SETS = [
  { name: 'train', rows: 3000 },
  { name: 'holdout', rows: 700 },
  { name: 'oot', rows: 1100 },
  { name: 'recent', rows: 40 },
] as const

/** Runs a sample and compares everything with the reference. */
async function compare(sample: Sample): Promise<void> {
  const { guest, hosts } = await bin(pool, sample)
  const trainWeight = sample.guest.weights.subarray(0, sample.guest.sets[0]!.rows).reduce((sum, w) => sum + w, 0)
  const floor = guestFloor(sample.guest.params, trainWeight)
  for (const [h, host] of sample.hosts.entries()) {
    for (const [c, column] of host.columns.entries()) {
      const owned = hosts[h]!.columns[c]!
      const known = guest.parties[HOSTS[h]!]![c]!
      const reference = referenceColumn(sample.guest, host, column, floor)
      expect(owned.bins).toEqual(reference.bins)
      const assigned = assignBins(column.values, host.rows, owned.bins)
      let iv = 0
      for (const { bin: index, number, woe, kind } of owned.table) {
        const count = reference.counts[index]!
        if (number === null) {
          expect(assigned.includes(index)).toBe(false)
          continue
        }
        const alias = known.bins[number - 1]!
        expect(alias).toMatchObject({ number, kind })
        const closed = count.n > 0 && count.n < floor
        const expected = closed ? 0 : reference.woe.bins[index]!.woe
        expect(Math.abs(woe - expected)).toBeLessThan(1e-9)
        expect(alias.woe).toBe(woe)
        expect(alias).toMatchObject(closed ? { n: null, bad: null } : { n: count.n, bad: count.bad })
        iv += closed ? 0 : reference.woe.bins[index]!.iv
        let from = 0
        for (const set of sample.guest.sets) {
          const range = [from, (from += set.rows)] as const
          const inSet = countBins(
            assigned.subarray(...range),
            owned.bins,
            sample.guest.labels.subarray(...range),
            sample.guest.weights.subarray(...range),
          )[index]!
          const hidden = closed || (inSet.n > 0 && inSet.n < LEAST_COUNT)
          const bad = set.name === 'recent' ? null : inSet.bad
          expect(alias.sets[set.name]).toEqual(hidden ? null : { n: inSet.n, bad })
        }
      }
      expect(Math.abs(known.iv - iv)).toBeLessThan(1e-9)
    }
  }
}

const cases: [string, SampleOptions][] = [
  ...(['quantile', 'equal-width', 'chi-merge', 'monotonic'] as const satisfies BinMethod[]).map(
    (method): [string, SampleOptions] => [method, { params: { method } }],
  ),
  ['two hosts, four sets, missing values, special codes, rows not there', { widths: [2, 1], sets: SETS, left: true }],
  [
    'four hosts with monotonic bins in left mode',
    { params: { method: 'monotonic' }, widths: [1, 1, 2, 1], left: true },
  ],
]

describe('equals the binning in the clear', () => {
  test.each(cases)('%s', async (_, options) => compare(makeSample(options)), 60_000)

  test('manual cut points stay as they are', async () => {
    const sample = makeSample({ params: { method: 'chi-merge' } })
    const [host] = sample.hosts
    const columns = host!.columns.map((column) => ({ ...column, cuts: [0.25, 0.5] }))
    const fixed: Sample = { ...sample, hosts: [{ ...host!, columns }] }
    await compare(fixed)
    const { hosts } = await bin(pool, fixed)
    expect(hosts[0]!.columns[0]!.bins.cuts).toEqual([0.25, 0.5])
  }, 60_000)
})

test('stability compares each set with the training rows, and the shape is that of ascending values', async () => {
  const { guest, hosts } = await bin(pool, makeSample({ sets: SETS, widths: [3] }))
  for (const [c, column] of guest.parties['tax']!.entries()) {
    expect(Object.keys(column.stability)).toEqual(['holdout', 'oot', 'recent'] satisfies SetName[])
    expect(column.stability.oot).toBeLessThan(0.05)
    const woes = hosts[0]!.columns[c]!.table.filter(({ kind }) => kind === 'value').map(({ woe }) => woe)
    const rising = woes.every((woe, i) => i === 0 || woe > woes[i - 1]!)
    expect(column.shape.direction === 'rising').toBe(rising)
  }
  expect(guest.parties['tax']![2]!.shape).toEqual({ direction: 'rising', turningPoints: 0 })
}, 60_000)

test('a host and a guest that start anew before every step come to the same end', async () => {
  const sample = makeSample({ widths: [2], params: { method: 'monotonic' } })
  const anew = (open: () => RoleProgram<never, never, unknown>): RoleProgram<never, never, unknown> => ({
    setup: (task, input) => open().setup(task, input),
    round: (task, input, state, round) => open().round(task, input, state, round),
    finish: (task, input, state) => open().finish(task, input, state),
  })
  const outputs = await runInMemory([
    { id: 'bank', program: anew(() => openGuest(pool) as never), input: sample.guest },
    { id: 'tax', program: anew(() => openHost(pool) as never), input: sample.hosts[0] },
  ])
  const known = (outputs.get('bank') as GuestOutput).parties['tax']!
  for (const [c, owned] of (outputs.get('tax') as HostOutput).columns.entries()) {
    const told = owned.table.flatMap(({ number, woe }) => (number === null ? [] : [[number, woe]]))
    expect(new Map(told as [number, number][])).toEqual(new Map(known[c]!.bins.map(({ number, woe }) => [number, woe])))
  }
}, 60_000)

test('the words for rows that are not there are those of an alignment', () => {
  expect([NO_ROW, NO_CONSENT]).toEqual([rows.NO_ROW, rows.NO_CONSENT])
})
