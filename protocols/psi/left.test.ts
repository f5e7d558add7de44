// All rows of the guest stay, and every row that a host has stands at the same place at both sides.
import { describe, expect, test } from 'vitest'
import { isRow, NO_CONSENT, NO_ROW, STATUS } from '#protocols/core/aligned-rows.ts'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { alignLeft, guestInput, HOSTS, hostInput, idsFrom, type SampleRow } from './in-memory.ts'
import { countIds, type LeftGuestInput, type LeftHostInput, type LeftOutput } from './left-params.ts'
import { explain } from './report.ts'

const textOf = (keys: LeftHostInput['keys'], number: number) => {
  const { kind, ids } = [...keys].reduce(
    ({ kind, ids, at }, key) =>
      ids !== undefined || at >= key.ids.length
        ? { kind, ids, at: at - (ids === undefined ? key.ids.length : 0) }
        : { kind: key.kind as string, ids: key.ids[at] as string, at },
    { kind: '', ids: undefined as string | undefined, at: number },
  )
  return `${kind}:${ids}`
}

/** What each row should be at a host, by the plain rules; checks order, statuses and counts of every party. */
function expectIdeal(
  guest: LeftGuestInput,
  hosts: readonly LeftHostInput[],
  [own, ...theirs]: readonly LeftOutput[],
): void {
  const rows = [...(own?.rows ?? [])]
  expect(rows.filter((row) => row !== NO_ROW).toSorted((a, b) => a - b)).toEqual([...guest.setOfRow.keys()])
  const total = own?.sets.reduce((sum, set) => sum + set.rows, 0)
  expect(total).toBe(rows.length)
  for (const [k, host] of hosts.entries()) {
    const name = HOSTS[k] as string
    const seen = theirs[k] as LeftOutput
    expect(seen.sets).toEqual(own?.sets)
    expect(seen.rows).toHaveLength(rows.length)
    const has = new Set(Array.from({ length: countIds(host.keys) }, (_, i) => textOf(host.keys, i)))
    for (const [i, row] of rows.entries()) {
      const status = own?.statuses?.[name]?.[i]
      const there = seen.rows[i] as number
      if (row === NO_ROW) {
        expect(status).toBe(STATUS.decoy)
        continue
      }
      const offered = guest.idOfRow.flatMap((ids) => (ids[row] === -1 ? [] : [textOf(guest.keys, ids[row] as number)]))
      const found = offered.find((id) => has.has(id))
      if (guest.consents[name]?.[row] === 0) expect([there, status]).toEqual([NO_CONSENT, STATUS.noConsent])
      else if (found === undefined) {
        expect([there, status]).toEqual([NO_ROW, host.coverage === 'complete' ? STATUS.absent : STATUS.notCovered])
      } else expect([textOf(host.keys, there), status]).toEqual([found, STATUS.present])
    }
  }
}

const sampleOf = (ids: readonly string[]): SampleRow[] => ids.map((id) => ({ ids: [id] }))

describe('rows, statuses and order', () => {
  test.each([1, 2, 4])('with %i hosts, sets and consents', async (count) => {
    const sample: SampleRow[] = idsFrom('c', 0, 330).map((id, i) => ({
      ids: [id],
      set: i < 130 ? 0 : i < 200 ? 1 : i < 270 ? 2 : 3,
      refused: HOSTS.filter((_, k) => (i + k) % 9 === 0),
    }))
    const hosts = Array.from({ length: count }, (_, k) =>
      hostInput([...idsFrom('c', 40 * k, 250 + 20 * k), ...idsFrom(`own${k}`, 0, 150)], {
        coverage: k % 2 === 0 ? 'complete' : 'partial',
      }),
    )
    const guest = guestInput(sample)
    expectIdeal(guest, hosts, await alignLeft(guest, hosts))
  })

  test('several loans of one enterprise are several rows with one row of the host', async () => {
    const sample = [...sampleOf(idsFrom('c', 0, 90)), ...sampleOf(idsFrom('c', 0, 40)), ...sampleOf(idsFrom('c', 0, 7))]
    const host = hostInput([...idsFrom('c', 20, 110), ...idsFrom('own', 0, 100)])
    const guest = guestInput(sample)
    const outputs = await alignLeft(guest, [host])
    expectIdeal(guest, [host], outputs)
    expect(outputs[0]?.report.hosts?.[0]).toMatchObject({ present: 90, idsAsked: 90, idsMatched: 70 })
  })

  test('a row matches by the first of its keys that the host has; equal texts of two kinds do not match', async () => {
    const sample = Array.from(
      { length: 120 },
      (_, i): SampleRow => ({
        ids: [i % 10 === 0 ? undefined : `firm-${i}`, `person-${i % 60}`],
      }),
    )
    const ids = [...idsFrom('firm', 0, 60), ...idsFrom('own', 0, 130)]
    const people = [...idsFrom('person', 0, 20), ...idsFrom('firm', 60, 120)]
    const host = hostInput([], {
      keys: [
        { kind: 'plain', ids },
        { kind: 'mobile', ids: people },
      ],
    })
    const guest = guestInput(sample, ['plain', 'mobile'])
    const outputs = await alignLeft(guest, [host])
    expectIdeal(guest, [host], outputs)
    // firms 1 … 59 without every tenth; persons of 0, 10 and 60 … 79
    expect(outputs[0]?.report.hosts?.[0]?.byKind).toEqual({ plain: 54, mobile: 22 })
  })

  test('a host with one kind of ids is asked about that kind alone', async () => {
    const sample = idsFrom('firm', 0, 80).map((id, i): SampleRow => ({ ids: [id, `person-${i}`] }))
    const hosts = [hostInput(idsFrom('firm', 0, 90))]
    const guest = guestInput(sample, ['plain', 'mobile'])
    const [own] = await alignLeft(guest, hosts)
    expect(own?.report.hosts?.[0]).toMatchObject({ idsAsked: 80, present: 80 })
  })
})

