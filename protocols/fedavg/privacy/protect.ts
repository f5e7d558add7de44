// A contribution as integers that may be added up and opened: clipped, rounded to the lattice by coins, with discrete
// Gaussian noise. Coins and noise come from one seed and label: a party that starts again sends the same bytes.
import { clipLength } from '#crypto/aggregate/quantise.ts'
import { Expansion } from '#crypto/aggregate/streams.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { DiscreteGaussian } from './discrete-gaussian.ts'
import type { PrivacyPlan } from './plan.ts'
import { clippedRowSum, type RowGradient, sampleRows } from './rows.ts'

/**
 * What a party encrypts where nothing may tell of its rows as a whole (unit party). A round that was charged already, under the same seed and label, gives the same.
 *
 * @param contribution length `plan.parameters`; is not changed
 * @param seed secret, of this party alone, drawn once
 * @param label of the round
 * @returns integers of [0, plan.fields.levels]
 * @throws PlatformError he.range for numbers that are none or of another count; privacy.settings for a plan of unit row
 */
export function protectUpdate(
  plan: PrivacyPlan,
  contribution: Float64Array,
  seed: Secret,
  label: string,
): Uint32Array<ArrayBuffer> {
  // The noise of unit row is far too little for what local training does with a row.
  if (plan.unit !== 'party') throw new PlatformError('privacy.settings', { setting: 'unit' })
  const clipped = Float64Array.from(contribution)
  clipLength(clipped, plan.length)
  return toLattice(plan, clipped, seed, label)
}

/**
 * What a party encrypts where nothing may tell of one row (unit row). Same promises as `protectUpdate`.
 * @throws PlatformError he.range; privacy.settings for a plan of unit party
 */
export async function protectRows(
  plan: PrivacyPlan,
  rows: OwnRows,
  seed: Secret,
  label: string,
): Promise<Uint32Array<ArrayBuffer>> {
  if (plan.unit !== 'row') throw new PlatformError('privacy.settings', { setting: 'unit' })
  const { sampleRate } = plan.mechanism
  const drawn = sampleRows(rows.own, sampleRate, seed, label)
  const sum = await clippedRowSum(drawn, plan.parameters, plan.length, rows.gradientOf, rows.signal)
  const downhill = sum.map((value) => -value / (sampleRate * rows.all))
  return toLattice(plan, downhill, seed, label)
}

export interface OwnRows {
  /** of this party */
  readonly own: number
  /** of all parties, as in the plan */
  readonly all: number
  /** writes the gradient of the loss of one row at the weights that the round starts from */
  readonly gradientOf: RowGradient
  readonly signal?: AbortSignal
}

function toLattice(plan: PrivacyPlan, clipped: Float64Array, seed: Secret, label: string): Uint32Array<ArrayBuffer> {
  const { parameters, step, zero, range, sigma } = plan
  if (clipped.length !== parameters) throw new PlatformError('he.range', { values: clipped.length, limit: parameters })
  const coins = new Expansion(seed, `tributary/privacy/coins/v1\0${label}`)
  const noise = new DiscreteGaussian(sigma, new Expansion(seed, `tributary/privacy/noise/v1\0${label}`))
  const out = new Uint32Array(parameters)
  for (let i = 0; i < parameters; i++) {
    const scaled = Math.min(range, Math.max(-range, clipped[i] as number)) / step
    const down = Math.floor(scaled)
    const rounded = down + (coins.word() / 2 ** 32 < scaled - down ? 1 : 0)
    // The plan leaves room: what is cut off here has a probability of 2^-100.
    out[i] = Math.min(2 * zero, Math.max(0, zero + rounded + noise.next()))
  }
  return out
}

/** The sum of all contributions with its noise, from the opened sum of their integers. @throws PlatformError he.range */
export function readProtectedSum({ parties, parameters, step, zero }: PrivacyPlan, sums: Uint32Array): Float64Array {
  if (sums.length !== parameters) throw new PlatformError('he.range', { values: sums.length, limit: parameters })
  return Float64Array.from(sums, (sum) => (sum - parties * zero) * step)
}
