// What does not fit, or deviates, is refused with its code; the honest run beside it is not.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, runInMemory, type Tap } from '#protocols/core/memory.ts'
import type { Codec } from '#protocols/core/schedule.ts'
import {
  chosen,
  ciphertexts,
  columns,
  key,
  layout,
  nodeRows,
  sides,
  type SplitSides,
  terms,
  treeEnd,
} from './bodies.ts'
import { openHost } from './host.ts'
import { bitsOfRows } from './layout.ts'
import { type GuestInput, type GuestOutput, type HostInput, MAX_WEIGHT } from './params.ts'
import { boost, makeSample, partiesOf, type Sample, type SampleOptions } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const ROWS = 1100
const SMALL: SampleOptions = {
  sets: [{ name: 'train', rows: ROWS }],
  widths: [1, 2],
  boost: { depth: 2, trees: 1, bins: 4 },
}

/** Changes the first part of a step. */
function changing<Body>(step: string, codec: Codec<Body>, change: (body: Body) => Body): Tap {
  return (message) =>
    message.step === step && message.part === 0 ? [codec.encode(change(codec.decode(message.bytes)))] : [message.bytes]
}

const told = (change: (sides: Uint8Array) => Uint8Array) => (body: SplitSides) =>
  body.refused ? body : { ...body, sides: change(Uint8Array.from(body.sides)) }
const flip = (at: number) => (wires: readonly Uint8Array[]) =>
  wires.map((wire) => wire.map((byte, i) => (i === at ? byte ^ 1 : byte)))

test('control: the untouched run succeeds', async () => {
  const { guest, hosts } = await boost(pool, makeSample(SMALL))
  expect(guest.trees).toHaveLength(1)
  expect(hosts[0]!.splits.length).toBeGreaterThan(0)
})

describe('messages that do not fit', () => {
  test.each<[string, Tap, string]>([
    ['other terms', changing('guest-terms', terms, (body) => ({ ...body, depth: '9' })), 'task.params-differ'],
    ['a key that is none', changing('tree-key', key, (body) => body.subarray(1)), 'he.malformed'],
    ['rows left out', changing('rows', ciphertexts, (body) => body.slice(1)), 'protocol.malformed'],
    ['rows too many', changing('rows', ciphertexts, (body) => [...body, body[0]!]), 'protocol.malformed'],
    ['rows with a flipped header', changing('rows', ciphertexts, flip(4)), 'he.malformed'],
    ['rows under another key', changing('rows', ciphertexts, flip(20)), 'he.wrong-key'],
    ['answers left out', changing('cell-sums', ciphertexts, (body) => body.slice(1)), 'protocol.malformed'],
    ['answers too many', changing('cell-sums', ciphertexts, (body) => [...body, body[0]!]), 'protocol.malformed'],
    ['answers under another key', changing('cell-sums', ciphertexts, flip(20)), 'he.wrong-key'],
    [
      'a column of no cells',
      changing('tree-columns', columns, ([one]) => [{ ...one!, values: 0 }]),
      'protocol.malformed',
    ],
    [
      'a column of 64 cells',
      changing('tree-columns', columns, ([one]) => [{ ...one!, values: 64 }]),
      'protocol.malformed',
    ],
    ['cells that are no power of two', changing('layout', layout, () => [12]), 'protocol.malformed'],
    ['a layout for more than is asked', changing('layout', layout, () => [8, 8]), 'protocol.malformed'],
    [
      'a split of no column',
      changing('chosen', chosen, () => [{ node: 0, column: 2, cell: 0, missingLeft: false }]),
      'protocol.malformed',
    ],
    [
      'a split after the last cell',
      changing('chosen', chosen, () => [{ node: 0, column: 0, cell: 3, missingLeft: false }]),
      'protocol.malformed',
    ],
    [
      'a node that is not on the level',
      changing('chosen', chosen, () => [{ node: 1, column: 0, cell: 0, missingLeft: false }]),
      'protocol.malformed',
    ],
    [
      'two splits of a node at once',
      changing('chosen', chosen, () => [0, 1].map((cell) => ({ node: 0, column: 0, cell, missingLeft: false }))),
      'protocol.malformed',
    ],
    [
      'sides of fewer rows',
      changing(
        'sides',
        sides,
        told((bits) => bits.subarray(1)),
      ),
      'boost.invalid',
    ],
    [
      'sides of more rows',
      changing(
        'sides',
        sides,
        told((bits) => Buffer.concat([bits, bits])),
      ),
      'boost.invalid',
    ],
    [
      'a bit after the last row',
      changing(
        'sides',
        sides,
        told((bits) => bits.fill(255, -1)),
      ),
      'boost.invalid',
    ],
    [
      'an alias that is none',
      changing('sides', sides, (body) => (body.refused ? body : { ...body, alias: '../x' })),
      'protocol.malformed',
    ],
    [
      'an end that never comes',
      changing('tree-end', treeEnd, (body) => ({ ...body, finished: false })),
      'protocol.malformed',
    ],
    ['more trees than rounds', changing('tree-end', treeEnd, (body) => ({ ...body, trees: 2 })), 'protocol.malformed'],
  ])('%s', async (_, tap, code) => {
    const run = runInMemory(partiesOf(pool, makeSample(SMALL)), new MemoryNetwork(tap))
    await expect(run).rejects.toMatchObject({ code })
  })

  const members = (rows: number[]) => bitsOfRows(Uint32Array.from(rows), ROWS)
  const halves = [0, 1].map((half) => members(Array.from({ length: ROWS / 2 }, (_, i) => 2 * i + half)))
  test.each<[string, Tap]>([
    [
      'more nodes than the level has',
      changing('node-rows', nodeRows, () => halves.map((rows) => ({ rows, asked: true }))),
    ],
    [
      'a node of 49 rows',
      changing('node-rows', nodeRows, () => [{ rows: members(Array.from({ length: 49 }, (_, i) => i)), asked: true }]),
    ],
    ['too few bits', changing('node-rows', nodeRows, () => [{ rows: halves[0]!.subarray(1), asked: true }])],
  ])('visible membership: %s', async (_, tap) => {
    const run = runInMemory(partiesOf(pool, makeSample({ ...SMALL, membership: 'visible' })), new MemoryNetwork(tap))
    await expect(run).rejects.toMatchObject({ code: 'protocol.malformed' })
  })

  test('visible membership: a row in two nodes', async () => {
    const tap: Tap = (message) => {
      if (message.step !== 'node-rows' || message.part !== 1) return [message.bytes]
      return [nodeRows.encode(nodeRows.decode(message.bytes).map(({ asked }) => ({ rows: halves[0]!, asked })))]
    }
    const run = runInMemory(partiesOf(pool, makeSample({ ...SMALL, membership: 'visible' })), new MemoryNetwork(tap))
    await expect(run).rejects.toMatchObject({ code: 'protocol.malformed' })
  })
})

