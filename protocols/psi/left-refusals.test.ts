// The messages of left mode tampered with, and the exact code with which the other side refuses.
import { describe, expect, test } from 'vitest'
import { NO_CONSENT, NO_ROW } from '#protocols/core/aligned-rows.ts'
import { MemoryNetwork, type Tap } from '#protocols/core/memory.ts'
import type { Codec } from '#protocols/core/schedule.ts'
import { positions, type PsiTerms, receipt, type RowOrder, rowOrder, terms } from './bodies.ts'
import { align, alignLeft, guestInput, hostInput, idsFrom, inputOf } from './in-memory.ts'
import type { LeftGuestInput, LeftHostInput } from './left-params.ts'

const SAMPLE = idsFrom('c', 0, 140).map((id, i) => ({ ids: [id], set: i < 80 ? 0 : 1 }))
const HOST = hostInput(idsFrom('c', 20, 130))

function changing<Body>(step: string, codec: Codec<Body>, change: (body: Body) => Body): Tap {
  return (message) =>
    message.step === step && message.part === 0 ? [codec.encode(change(codec.decode(message.bytes)))] : [message.bytes]
}

const run = (tap: Tap, guest: LeftGuestInput = guestInput(SAMPLE), host: LeftHostInput = HOST) =>
  alignLeft(guest, [host], new MemoryNetwork(tap))

describe('the row order', () => {
  type Sets = Extract<RowOrder, { tooSmall: false }>['sets']
  const ordered = (change: (sets: Sets) => Sets) =>
    changing('row-order', rowOrder, (body) => (body.tooSmall ? body : { ...body, sets: change(body.sets) }))

  test.each<[string, (sets: Sets) => Sets]>([
    ['one row more', (sets) => sets.map((set, i) => (i === 1 ? { ...set, rows: set.rows + 1 } : set))],
    ['one row fewer', (sets) => sets.map((set, i) => (i === 1 ? { ...set, rows: set.rows - 1 } : set))],
    ['a set left out', (sets) => sets.slice(1)],
    ['more rows than a common order may have', (sets) => [...sets, { name: 'oot', rows: 2 ** 24 }]],
  ])('sets that do not add up are refused: %s', async (_, change) => {
    await expect(run(ordered(change))).rejects.toMatchObject({ code: 'psi.count' })
  })

  test.each<[string, (sets: Sets) => Sets]>([
    ['no set', () => []],
    ['a set twice', (sets) => [sets[0] as Sets[0], ...sets]],
    ['sets in another order', (sets) => sets.toReversed()],
    ['an unknown name', (sets) => [{ name: 'test' as never, rows: 60 }, ...sets]],
    ['an empty set', (sets) => [...sets, { name: 'oot', rows: 0 }]],
  ])('%s is refused', async (_, change) => {
    await expect(run(ordered(change))).rejects.toMatchObject({ code: 'protocol.malformed' })
  })

  test('a set of fewer than 50 rows is refused by the host, whatever the guest says', async () => {
    const moved = ordered(([first, second]) => [
      { name: 'train', rows: (first?.rows ?? 0) + (second?.rows ?? 0) - 49 },
      { name: 'holdout', rows: 49 },
    ])
    await expect(run(moved)).rejects.toMatchObject({ code: 'psi.too-small' })
  })
})

describe('the positions', () => {
  const named = (change: (body: Uint32Array) => Uint32Array) => run(changing('row-positions', positions, change))

  test('a position outside the set is refused, to the last before the reserved words', async () => {
    for (const outside of [128, 2 ** 31, NO_CONSENT - 1]) {
      const refused = named((body) => body.map((position, i) => (i === 3 ? outside : position)))
      await expect(refused).rejects.toMatchObject({ code: 'protocol.malformed', detail: { step: 'row-positions' } })
    }
  })

  test('an id in more than 64 rows is refused', async () => {
    const repeated = named((body) => body.map((position, i) => (i < 65 ? 5 : position)))
    await expect(repeated).rejects.toMatchObject({ code: 'protocol.malformed', detail: { mostRowsOfAnId: 64 } })
  })

  test('fewer different ids than the minimum of the host are refused', async () => {
    const few = named((body) => Uint32Array.from(body, (_, i) => (i < 40 ? i : i < 90 ? 7 : NO_ROW)))
    await expect(few).rejects.toMatchObject({ code: 'psi.too-small' })
  })

  test('one fewer, and half of one, are refused', async () => {
    await expect(named((body) => body.subarray(1))).rejects.toMatchObject({ code: 'psi.count' })
    const half: Tap = (message) => [message.step === 'row-positions' ? message.bytes.subarray(0, -2) : message.bytes]
    await expect(run(half)).rejects.toMatchObject({ code: 'protocol.malformed' })
  })

  test('the guest refuses a receipt for another list', async () => {
    const other = (body: Uint32Array) => body.map((at, i) => (i > 0 ? at : at === NO_ROW ? 3 : NO_ROW))
    const turned = (body: Uint32Array) => body.toReversed()
    for (const change of [other, turned]) await expect(named(change)).rejects.toMatchObject({ code: 'psi.count' })
    const count = run(changing('receipt', receipt, (body) => ({ ...body, count: body.count - 1 })))
    await expect(count).rejects.toMatchObject({ code: 'psi.count' })
  })
})

