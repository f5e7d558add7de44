import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MissingRules } from '../config.ts'
import { loadAlignedColumns, type Standardised, standardise } from './aligned-view.ts'
import { openDataset } from './dataset.ts'
import { DatasetFolder, plainDataset } from './dataset-fixtures.ts'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

const MEAN: MissingRules = { default: 'mean', values: [], columns: {} }
const values = (...list: number[]) => Float64Array.from(list)
const mask = (...list: number[]) => Uint8Array.from(list)

describe('standardise', () => {
  test('mean and deviation are those of the training rows alone', () => {
    const { mean, sd, filled } = standardise(values(1, 3, 1000, 5), mask(1, 1, 0, 1), 'mean') as Standardised
    expect(mean).toBe(3)
    expect(sd).toBeCloseTo(Math.sqrt(8 / 3), 12)
    expect(filled[2]).toBeCloseTo((1000 - 3) / sd, 12)
  })

  test('a missing value is the mean, or zero, or refused', () => {
    const raw = () => values(2, Number.NaN, 4)
    const byMean = standardise(raw(), mask(1, 1, 1), 'mean') as Standardised
    expect([byMean.mean, byMean.sd, byMean.filled[1]]).toEqual([3, Math.sqrt(2 / 3), 0])
    const byZero = standardise(raw(), mask(1, 1, 1), 'zero') as Standardised
    expect([byZero.mean, byZero.sd]).toEqual([2, Math.sqrt(8 / 3)])
    expect(standardise(raw(), mask(1, 1, 1), 'reject')).toBe('missing')
  })

  test.each([
    ['one value', [7, 7, 9], [1, 1, 0], 'mean'],
    ['one value that rounds', [0.1, 0.1, 0.1], [1, 1, 1], 'mean'],
    ['no value', [Number.NaN, Number.NaN, 1], [1, 1, 0], 'mean'],
    ['zeros filled with zero', [0, Number.NaN, 1], [1, 1, 0], 'zero'],
  ] as const)('%s over the training rows is constant', (_, list, training, rule) => {
    expect(standardise(values(...list), mask(...training), rule)).toBe('constant')
  })

  test('with the order of the source, another order of rows gives the same bits', () => {
    const numbers = Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** (i % 7))
    const training = Uint8Array.from(numbers, (_, i) => (i % 5 === 0 ? 0 : 1))
    const turned = numbers.toReversed()
    const straight = standardise(numbers.slice(), training, 'mean') as Standardised
    const inSource = Uint32Array.from(numbers, (_, i) => numbers.length - 1 - i)
    const mirrored = standardise(turned.slice(), training.toReversed(), 'mean', inSource) as Standardised
    expect([mirrored.mean, mirrored.sd]).toEqual([straight.mean, straight.sd])
    // Control: in their own order the same rows sum to other last digits.
    const naive = standardise(turned.slice(), training.toReversed(), 'mean') as Standardised
    expect([naive.mean, naive.sd]).not.toEqual([straight.mean, straight.sd])
  })

  test('where this party has no row, nothing is missing and nothing counts', () => {
    const raw = () => values(1, Number.NaN, 3, Number.NaN)
    const absent = mask(0, 1, 0, 1)
    const order = Uint32Array.of(0, 1, 2, 3)
    for (const rule of ['reject', 'zero', 'mean'] as const) {
      const { mean, sd, filled } = standardise(raw(), mask(1, 1, 1, 0), rule, order, absent) as Standardised
      expect([mean, sd, ...filled], rule).toEqual([2, 1, -1, 0, 1, 0])
    }
    // Control: a missing value at a row of this party is one.
    expect(standardise(raw(), mask(1, 1, 1, 0), 'reject', order, mask(0, 1, 0, 0))).toBe('missing')
  })

  test('training rows come out with mean 0 and deviation 1, and the raw values can be had back', () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 50 })
    fc.assert(
      fc.property(numbers, (list) => {
        const outcome = standardise(values(...list), new Uint8Array(list.length).fill(1), 'mean')
        if (typeof outcome === 'string') return
        const { mean, sd, filled } = outcome
        fc.pre(sd > 1e-6 * Math.max(1, Math.abs(mean)))
        expect(filled.reduce((sum, z) => sum + z, 0) / list.length).toBeCloseTo(0, 6)
        expect(filled.reduce((sum, z) => sum + z * z, 0) / list.length).toBeCloseTo(1, 6)
        for (const [i, value] of list.entries()) {
          expect(Math.abs((filled[i] as number) * sd + mean - value)).toBeLessThanOrEqual(
            1e-9 * Math.max(1, Math.abs(value), sd),
          )
        }
      }),
    )
  })
})

describe('aligned columns', () => {
  async function load(csv: string, names: string[], rows: number[], missing = MEAN, limit = 8) {
    const source = await folder.csv('aligned.csv', csv)
    await using dataset = await openDataset('loans', plainDataset(source, { missing }))
    const training = new Uint8Array(rows.length).fill(1)
    return await loadAlignedColumns(dataset, names, Uint32Array.from(rows), training, { bits: 10, missing, limit })
  }

  test('are in the order asked for, in fixed point and in shared memory', async () => {
    const view = await load('id,a,b\n1,1,10\n2,2,20\n3,3,60\n', ['b', 'a'], [2, 0])
    expect(view.names).toEqual(['b', 'a'])
    expect([...view.means]).toEqual([35, 2])
    expect([...view.sds]).toEqual([25, 1])
    expect(view.columns.map((column) => [...column])).toEqual([
      [1024, -1024],
      [1024, -1024],
    ])
    expect(view.columns[0]?.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(view.clipped).toBe(0)
  })

  test('are 0 where rows name none, and stand as often as rows name them', async () => {
    const view = await load('id,a\n1,1\n2,2\n3,60\n', ['a'], [1, 0xffff_ffff, 0, 1, 0, 0xffff_fffe])
    expect([view.means[0], view.sds[0]]).toEqual([1.5, 0.5])
    expect([...(view.columns[0] ?? [])]).toEqual([1024, 0, -1024, 1024, -1024, 0])
  })

  test('values beyond the limit are clipped and counted', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `${i},${i === 0 ? 1000 : i % 2}`).join('\n')
    const view = await load(`id,a\n${rows}\n`, ['a'], [...Array(100).keys()], MEAN, 3)
    expect(view.clipped).toBe(1)
    expect(view.columns[0]?.[0]).toBe(3 * 1024)
  })

  test('the rule of a column goes before the default', async () => {
    const missing = { default: 'reject', values: ['NA'], columns: { a: 'zero' } } as const
    const view = await load('id,a\n1,NA\n2,2\n', ['a'], [0, 1], missing)
    expect([...view.means]).toEqual([1])
  })

  test('every column that cannot be used is named at once', async () => {
    const csv = 'id,a,b,c\n1,1,5,1\n2,2,5,2\n3,,,5\n'
    await expect(load(csv, ['a', 'b', 'c'], [0, 1])).rejects.toMatchObject({
      code: 'data.constant-column',
      detail: { columns: ['b'] },
    })
    await expect(load(csv, ['a', 'b', 'c'], [0, 1, 2], { ...MEAN, default: 'reject' })).rejects.toMatchObject({
      code: 'data.missing-value',
      detail: { columns: ['a', 'b'] },
    })
  })
})
