// Rows as what is protected: which of them enter a round, and their gradients, each clipped, added up without an error.
// One step of gradient descent a round; how far it goes is up to the server optimiser.
import { setImmediate as turn } from 'node:timers/promises'
import { Expansion } from '#crypto/aggregate/streams.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'

/** Writes the gradient of the loss of one row; what it gets is zero everywhere. */
export type RowGradient = (row: number, out: Float64Array) => void

/** Bits of a coordinate below l2Clip. 2^24 rows of them add up within the 53 bits of a double. */
const FINE_BITS = 28
const MOST_ROWS = 2 ** 24
/** After so long other work of the process has its turn: a link answers its keepalive. */
const TURN_MS = 20

/**
 * Numbers of the rows of a round: each of 0 … rows − 1 with probability sampleRate, rounded down to a multiple of 2^-53,
 * and independent of all others. Who does not know the seed cannot tell: that is what makes the round cost less.
 */
export function sampleRows(rows: number, sampleRate: number, seed: Secret, label: string): Uint32Array<ArrayBuffer> {
  if (sampleRate === 1) return Uint32Array.from({ length: rows }, (_, row) => row)
  const words = new Expansion(seed, `tributary/privacy/rows/v1\0${label}`)
  const limit = Math.floor(sampleRate * 2 ** 53)
  const drawn: number[] = []
  for (let row = 0; row < rows; row++) {
    if (words.word() * 2 ** 21 + (words.word() >>> 11) < limit) drawn.push(row)
  }
  return Uint32Array.from(drawn)
}

/**
 * Σ over rows of gradient · min(1, l2Clip / ‖gradient‖), length `parameters`. Coordinates are cut off towards zero to
 * multiples of about l2Clip · 2^-28, which makes no gradient longer and the sum exact: it does not depend on the order, and
 * one row more changes nothing but its own term.

 *
 * @throws PlatformError he.range for numbers that are none, or more than 2^24 rows
 */
export async function clippedRowSum(
  rows: Uint32Array,
  parameters: number,
  l2Clip: number,
  gradientOf: RowGradient,
  signal?: AbortSignal,
): Promise<Float64Array> {
  if (rows.length > MOST_ROWS) throw new PlatformError('he.range', { rows: rows.length, limit: MOST_ROWS })
  const unit = 2 ** (Math.ceil(Math.log2(l2Clip)) - FINE_BITS)
  const sum = new Float64Array(parameters)
  const gradient = new Float64Array(parameters)
  let rested = performance.now()
  for (const row of rows) {
    if (performance.now() - rested > TURN_MS) {
      await turn()
      signal?.throwIfAborted()
      rested = performance.now()
    }
    gradient.fill(0)
    gradientOf(row, gradient)
    let squares = 0
    for (const value of gradient) squares += value * value
    if (!Number.isFinite(squares)) throw new PlatformError('he.range', { gradient: 'not finite' })
    const scale = Math.min(1, l2Clip / Math.sqrt(squares)) / unit
    for (let i = 0; i < parameters; i++) sum[i] = (sum[i] as number) + Math.trunc((gradient[i] as number) * scale)
  }
  return sum.map((value) => value * unit)
}
