// A group of hosts beside a host of its own: the trees are those of one host with all rows of the group.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addModulo } from '#crypto/he/masks.ts'
import { type HeKeyPair, HePool } from '#crypto/he/pool.ts'
import { setNamed } from '#crypto/he/params.ts'
import { uniformValues } from '#crypto/uniformity.ts'
import { type AlignedSet, isRow } from '#protocols/core/aligned-rows.ts'
import { MemoryNetwork, runInMemory, type Tap, type WireMessage } from '#protocols/core/memory.ts'
import { runThroughCrashes } from '#protocols/core/memory-crashes.ts'
import type { Codec } from '#protocols/core/schedule.ts'
import { GROUP_SETUP, GROUP_SUMS } from '#protocols/group/messages.ts'
import { auditTree } from './audit.ts'
import { ciphertexts, columns, layout, sides } from './bodies.ts'
import { boostGroup, groupParties, type GroupSample, makeGroupSample, pooledOwners } from './group-sample.ts'
import { openGuest } from './guest.ts'
import { BOOSTING, SETUP } from './messages.ts'
import type { GuestOutput, HostInput, HostOutput } from './params.ts'
import { comparedModel, comparedReference, trainInTheClear } from './reference.ts'
import { type SampleOptions, seedOf } from './sample.ts'
import { keysOfTree } from './tree-keys.ts'

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
    [
      'five members, sampled rows and columns, directions',
      { signs: true, boost: { ...EXACT, rowSample: 0.6, columnSample: 0.6, guestFirst: 1 } },
      5,
    ],
  ])('%s', async (_, options, members) => {
    await againstReference(options, members)
  })
})

describe('what the guest opens', () => {
  const SMALL: SampleOptions = { widths: [1, 1, 3], boost: { depth: 2, trees: 1, bins: 16, ...EXACT } }
  const { plainModulus } = setNamed('trees')

  /** All that `from` sent as sums by cell, opened with the guest's key. */
  async function openedOf(said: readonly WireMessage[], key: HeKeyPair, from: string): Promise<Float64Array> {
    const windows = layout.decode(said.find(({ step, to }) => step === 'layout' && to === from)!.bytes)[0]!
    const shown = columns.decode(said.find((one) => one.step === 'tree-columns' && one.from === from)!.bytes)
    // the answers of the root: their bundle is all columns, and its last answer may be short
    const cells = shown.reduce((sum, { values, missing }) => sum + values + Number(missing), 0)
    const wires = said.filter((one) => one.step === 'cell-sums' && one.from === from)
    const all = wires.flatMap(({ bytes }) => ciphertexts.decode(bytes))
    const opened = await Promise.all(
      all.map((wire, i) => {
        const inBundle = i % Math.ceil(cells / windows)
        return pool.decryptCells(key, wire, windows, Math.min(windows, cells - inBundle * windows))
      }),
    )
    return Float64Array.from(opened.flatMap((some) => [...some]))
  }

  test('of one member, and of two of three, uniform numbers; of all the sums', async () => {
    const sample = makeGroupSample(SMALL)
    const network = new MemoryNetwork()
    const parties = groupParties(pool, sample)
    await runInMemory(parties, network)
    const [key] = await keysOfTree({ pool, vault: parties[0]!.vault!, tree: 0 }, sample.guest)
    const opened = await Promise.all(sample.names.map((name) => openedOf(network.transcript, key!, name)))
    const [own, ...members] = opened as [Float64Array, Float64Array, Float64Array, Float64Array]
    const isUniform = (values: Float64Array) => uniformValues(values, plainModulus)
    expect(members[0]!.length).toBeGreaterThan(150)
    for (const values of members) expect(isUniform(values)).toBe(true)
    const sum = (...of: number[]) =>
      addModulo(
        'trees',
        of.map((m) => members[m]!),
      )
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      expect(isUniform(sum(a, b))).toBe(true)
    // Controls: what all members together, or a host of its own, answer is told apart.
    expect(isUniform(sum(0, 1, 2))).toBe(false)
    expect(own.length < 80 || !isUniform(own)).toBe(true)
  })

  test('no message but those of the schedules, and the coordinator’s view of a member does not depend on its rows', async () => {
    const shapes = await Promise.all(
      [3, 1].map(async (part) => {
        const sample = makeGroupSample({ ...SMALL, boost: { ...SMALL.boost, gamma: 1000 } }, 3, part)
        const network = new MemoryNetwork()
        await runInMemory(groupParties(pool, sample), network)
        return network.transcript.filter(({ from }) => from === 'park-a')
      }),
    )
    const shapeOf = (said: readonly WireMessage[]) =>
      said
        .filter(({ to }) => to === 'bank')
        .map(({ round, step, part, bytes }) => [round, step, part, bytes.length].join())
    expect(shapeOf(shapes[0]!)).toEqual(shapeOf(shapes[1]!))
    const names = [...SETUP, ...BOOSTING, ...GROUP_SETUP, ...GROUP_SUMS].map(({ name }): string => name)
    for (const { step } of shapes.flat()) expect(names).toContain(step)
  })
})

test('a member whose machine has no kernels masks as the others do', async () => {
  await using alone = await HePool.open({ workers: 1, engine: 'seal' })
  const sample = makeGroupSample({ widths: [1, 1, 1], boost: { trees: 1, depth: 2 } })
  const mixed = groupParties(pool, sample, (name) => (name === 'park-b' ? alone : pool))
  const outputs = await runInMemory(mixed)
  expect(outputs.get('bank')).toEqual((await boostGroup(pool, sample)).guest)
})

