// What members of a group answer, put together at the guest; and cut points from counts over them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutCells, countCells } from '#credit/trees/columns.ts'
import { isRight, sideBytes } from '#credit/trees/tree.ts'
import { setNamed } from '#crypto/he/params.ts'
import type { SplitSides } from './bodies.ts'
import { sidesOfMembers, sumMembers } from './guest-groups.ts'
import { treeCuts } from './host-cuts.ts'
import { ownersOf } from './params.ts'
import { uniform } from './sample.ts'

const MODULUS = setNamed('trees').plainModulus
const column = (values: number) => ({ values, missing: true, constrained: false })
const malformed = expect.objectContaining({ code: 'protocol.malformed' })

test('sums of members are those of one host with all their rows, whatever masks cancel', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.maxSafeNat()), (members, numbers) => {
      const draw = (limit: number) => (numbers.next().value as number) % limit
      // rows of a node: a value, a cell of each of two columns, and a member, or none
      const rows = Array.from({ length: 20 }, () => ({
        value: draw(MODULUS),
        cells: [draw(2), draw(3)],
        holder: draw(members + 1),
      }))
      const add = (sums: Float64Array, at: number, value: number) => {
        sums[at] = (sums[at]! + value) % MODULUS
      }
      const place = (row: (typeof rows)[number], has: boolean) => [
        has ? row.cells[0]! : 2,
        3 + (has ? row.cells[1]! : 3),
      ]
      const answers = Array.from({ length: members }, (_, m) => {
        const sums = new Float64Array(7)
        for (const row of rows) for (const at of place(row, row.holder === m)) add(sums, at, row.value)
        return sums
      })
      const pooled = new Float64Array(7)
      for (const row of rows) for (const at of place(row, row.holder < members)) add(pooled, at, row.value)
      for (let cell = 0; cell < 7 && members > 1; cell++) {
        const mask = draw(MODULUS)
        add(answers[0]!, cell, mask)
        add(answers[members - 1]!, cell, MODULUS - mask)
      }
      const total = rows.reduce((sum, { value }) => (sum + value) % MODULUS, 0)
      expect(sumMembers('trees', answers, [column(2), column(3)], total)).toEqual(pooled)
    }),
    { numRuns: 50 },
  )
})

describe('sides', () => {
  const ROWS = 13
  const bitsOf = (right: (row: number) => boolean) => {
    const sides = new Uint8Array(sideBytes(ROWS))
    for (let row = 0; row < ROWS; row++) sides[row >>> 3]! |= Number(right(row)) << (row & 7)
    return sides
  }
  const told = (sides: Uint8Array): SplitSides => ({ refused: false, alias: 'PARKS.F1', sides })
  /** Row by row: the member that has it, and its side there. */
  const holder = (row: number) => row % 4
  const side = (row: number) => row % 3 === 0
  const of = (member: number, absent: boolean) => bitsOf((row) => (holder(row) === member ? side(row) : absent))

  test.each([true, false])('each row as its member says, rows of nobody where absent ones go (right: %s)', (absent) => {
    const heard = sidesOfMembers(
      [0, 1, 2].map((member) => told(of(member, absent))),
      !absent,
      ROWS,
    )
    expect(heard).toEqual(told(bitsOf((row) => (holder(row) < 3 ? side(row) : absent))))
    expect(sidesOfMembers([told(of(1, absent))], absent, ROWS)).toEqual(told(of(1, absent))) // a host of its own
  })

  test('two that tell of one row, a member that refuses alone, other aliases, and other lengths are refused', () => {
    const [a, b] = [of(0, false), of(1, false)]
    expect(isRight(a, 0)).toBe(true)
    const refused = { refused: true } as const
    expect(() => sidesOfMembers([told(a), told(a)], true, ROWS)).toThrow(malformed)
    expect(() => sidesOfMembers([told(a), refused], true, ROWS)).toThrow(malformed)
    expect(() => sidesOfMembers([told(a), { ...told(b), alias: 'OTHER' } as SplitSides], true, ROWS)).toThrow(malformed)
    expect(() => sidesOfMembers([told(a), told(b.subarray(1))], true, ROWS)).toThrow(
      expect.objectContaining({ code: 'boost.invalid' }),
    )
    expect(sidesOfMembers([refused, refused], true, ROWS)).toEqual(refused)
  })
})

describe('cut points of a group', () => {
  const alone = { count: async (_round: number, _label: string, values: ArrayLike<number>) => Array.from(values) }
  const ROWS = 20_000
  const columns = {
    uniform: uniform('uniform', ROWS),
    wide: uniform('wide', ROWS).map((u) => 1e7 * u ** 8 - 3e4),
    small: uniform('small', ROWS).map((u) => 1e-3 * (u - 0.5)),
    counts: uniform('counts', ROWS).map((u) => Math.floor(9 * u * u)),
    mostly: uniform('mostly', ROWS).map((u) => (u < 0.8 ? 0 : u)),
    none: new Float64Array(ROWS).fill(Number.NaN),
  }

  test('part the rows as those of one owner do, to a tenth of a bin, and are nobody’s value', async () => {
    const bins = 16
    const found = await treeCuts(alone, 0, Object.values(columns), bins)
    for (const [i, [name, values]] of Object.entries(columns).entries()) {
      const cuts = found[i]!
      expect(cuts).toEqual([...new Set(cuts)].sort((a, b) => a - b))
      if (name === 'none') expect(cuts).toEqual([])
      const exact = cutCells(values, bins, 1)
      const shares = (of: readonly number[]) => countCells(values, of).map((count) => count / ROWS)
      expect(cuts.length, name).toBe(exact.cuts.length)
      for (const [cell, share] of shares(cuts).entries())
        expect(Math.abs(share - shares(exact.cuts)[cell]!), `${name} ${cell}`).toBeLessThan(0.1 / bins)
      if (['uniform', 'wide', 'small'].includes(name)) for (const cut of cuts) expect(values.includes(cut)).toBe(false)
    }
  })
})

test('a group stands where its first member does; not beside visible membership', () => {
  const groups = [{ name: 'parks', members: ['park-a', 'park-b', 'park-c'] }]
  const params = { boost: {} as never, membership: 'hidden' as const, groups }
  const hosts = ['tax', 'park-a', 'social', 'park-b', 'park-c']
  expect(ownersOf(params, hosts).map(({ name }) => name)).toEqual(['tax', 'parks', 'social'])
  expect(() => ownersOf({ ...params, membership: 'visible' }, hosts)).toThrow(
    expect.objectContaining({ code: 'boost.invalid' }),
  )
})
