// The settings that decide every number of a federation: seed, level of risk, economy, planted incidents.

export const SCENARIOS = ['none', 'base', 'severe'] as const
export type Scenario = (typeof SCENARIOS)[number]

export interface World {
  /** 0 … 2^32−1 */
  readonly seed: number
  /** of the log odds of default */
  readonly intercept: number
  /** none: every month like the others; base: the reference; severe: from April 2023 a slump and another clientele */
  readonly scenario: Scenario
  /** the planted incidents: park 2 changes its unit of electricity, contributions may be deferred */
  readonly defects: boolean
}

/** January 2022 to December 2023; an application's month is 0 … 23. */
export const MONTHS = 24
/** First month of the out-of-time vintages, April 2023, and of those too young for a label, October 2023. */
export const FIRST_OUT_OF_TIME_MONTH = 15
export const FIRST_RECENT_MONTH = 21

export function referenceWorld(seed: number, intercept: number): World {
  return { seed, intercept, scenario: 'base', defects: true }
}

/** What the economy does to one month. */
export interface Economy {
  /** 1 in the lock-down spring of 2022 */
  readonly lockdown: 0 | 1
  /** 0 until January 2023, then rising to 11/12: the downturn in which property protects less */
  readonly late: number
  /** factor on all that the economy adds to the log odds */
  readonly stress: number
  /** share of micro loans among the applications */
  readonly microShare: number
  /** taken from cash flow, sales and workforce of every firm */
  readonly slump: number
  /** added to the log odds that the tax bureau does not know a firm: 30 % of firms instead of 8 % */
  readonly taxGap: number
}

const SEVERE_STRESS = 3
const SEVERE_MICRO_SHARE = 0.6
const SEVERE_TAX_GAP = 1.6
/** The other three move the score by 0.02 only, in population stability; with this it is above 0.25. */
const SEVERE_SLUMP = 0.5

export function economyOf(world: World, month: number): Economy {
  const steady = world.scenario === 'none'
  const severe = world.scenario === 'severe' && month >= FIRST_OUT_OF_TIME_MONTH
  return {
    lockdown: !steady && month >= 2 && month <= 5 ? 1 : 0,
    late: steady ? 0 : Math.max(0, (month - 12) / 12),
    stress: steady ? 0 : severe ? SEVERE_STRESS : 1,
    microShare: severe ? SEVERE_MICRO_SHARE : 0.08 + 0.012 * (steady ? (MONTHS - 1) / 2 : month),
    slump: severe ? SEVERE_SLUMP : 0,
    taxGap: severe ? SEVERE_TAX_GAP : 0,
  }
}
