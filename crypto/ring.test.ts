// Exactness of the ring arithmetic against BigInt, at random and extreme values.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  centredLift,
  dotInt,
  fromIntegers,
  MAX_MULTIPLIER,
  mul,
  mulMod,
  neg,
  reduce,
  sub,
  sum,
  T,
} from './ring.ts'

const element = fc.oneof(
  fc.maxSafeInteger().map(reduce),
  fc.constantFrom(0, 1, 2 ** 25, T - 1, T - 2, (T - 1) / 2, (T + 1) / 2),
)
const multiplier = fc.oneof(
  fc.integer({ min: -MAX_MULTIPLIER, max: MAX_MULTIPLIER }),
  fc.constantFrom(0, MAX_MULTIPLIER, -MAX_MULTIPLIER),
)
const bigMod = (value: bigint) => Number(((value % BigInt(T)) + BigInt(T)) % BigInt(T))
const of = (...values: number[]) => Float64Array.of(...values)

describe('ring', () => {
  test('T is ≡ 1 mod 16384 and just below 2^50', () => {
    expect(T % 16384).toBe(1)
    expect(2 ** 50 - T).toBeLessThan(2 ** 21)
  })

  test('sums, differences, products and negatives equal those of BigInt', () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(add(of(a), of(b))[0]).toBe(bigMod(BigInt(a) + BigInt(b)))
        expect(sub(of(a), of(b))[0]).toBe(bigMod(BigInt(a) - BigInt(b)))
        expect(mul(of(a), of(b))[0]).toBe(bigMod(BigInt(a) * BigInt(b)))
        expect(neg(of(a))[0]).toBe(bigMod(-BigInt(a)))
      }),
      { numRuns: 3000 },
    )
  })

  test('reduction is exact up to 2^53 and below zero', () => {
    for (const value of [0, T, -T, -1, 2 ** 53 - 1, -(2 ** 53) + 1, 7 * T, 8 * T - 1]) {
      expect(reduce(value)).toBe(bigMod(BigInt(value)))
    }
  })

  test('signed integers come back from the ring', () => {
    const values = of(0, 1, -1, 2 ** 48, -(2 ** 48), (T - 1) / 2, -(T - 1) / 2)
    expect([...centredLift(fromIntegers(values))]).toEqual([...values])
  })

  test('an inner product with integers equals that of BigInt', () => {
    const rows = fc.array(fc.tuple(multiplier, element), { maxLength: 600 })
    fc.assert(
      fc.property(rows, (pairs) => {
        const exact = pairs.reduce((total, [x, d]) => total + BigInt(x) * BigInt(d), 0n)
        expect(
          dotInt(
            Int32Array.from(pairs, ([x]) => x),
            Float64Array.from(pairs, ([, d]) => d),
          ),
        ).toBe(bigMod(exact))
      }),
      { numRuns: 300 },
    )
  })

  test('an inner product of extremes over many rows stays exact', () => {
    const rows = 10_000
    const x = new Int32Array(rows).fill(-MAX_MULTIPLIER)
    const d = new Float64Array(rows).fill(T - 1)
    expect(dotInt(x, d)).toBe(bigMod(-BigInt(rows) * BigInt(MAX_MULTIPLIER) * BigInt(T - 1)))
    expect(dotInt(new Int32Array(), new Float64Array())).toBe(0)
  })

  test('a sum over a long vector stays exact', () => {
    expect(sum(new Float64Array(5000).fill(T - 1))).toBe(T - 5000)
    expect(sum(new Float64Array())).toBe(0)
  })

  test('multipliers above 2^20 and unequal lengths are refused', () => {
    const refused = expect.objectContaining({ code: 'he.range' })
    expect(() => dotInt(Int32Array.of(MAX_MULTIPLIER + 1), of(1))).toThrow(refused)
    expect(() => dotInt(Int32Array.of(1, 2), of(1))).toThrow(refused)
    expect(() => add(of(1), of(1, 2))).toThrow(refused)
    expect(mulMod(T - 1, T - 1)).toBe(1)
  })
})
