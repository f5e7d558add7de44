// Bins that members agree on, and sums over members, without encryption.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_ROW } from '#credit/bins.ts'
import { setNamed } from '#crypto/he/params.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { runInMemory } from '#protocols/core/memory.ts'
import { makeGroupSample, PARKS } from './group-sample.ts'
import { sumMembers } from './guest-groups.ts'
import { hostFloor } from './host-columns.ts'
import { type GroupPart, meetMembers } from './host-group.ts'
import type { HostInput } from './params.ts'

const sample = makeGroupSample()
const [first] = sample.members

/** Round 0 between the members alone. */
const meeting: RoleProgram<HostInput | null, GroupPart | null, GroupPart | null> = {
  setup: async (task: TaskContext, input) => (input === null ? null : ((await meetMembers(task, input)) ?? null)),
  round: async (_task, _input, state) => ({ state, finished: true }),
  finish: async (_task, _input, state) => state,
}
async function agree(members: readonly HostInput[]): Promise<GroupPart[]> {
  const parties = members.map((input, m) => ({ id: PARKS.members[m]!, program: meeting as never, input }))
  const outputs = await runInMemory([{ id: 'bank', program: meeting as never, input: null }, ...parties])
  return PARKS.members.map((member) => outputs.get(member) as GroupPart)
}
const withColumns = (member: HostInput, change: (column: HostInput['columns'][0]) => object): HostInput => ({
  ...member,
  columns: member.columns.map((column) => ({ ...column, ...change(column) })),
})

test('members agree on the same bins, each with enough rows of the group', async () => {
  const parts = await agree(sample.members)
  expect(parts[1]!.columns).toEqual(parts[0]!.columns)
  expect(parts[2]!.columns).toEqual(parts[0]!.columns)
  for (const [c, { bins, special }] of parts[0]!.columns.entries()) {
    const { values } = sample.pooled.columns[c]!
    const there = values.filter((value, row) => sample.pooled.rows![row]! < 2 ** 31 && value !== -9)
    const inBin = (i: number) =>
      there.filter((value) => value > (bins.cuts[i - 1] ?? -Infinity) && value <= (bins.cuts[i] ?? Infinity)).length
    for (let bin = 0; bin <= bins.cuts.length; bin++) expect(inBin(bin)).toBeGreaterThanOrEqual(hostFloor(first!))
    // the special code, missing values, and rows that a member lacks
    const values1 = bins.cuts.length + 1
    expect(special).toEqual([values1, values1 + 1, values1 + 2])
  }
})

describe('an earlier binning of the group', () => {
  const earlierOf = (part: GroupPart, alias: string, name: string) => {
    const sorted = first!.columns.map((column) => column.alias).toSorted()
    return { group: name, bins: part.columns[sorted.indexOf(alias)]!.bins, table: [] }
  }

  test('that all members know gives its cut points again, though other rows stand beside them', async () => {
    const [part] = await agree(sample.members)
    const again = sample.members.map((member) => ({
      ...withColumns(member, ({ alias }) => ({ earlier: [earlierOf(part!, alias, 'parks')] })),
      rows: member.rows!.map((row, at) => (at % 3 === 0 && sample.pooled.columns[0]!.values[at]! < 0.4 ? NO_ROW : row)),
    }))
    const [next] = await agree(again)
    expect(next!.columns.map(({ bins }) => bins.cuts)).toEqual(part!.columns.map(({ bins }) => bins.cuts))
    // control: without it the cuts move with the rows
    const [fresh] = await agree(again.map((member) => withColumns(member, () => ({ earlier: [] }))))
    expect(fresh!.columns[0]!.bins.cuts).not.toEqual(part!.columns[0]!.bins.cuts)
  })

  test('that one member knows and others do not refuses cut points that differ from it by few of its rows', async () => {
    const [part] = await agree(sample.members)
    const knowing = sample.members.map((member, m) => {
      if (m !== 1) return member
      return withColumns(member, ({ alias }) => {
        const { bins, ...rest } = earlierOf(part!, alias, 'parks')
        return { earlier: [{ ...rest, bins: { ...bins, cuts: bins.cuts.map((cut) => cut + 1e-3) } }] }
      })
    })
    await expect(agree(knowing)).rejects.toMatchObject({ code: 'binning.isolates' })
  })
})

describe('refused', () => {
  test.each([
    ['special codes', { specials: [-9, -8] }],
    ['declared cut points', { cuts: [0.5] }],
    ['a name', { name: 'other' }],
  ])('%s of one member that differ', async (_, change) => {
    const members = sample.members.map((member, m) => (m === 2 ? withColumns(member, () => change) : member))
    const failure = (await agree(members).catch((error: unknown) => error)) as { detail: { differing: string[] } }
    expect(failure).toMatchObject({ code: 'task.params-differ' })
    expect(failure.detail.differing).toEqual(['column PARKS.F01', 'column PARKS.F02'])
  })

  test('methods that join bins by labels', async () => {
    const members = sample.members.map((member) => ({
      ...member,
      params: { ...member.params, method: 'monotonic' as const },
    }))
    await expect(agree(members)).rejects.toMatchObject({ code: 'binning.merge' })
  })
})

test('sums over members are those of one host with all their rows, whatever masks cancel', () => {
  const modulus = setNamed('histogram').plainModulus
  const cells = { alias: 'PARKS.F01', values: 2, specials: ['missing', 'no-row'] as const, ordered: false }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.maxSafeNat()), (members, numbers) => {
      const draw = (limit: number) => (numbers.next().value as number) % limit
      const rows = Array.from({ length: 20 }, () => ({
        value: draw(modulus),
        cell: draw(3),
        holder: draw(members + 1),
      }))
      const sumsOf = (cellOf: (row: (typeof rows)[number]) => number) => {
        const sums = new Float64Array(4)
        for (const row of rows) sums[cellOf(row)] = (sums[cellOf(row)]! + row.value) % modulus
        return sums
      }
      const masks = Array.from({ length: members - 1 }, () => Float64Array.from({ length: 4 }, () => draw(modulus)))
      const last = Float64Array.from({ length: 4 }, (_, i) => {
        const others = masks.reduce((sum, mask) => (sum + mask[i]!) % modulus, 0)
        return (modulus - others) % modulus
      })
      const opened = [...masks, last].map((mask, m) =>
        sumsOf(({ cell, holder }) => (holder === m ? cell : 3)).map((sum, i) => (sum + mask[i]!) % modulus),
      )
      const total = rows.reduce((sum, { value }) => (sum + value) % modulus, 0)
      const pooled = sumsOf(({ cell, holder }) => (holder < members ? cell : 3))
      expect(sumMembers('histogram', opened, { ...cells, specials: [...cells.specials] }, total)).toEqual(pooled)
    }),
    { numRuns: 40 },
  )
})
