// What a peer sends is checked where it is decoded.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { key, mean, type MeanBody, rows, spread, sum, summary } from './bodies.ts'
import type { Cells } from './params.ts'

const label = new Uint8Array(32).fill(7)
const quality = { rows: 100, bad: 20, loss: 0.456789, auc: 0.75, aucError: 0.000123, ks: 0.4 }
const cells: Cells = { edges: [-1, 0, 2.5], rows: [50, 60], missing: 4 }
const column = { cells, scale: { mean: 0.25, deviation: 2 }, quantiles: { '0.5': 0.125 } }

test('bodies come back as they went', () => {
  const sums = fc.array(fc.integer({ min: 0, max: 2 ** 24 - 1 }), { maxLength: 50 })
  fc.assert(
    fc.property(sums, (values) => {
      const body: MeanBody = { label, sums: Uint32Array.from(values), quality }
      const back = mean.decode(mean.encode(body))
      expect(back).toMatchObject({ quality })
      expect([...back.sums]).toEqual(values)
    }),
  )
  expect(mean.decode(mean.encode({ label, sums: new Uint32Array(1) })).quality).toBeUndefined()
  expect(rows.decode(rows.encode({ label, train: 5, holdout: 0 }))).toMatchObject({ train: 5, holdout: 0 })
  expect(spread.decode(spread.encode([cells, { edges: [], rows: [], missing: null }]))).toEqual([
    cells,
    { edges: [], rows: [], missing: null },
  ])
  expect(summary.decode(summary.encode([column]))).toEqual([column])
})

describe('refused', () => {
  const malformed = (decode: () => unknown) => expect(decode).toThrow('protocol.malformed')

  test.each<[string, Partial<MeanBody>]>([
    ['a label of another length', { label: new Uint8Array(31) }],
    ['more bad rows than rows', { quality: { ...quality, bad: 101 } }],
    ['quality of no rows', { quality: { ...quality, rows: 0, bad: 0 } }],
    ['an AUC above one', { quality: { ...quality, auc: 1.1 } }],
    ['a KS above one', { quality: { ...quality, ks: 1.1 } }],
  ])('a mean with %s', (_, change) => {
    malformed(() => mean.decode(mean.encode({ label, sums: new Uint32Array(3), quality, ...change })))
  })

  test.each<[string, Cells]>([
    ['edges that fall', { ...cells, edges: [0, 2, 1] }],
    ['an edge too many', { ...cells, edges: [0, 1, 2, 3] }],
    ['an edge that is no number', { ...cells, edges: [0, Number.NaN, 1] }],
    ['edges without cells', { edges: [0], rows: [], missing: 0 }],
  ])('cells with %s', (_, wrong) => {
    malformed(() => spread.decode(spread.encode([wrong])))
  })

  test.each<[string, object]>([
    ['no deviation', { scale: { mean: 0, deviation: 0 } }],
    ['a mean that is none', { scale: { mean: Number.POSITIVE_INFINITY, deviation: 1 } }],
    ['an unknown quantile', { quantiles: { '0.501': 1 } }],
    ['a quantile that is none', { quantiles: { '0.5': Number.NaN } }],
  ])('a summary with %s', (_, change) => {
    malformed(() => summary.decode(summary.encode([{ ...column, ...change }])))
  })

  test('a sum without chunks, or with half of one', () => {
    for (const bytes of [0, 100]) {
      malformed(() => sum.decode(sum.encode({ label, shared: false, chunks: [new Uint8Array(bytes)] })))
    }
  })

  test('a key of another length', () => {
    malformed(() => key.decode(key.encode(new Uint8Array(31))))
  })
})
