import { expect, test } from 'vitest'
import { expandBytes } from './prg.ts'
import { largestPlausible, uniformBits, uniformBytes, uniformValues } from './uniformity.ts'

/** Random, and the same in each run: one honest test in 10^9 fails, and here there are thousands. */
const randomBytes = (length: number, label: string | number = 0) =>
  expandBytes(new Uint8Array(32).fill(1), `${label}`, length)

/** P(χ² ≥ x) for an odd number of degrees of freedom: erfc and the recurrence of the incomplete gamma function. */
function tail(x: number, degrees: number): number {
  // ∫ of the density, by Simpson's rule, from x to where nothing is left
  const logGamma = (a: number) => {
    let sum = 0.5 * Math.log(Math.PI) // Γ(½)
    for (let k = 0.5; k < a; k++) sum += Math.log(k)
    return sum
  }
  const half = degrees / 2
  const density = (y: number) => Math.exp((half - 1) * Math.log(y) - y / 2 - half * Math.LN2 - logGamma(half))
  const [steps, end] = [20_000, x + 400]
  const h = (end - x) / steps
  let sum = density(x) + density(end)
  for (let i = 1; i < steps; i++) sum += density(x + i * h) * (i % 2 === 0 ? 2 : 4)
  return (sum * h) / 3
}

test('the limits are those of one in 10^9', () => {
  expect(tail(largestPlausible(16), 15)).toBeCloseTo(1e-9, 11)
  expect(tail(largestPlausible(256), 255)).toBeCloseTo(1e-9, 11)
})

test.each([40, 300, 1279, 1280, 5000, 200_000])('%d random bytes pass, 200 times', (length) => {
  for (let i = 0; i < 200; i++) expect(uniformBytes(randomBytes(length, i))).toBe(true)
})

test.each([100, 1280, 5000, 65_536])('%d bytes of text, of counters or of one value do not', (length) => {
  const line = Buffer.from('The quick brown fox jumps over the lazy dog. ')
  expect(uniformBytes(Buffer.alloc(length, line))).toBe(false)
  expect(uniformBytes(new Uint8Array(length).fill(0xa7))).toBe(false)
  expect(uniformBytes(new Uint8Array(Uint32Array.from({ length: length >> 2 }, (_, i) => i).buffer))).toBe(false)
})

test('a plain byte in every second, fourth or eighth place is seen at any length', () => {
  for (const every of [2, 4, 8])
    for (const length of [5000, 16_384, 65_536, 126_976]) {
      const bytes = randomBytes(length)
      for (let at = every - 1; at < length; at += every) bytes[at] = 0
      expect(uniformBytes(bytes)).toBe(false)
    }
})

test('bits: the same verdicts as for values', () => {
  const random = Uint32Array.from(randomBytes(1024))
  expect(uniformBits(random, 8)).toBe(true)
  for (const bad of [random.map((value) => value >> 2), random.map((value) => value & 254), random.toSorted()])
    expect(uniformBits(bad, 8)).toBe(false)
  expect(uniformBits(random.subarray(0, 20).fill(0), 8)).toBe(true)
})

test('values: small ones, even ones and sorted ones do not pass', () => {
  const random = Array.from(new Uint32Array(randomBytes(4000).buffer))
  expect(uniformValues(random, 2 ** 32)).toBe(true)
  expect(
    uniformValues(
      random.map((value) => value >>> 4),
      2 ** 32,
    ),
  ).toBe(false)
  expect(
    uniformValues(
      random.map((value) => value - (value % 2)),
      2 ** 32,
    ),
  ).toBe(false)
  expect(
    uniformValues(
      random.toSorted((a, b) => a - b),
      2 ** 32,
    ),
  ).toBe(false)
  expect(uniformValues([1, 2, 3], 2 ** 32)).toBe(true)
})
