// Real numbers as integers of [0, levels] and back. Stochastic rounding: the expectation of what is sent is the clipped
// value itself, so that rounding errors of many rounds and parties average out instead of adding up.
import { PlatformError } from '#runtime/errors.ts'
import type { Fields } from './fields.ts'
import type { Expansion } from './streams.ts'

/** Scales a vector down, in place, to Euclidean length `most`; returns its length before. @throws PlatformError he.range for numbers that are none */
export function clipLength(vector: Float64Array, most: number): number {
  let squares = 0
  for (const value of vector) squares += value * value
  const length = Math.sqrt(squares)
  if (!Number.isFinite(length)) throw new PlatformError('he.range', { vector: 'not finite' })
  if (length > most) for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) * (most / length)
  return length
}

/**
 * Integers of [0, levels]: −range stands at 0, range at levels, with steps of 2·range/levels between; what lies outside
 * is cut off. Rounded up with the probability of the rest. @throws PlatformError he.range for numbers that are none
 */
export function quantise(values: Float64Array, range: number, { levels }: Fields, coins: Expansion): Uint32Array {
  const out = new Uint32Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (!Number.isFinite(value)) throw new PlatformError('he.range', { value: 'not finite' })
    const scaled = ((Math.min(range, Math.max(-range, value)) + range) / (2 * range)) * levels
    const down = Math.floor(scaled)
    out[i] = Math.min(levels, down + (coins.word() / 2 ** 32 < scaled - down ? 1 : 0))
  }
  return out
}

/** The sum of the parties' numbers from the sum of their integers. */
export function dequantiseSum(sums: Uint32Array, range: number, { parties, levels }: Fields): Float64Array {
  const step = (2 * range) / levels
  return Float64Array.from(sums, (sum) => sum * step - parties * range)
}

/** Digits that whole numbers up to 2^40 are cut into, so that a field holds the sum of each digit. */
export function digitsOf({ levels }: Fields): { readonly bits: number; readonly count: number } {
  const bits = Math.floor(Math.log2(levels + 1))
  return { bits, count: Math.ceil(40 / bits) }
}

/** Whole numbers of [0, 2^40) as digits, lowest first: these add up exactly. @throws PlatformError he.range */
export function toDigits(numbers: readonly number[], fields: Fields): Uint32Array {
  const { bits, count } = digitsOf(fields)
  const out = new Uint32Array(numbers.length * count)
  for (const [n, value] of numbers.entries()) {
    if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 40))
      throw new PlatformError('he.range', { limit: 2 ** 40 })
    for (let d = 0; d < count; d++) out[n * count + d] = Math.floor(value / 2 ** (bits * d)) % 2 ** bits
  }
  return out
}

/** The sums of whole numbers from the sums of their digits. */
export function fromDigits(sums: Uint32Array, fields: Fields): number[] {
  const { bits, count } = digitsOf(fields)
  return Array.from({ length: sums.length / count }, (_, n) => {
    let total = 0
    for (let d = 0; d < count; d++) total += (sums[n * count + d] as number) * 2 ** (bits * d)
    return total
  })
}
