import { expect, test } from 'vitest'
import { draft } from './approval-fixtures.ts'
import { differencesOf } from './differences.ts'

test('two approvals of the same contract do not differ, whatever their number and their days', () => {
  const later = new Date(Date.now() + 86_400_000)
  expect(differencesOf(draft(), draft({}, later))).toEqual([])
})

test('each member that differs is told once, with both values; what one lacks is empty', () => {
  const trees = { membership: 'hidden', maxDepth: 4, maxCells: 900 } as const
  const before = draft()
  const { floors } = before
  const after = draft({ columns: ['late'], runs: 1, floors: { ...floors, minBinRows: 200 }, trees })
  expect(differencesOf(before, after).toSorted((a, b) => (a.field < b.field ? -1 : 1))).toEqual([
    { field: 'columns', before: 'late, sales', after: 'late' },
    { field: 'floors.minBinRows', before: '50', after: '200' },
    { field: 'runs', before: '3', after: '1' },
    { field: 'trees.maxCells', before: '', after: '900' },
    { field: 'trees.maxDepth', before: '', after: '4' },
    { field: 'trees.membership', before: '', after: 'hidden' },
  ])
})

test('the order of names is no difference, how long it holds is', () => {
  const { validFrom } = draft()
  const validTo = new Date(Date.parse(validFrom) + 10 * 86_400_000).toISOString()
  const after = draft({ columns: ['late', 'sales'], validFrom, validTo })
  expect(differencesOf(draft(), after)).toEqual([{ field: 'validDays', before: '30', after: '10' }])
})
