// What deviates is refused with its exact code. The dishonest hosts are the real host with other cells or columns.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { openRound } from '#protocols/core/channel.ts'
import { MemoryNetwork, runInMemory, type Tap } from '#protocols/core/memory.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import type { Codec } from '#protocols/core/schedule.ts'
import { ciphertexts, columns, layout, weights } from './bodies.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { cellsOf } from './layout.ts'
import { COUNTING, SETUP } from './messages.ts'
import type { GuestInput, HostColumn, HostInput, NumberedBins } from './params.ts'
import { bin, makeSample, partiesOf, type Sample } from './sample.ts'
import { termsOf } from './terms.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const ROWS = 1000
const sample = makeSample({ sets: [{ name: 'train', rows: ROWS }], widths: [1], params: { bins: 4 } })

/** A host that answers honestly about whatever cells it is given: the protocol's steps with the real pool. */
function dishonestHost(values: number, cellOfRow: Uint8Array, ordered = false): RoleProgram<HostInput, object, object> {
  return {
    async setup(task, input) {
      const guest = openRound(SETUP, 'host', 'guest', task.channel(task.guest), 0)
      await guest.send('host-terms', () => termsOf(task, input))
      await guest.send('host-columns', () => [{ alias: 'TAX.F01', values, specials: [], ordered }])
      await guest.receive('guest-terms')
      await guest.receive('layout')
      return {}
    },
    async round(task, _input, _state, round) {
      const guest = openRound(COUNTING, 'host', 'guest', task.channel(task.guest), round)
      const key = await pool.readPublicKey('histogram', await guest.receive('row-key', { part: 0 }))
      const histogram = pool.openHistogram(key, 4, 1)
      const rows = await guest.receive('rows', { part: 0, keyId: key.id })
      await histogram.add(rows, [cellOfRow])
      await guest.send('cell-sums', async () => [await histogram.protect(0, values)], { part: 0, keyId: key.id })
      await guest.receive('weights')
      await guest.send('shapes', () => [{ direction: 'none' as const, turningPoints: 1 }], { rows: ROWS })
      return { state: {}, finished: true }
    },
    async finish() {
      return {}
    },
  }
}

function against(host: RoleProgram<HostInput, object, object>, guest: GuestInput = sample.guest) {
  return runInMemory([
    { id: 'bank', program: openGuest(pool) as never, input: guest },
    { id: 'tax', program: host as never, input: sample.hosts[0] },
  ])
}

const halves = Uint8Array.from({ length: ROWS }, (_, row) => row % 2)

describe('a dishonest host', () => {
  test('control: the same host with honest bins is answered', async () => {
    const outputs = await against(dishonestHost(2, halves))
    expect(outputs.get('bank')).toMatchObject({ parties: { tax: [{ bins: [{ n: 500 }, { n: 500 }] }] } })
  })

  test.each([1, 9, 49])('a bin of %i rows is refused', async (few) => {
    const cells = halves.map((cell, row) => (row < few ? 2 : cell))
    await expect(against(dishonestHost(3, cells))).rejects.toMatchObject({ code: 'binning.small-bin' })
  })

  test('a bin of one row is refused where the guest joins neighbours, too', async () => {
    const guest: GuestInput = { ...sample.guest, params: { ...sample.guest.params, method: 'chi-merge' } }
    const host = { ...sample.hosts[0]!, params: guest.params }
    const cells = halves.map((cell, row) => (row === 7 ? 2 : cell))
    const run = runInMemory([
      { id: 'bank', program: openGuest(pool) as never, input: guest },
      { id: 'tax', program: dishonestHost(3, cells, true) as never, input: host },
    ])
    await expect(run).rejects.toMatchObject({ code: 'binning.small-bin' })
  })

  test('a row in no bin is refused', async () => {
    const cells = halves.map((cell, row) => (row === 3 ? 2 : cell))
    await expect(against(dishonestHost(2, cells))).rejects.toMatchObject({ code: 'binning.overlap' })
  })

  test('a row in two bins in the place of another is refused', async () => {
    // Two products whose cells overlap in one row, another row left out: the counts add up, the checks do not.
    const overlapping: RoleProgram<HostInput, object, object> = {
      ...dishonestHost(2, halves),
      async round(task, _input, _state, round) {
        const guest = openRound(COUNTING, 'host', 'guest', task.channel(task.guest), round)
        const key = await pool.readPublicKey('histogram', await guest.receive('row-key', { part: 0 }))
        const histogram = pool.openHistogram(key, 4, 1)
        const rows = await guest.receive('rows', { part: 0, keyId: key.id })
        await histogram.add(
          rows,
          [halves.map((cell, row) => (row === 10 ? 2 : cell))], // row 10 in no bin
        )
        await histogram.add(
          rows,
          [halves.map((_, row) => (row === 11 ? 0 : 3))], // row 11 once more
        )
        await guest.send('cell-sums', async () => [await histogram.protect(0, 2)], { part: 0, keyId: key.id })
        await guest.receive('weights')
        return { state: {}, finished: true }
      },
    }
    await expect(against(overlapping)).rejects.toMatchObject({ code: 'binning.overlap' })
  })
})

