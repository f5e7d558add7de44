// g and h as integers: sums never overflow, are read back exactly, and rounding favours nobody.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Gradients } from './objective.ts'
import { EXACT_BITS, quantise, readSums, streamCount, streams } from './quantise.ts'
import { seeded, seededDraw } from './sample.ts'

/** Plain moduli: a power of 2, as sums for trees have it, and a prime. */
const MODULI = [2 ** 50, 2 ** 50 - 27] as const
const T = MODULI[0]

const row = fc.record({ g: fc.double({ min: -1, max: 1, noNaN: true }), h: fc.double({ min: 0, max: 1, noNaN: true }) })
const rows = fc.array(fc.record({ row, in: fc.boolean() }), { minLength: 1, maxLength: 60 })
const sizes = fc.constantFrom(1e-6, 0.25, 1, 1000, 2 ** 20)

function gradientsOf(
  from: readonly { readonly row: { readonly g: number; readonly h: number } }[],
  size: number,
): Gradients {
  return {
    g: Float64Array.from(from, (one) => one.row.g * size),
    h: Float64Array.from(from, (one) => one.row.h * size),
  }
}

/** Σ of the residues of some rows, as the modulus sees it. */
function sumModulo(stream: Float64Array, included: (row: number) => boolean, modulus: number = T): number {
  return stream.reduce((sum, value, at) => (included(at) ? (sum + value) % modulus : sum), 0) // below 2^51: exact
}

for (const precision of ['quantised', 'exact'] as const) {
  test(`${precision}: the sum of any rows comes back exactly from its residue`, () => {
    fc.assert(
      fc.property(rows, sizes, fc.integer(), fc.constantFrom(...MODULI), (drawn, size, seed, modulus) => {
        const code = quantise(gradientsOf(drawn, size), precision, modulus, seededDraw(seed))
        const sent = streams(code)
        expect(sent.length).toBe(streamCount(precision))
        for (const stream of sent) for (const value of stream) expect(value >= 0 && value < modulus).toBe(true)
        const subsets = [
          (at: number) => drawn[at]!.in,
          () => true,
          (at: number) => code.g[at]! > 0,
          (at: number) => code.g[at]! < 0,
        ]
        for (const included of subsets) {
          const sums = readSums(
            code.code,
            sent.map((stream) => Float64Array.of(sumModulo(stream, included, modulus))),
          )
          const expected = (values: Float64Array) =>
            values.reduce((sum, value, at) => sum + (included(at) ? value : 0), 0)
          expect([sums.g[0], sums.h[0]]).toEqual([expected(code.g), expected(code.h)])
        }
      }),
      { numRuns: 150 },
    )
  })
}

test('nothing overflows where every row has the largest g of one sign and the largest h', () => {
  for (const count of [1, 1000, 100_000]) {
    for (const sign of [-1, 1]) {
      const values = { g: new Float64Array(count).fill(sign), h: new Float64Array(count).fill(1) }
      for (const precision of ['quantised', 'exact'] as const) {
        const code = quantise(values, precision, T, seededDraw(count))
        const sums = streams(code).map((stream) => Float64Array.of(sumModulo(stream, () => true)))
        const read = readSums(code.code, sums)
        expect(read.g[0]! * code.code.units.g).toBeCloseTo(sign * count, -Math.log10(count) - 1 + 2)
        expect(read.h[0]! * code.code.units.h).toBeCloseTo(count, -Math.log10(count) - 1 + 2)
      }
    }
  }
})

test('rounding has the mean of the value', () => {
  const next = seeded(7)
  const value = { g: -0.3137, h: 0.2153 }
  const count = 4000
  const others = Float64Array.from({ length: count }, () => next() * 100)
  // large others make steps coarse: the small value is a fraction of a step
  const g = others.map((other, at) => (at % 2 === 0 ? value.g : at % 4 === 1 ? other : -other))
  const h = others.map((other, at) => (at % 2 === 0 ? value.h : other))
  const code = quantise({ g, h }, 'quantised', 2 ** 30 - 35, seededDraw(3))
  const mean = (values: Float64Array) =>
    values.reduce((sum, one, at) => sum + (at % 2 === 0 ? one : 0), 0) / (count / 2)
  expect(code.code.units.g).toBeGreaterThan(1)
  // a mean of 2,000 draws of a step: within five standard errors of the value
  const tolerance = (unit: number) => (5 * unit * 0.5) / Math.sqrt(count / 2)
  expect(Math.abs(mean(code.g) * code.code.units.g - value.g)).toBeLessThan(tolerance(code.code.units.g))
  expect(Math.abs(mean(code.h) * code.code.units.h - value.h)).toBeLessThan(tolerance(code.code.units.h))
})

test('rows that do not count are zero, and exact values keep thirty bits', () => {
  const next = seeded(1)
  const g = Float64Array.from({ length: 100_000 }, (_, at) => (at % 3 === 0 ? 0 : next() - 0.5))
  const values = { g, h: g.map(Math.abs) }
  for (const precision of ['quantised', 'exact'] as const)
    for (const stream of streams(quantise(values, precision, T, seededDraw(1))))
      expect(stream.some((value, at) => at % 3 === 0 && value !== 0)).toBe(false)
  const { code, g: steps } = quantise(values, 'exact', T, seededDraw(1))
  expect(code.units.g).toBeLessThanOrEqual(0.5 / 2 ** (EXACT_BITS - 1))
  for (let at = 0; at < 1000; at++)
    expect(Math.abs(steps[at]! * code.units.g - g[at]!)).toBeLessThanOrEqual(code.units.g / 2)
})

test('refuses more rows than the modulus has room for, and streams that are not there', () => {
  const refused = expect.objectContaining({ code: 'boost.invalid' })
  const values = { g: new Float64Array(20_000).fill(1), h: new Float64Array(20_000).fill(1) }
  expect(() => quantise(values, 'quantised', 2 ** 30 - 35, seededDraw(1))).toThrow(refused)
  expect(() => quantise(values, 'exact', 2 ** 30 - 35, seededDraw(1))).toThrow(refused)
  const { code } = quantise(values, 'exact', T, seededDraw(1))
  expect(() => readSums(code, [Float64Array.of(1)])).toThrow(refused)
})
