// One loan application: who asks, what nobody can see about them, and whether they will default.
// The model and its calibration are in the README beside this file.
import { openStream, STREAM, sigmoid, clamp } from './stream.ts'
import { economyOf, MONTHS, type World } from './world.ts'

export interface Applicant {
  readonly row: number
  /** 0 … 23, January 2022 to December 2023 */
  readonly month: number
  /** index into CITY_CODES */
  readonly city: number
  /** section of GB/T 4754 */
  readonly industry: string
  readonly micro: boolean
  /** latent size; the latents F0 … F5 are quality, cash flow, sales, workforce, wealth, operations on site */
  readonly size: number
  readonly F0: number
  readonly F1: number
  readonly F2: number
  readonly F3: number
  readonly F4: number
  readonly F5: number
  readonly establishedYears: number
  /** 0 branch, 1 mini-program, 2 partner */
  readonly channel: number
  /** 1 in the lock-down spring of 2022 */
  readonly lockdown: 0 | 1
  /** 0 until January 2023, then rising to 11/12 */
  readonly late: number
  /** added to the log odds that the tax bureau does not know the firm */
  readonly taxGap: number
  /** the planted incidents happen */
  readonly defects: boolean
  /** log odds of default without the intercept */
  readonly relativeRisk: number
  readonly trueRisk: number
  readonly bad: 0 | 1
}

/** GB/T 2260 codes of the thirteen cities of Jiangsu. */
export const CITY_CODES = [
  '320100',
  '320200',
  '320300',
  '320400',
  '320500',
  '320600',
  '320700',
  '320800',
  '320900',
  '321000',
  '321100',
  '321200',
  '321300',
] as const
const CITY_WEIGHTS = [0.15, 0.13, 0.06, 0.1, 0.21, 0.09, 0.03, 0.03, 0.05, 0.05, 0.04, 0.04, 0.02]

export const INDUSTRIES = ['C', 'F', 'E', 'I', 'L', 'G', 'H', 'M', 'K', 'A', 'O'] as const
const INDUSTRY_WEIGHTS = [0.38, 0.24, 0.09, 0.06, 0.06, 0.05, 0.03, 0.04, 0.01, 0.02, 0.02]
const INDUSTRY_RISK = { C: 0, F: 0.05, E: 0.2, I: -0.15, L: 0.05, G: 0.15, H: 0.25, M: -0.2, K: 0.3, A: 0.1, O: 0.1 }
const CHANNEL_WEIGHTS = [0.45, 0.3, 0.25]

/** Intercept of the log odds at full scale: 4.4 % of all applications default. */
export const INTERCEPT = -4.95
/** Intercept for 10,000 applications and fewer: 13 % default, so that a hold-out set has enough of them. */
export const SMALL_SAMPLE_INTERCEPT = -3

const WEIGHT = { F0: 0.36, F1: 0.98, F2: 0.74, F3: 0.72, F4: 0.9, F5: 0.78, size: 0.12 }

/** The applicant of one row. */
export function drawApplicant(world: World, row: number): Applicant {
  const random = openStream(world.seed, STREAM.applicant, row)
  const month = Math.floor(random.uniform() * MONTHS)
  const { lockdown, late, stress, microShare, slump, taxGap } = economyOf(world, month)
  const city = random.category(CITY_WEIGHTS)
  const industry = INDUSTRIES[random.category(INDUSTRY_WEIGHTS)] ?? 'C'
  const micro = random.uniform() < microShare
  const size = random.normal() - (micro ? 0.7 : 0)
  const F0 = random.normal() - (micro ? 0.25 : 0)
  const F1 = random.normal() - slump
  const F2 = random.normal() - slump
  const F3 = random.normal() - slump
  const F4 = random.normal()
  const F5 = random.normal()
  const establishedYears = clamp(Math.exp(1.7 + 0.6 * random.normal() + 0.1 * size), 1, 35)
  const channel = random.category(CHANNEL_WEIGHTS)
  const latents = { size, F0, F1, F2, F3, F4, F5 }
  const relativeRisk =
    stress * economy(month, lockdown, industry) +
    INDUSTRY_RISK[industry] +
    (micro ? 0.15 : 0) -
    0.25 * Math.log(establishedYears / 6) * 0.4 -
    WEIGHT.size * size -
    linearPart(latents, late) +
    interactions(latents)
  const trueRisk = sigmoid(world.intercept + relativeRisk)
  const bad = random.uniform() < trueRisk ? 1 : 0
  return {
    row,
    month,
    city,
    industry,
    micro,
    ...latents,
    establishedYears,
    channel,
    lockdown,
    late,
    taxGap,
    defects: world.defects,
    relativeRisk,
    trueRisk,
    bad,
  }
}

type Latents = Pick<Applicant, 'size' | 'F0' | 'F1' | 'F2' | 'F3' | 'F4' | 'F5'>

function economy(month: number, lockdown: number, industry: string): number {
  return (
    0.15 * lockdown +
    0.03 * Math.max(0, month - 11) +
    ((industry === 'E' || industry === 'K') && month >= 14 ? 0.35 : 0) +
    (industry === 'C' && month >= 9 ? 0.08 : 0)
  )
}

/** Wealth protects less in the downturn of 2023: the planted concept drift. */
function linearPart(x: Latents, late: number): number {
  return (
    WEIGHT.F0 * x.F0 +
    WEIGHT.F1 * x.F1 +
    WEIGHT.F2 * x.F2 +
    WEIGHT.F3 * x.F3 +
    WEIGHT.F4 * (1 - 0.35 * late) * x.F4 +
    WEIGHT.F5 * x.F5
  )
}

/** What a linear model cannot see: three interactions and one U shape. */
function interactions(x: Latents): number {
  return (
    0.55 * (x.F1 < -0.8 && x.F2 < -0.8 ? 1 : 0) +
    0.4 * (x.F3 < -1 && x.F5 < -1 ? 1 : 0) +
    0.1 * (x.F2 * x.F2 - 1) +
    0.3 * (x.F4 < -0.5 && x.F1 < -0.5 ? 1 : 0)
  )
}