test('crashes leave the trees as they are, and no message is made twice', async () => {
  const sample = makeGroupSample({ widths: [1, 1, 2], boost: { depth: 2 } })
  const whole = await boostGroup(pool, sample)
  const crashPoints = [9, 31, 3, 1, 40, 17, 60, 1000]
  const { outputs, crashes, disks } = await runThroughCrashes(() => groupParties(pool, sample), crashPoints)
  expect(crashes).toBeGreaterThanOrEqual(4)
  expect(new Set(disks.made).size).toBe(disks.made.length)
  const [guest, ...hosts] = outputs as [GuestOutput, ...HostOutput[]]
  expect(guest).toEqual(whole.guest)
  expect(hosts).toEqual(whole.hosts)
})

test('rows of one member alone, in the place of those of all, are found by the audit', async () => {
  const sample = makeGroupSample({
    sets: [{ name: 'train', rows: 900 }],
    widths: [0, 1, 2],
    boost: { ...EXACT, depth: 1, trees: 1, bins: 4 },
  })
  const { labels } = sample.guest
  const ofFirst = (row: number) => isRow(sample.hosts[1]!.rows![row]!)
  // ciphertexts are made in the order of the rows, stream after stream
  let made = 0
  const alone: HePool = new Proxy(pool, {
    get: (target, name) => {
      if (name === 'encryptRows')
        return (key: HeKeyPair, values: Float64Array) => {
          const first = made % labels.length
          made += values.length
          return target.encryptRows(
            key,
            values.map((value, i) => (ofFirst(first + i) ? value : 0)),
          )
        }
      const known = Reflect.get(target, name, target)
      return typeof known === 'function' ? known.bind(target) : known
    },
  })
  const audited = async (guestPool: HePool) => {
    const network = new MemoryNetwork()
    const [guest, ...hosts] = groupParties(pool, sample)
    // the guest's own check of its sums fails: by then it has read what it wanted
    await runInMemory([{ ...guest!, program: openGuest(guestPool) as never }, ...hosts], network).catch(() => undefined)
    const heard = network.transcript.filter(({ to }) => to === 'park-b')
    const bodies = <Body>(name: string, codec: Codec<Body>) =>
      heard.filter(({ step }) => step === name).map(({ bytes }) => codec.decode(bytes))
    const evidence = { rows: bodies('rows', ciphertexts), layouts: bodies('layout', layout) }
    const keys = await keysOfTree({ pool, vault: guest!.vault!, tree: 0 }, sample.guest)
    const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length
    const margins = new Float64Array(labels.length).fill(Math.log(mean / (1 - mean)))
    const grown = { nodes: [{ node: 0, cover: 0, rows: labels.length, value: 0 }] }
    const claim = {
      input: sample.guest,
      keys,
      seed: seedOf(0),
      tree: 0,
      margins,
      grown,
      sidesOf: () => new Uint8Array(),
    }
    return await auditTree(pool, evidence, claim)
  }
  expect(await audited(pool)).toEqual({ streams: 2, rows: 1800, findings: [] })
  const { findings } = await audited(alone)
  // nearest to it is a stream of zeros, of which the rows of the member are not
  const targets = Array.from(labels.keys()).filter(ofFirst)
  expect(findings.map(({ rows }) => rows)).toEqual([targets, targets])
})

describe('refused', () => {
  const SMALL: SampleOptions = {
    sets: [{ name: 'train', rows: 1100 }],
    widths: [0, 1, 2],
    boost: { ...EXACT, depth: 1, trees: 1, bins: 4 },
  }
  const of = (change: (member: HostInput) => HostInput): GroupSample => {
    const sample = makeGroupSample(SMALL)
    return { ...sample, hosts: sample.hosts.map((host, h) => (h === 3 ? change(host) : host)) }
  }
  const changing =
    <Body>(step: string, codec: Codec<Body>, change: (body: Body) => Body): Tap =>
    (message) =>
      message.step === step && message.part === 0 && message.from === 'park-c'
        ? [codec.encode(change(codec.decode(message.bytes)))]
        : [message.bytes]
  const refusedSides = changing('sides', sides, () => ({ refused: true }))
  const otherColumns = changing('tree-columns', columns, ([one]) => [one!])
  const otherSums = changing('cell-sums', ciphertexts, (body) => body.toReversed())
  const [, first] = makeGroupSample(SMALL).hosts
  /** With the rows of the first member beside its own. */
  const doubled = (host: HostInput): HostInput => ({
    ...host,
    rows: host.rows!.map((source, row) => Math.min(source, first!.rows![row]!)),
    columns: host.columns.map((column) => {
      const { values } = first!.columns.find(({ alias }) => alias === column.alias)!
      return { ...column, values: column.values.map((value, row) => (Number.isNaN(value) ? values[row]! : value)) }
    }),
  })

  test.each<[string, GroupSample, Tap | undefined, string]>([
    [
      'other special codes',
      of((host) => ({ ...host, columns: host.columns.map((one) => ({ ...one, specials: [] })) })),
      undefined,
      'task.params-differ',
    ],
    ['rows that another member has', of(doubled), undefined, 'boost.overlap'],
    ['other columns for a tree', of((host) => host), otherColumns, 'protocol.malformed'],
    ['sums of other cells', of((host) => host), otherSums, 'boost.overlap'],
    ['a member that refuses alone', of((host) => host), refusedSides, 'protocol.malformed'],
  ])('%s', async (_, sample, tap, code) => {
    await expect(boostGroup(pool, sample, new MemoryNetwork(tap))).rejects.toMatchObject({ code })
  })
})
