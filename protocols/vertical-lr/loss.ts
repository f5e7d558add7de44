// The loss of a round, as the guest learns it: one mean, to four digits.
import { T } from '#crypto/he/params.ts'
import { expandUniform } from '#crypto/prg.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { Series } from './fourier.ts'
import { centred, residue } from './residual.ts'

/** Σ of the masked row losses, in 2^-bits, moved by up to ±5e-5 a row, so that the guest learns the mean loss to four digits only. */
export function roundedSum(maskedLosses: Float64Array, seed: Secret, rows: number, bits: number): number {
  let sum = 0
  for (const value of maskedLosses) sum = (sum + value) % T
  const reach = Math.floor(5e-5 * rows * 2 ** bits)
  const [noise] = expandUniform(seed, 'loss-rounding', 1)
  return (sum + residue((noise! % (2 * reach + 1)) - reach)) % T
}

/**
 * Removes the mask and adds the constant parts. The pivot has added its rounding noise.
 * @returns the mean over the rows that count
 */
export function meanLoss(
  opened: Float64Array,
  mask: Float64Array,
  labels: Uint8Array,
  series: readonly [Series, Series],
  bits: number,
  weights?: Uint8Array,
): number {
  if (opened.length !== 1) throw new PlatformError('protocol.malformed', { expected: 'one sum of losses' })
  let sum = opened[0]!
  for (const value of mask) sum = (sum - value + T) % T
  let constants = 0
  let rows = 0
  for (const [i, label] of labels.entries()) {
    if (weights !== undefined && weights[i] !== 1) continue
    constants += series[label as 0 | 1].constant
    rows += 1
  }
  return Number(((centred(sum) / 2 ** bits + constants) / rows).toFixed(4))
}
