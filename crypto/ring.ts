// Exact arithmetic modulo T on vectors of doubles. Every value is an integer in [0, T), T < 2^50, so sums of two are
// exact in a double and products are formed from 25-bit halves. T = 2^50 - DELTA makes the reduction two multiplications.
import { PlatformError } from '#runtime/errors.ts'

/** The plaintext modulus of every homomorphic parameter set: the fifth largest prime below 2^50 with T ≡ 1 mod 16384. */
export const T = 1_125_899_905_220_609

/** Largest absolute value of an integer that multiplies a ring element (features in fixed point). */
export const MAX_MULTIPLIER = 2 ** 20

const HALF = 2 ** 25
const DELTA = 2 ** 50 - T // 1_622_015 < 2^21
const INVERSE = 1 / T

/** The residue in [0, T) of an integer |value| < 2^53. */
export function reduce(value: number): number {
  const rest = value - Math.trunc(value * INVERSE) * T
  return rest < 0 ? rest + T : rest >= T ? rest - T : rest
}

/** (a + b) mod T, element by element; equal lengths. */
export function add(a: Float64Array, b: Float64Array): Float64Array {
  return combine(a, b, (x, y) => (x + y >= T ? x + y - T : x + y))
}

/** (a - b) mod T, element by element; equal lengths. */
export function sub(a: Float64Array, b: Float64Array): Float64Array {
  return combine(a, b, (x, y) => (x >= y ? x - y : x - y + T))
}

/** (a · b) mod T, element by element; equal lengths. */
export function mul(a: Float64Array, b: Float64Array): Float64Array {
  return combine(a, b, mulMod)
}

/** -a mod T, element by element. */
export function neg(a: Float64Array): Float64Array {
  return a.map((x) => (x === 0 ? 0 : T - x))
}

/** The sum of all elements mod T; 0 for an empty vector. */
export function sum(a: Float64Array): number {
  let total = 0
  for (const x of a) {
    total += x
    if (total >= T) total -= T
  }
  return total
}

/** The representative in (-T/2, T/2) of each element: how negative numbers are read back. */
export function centredLift(a: Float64Array): Float64Array {
  return a.map((x) => (x > (T - 1) / 2 ? x - T : x))
}

/** Integers |value| < 2^53 as ring elements in [0, T); the inverse of centredLift on (-T/2, T/2). */
export function fromIntegers(values: Float64Array | Int32Array): Float64Array {
  return Float64Array.from(values, reduce)
}

/** a · b mod T for ring elements a, b in [0, T), exact. */
export function mulMod(a: number, b: number): number {
  return mulModNear(a, b, T)
}

/** a · b mod modulus for a, b in [0, modulus), exact; modulus = 2^50 - d with d < 2^21. */
export function mulModNear(a: number, b: number, modulus: number): number {
  const d = 2 ** 50 - modulus
  const aHigh = Math.floor(a / HALF)
  const aLow = a - aHigh * HALF
  const bHigh = Math.floor(b / HALF)
  const bLow = b - bHigh * HALF
  const top = aHigh * bHigh // counts 2^50 ≡ d
  const topHigh = Math.floor(top / HALF)
  const topLow = top - topHigh * HALF
  const middle = aHigh * bLow + aLow * bHigh + topHigh * d // < 2^52, counts 2^25
  const middleHigh = Math.floor(middle / HALF)
  const value = aLow * bLow + topLow * d + middleHigh * d + (middle - middleHigh * HALF) * HALF // < 2^52
  const rest = value - Math.floor(value / modulus) * modulus
  return rest < 0 ? rest + modulus : rest
}

/**
 * Σ column[i] · d[i] mod T, exact. column: integers |x| ≤ 2^20; d: ring elements, same length.
 * Sums of 128 products of 20 by 25 bits stay below 2^52. @throws he.range on a longer multiplier or another length
 */
export function dotInt(column: Int32Array, d: Float64Array): number {
  if (column.length !== d.length) throw new PlatformError('he.range', { column: column.length, vector: d.length })
  let total = 0
  let widest = 0
  for (let start = 0; start < column.length; start += 128) {
    const end = Math.min(start + 128, column.length)
    let high = 0
    let low = 0
    for (let i = start; i < end; i++) {
      const x = column[i] as number
      const value = d[i] as number
      const valueHigh = (value / HALF) | 0
      high += x * valueHigh
      low += x * (value - valueHigh * HALF)
      widest = Math.max(widest, x < 0 ? -x : x)
    }
    total = reduce(total + reduce(timesHalf(reduce(high))) + reduce(low))
  }
  if (widest > MAX_MULTIPLIER) throw new PlatformError('he.range', { widest, limit: MAX_MULTIPLIER })
  return total
}

/** x · 2^25 mod T up to a few T: 0 ≤ x < 2^52, result below 2^51. */
function timesHalf(x: number): number {
  const high = Math.floor(x / HALF)
  return high * DELTA + (x - high * HALF) * HALF
}

function combine(a: Float64Array, b: Float64Array, one: (x: number, y: number) => number): Float64Array {
  if (a.length !== b.length) throw new PlatformError('he.range', { left: a.length, right: b.length })
  const out = new Float64Array(a.length)
  for (let i = 0; i < a.length; i++) out[i] = one(a[i] as number, b[i] as number)
  return out
}