describe('a host that deviates', () => {
  test.each<[string, (blocks: readonly (readonly Uint8Array[])[]) => (readonly Uint8Array[])[]]>([
    [
      'counts a block twice in the place of another',
      (blocks) => blocks.map((some) => [some[0]!, ...some.slice(0, -1)]),
    ],
    ['counts the rows of another node', (blocks) => [blocks.at(-1)!, ...blocks.slice(0, -1)]],
  ])('%s', async (name, change) => {
    const lying = new Proxy(pool, {
      get: (target, property) => {
        const known = Reflect.get(target, property, target)
        if (property !== 'openNodeSums') return typeof known === 'function' ? known.bind(target) : known
        return (...rest: Parameters<HePool['openNodeSums']>) => {
          const sums = target.openNodeSums(...rest)
          return new Proxy(sums, {
            get: (of, method) => {
              const real = Reflect.get(of, method, of)
              if (method === 'add') return (blocks: Uint8Array[][], first: number) => sums.add(change(blocks), first)
              return typeof real === 'function' ? real.bind(of) : real
            },
          })
        }
      },
    })
    // at depth 4 the last level has two streams of ciphertexts, of two nodes each
    const wide = { ...SMALL, sets: [{ name: 'train' as const, rows: 2300 }], boost: { depth: 4, trees: 1, bins: 4 } }
    const sample = makeSample(wide)
    const [guest, host] = partiesOf(pool, sample)
    const run = runInMemory([guest!, { ...host!, program: openHost(lying) as never }])
    await expect(run, name).rejects.toMatchObject({ code: 'boost.overlap', detail: { peer: 'tax' } })
  })
})

