// g and h as integers that can be added under encryption without overflow, and sums of them read back exactly. One
// quantisation a tree, not a node: a child's sums are then exactly its parent's less its sibling's, in integers.
//
// 'quantised' puts both in one integer, v = gq + shift · hq. Sums of any rows keep |Σgq| < shift/2 and Σv < modulus − shift/2,
// so that residues of the modulus part again. Rounding is random with the right mean, so that sums are unbiased.
// 'exact' sends two streams, one of g and one of h, in fixed point of at least 30 bits, rounded to the nearest.
import { PlatformError } from '#runtime/errors.ts'
import type { Gradients } from './objective.ts'
import type { Precision } from './params.ts'
import { type Draw, words } from './sampling.ts'
import { REAL_UNITS, type Units } from './split.ts'

/** How sums are read. */
export interface SumCode {
  readonly precision: Precision | 'real'
  /** what one step is worth */
  readonly units: Units
  /** t: sums are known modulo this prime */
  readonly modulus: number
  /** 'quantised': the weight of h in the packed integer, a power of 2 */
  readonly shift: number
}

/** Integers by row: g signed, h ≥ 0; both 0 for rows that do not count. */
export interface Quantised extends Gradients {
  readonly code: SumCode
}

/** Fraction bits of 'exact' are never fewer, for a value of the size of the largest. */
export const EXACT_BITS = 30
/** and never more: sums stay far inside what a double holds. */
const EXACT_BITS_LIMIT = 44

/** The values as they are: for the reference in the clear. */
export function unquantised({ g, h }: Gradients): Quantised {
  return { g, h, code: { precision: 'real', units: REAL_UNITS, modulus: 0, shift: 1 } }
}

/**
 * @param values of all rows, 0 for those that do not count @param modulus the plain modulus t of the encryption
 * @param draw random bytes for rounding; 'exact' needs none
 * @throws PlatformError boost.invalid when there are too many rows for the modulus
 */
export function quantise(values: Gradients, precision: Precision, modulus: number, draw: Draw): Quantised {
  return precision === 'exact' ? fixedPoint(values, modulus) : packed(values, modulus, draw)
}

/** Least and greatest that a sum over any rows can be, and how many rows count. */
function extremes(values: Float64Array): { readonly low: number; readonly high: number; readonly rows: number } {
  let [low, high, rows] = [0, 0, 0]
  for (const value of values) {
    if (value === 0) continue
    rows++
    if (value < 0) low -= value
    else high += value
  }
  return { low, high, rows }
}

function packed({ g, h }: Gradients, modulus: number, draw: Draw): Quantised {
  const shift = 2 ** Math.ceil(Math.log2(modulus) / 2)
  const [ofG, ofH] = [extremes(g), extremes(h)]
  const rows = Math.max(ofG.rows, ofH.rows)
  // every row may be rounded up by one step
  const roomG = shift / 2 - 1 - rows
  const roomH = Math.floor((modulus - shift) / shift) - rows
  if (Math.min(roomG, roomH) < rows)
    throw new PlatformError('boost.invalid', { what: 'rows', rows, limit: Math.floor(shift / 4) })
  const units = { g: stepOf(Math.max(ofG.low, ofG.high), roomG), h: stepOf(ofH.high, roomH) }
  const code: SumCode = { precision: 'quantised', units, modulus, shift }
  return { g: rounded(g, units.g, draw, 'round g'), h: rounded(h, units.h, draw, 'round h'), code }
}

/** Sums below this count as none: steps of them would be no numbers. */
const LEAST_SUM = 2 ** -900

/** What one step is worth when a sum up to `most` has `room` steps. */
function stepOf(most: number, room: number): number {
  return most < LEAST_SUM ? 1 : most / room
}

/** Down or up at random, with the mean of the value itself. */
function rounded(values: Float64Array, step: number, draw: Draw, label: string): Float64Array {
  const random = words(draw, label, values.length)
  const out = new Float64Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const steps = values[row]! / step
    const whole = Math.floor(steps)
    out[row] = whole + +(random[row]! < (steps - whole) * 2 ** 32)
  }
  return out
}

function fixedPoint({ g, h }: Gradients, modulus: number): Quantised {
  const [ofG, ofH] = [extremes(g), extremes(h)]
  const units = {
    g: fixedStep(g, Math.max(ofG.low, ofG.high), (modulus - 1) / 2 - ofG.rows),
    h: fixedStep(h, ofH.high, modulus - 1 - ofH.rows),
  }
  return {
    g: nearest(g, units.g),
    h: nearest(h, units.h),
    code: { precision: 'exact', units, modulus, shift: 1 },
  }
}

function nearest(values: Float64Array, step: number): Float64Array {
  return values.map((value) => Math.round(value / step) + 0) // no −0: it is not the residue 0 bit for bit
}

/** The least power of two that keeps sums within `room` steps. */
function fixedStep(values: Float64Array, most: number, room: number): number {
  if (most < LEAST_SUM) return 1
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  const bits = Math.min(Math.floor(Math.log2(room / most)), EXACT_BITS_LIMIT - Math.ceil(Math.log2(largest)))
  if (!(largest * 2 ** bits >= 2 ** (EXACT_BITS - 1)))
    throw new PlatformError('boost.invalid', {
      what: 'rows',
      rows: values.length,
      precision: 'exact',
      bits: EXACT_BITS,
    })
  return 2 ** -bits
}

/** How many streams of ciphertexts a tree has. */
export function streamCount(precision: Precision): 1 | 2 {
  return precision === 'exact' ? 2 : 1
}

/**
 * What is encrypted: residues of the modulus, one a row, by stream.
 * Of one node's rows: zero where the row is not in the node.
 */
export function streams({ g, h, code }: Quantised): Float64Array[] {
  const residue = (value: number) => (value < 0 ? value + code.modulus : value)
  if (code.precision === 'exact') return [g.map(residue), h]
  return [g.map((value, row) => residue(value + code.shift * h[row]!))]
}

/**
 * Sums of g and h, in steps, from decrypted sums of the streams.
 * @param sums residues by stream
 * @throws PlatformError boost.invalid on another number of streams, or on what no sum of rows can be
 */
export function readSums(code: SumCode, sums: readonly Float64Array[]): Gradients {
  const first = sums[0]
  const second = code.precision === 'exact' ? sums[1] : first
  if (first === undefined || second === undefined || second.length !== first.length)
    throw new PlatformError('boost.invalid', { what: 'sums', streams: sums.length })
  const { modulus, shift } = code
  if (code.precision === 'exact')
    return { g: first.map((sum) => (sum > modulus / 2 ? sum - modulus : sum)), h: second.slice() }
  const g = new Float64Array(first.length)
  const h = new Float64Array(first.length)
  for (let i = 0; i < first.length; i++) {
    // Σv ≥ −shift/2 as an integer: what is above modulus − shift/2 is negative
    const sum = first[i]! >= modulus - shift / 2 ? first[i]! - modulus : first[i]!
    h[i] = Math.floor((sum + shift / 2) / shift)
    g[i] = sum - h[i]! * shift
  }
  return { g, h }
}
