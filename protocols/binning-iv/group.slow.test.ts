// A group of three against one host with the rows of all; what the guest sees of one member; crashes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assignBins } from '#credit/bins.ts'
import { countBins } from '#credit/binning.ts'
import { setNamed } from '#crypto/he/params.ts'
import { HePool } from '#crypto/he/pool.ts'
import { uniformValues } from '#crypto/uniformity.ts'
import { MemoryNetwork, memoryVault, runInMemory } from '#protocols/core/memory.ts'
import { runThroughCrashes } from '#protocols/core/memory-crashes.ts'
import { ciphertexts, columns as columnsCodec } from './bodies.ts'
import { guestFloor } from './counts.ts'
import { binGroup, type GroupSample, groupParties, makeGroupSample } from './group-sample.ts'
import { cellsOf, setFor, windowsFor } from './layout.ts'
import { fieldsFor, unpackSum } from './packing.ts'
import { type GuestOutput, type HostOutput, LEAST_COUNT } from './params.ts'
import { referenceColumn } from './reference.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const SETS = [
  { name: 'train', rows: 3000 },
  { name: 'holdout', rows: 700 },
  { name: 'recent', rows: 40 },
] as const

/** Everything that guest and members are left with, against the pooled rows. */
function expectPooled({ guest: input, pooled }: GroupSample, guest: GuestOutput, members: readonly HostOutput[]): void {
  expect(Object.keys(guest.parties)).toEqual(['tax', 'parks'])
  for (const member of members) expect(member).toEqual(members[0])
  const trainWeight = input.weights.subarray(0, input.sets[0]!.rows).reduce((sum, weight) => sum + weight, 0)
  const floor = guestFloor(input.params, trainWeight)
  expect(members[0]!.columns.map(({ alias }) => alias)).toEqual(pooled.columns.map(({ alias }) => alias).toSorted())
  for (const [c, owned] of members[0]!.columns.entries()) {
    const column = { ...pooled.columns[c]!, cuts: owned.bins.cuts }
    const reference = referenceColumn(input, pooled, column, floor)
    expect(owned.bins).toEqual(reference.bins)
    expect(owned.bins.cuts.length).toBeGreaterThan(1)
    const known = guest.parties['parks']![c]!
    expect(known.alias).toBe(owned.alias)
    const assigned = assignBins(column.values, pooled.rows, owned.bins)
    for (const { bin, number, kind, woe } of owned.table) {
      const { n, bad } = reference.counts[bin]!
      const closed = n > 0 && n < floor
      expect(woe).toBe(closed || n === 0 ? 0 : reference.woe.bins[bin]!.woe)
      if (number === null) {
        expect(assigned.includes(bin)).toBe(false)
        continue
      }
      expect(known.bins[number - 1]).toMatchObject(closed ? { kind, n: null } : { kind, n, bad, woe })
      let from = 0
      for (const { name, rows } of input.sets) {
        const range = [from, (from += rows)] as const
        const [labels, weights] = [input.labels.subarray(...range), input.weights.subarray(...range)]
        const inSet = countBins(assigned.subarray(...range), owned.bins, labels, weights)[bin]!
        const hidden = closed || (inSet.n > 0 && inSet.n < LEAST_COUNT)
        const shown = { n: inSet.n, bad: name === 'recent' ? null : inSet.bad }
        expect(known.bins[number - 1]!.sets[name]).toEqual(hidden ? null : shown)
      }
    }
  }
}

describe('counts and weights of evidence are those of the pooled rows', () => {
  test.each(['quantile', 'equal-width'] as const)(
    '%s, three sets',
    async (method) => {
      const sample = makeGroupSample({ sets: SETS, params: { method } })
      const { guest, members } = await binGroup(pool, sample)
      expectPooled(sample, guest, members)
    },
    60_000,
  )

  test('cut points that all members declare', async () => {
    const sample = makeGroupSample()
    const declared = <Host extends { readonly columns: GroupSample['pooled']['columns'] }>(host: Host) => ({
      ...host,
      columns: host.columns.map((column) => ({ ...column, cuts: [0.25, 0.5, 0.75] })),
    })
    const same = { ...sample, members: sample.members.map(declared), pooled: declared(sample.pooled) }
    const { guest, members } = await binGroup(pool, same)
    expectPooled(same, guest, members)
    expect(members[0]!.columns[0]!.bins.cuts).toEqual([0.25, 0.5, 0.75])
  }, 60_000)
})

