// How a round is protected, worked out from public numbers, so that every party comes to the same: the step of the
// lattice, the noise that each party adds, and what the round then costs. Derivation: protocols/fedavg/privacy/README.md.
import { type Fields, fieldsFor } from '#crypto/aggregate/fields.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { RoundMechanism } from './accountant.ts'
import { GRAIN } from './discrete-gaussian.ts'
import type { PrivacySettings } from './settings.ts'

export interface PrivacyPlan {
  readonly parties: number
  /** values of an update */
  readonly parameters: number
  readonly fields: Fields
  /** a power of two: the integer v of an update stands for step · (v − zero) */
  readonly step: number
  readonly zero: number
  readonly unit: PrivacySettings['unit']
  /** of a party's contribution, or of the gradient of a row: longer ones are scaled down to it */
  readonly length: number
  /** then cut off coordinate by coordinate, at ± range */
  readonly range: number
  /** of the noise that one party adds, in steps; a multiple of 1/64 */
  readonly sigma: number
  /** standard deviation of the noise in each number of the sum */
  readonly noise: number
  readonly mechanism: RoundMechanism
}

export interface RoundShape {
  /** n, of this round */
  readonly parties: number
  /** values of an update */
  readonly parameters: number
  /** where coordinates of a contribution are cut off */
  readonly clip: number
  /** N, the rows of all parties together */
  readonly rows: number
  /** of the sum, where it is not one that a party opens alone */
  readonly fields?: Fields
}

/** Of each of two mishaps in one round: a rounding that adds more than its bound, noise that leaves the field. */
const MISHAP_BITS = 100
/** Sums of discrete Gaussians are far enough from one only below this. */
const LEAST_SIGMA = 4
/** Rounding may make a difference, and with it the noise, so many times larger. */
const MOST_INFLATION = 2
/** For lengths computed in doubles. */
const FLOAT_SLACK = 1 + 2 ** -20
const FINEST = 100

/** @throws PlatformError privacy.settings, privacy.too-coarse, he.range for a number of parties that has no fields */
export function privacyPlan(settings: PrivacySettings, shape: RoundShape): PrivacyPlan {
  const { unit, l2Clip, noiseMultiplier, sampleRate } = checked(settings, shape)
  const { parties, parameters, clip, rows } = shape
  const fields = shape.fields ?? fieldsFor(parties)
  const zero = Math.floor(fields.levels / 2)
  const isParty = unit === 'party'
  const range = isParty ? Math.min(clip, l2Clip) : clip
  const sensitivity = isParty ? 2 * l2Clip : l2Clip / (sampleRate * rows)
  const lattice = (step: number) => {
    const length = roundedLength(sensitivity / step, parameters) * FLOAT_SLACK
    // One party less than there are: a party that knows the sum can take its own noise out of it.
    const sigma = Math.ceil((GRAIN * noiseMultiplier * length) / Math.sqrt(honest(parties))) / GRAIN
    return { length, sigma, reach: range / step + 1 + farthest(sigma, parameters) }
  }
  let step = 2 ** FINEST
  if (lattice(step).reach > zero) throw new PlatformError('privacy.settings', { l2Clip, noiseMultiplier, clip })
  while (lattice(step / 2).reach <= zero && step > 2 ** -FINEST) step /= 2
  const { length, sigma } = lattice(step)
  const inflation = (length * step) / sensitivity
  if (sigma < LEAST_SIGMA || inflation > MOST_INFLATION)
    throw new PlatformError('privacy.too-coarse', { sigma, least: LEAST_SIGMA, inflation, limit: MOST_INFLATION })
  const cost = length / (Math.sqrt(honest(parties)) * sigma) + sumDistance(parties, sigma) * Math.sqrt(parameters)
  return {
    parties,
    parameters,
    fields,
    step,
    zero,
    unit,
    length: l2Clip,
    range,
    sigma,
    noise: Math.sqrt(parties) * sigma * step,
    mechanism: { sampleRate, noiseMultiplier: 1 / cost },
  }
}

/**
 * Bound on the length of the difference of two vectors after both were rounded up or down by the same coins, in steps:
 * min(s + √d, √(s² + d/4 + √(2 ln 1/β)·(s + √d/2))), the latter but for a probability β = 2^-100.
 */
export function roundedLength(length: number, parameters: number): number {
  const root = Math.sqrt(parameters)
  const likely = length ** 2 + parameters / 4 + Math.sqrt(2 * MISHAP_BITS * Math.LN2) * (length + root / 2)
  return Math.min(length + root, Math.sqrt(likely))
}

/** How far the noise of all coordinates stays within, but for a probability of 2^-100: 2d·exp(−r² / 2σ²). */
function farthest(sigma: number, parameters: number): number {
  return sigma * Math.sqrt(2 * (Math.log(2 * parameters) + MISHAP_BITS * Math.LN2))
}

function honest(parties: number): number {
  return parties - 1
}

/** τ: how far the sum of the honest parties' noise is from one discrete Gaussian (Kairouz, Liu, Steinke 2021, theorem 1). */
export function sumDistance(parties: number, sigma: number): number {
  let sum = 0
  for (let k = 1; k < honest(parties); k++) sum += Math.exp((-2 * Math.PI ** 2 * sigma ** 2 * k) / (k + 1))
  return 10 * sum
}

function checked(settings: PrivacySettings, { parties, parameters, clip, rows, fields }: RoundShape): PrivacySettings {
  const { unit, l2Clip, noiseMultiplier, sampleRate, delta, budget } = settings
  const isPositive = (value: number) => Number.isFinite(value) && value > 0
  const problems = [
    ['l2Clip', isPositive(l2Clip)],
    ['noiseMultiplier', isPositive(noiseMultiplier)],
    ['sampleRate', sampleRate > 0 && sampleRate <= 1 && (unit === 'row' || sampleRate === 1)],
    ['delta', delta > 0 && delta < 1],
    ['budget', isPositive(budget)],
    ['clip', isPositive(clip)],
    ['parties', Number.isInteger(parties) && parties >= 2 && (fields?.parties ?? parties) === parties],
    ['parameters', Number.isInteger(parameters) && parameters >= 1],
    ['rows', Number.isInteger(rows) && rows >= 1],
  ] as const
  const wrong = problems.find(([, isRight]) => !isRight)
  if (wrong !== undefined) throw new PlatformError('privacy.settings', { setting: wrong[0] })
  return settings
}
