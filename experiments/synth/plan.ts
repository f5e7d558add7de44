// What one federation is made of, checked once; every worker gets the same plan.
import { PlatformError } from '#runtime/errors.ts'
import { drawApplicant, INTERCEPT, SMALL_SAMPLE_INTERCEPT } from './applicant.ts'
import { FILE_PARTIES, type FileParty } from './parties.ts'
import { sigmoid } from './stream.ts'
import { referenceWorld, SCENARIOS, type Scenario, type World } from './world.ts'

export const SYNTH_SIZES = { XS: 2_000, S: 10_000, M: 100_000, L: 1_000_000, XL: 10_000_000 } as const
export type SynthSize = keyof typeof SYNTH_SIZES

export interface FederationOptions {
  readonly seed: number
  /** loan applications at the bank, one a firm; the bank's file has the loans of those it approved */
  readonly applications: number
  /** default: all */
  readonly parties?: readonly FileParty[]
  /** default: base */
  readonly scenario?: Scenario
  /** planted incidents, default true */
  readonly defects?: boolean
  /** id noise, default true */
  readonly noise?: boolean
  /** share of a partner's firms that applied at the bank, in (0, 1]; the rest are strangers. Default 1 */
  readonly overlap?: number
  /** intercept of the log odds of default; without it by size: 13 % of applicants default up to S, 4.4 % above */
  readonly intercept?: number
  /** instead of the intercept: share of applicants who default */
  readonly badRate?: number
  /** share of the bank's labels that are wrong, default 0 */
  readonly labelNoise?: number
  /** raw tables behind the features; default up to M */
  readonly raw?: boolean
  /** default csv */
  readonly format?: 'csv' | 'parquet'
}

/** A checked federation. Plain data, so that it can be sent to a worker. */
export interface FederationPlan {
  readonly world: World
  readonly applications: number
  /** applicants first, then strangers whom only partners know */
  readonly firms: number
  readonly parties: readonly FileParty[]
  readonly overlap: number
  readonly noise: boolean
  readonly labelNoise: number
  readonly raw: boolean
  readonly format: 'csv' | 'parquet'
}

/** At most this: codes of firms have six characters of base 31. */
const MAX_FIRMS = 300_000_000

/** @throws PlatformError config.invalid naming the option */
export function planFederation(options: FederationOptions): FederationPlan {
  const { seed, applications, overlap = 1, labelNoise = 0, scenario = 'base', format = 'csv' } = options
  check(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, 'seed', 'a whole number in [0, 2^32)')
  check(Number.isInteger(applications) && applications >= 1, 'applications', 'a whole number from 1')
  check(overlap > 0 && overlap <= 1, 'overlap', 'in (0, 1]')
  check(labelNoise >= 0 && labelNoise <= 0.5, 'labelNoise', 'in [0, 0.5]')
  check(SCENARIOS.includes(scenario), 'scenario', SCENARIOS.join(', '))
  check(options.intercept === undefined || options.badRate === undefined, 'badRate', 'given without an intercept')
  const firms = Math.ceil(applications / overlap)
  check(firms <= MAX_FIRMS, 'applications', `at most ${MAX_FIRMS} firms in all`)
  const parties = FILE_PARTIES.filter((party) => (options.parties ?? FILE_PARTIES).includes(party))
  check(parties.includes('bank'), 'parties', 'with the bank')
  const intercept =
    options.badRate === undefined
      ? (options.intercept ?? defaultIntercept(applications))
      : interceptFor(options.badRate, { ...referenceWorld(seed, 0), scenario })
  return {
    world: { seed, intercept, scenario, defects: options.defects ?? true },
    applications,
    firms,
    parties,
    overlap,
    noise: options.noise ?? true,
    labelNoise,
    raw: options.raw ?? applications <= SYNTH_SIZES.M,
    format,
  }
}

function check(holds: boolean, option: string, expected: string): void {
  if (!holds) throw new PlatformError('config.invalid', { problems: [`${option}: expected ${expected}`] })
}

/** Intercept of the log odds that suits a number of applications. */
export function defaultIntercept(applications: number): number {
  return applications <= SYNTH_SIZES.S ? SMALL_SAMPLE_INTERCEPT : INTERCEPT
}

const CALIBRATION_ROWS = 5000

/** The intercept at which this share of the first 5,000 applicants is expected to default, by bisection. */
function interceptFor(badRate: number, world: World): number {
  check(badRate > 0.001 && badRate < 0.9, 'badRate', 'in (0.001, 0.9)')
  const risks = Array.from({ length: CALIBRATION_ROWS }, (_, row) => drawApplicant(world, row).relativeRisk)
  let low = -20
  let high = 20
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    const expected = risks.reduce((sum, risk) => sum + sigmoid(middle + risk), 0) / CALIBRATION_ROWS
    if (expected < badRate) low = middle
    else high = middle
  }
  return Number(((low + high) / 2).toFixed(6))
}
