// The result is the plain intersection, in one order at all parties.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { align, HOSTS, idsFrom, inputOf } from './in-memory.ts'
import type { PsiInput, PsiOutput } from './params.ts'
import { plainIntersection } from './reference.ts'
import { explain } from './report.ts'

function rowsOf(input: PsiInput, output: PsiOutput): string[] {
  return Array.from(output.order, (i) => input.ids[i] as string)
}

async function expectIdeal(inputs: readonly PsiInput[]): Promise<PsiOutput[]> {
  const outputs = await align(inputs)
  const [first, ...others] = outputs.map((output, i) => rowsOf(inputs[i] as PsiInput, output))
  expect(first?.toSorted()).toEqual(plainIntersection(inputs.map((input) => input.ids)))
  for (const rows of others) expect(rows).toEqual(first)
  const keys = outputs.map((output) => Buffer.from(output.rowKey).toString('hex'))
  expect(new Set(keys).size).toBe(1)
  expect(keys[0]).toHaveLength(64)
  return outputs
}

describe('the intersection of the ideal functionality', () => {
  test.each([1, 2, 4])('with %i hosts', async (hosts) => {
    const sets = Array.from({ length: hosts + 1 }, (_, i) => [
      ...idsFrom('own' + i, 0, 20 + i),
      ...idsFrom('c', 7 * i, 150),
    ])
    await expectIdeal(sets.map((ids) => inputOf(ids)))
  })

  test('at the edges of a bucket', async () => {
    for (const size of [63, 64, 65]) {
      await expectIdeal([inputOf(idsFrom('c', 0, size)), inputOf(idsFrom('c', 2, size + 11))])
    }
  })

  test('at the edges of a part of 4,096 points', async () => {
    await expectIdeal([
      inputOf(idsFrom('c', 0, 4095), { bucket: 4096 }),
      inputOf(idsFrom('c', 4000, 8097), { bucket: 4096 }),
    ])
  })

  test('for whatever sets', async () => {
    const member = fc.integer({ min: 0, max: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(member, { minLength: 0, maxLength: 120 }), async (extra) => {
        const shared = idsFrom('s', 0, 55)
        const guest = extra.flatMap((kind, i) => (kind & 1 ? [`x-${i}`] : []))
        const host = extra.flatMap((kind, i) => (kind & 2 ? [`x-${i}`] : []))
        await expectIdeal([inputOf([...guest, ...shared]), inputOf([...shared, ...host])])
      }),
      { numRuns: 8 },
    )
  })

  test('ids are compared whole, in any script', async () => {
    const shared = idsFrom('客户', 0, 60)
    await expectIdeal([inputOf([...shared, 'a', 'ab']), inputOf(['b', 'aab', ...shared])])
  })
})

describe('too small an intersection', () => {
  test.each([
    [0, 0],
    [0, 80],
    [1, 1],
    [49, 80],
  ])('guest %i ids, host %i ids: every side stops with psi.too-small and no size', async (guest, host) => {
    const network = new MemoryNetwork()
    const events: [string, unknown][] = []
    const run = align([inputOf(idsFrom('c', 0, guest)), inputOf(idsFrom('c', 0, host))], network, {
      event: (name, fields) => events.push([name, fields]),
    })
    await expect(run).rejects.toMatchObject({
      code: 'psi.too-small',
      detail: { minimum: 50, hints: [expect.any(String)] },
    })
    expect(network.transcript.map((message) => message.step)).not.toContain('positions')
    // the size is in the guest's own event file
    expect(events).toContainEqual(['psi.too-small', expect.objectContaining({ common: Math.min(guest, host) })])
  })

  test('the message says that the ids are spelled differently', async () => {
    const inputs = [inputOf(idsFrom('C', 100, 300)), inputOf(idsFrom('reg', 100, 300))]
    const hints = ['bank and tax spell most ids differently: compare the id columns']
    await expect(align(inputs)).rejects.toMatchObject({ code: 'psi.too-small', detail: { hints } })
  })

  test('the message says that most ids fail their check', async () => {
    const host = inputOf(idsFrom('d', 100, 300))
    const invalid = { ...host, profile: { ...host.profile, total: 900, badCheck: 700 } }
    const hints = ['most ids of tax fail the check of their kind']
    await expect(align([inputOf(idsFrom('c', 100, 300)), invalid])).rejects.toMatchObject({ detail: { hints } })
  })
})

test('the report of each side has what this side may know', async () => {
  const inputs = [inputOf(idsFrom('c', 0, 200)), inputOf(idsFrom('c', 0, 180)), inputOf(idsFrom('c', 100, 400))]
  const [guest, tax, social] = (await align(inputs)).map((output) => output.report)
  expect(guest).toMatchObject({ role: 'guest', nIds: 200, nIntersection: 80, coveragePct: 40 })
  expect(guest?.pairwise).toEqual([
    { host: 'tax', count: 180 },
    { host: 'social', count: 100 },
  ])
  // 256 points to each host and 80 positions of 4 bytes; a host sends its own set and the guest's, raised
  expect(guest?.bytesSent).toBe(2 * (256 * 32 + 80 * 4))
  expect(tax?.bytesSent).toBe((192 + 256) * 32)
  for (const report of [tax, social]) expect(report).toMatchObject({ role: 'host', nIntersection: 80, pairwise: [] })
  const commitments = guest?.setCommitments.map((commitment) => commitment.peer)
  expect(commitments).toEqual(HOSTS.slice(0, 2))
  expect(explain(guest as never, 'en')).toContain('80 customers are common to all parties: 40.0 %')
  expect(explain(tax as never, 'zh')).toContain('各方共有 80 个客户')
})

test('the common order is shuffled, and another in each task', async () => {
  const inputs = [inputOf(idsFrom('c', 0, 120)), inputOf(idsFrom('c', 0, 120))]
  const [first] = await align(inputs)
  const [second] = await align(inputs)
  const sorted = Uint32Array.from(first?.order ?? []).sort()
  expect(first?.order).not.toEqual(sorted)
  expect(first?.order).not.toEqual(second?.order)
  expect(first?.rowKey).not.toEqual(second?.rowKey)
})