describe('the agreement', () => {
  test.each([
    ['decoys', { decoys: 2 }, 'decoysPermille: 1000 here, 2000 at tax'],
    ['minimum', { minIntersection: 60 }, 'minIntersection: 50 here, 60 at tax'],
    ['kind of ids', { keys: [{ kind: 'mobile', ids: ['13900000000'] }] }, 'idKind: plain here, mobile at tax'],
  ] as const)('another %s is refused with both values', async (_, changes, difference) => {
    const refused = run((message) => [message.bytes], guestInput(SAMPLE), { ...HOST, ...changes })
    await expect(refused).rejects.toMatchObject({ code: 'task.params-differ', detail: { differences: [difference] } })
  })

  test('a party in the other mode, and a host without a coverage, are refused', async () => {
    const mode = (mode: PsiTerms['mode']) => changing('guest-terms', terms, (body) => ({ ...body, mode }))
    await expect(run(mode('inner'))).rejects.toMatchObject({ code: 'task.params-differ' })
    const inner = align([inputOf(idsFrom('c', 0, 90)), inputOf(idsFrom('c', 0, 90))], new MemoryNetwork(mode('left')))
    await expect(inner).rejects.toMatchObject({ code: 'task.params-differ' })
    const silent = changing('host-terms', terms, (body): PsiTerms => ({ ...body, coverage: '' }))
    await expect(run(silent)).rejects.toMatchObject({ code: 'protocol.malformed' })
  })
})

test('bytes that do not decode, and steps twice or left out, are refused', async () => {
  for (const step of ['row-order', 'row-positions']) {
    const garbage: Tap = (message) => [message.step === step ? Uint8Array.of(0xff, 0xff, 0xff) : message.bytes]
    await expect(run(garbage), step).rejects.toMatchObject({ code: 'protocol.malformed' })
  }
  const twice: Tap = (message) => (message.step === 'row-order' ? [message.bytes, message.bytes] : [message.bytes])
  await expect(run(twice)).rejects.toMatchObject({ code: 'protocol.out-of-order' })
  const without: Tap = (message) => (message.step === 'row-order' ? [] : [message.bytes])
  await expect(run(without)).rejects.toMatchObject({ code: 'protocol.out-of-order' })
})

describe('the own input', () => {
  const sample = guestInput(SAMPLE)
  test.each<[string, Partial<LeftGuestInput>, string]>([
    ['an id twice', { keys: [{ kind: 'plain', ids: ['a', 'a'] }] }, 'data.duplicate-id'],
    ['no kind of ids', { keys: [], idOfRow: [] }, 'job.invalid'],
    ['eleven decoys', { decoys: 11 }, 'job.invalid'],
    ['lists of different lengths', { setOfRow: sample.setOfRow.subarray(1) }, 'job.invalid'],
    ['a minimum below 50', { minIntersection: 49 }, 'job.invalid'],
  ])('%s is refused', async (_, changes, code) => {
    await expect(run((message) => [message.bytes], { ...sample, ...changes })).rejects.toMatchObject({ code })
  })

  test('more than 64 loans of one firm are refused before any host is told of rows', async () => {
    const network = new MemoryNetwork()
    const loans = [...SAMPLE, ...Array.from({ length: 64 }, () => ({ ids: ['c-50'] }))]
    const refused = alignLeft(guestInput(loans), [HOST], network)
    await expect(refused).rejects.toMatchObject({ code: 'psi.count', detail: { rowsOfAnId: 65, atMost: 64 } })
    expect(network.transcript.map((message) => message.step)).not.toContain('row-order')
  })
})
