import { expect, test } from 'vitest'
import { binOfKind } from '#credit/bins.ts'
import type { OwnedColumn } from '#protocols/binning-iv/params.ts'
import { WOE_BITS, WOE_LIMIT } from '#protocols/vertical-lr/params.ts'
import { woeLimits, woeOfNoRow } from './woe-bins.ts'

function column(woes: readonly number[], joined: { readonly from: number; readonly into: number }[] = []): OwnedColumn {
  const bins = { cuts: [1, 2], specials: [-9], joined }
  const table = woes.map((woe, bin) => ({ bin, kind: 'value' as const, label: '', number: bin + 1, woe }))
  return { name: 'rent', alias: 'PARKS.F01', bins, table }
}

test('a row that nobody in a group has counts as the bin of no row does, or as that which it was joined with', () => {
  const woes = [0.1, 0.2, 0.3, -1, 0.5, -0.75, 2]
  const noRow = binOfKind({ cuts: [1, 2], specials: [-9] }, 'no-row')
  expect(noRow).toBe(5)
  const joined = column(woes, [{ from: noRow, into: 2 }])
  const code = (woe: number) => Math.round(woe * 2 ** WOE_BITS)
  expect(woeOfNoRow([column(woes), joined, column([0.1])])).toEqual([code(-0.75), code(0.3), 0])
  expect(woeOfNoRow([column(woes.map(() => 99))])).toEqual([WOE_LIMIT * 2 ** WOE_BITS])
})

test('no row holds less or more than the limits of its column', () => {
  const code = (woe: number) => Math.round(woe * 2 ** WOE_BITS)
  const limits = woeLimits([column([0.1, 0.2, -0.75, 2]), column([0.3, 0.4]), column([-99, -1])])
  expect(limits).toEqual([
    [code(-0.75), code(2)],
    [0, code(0.4)],
    [-WOE_LIMIT * 2 ** WOE_BITS, 0],
  ])
})
