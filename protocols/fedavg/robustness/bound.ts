// How far one party may move the model in a round: its own contribution is scaled down before it leaves, and every party
// compares the opened sum with what contributions so bounded can add up to. The sum is checked without opening any of them.
import { clipLength } from '#crypto/aggregate/quantise.ts'
import { PlatformError } from '#runtime/errors.ts'

export interface Bounded {
  /** Euclidean length before */
  readonly length: number
  readonly scaled: boolean
  /** coordinates that were beyond `clip`, and cut off */
  readonly cut: number
}

/**
 * Scales a party's contribution, its change of the model times its share of the rows, down to share · bound, then cuts
 * each coordinate off at ± clip. In place. @throws PlatformError he.range for numbers that are none
 */
export function boundContribution(
  contribution: Float64Array,
  { share, bound, clip }: { readonly share: number; readonly bound: number; readonly clip: number },
): Bounded {
  const length = clipLength(contribution, share * bound)
  let cut = 0
  for (let i = 0; i < contribution.length; i++) {
    const value = contribution[i] as number
    if (Math.abs(value) <= clip) continue
    contribution[i] = Math.sign(value) * clip
    cut++
  }
  return { length, scaled: length > share * bound, cut }
}

/**
 * Compares the mean change of a round with the bound of each party's change: shares add up to 1, so no honest mean is
 * longer. Who wants to do more than one honest update of the largest size must make the mean longer, and shows.
 *
 * @param step between two integers of the lattice: stochastic rounding moves each coordinate of each party by less
 * @returns the length of the mean
 * @throws PlatformError robustness.sum-too-long
 */
export function checkSum(
  mean: Float64Array,
  { bound, parties, step }: { readonly bound: number; readonly parties: number; readonly step: number },
): number {
  let squares = 0
  for (const value of mean) squares += value * value
  const length = Math.sqrt(squares)
  const limit = bound + parties * step * Math.sqrt(mean.length)
  if (!(length <= limit)) throw new PlatformError('robustness.sum-too-long', { length, limit })
  return length
}