describe('decoys', () => {
  const run = async (decoys: number, hostIds: readonly string[]) => {
    const guest = guestInput(sampleOf(idsFrom('c', 0, 100)), ['plain'], { decoys })
    const host = hostInput(hostIds, { decoys })
    const outputs = await alignLeft(guest, [host])
    expectIdeal(guest, [host], outputs)
    return outputs
  }

  test('matches and decoys are a multiple of the bucket; padding of the host is no row there', async () => {
    const [own, tax] = await run(2, [...idsFrom('c', 0, 60), ...idsFrom('own', 0, 400)])
    // 60 matches, 120 decoys, filled up to 192
    expect(own?.report.hosts?.[0]).toMatchObject({ present: 60, decoys: 132, decoysShort: false })
    expect(own?.rows).toHaveLength(100 + 132)
    const named = tax?.rows.filter(isRow).length as number
    expect(named).toBeLessThanOrEqual(192)
    expect(tax?.report.order).toMatchObject({
      rows: 232,
      named,
      noRow: 232 - named,
      onPadding: 192 - named,
      noConsent: 0,
    })
  })

  test('none where the job asks for none', async () => {
    const [own] = await run(0, idsFrom('c', 0, 300))
    expect(own?.rows).toHaveLength(100)
    expect(own?.report.hosts?.[0]).toMatchObject({ decoys: 0, decoysShort: false })
  })

  test('as many as there are where the host has no more', async () => {
    const [own] = await run(5, idsFrom('c', 0, 150))
    // 192 points, 100 of them matches
    expect(own?.report.hosts?.[0]).toMatchObject({ decoys: 92, decoysShort: true })
  })

  test('decoys of several hosts share rows', async () => {
    const guest = guestInput(sampleOf(idsFrom('c', 0, 100)))
    const hosts = [
      hostInput([...idsFrom('c', 0, 60), ...idsFrom('a', 0, 100)]),
      hostInput([...idsFrom('c', 0, 90), ...idsFrom('b', 0, 200)]),
    ]
    const [own] = await alignLeft(guest, hosts)
    const counts = own?.report.hosts?.map((host) => host.decoys)
    expect(own?.rows).toHaveLength(100 + Math.max(...(counts as number[])))
  })
})

test('the reports say what each side may know', async () => {
  const sample = idsFrom('c', 0, 120).map((id, i): SampleRow => ({ ids: [id], refused: i < 12 ? ['tax'] : [] }))
  const hosts = [hostInput([...idsFrom('c', 0, 100), ...idsFrom('o', 0, 90)], { coverage: 'complete' })]
  const [own, tax] = (await alignLeft(guestInput(sample), hosts)).map((output) => output.report)
  expect(own?.hosts).toEqual([
    {
      host: 'tax',
      present: 88,
      absent: 20,
      notCovered: 0,
      noConsent: 12,
      idsAsked: 108,
      idsMatched: 88,
      decoys: 104,
      decoysShort: false,
      byKind: { plain: 88 },
    },
  ])
  expect(own).toMatchObject({ mode: 'left', nIntersection: 88, sets: [{ name: 'train', rows: 224 }] })
  expect(tax).toMatchObject({ mode: 'left', pairwise: [] })
  expect(tax?.hosts).toBeUndefined()
  expect(explain(own as never, 'en')).toContain('tax: 88 rows present, 20 absent, 0 not covered, 12 without consent')
  expect(explain(own as never, 'zh')).toContain('无授权 12 行')
  expect(explain(tax as never, 'en')).toContain('customers of the guest and decoys alike')
})

describe('too few', () => {
  test.each([
    ['matches with one of the hosts', sampleOf(idsFrom('c', 0, 100)), [0, 51]],
    ['rows of a set', [...sampleOf(idsFrom('c', 0, 100)), { ids: ['c-101'], set: 2 }], [0, 0]],
  ] as const)('%s: every side stops with psi.too-small and no list', async (_, sample, starts) => {
    const network = new MemoryNetwork()
    const hosts = starts.map((from) => hostInput(idsFrom('c', from, 140)))
    await expect(alignLeft(guestInput(sample), hosts, network)).rejects.toMatchObject({ code: 'psi.too-small' })
    expect(network.transcript.map((message) => message.step)).not.toContain('row-positions')
  })
})