describe('merges and second binnings', () => {
  const [host] = sample.hosts
  const [column] = host!.columns
  const earlierOf = async (): Promise<NumberedBins> => (await bin(pool, sample)).hosts[0]!.columns[0]!
  const proposing = (groups: number[][], earlier: readonly NumberedBins[]): Sample => {
    const params = { ...sample.guest.params, merges: { 'TAX.F01': groups } }
    const columns: HostColumn[] = [{ ...column!, earlier }]
    return { guest: { ...sample.guest, params }, hosts: [{ ...host!, params, columns }] }
  }
  const numbers = ({ table }: NumberedBins) =>
    table.flatMap(({ bin: at, number }) => (number === null ? [] : [{ at, number }]))

  test('neighbours are joined as proposed', async () => {
    const earlier = await earlierOf()
    const pair = numbers(earlier)
      .filter(({ at }) => at === 1 || at === 2)
      .map(({ number }) => number)
    const { hosts } = await bin(pool, proposing([pair], [earlier]))
    const { cuts } = earlier.bins
    expect(hosts[0]!.columns[0]!.bins.cuts).toEqual([cuts[0], cuts[2]])
  })

  test('unknown bins, no neighbours, and no earlier binning are refused', async () => {
    const earlier = await earlierOf()
    const apart = numbers(earlier)
      .filter(({ at }) => at === 0 || at === 2)
      .map(({ number }) => number)
    const merge = { code: 'binning.merge' }
    await expect(bin(pool, proposing([apart], [earlier]))).rejects.toMatchObject(merge)
    await expect(bin(pool, proposing([[1, 64]], [earlier]))).rejects.toMatchObject(merge)
    await expect(
      bin(
        pool,
        proposing(
          [
            [1, 2],
            [2, 3],
          ],
          [earlier],
        ),
      ),
    ).rejects.toMatchObject(merge)
    await expect(bin(pool, proposing([[1, 2]], []))).rejects.toMatchObject(merge)
  })

  test('cut points that single out few rows beside earlier ones are refused', async () => {
    const earlier = await earlierOf()
    const near = earlier.bins.cuts.map((cut) => cut + 0.005)
    const columns: HostColumn[] = [{ ...column!, cuts: near, earlier: [earlier] }]
    await expect(bin(pool, { ...sample, hosts: [{ ...host!, columns }] })).rejects.toMatchObject({
      code: 'binning.isolates',
    })
    const same: HostColumn[] = [{ ...column!, cuts: earlier.bins.cuts, earlier: [earlier] }]
    const { hosts } = await bin(pool, { ...sample, hosts: [{ ...host!, columns: same }] })
    expect(hosts[0]!.columns[0]!.bins.cuts).toEqual(earlier.bins.cuts)
  })
})

describe('what does not fit is refused', () => {
  test('labels of one class', async () => {
    const guest: GuestInput = { ...sample.guest, labels: new Uint8Array(ROWS) }
    await expect(bin(pool, { ...sample, guest })).rejects.toMatchObject({ code: 'binning.one-class' })
  })

  test('other parameters at the host', async () => {
    const params = { ...sample.guest.params, bins: 5 }
    const hosts = [{ ...sample.hosts[0]!, params }]
    await expect(bin(pool, { ...sample, hosts })).rejects.toMatchObject({ code: 'task.params-differ' })
  })

  /** Changes the first part of a step. */
  const changing =
    <Body>(step: string, codec: Codec<Body>, change: (body: Body) => Body): Tap =>
    (message) =>
      message.step === step && message.part === 0
        ? [codec.encode(change(codec.decode(message.bytes)))]
        : [message.bytes]

  test.each<[string, Tap, string]>([
    ['a layout too small for the cells', changing('layout', layout, () => 4), 'protocol.malformed'],
    ['a layout that is no power of two', changing('layout', layout, () => 12), 'protocol.malformed'],
    ['rows left out', changing('rows', ciphertexts, (body) => body.slice(1)), 'protocol.malformed'],
    ['answers left out', changing('cell-sums', ciphertexts, (body) => [...body, body[0]!]), 'protocol.malformed'],
    [
      'rows with a flipped header',
      changing('rows', ciphertexts, (body) => body.map((wire) => wire.map((byte, i) => (i === 4 ? byte ^ 1 : byte)))),
      'he.malformed',
    ],
    [
      'an answer under another key',
      changing('cell-sums', ciphertexts, (body) => body.map((w) => w.map((byte, i) => (i === 20 ? byte ^ 1 : byte)))),
      'he.wrong-key',
    ],
    [
      'an alias that is none',
      changing('host-columns', columns, (body) => body.map((one) => ({ ...one, alias: '../x' }))),
      'protocol.malformed',
    ],
    [
      'weights that are no numbers',
      changing('weights', weights, (body) => body.map((one) => ({ ...one, woe: one.woe.map(() => Number.NaN) }))),
      'protocol.malformed',
    ],
    [
      'bins joined where none may be',
      changing('weights', weights, (body) =>
        body.map(({ binOfCell }) => ({ binOfCell: binOfCell.map(() => 0), woe: [0] })),
      ),
      'protocol.malformed',
    ],
  ])('%s', async (_, tap, code) => {
    const wide = makeSample({ sets: [{ name: 'train', rows: 2100 }], widths: [1], params: { bins: 7 } })
    expect(cellsOf({ alias: 'x', values: 7, specials: ['missing'], ordered: false })).toBe(8)
    await expect(runInMemory(partiesOf(pool, wide), new MemoryNetwork(tap))).rejects.toMatchObject({ code })
  })

  test('the honest host of the controls is the real one', () => {
    expect(Object.keys(openHost(pool)).sort()).toEqual(Object.keys(dishonestHost(2, halves)).sort())
  })
})
