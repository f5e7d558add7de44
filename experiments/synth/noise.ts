// Id noise: what happens to ids between a counter and a file. Which row is hit depends on seed, party and row alone.
import { CITY_CODES } from './applicant.ts'
import { PARK_REGIONS } from './tables/parks.ts'
import { openStream, type RandomStream, STREAM } from './stream.ts'
import { usccCheck } from './uscc.ts'

/**
 * spelling: another spelling that normalisation undoes · check-digit: one wrong character at the end ·
 * registration-number: an old number of 15 digits · renamed-region: a valid code with the region's later number
 */
export type IdFault = 'none' | 'spelling' | 'check-digit' | 'registration-number' | 'renamed-region'

/** exact: the row stands twice · conflicting: an older row with other values stands beside it */
export type Duplicate = 'none' | 'exact' | 'conflicting'

export interface RowNoise {
  readonly fault: IdFault
  readonly duplicate: Duplicate
  /** for the details of the fault */
  readonly random: RandomStream
}

export interface NoiseRates {
  readonly spelling: number
  readonly 'check-digit': number
  readonly 'registration-number': number
  readonly 'renamed-region': number
  readonly exact: number
  readonly conflicting: number
}

const PARTNER_RATES: NoiseRates = {
  spelling: 0.01,
  'check-digit': 0.003,
  'registration-number': 0,
  'renamed-region': 0.004,
  exact: 0.005,
  conflicting: 0.002,
}
/** A bank checks codes when it books; its loan numbers are unique, and it follows the renaming of regions. */
const BANK_RATES: NoiseRates = { ...PARTNER_RATES, 'renamed-region': 0, exact: 0, conflicting: 0 }
const PARK_RATES: NoiseRates = { ...PARTNER_RATES, 'registration-number': 0.015 }

const FAULTS = ['spelling', 'check-digit', 'registration-number', 'renamed-region'] as const
const STREAMS_APART = 1000

/** @param party stable number of the party's table, which keeps the noise of parties independent */
export function drawNoise(seed: number, party: number, row: number, rates: NoiseRates): RowNoise {
  const random = openStream(seed, STREAM.noise + STREAMS_APART * (party + 1), row)
  let u = random.uniform()
  let fault: IdFault = 'none'
  for (const kind of FAULTS) {
    if (u >= 0 && u < rates[kind]) fault = kind
    u -= rates[kind]
  }
  const v = random.uniform()
  const duplicate = v < rates.exact ? 'exact' : v < rates.exact + rates.conflicting ? 'conflicting' : 'none'
  return { fault, duplicate, random }
}

/** The rates of a table; with `noise` off nothing happens. */
export function noiseRates(table: 'bank' | 'parks' | 'tax' | 'social' | 'property', noise: boolean): NoiseRates {
  if (!noise) return QUIET
  return table === 'bank' ? BANK_RATES : table === 'parks' ? PARK_RATES : PARTNER_RATES
}

const QUIET: NoiseRates = {
  spelling: 0,
  'check-digit': 0,
  'registration-number': 0,
  'renamed-region': 0,
  exact: 0,
  conflicting: 0,
}

/** What stands in the file for the clean id. The registration number and the renamed region are for USCCs only. */
export function spell(clean: string, { fault, random }: RowNoise): string {
  if (fault === 'none') return clean
  if (fault === 'spelling') return otherSpelling(clean, random)
  if (fault === 'check-digit') return wrongCheck(clean, random)
  if (fault === 'registration-number') return registrationNumber(clean, random)
  return renameRegion(clean)
}

function otherSpelling(clean: string, random: RandomStream): string {
  const kind = Math.floor(random.uniform() * 4)
  if (kind === 0) return clean.toLowerCase() === clean ? ` ${clean}` : clean.toLowerCase()
  if (kind === 1) return `${clean.slice(0, 8)} ${clean.slice(8)} `
  if (kind === 2) return fullWidth(clean)
  return `${clean.slice(0, 2)}-${clean.slice(2, 8)}-${clean.slice(8)}`
}

/** ASCII letters and digits as the full-width forms of Unicode. */
function fullWidth(text: string): string {
  return [...text].map((character) => String.fromCodePoint(character.charCodeAt(0) + 0xfee0)).join('')
}

/** Another digit than the right one; digits are in the alphabet of every kind of id. */
function wrongCheck(clean: string, random: RandomStream): string {
  const last = clean.at(-1)
  const digits = [...'0123456789'].filter((digit) => digit !== last)
  return clean.slice(0, -1) + digits[Math.floor(random.uniform() * digits.length)]!
}

/** The number before 2015: six digits of the region and nine of the office. */
function registrationNumber(clean: string, random: RandomStream): string {
  return clean.slice(2, 8) + String(Math.floor(random.uniform() * 1e9)).padStart(9, '0')
}

/** City codes become those of a district, and districts those of another one, as in the reforms of divisions. */
const LATER_REGION: ReadonlyMap<string, string> = new Map([
  ...CITY_CODES.map((code) => [code, `${code.slice(0, 4)}12`] as const),
  ...PARK_REGIONS.map((code) => [code, `${code.slice(0, 4)}13`] as const),
])

/** The code that a firm gets where its region's number changed: valid, and another one. */
export function renameRegion(uscc: string): string {
  const region = uscc.slice(2, 8)
  const first = `${uscc.slice(0, 2)}${LATER_REGION.get(region) ?? region}${uscc.slice(8, 17)}`
  return first + usccCheck(first)
}
