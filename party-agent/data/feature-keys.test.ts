import { expect, test } from 'vitest'
import { aliasesIn, aliasesOf, featureProblems } from './feature-keys.ts'

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

test('members of a group call a column the same, whatever else their data sets offer and in which order', () => {
  const hosts = ['tax', 'park-a', 'park-b', 'park-c'].map((party) => ({
    party,
    dataset: 'tenants',
    columns: 'all' as const,
  }))
  const spec = { hosts, groups: [{ name: 'parks', members: ['park-a', 'park-b', 'park-c'] }] }
  const columns = ['rent', 'power']
  const a = aliasesIn(
    spec,
    'park-a',
    { name: 'tenants', offered: ['rent', 'power'], columns },
    { rent: { zh: '租金' } },
  )
  const b = aliasesIn(spec, 'park-b', { name: 'tenants', offered: ['age', 'power', 'rent'], columns })
  expect(Object.fromEntries(a)).toEqual(Object.fromEntries(b))
  expect(Object.fromEntries(a)).toEqual({ power: 'PARKS.F01', rent: 'PARKS.F02' })
  const tax = aliasesIn(spec, 'tax', { name: 'filings', offered: ['age', 'rent'], columns: ['rent'] })
  expect(tax.get('rent')).toBe('TAX.F02')
})