describe('what the guest opens of one member', () => {
  const sample = makeGroupSample({ sets: [{ name: 'train', rows: 2000 }], widths: [1, 12] })

  /** The sums of park-a as the guest can open them, column after column. @param open the pool of the members */
  async function openedOf(members: HePool) {
    const network = new MemoryNetwork()
    const vault = memoryVault()
    const [bank, ...hosts] = groupParties(pool, sample)
    const others = groupParties(members, sample).slice(1)
    const outputs = await runInMemory(
      [{ ...bank!, vault }, ...hosts.map((host, i) => ({ ...host, ...others[i] }))],
      network,
    )
    const key = pool.decodeKeyPair(await vault.once('key/0', () => Promise.reject(new Error('no key'))))
    const said = (step: string) => network.transcript.find((one) => one.step === step && one.from === 'park-a')!.bytes
    const shown = columnsCodec.decode(said('host-columns'))
    const windows = windowsFor(shown)
    const answers = ciphertexts.decode(said('cell-sums'))
    const opened = answers.map((answer, c) => pool.decryptCells(key, answer, windows, cellsOf(shown[c]!)))
    return {
      opened: await Promise.all(opened),
      shown,
      guest: outputs.get('bank') as GuestOutput,
      columns: (outputs.get('park-a') as HostOutput).columns,
    }
  }

  /** Rows with a weight that park-a has in each bin that the guest is shown, sorted: the order of cells is not the matter. */
  function trueCounts(columns: HostOutput['columns']) {
    const { labels, weights } = sample.guest
    return columns.map(({ name, bins, table }) => {
      const { values } = sample.members[0]!.columns.find((column) => column.name === name)!
      const counts = countBins(assignBins(values, sample.members[0]!.rows, bins), bins, labels, weights)
      return table.flatMap(({ bin, number }) => (number === null ? [] : [counts[bin]!.n])).toSorted((a, b) => a - b)
    })
  }

  const set = setFor(sample.guest.sets, 16)
  const weight = sample.guest.weights.reduce((sum, one) => sum + one, 0)
  const bad = sample.guest.labels.reduce((sum, label, row) => sum + label * sample.guest.weights[row]!, 0)
  const fields = fieldsFor(set, weight, bad)
  const countsIn = (opened: readonly Float64Array[]) =>
    opened.map((sums) => Array.from(sums, (sum) => unpackSum(sum, fields).n).toSorted((a, b) => a - b))

  test('looks uniform, and holds none of its counts', async () => {
    const { opened, columns } = await openedOf(pool)
    const values = opened.flatMap((sums) => [...sums])
    expect(values.length).toBeGreaterThan(100)
    expect(uniformValues(values, setNamed(set).plainModulus)).toBe(true)
    const counts = countsIn(opened)
    for (const [c, expected] of trueCounts(columns).entries()) expect(counts[c]).not.toEqual(expected)
  }, 60_000)

  test('positive control: without masks the guest reads each count of the member', async () => {
    const unmasked = new Proxy(pool, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        if (name !== 'openHistogram') return value.bind(target) as unknown
        return (...ask: Parameters<HePool['openHistogram']>) => {
          const histogram = target.openHistogram(...ask)
          const protect = histogram.protect.bind(histogram)
          histogram.protect = (column, cells) => protect(column, cells)
          return histogram
        }
      },
    })
    const { opened, columns, guest } = await openedOf(unmasked)
    expect(countsIn(opened)).toEqual(trueCounts(columns))
    // and the sums over the group are what they are with masks
    const { guest: masked } = await openedOf(pool)
    const sorted = ({ parties }: GuestOutput) =>
      parties['parks']!.map(({ bins }) => bins.map(({ n, woe }) => [n, woe]).toSorted((a, b) => a[1]! - b[1]!))
    expect(sorted(guest)).toEqual(sorted(masked))
  }, 60_000)
})

test('crashes change nothing', async () => {
  const sample = makeGroupSample()
  const { outputs, crashes, disks } = await runThroughCrashes(
    () => groupParties(pool, sample),
    [10, 30, 20, 3, 5, 1000],
  )
  expect(crashes).toBe(5)
  expect(new Set(disks.made).size).toBe(disks.made.length)
  expectPooled(sample, outputs[0] as GuestOutput, outputs.slice(2) as HostOutput[])
})
