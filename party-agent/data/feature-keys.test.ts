import { expect, test } from 'vitest'
import { aliasesOf, featureProblems } from './feature-keys.ts'

test('columns have a declared alias, or the party and their place', () => {
  const aliases = aliasesOf('tax', 'filings', ['rating', 'sales', 'late'], { sales: { alias: 'TAX.SALES' } })
  expect([...aliases.values()]).toEqual(['TAX.F01', 'TAX.SALES', 'TAX.F03'])
})

test('what is declared of no column is refused', () => {
  expect(() => aliasesOf('tax', 'filings', ['rating'], { ratings: {} })).toThrow(
    expect.objectContaining({ code: 'data.missing-column', detail: expect.objectContaining({ columns: ['ratings'] }) }),
  )
})

test('cut points ascend, and no two columns have one alias', () => {
  const problems = featureProblems('/datasets/filings/features', {
    'a/b': { cuts: [1, 1] },
    c: { alias: 'X' },
    d: { alias: 'X' },
  })
  expect(problems).toEqual([
    { path: '/datasets/filings/features/a~1b/cuts', message: 'must be ascending' },
    { path: '/datasets/filings/features/d/alias', message: 'c has this alias too' },
  ])
})
