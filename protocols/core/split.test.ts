import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { trainingMask } from './split.ts'

const key = new Uint8Array(32).fill(3)
const ids = Array.from({ length: 4000 }, (_, i) => `c-${i}`)

test('keyed-hash holds out its share of rows', () => {
  for (const holdout of [0.05, 0.3, 0.5]) {
    const held = trainingMask({ kind: 'keyed-hash', holdout }, ids, key).filter((training) => training === 0).length
    // 8 standard deviations of a binomial count
    expect(Math.abs(held - 4000 * holdout)).toBeLessThan(8 * Math.sqrt(4000 * holdout * (1 - holdout)))
  }
})

test('keyed-hash is the first 48 bits of HMAC-SHA-256 below the share', () => {
  const tag = createHmac('sha256', key).update('c-7').digest('hex')
  const held = Number.parseInt(tag.slice(0, 12), 16) / 2 ** 48 < 0.3
  expect(trainingMask({ kind: 'keyed-hash', holdout: 0.3 }, ['c-7'], key)).toEqual(Uint8Array.of(held ? 0 : 1))
})

test('a row stays on its side whatever rows are beside it', () => {
  const split = { kind: 'keyed-hash', holdout: 0.3 } as const
  const whole = trainingMask(split, ids, key)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3999 }), { maxLength: 30 }), (rows) => {
      const picked = rows.map((row) => ids[row] as string)
      expect([...trainingMask(split, picked, key)]).toEqual(rows.map((row) => whole[row]))
    }),
  )
})

test('another row key holds out other rows', () => {
  const split = { kind: 'keyed-hash', holdout: 0.5 } as const
  expect(trainingMask(split, ids, key)).not.toEqual(trainingMask(split, ids, new Uint8Array(32)))
})

test('id-modulo holds out the rows of one remainder, for numbers of any length', () => {
  const split = { kind: 'id-modulo', divisor: 10, remainder: 3 } as const
  expect([...trainingMask(split, ['3', '4', '013', '90071992547409930003'], key)]).toEqual([0, 1, 0, 0])
})

test('id-modulo refuses an id that is no whole number, without naming it', () => {
  for (const id of ['x', '', '1.5', '-3', '１']) {
    expect(() => trainingMask({ kind: 'id-modulo', divisor: 10, remainder: 3 }, ['1', id], key)).toThrowError(
      expect.objectContaining({
        code: 'job.invalid',
        detail: { split: 'id-modulo', row: 1, expected: 'ids that are whole numbers' },
      }),
    )
  }
})