describe('a guest that deviates', () => {
  test('is told nothing of a split that parts a node with few rows on one side', async () => {
    // a guest that asks for the same column again at a node that this column parts already
    const sample = makeSample({ ...SMALL, membership: 'visible', widths: [0, 1] })
    const asked: unknown[] = []
    const network = new MemoryNetwork((message) => {
      if (message.step === 'chosen' && message.part === 0) asked.push(...chosen.decode(message.bytes))
      if (message.step !== 'chosen' || message.part !== 3) return [message.bytes]
      const again = chosen
        .decode(message.bytes)
        .map((split) => ({ ...split, ...(asked[0] as object), node: split.node }))
      return [chosen.encode(again)]
    })
    const outputs = await runInMemory(partiesOf(pool, sample), network)
    const answers = network.transcript.filter(({ step }) => step === 'sides')
    const opened = answers.map(({ bytes }) => sides.decode(bytes))
    // all rows of the node are on one side: that tells nothing of anybody, and the guest drops it
    expect(opened.length).toBeGreaterThan(1)
    for (const { release } of answers) expect(release!.minimumRows).toBeGreaterThanOrEqual(50)
    const { trees } = outputs.get('bank') as GuestOutput
    expect(trees[0]!.nodes[0]!.split).toBeDefined()
  })

  test('a side with fewer rows than the floor is refused, and the guest takes the next best', async () => {
    const sample = makeSample({ ...SMALL, widths: [0, 2], sets: [{ name: 'train', rows: 1500 }] })
    // this host has only 190 rows, so few are on a side that has many rows for the guest
    const rows = Uint32Array.from({ length: 1500 }, (_, row) => (row % 8 === 0 ? row : 0xffff_ffff))
    const hosts: HostInput[] = [{ ...sample.hosts[0]!, rows }]
    const network = new MemoryNetwork()
    const outputs = await runInMemory(partiesOf(pool, { ...sample, hosts }), network)
    for (const { bytes, release } of network.transcript.filter(({ step }) => step === 'sides')) {
      expect(sides.decode(bytes).refused).toBe(release!.withheld)
      if (!release!.withheld) expect(release!.rows).toBeGreaterThanOrEqual(50)
    }
    expect(outputs.has('bank')).toBe(true)
  })
})

describe('inputs that do not fit', () => {
  const sample = makeSample(SMALL)
  const guestWith = (changes: Partial<GuestInput>): Sample => ({ ...sample, guest: { ...sample.guest, ...changes } })
  const hostWith = (changes: Partial<HostInput>): Sample => ({
    ...sample,
    hosts: [{ ...sample.hosts[0]!, ...changes }],
  })
  const [column] = sample.hosts[0]!.columns
  const { params } = sample.guest
  test.each<[string, Sample, string]>([
    [
      'labels that are no classes',
      guestWith({ labels: sample.guest.labels.map((label) => label + 1) }),
      'boost.invalid',
    ],
    ['labels of one class', guestWith({ labels: new Float64Array(ROWS) }), 'boost.invalid'],
    ['weights below zero', guestWith({ weights: sample.guest.weights.map(() => -1) }), 'boost.invalid'],
    ['weights too large', guestWith({ weights: sample.guest.weights.map(() => MAX_WEIGHT + 1) }), 'boost.invalid'],
    ['fewer weights than rows', guestWith({ weights: new Float64Array(ROWS - 1).fill(1) }), 'boost.invalid'],
    ['sets of other rows', guestWith({ sets: [{ name: 'train', rows: ROWS - 1 }] }), 'protocol.malformed'],
    [
      'early stopping without hold-out rows',
      guestWith({ params: { ...params, boost: { ...params.boost, earlyStopping: { rounds: 2 } } } }),
      'boost.invalid',
    ],
    ['a host without columns', hostWith({ columns: [] }), 'boost.invalid'],
    ['an alias twice', hostWith({ columns: [column!, column!] }), 'boost.invalid'],
    ['a column of fewer rows', hostWith({ columns: [{ ...column!, values: new Float64Array(3) }] }), 'boost.invalid'],
    ['other settings at the host', hostWith({ params: { ...params, membership: 'visible' } }), 'task.params-differ'],
    [
      'more cells than one key may reveal',
      hostWith({
        columns: Array.from({ length: 600 }, (_, c) => ({ ...column!, alias: `F${c}` })),
        params: { ...params, boost: { ...params.boost, depth: 6, bins: 63 } },
      }),
      'boost.invalid',
    ],
    [
      'trees that are too deep',
      hostWith({ params: { ...params, boost: { ...params.boost, depth: 7 } } }),
      'boost.invalid',
    ],
  ])('%s', async (_, changed, code) => {
    await expect(boost(pool, changed)).rejects.toMatchObject({ code })
  })
})

test('a task that is cancelled ends between two parts', async () => {
  const network: MemoryNetwork = new MemoryNetwork((message) => {
    if (message.step === 'rows' && message.part === 1) network.fail(new Error('cancelled'))
    return [message.bytes]
  })
  const run = runInMemory(partiesOf(pool, makeSample({ ...SMALL, boost: { depth: 3, trees: 9 } })), network)
  await expect(run).rejects.toThrow('cancelled')
  expect(network.transcript.filter(({ step }) => step === 'tree-end')).toHaveLength(0)
})
