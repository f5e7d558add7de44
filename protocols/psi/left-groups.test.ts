// A group of hosts in a left alignment: each row of the guest at the first member that has it, and at no other.
import { expect, test } from 'vitest'
import { isRow, NO_ROW, STATUS } from '#protocols/core/aligned-rows.ts'
import { alignLeft, guestInput, hostInput, idsFrom, type SampleRow } from './in-memory.ts'
import type { LeftOutput } from './left-params.ts'

// `tax` stands alone; the three members overlap, and several rows have one id.
const PARKS = { name: 'parks', members: ['social', 'park', 'property'] }
const LISTS = [
  [...idsFrom('c', 0, 220), ...idsFrom('t', 0, 120)],
  [...idsFrom('c', 0, 90), ...idsFrom('a', 0, 400)],
  [...idsFrom('c', 60, 160), ...idsFrom('b', 0, 400)],
  [...idsFrom('c', 130, 210), ...idsFrom('d', 0, 400), ...idsFrom('a', 0, 20)],
]
const SAMPLE: SampleRow[] = [...idsFrom('c', 0, 240), ...idsFrom('c', 70, 120)].map((id, i) => ({
  ids: [id],
  set: i % 4 === 0 ? 1 : 0,
  // rows 220 … 229 may be asked about nowhere in the group
  refused: i % 10 === 3 ? ['social'] : i >= 220 && i < 230 ? [...PARKS.members] : [],
}))

let aligned: ReturnType<typeof alignGroup> | undefined
const once = () => (aligned ??= alignGroup())

async function alignGroup() {
  const guest = guestInput(SAMPLE, ['plain'], { groups: [PARKS] })
  const hosts = LISTS.map((ids, k) => hostInput(ids, { coverage: k === 3 ? 'partial' : 'complete' }))
  const [own, ...theirs] = (await alignLeft(guest, hosts)) as [LeftOutput, ...LeftOutput[]]
  return { own, theirs, members: theirs.slice(1) }
}

test('each row is at the first member that has it and may be asked, at the same place, and at no other', async () => {
  const { own, theirs, members } = await once()
  const places = [...own.rows.keys()].filter((i) => own.rows[i] !== NO_ROW)
  expect(places).toHaveLength(SAMPLE.length)
  for (const i of places) {
    const { ids, refused = [] } = SAMPLE[own.rows[i]!]!
    const holder = PARKS.members.findIndex((party, m) => !refused.includes(party) && LISTS[m + 1]!.includes(ids[0]!))
    const entries = members.map(({ rows }) => rows[i]!)
    expect(entries.map((row, m) => (isRow(row) ? LISTS[m + 1]![row] : row))).toEqual(
      PARKS.members.map((_, m) => (m === holder ? ids[0] : NO_ROW)),
    )
    expect(isRow(theirs[0]!.rows[i]!)).toBe(LISTS[0]!.includes(ids[0]!))
    const asked = PARKS.members.filter((party) => !refused.includes(party))
    const nowhere = asked.length === 0 ? STATUS.noConsent : STATUS.notCovered
    expect(own.statuses?.['parks']?.[i]).toBe(holder >= 0 ? STATUS.present : nowhere)
  }
  expect(Object.keys(own.statuses ?? {})).toEqual(['tax', 'parks'])
})

test('decoys of members share no row, so that no row is at two of them; none is a customer that another has', async () => {
  const { own, members } = await once()
  const decoys = [...own.rows.keys()].filter((i) => own.rows[i] === NO_ROW)
  for (const i of own.rows.keys()) expect(members.filter(({ rows }) => isRow(rows[i]!)).length).toBeLessThanOrEqual(1)
  for (const [m, { rows }] of members.entries()) {
    const named = decoys.flatMap((i) => (isRow(rows[i]!) ? [LISTS[m + 1]![rows[i]!]!] : []))
    const asked = SAMPLE.filter(({ refused = [] }) => !refused.includes(PARKS.members[m]!)).map(({ ids }) => ids[0])
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter((id) => asked.includes(id))).toEqual([])
  }
})

test('matches and decoys of each member are a multiple of the bucket, and the report counts the group as one', async () => {
  const { own } = await once()
  const [tax, parks, ...none] = own.report.hosts!
  expect(none).toEqual([])
  expect([tax!.host, parks!.host, parks!.members?.map(({ host }) => host)]).toEqual(['tax', 'parks', PARKS.members])
  for (const member of parks!.members!) expect((member.idsMatched + member.decoys) % 64).toBe(0)
  const sum = (of: 'present' | 'idsMatched' | 'decoys') => parks!.members!.reduce((n, member) => n + member[of], 0)
  expect([parks!.present, parks!.idsMatched, parks!.decoys]).toEqual([sum('present'), sum('idsMatched'), sum('decoys')])
  // c-3, c-13 … c-53 are at one member only, which may not be asked about them
  expect(parks).toMatchObject({ present: 210 + 50 - 6, absent: 0, noConsent: 9, notCovered: 27 })
  // who has what in common with whom is known of each member before rows are divided
  expect(own.report.pairwise.map(({ host }) => host)).toEqual(['tax', ...PARKS.members])
  expect(own.report.nIntersection).toBe(254)
})

test('a member to which too few rows would go ends the alignment', async () => {
  const guest = guestInput(SAMPLE, ['plain'], { groups: [PARKS] })
  const hosts = [LISTS[0]!, idsFrom('c', 0, 150), idsFrom('c', 60, 160), LISTS[3]!].map((ids) => hostInput(ids))
  await expect(alignLeft(guest, hosts)).rejects.toMatchObject({ code: 'psi.too-small' })
})
