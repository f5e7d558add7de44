// Synthetic unified social credit codes (USCC, GB 32100-2015): valid in form and check character, unique, not in the
// order of the rows. Inner organisation code by GB 11714-1997.
import { type Applicant, CITY_CODES } from './applicant.ts'
import { permutation } from './permutation.ts'
import { openStream, STREAM } from './stream.ts'
import { PARK_REGIONS } from './tables/parks.ts'

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const OUTER_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
const INNER_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]
const BODY_LENGTH = 6
const INDIVIDUAL_SHARE_OF_MICRO = 0.4

/** Maker of the codes of one federation: the code depends on the seed, the row, and where the applicant sits. */
export function usccMaker(seed: number): (applicant: Applicant, park: number) => string {
  const scatter = permutation(seed, STREAM.ids, ALPHABET.length ** BODY_LENGTH)
  return (applicant, park) => {
    const random = openStream(seed, STREAM.ids, applicant.row)
    const type = applicant.micro && random.uniform() < INDIVIDUAL_SHARE_OF_MICRO ? '2' : '1'
    const region = (park > 0 ? PARK_REGIONS[park - 1] : CITY_CODES[applicant.city]) ?? CITY_CODES[0]
    const body = `MA${toBase31(scatter(applicant.row))}`
    const first = `9${type}${region}${body}${organisationCheck(body)}`
    return first + usccCheck(first)
  }
}

/** The check character of the first 17 characters of a code. */
export function usccCheck(first17: string): string {
  const sum = OUTER_WEIGHTS.reduce((total, weight, i) => total + weight * ALPHABET.indexOf(first17.charAt(i)), 0)
  return ALPHABET.charAt((31 - (sum % 31)) % 31)
}

/** The check character of the eight characters of an organisation code. */
export function organisationCheck(body: string): string {
  const sum = INNER_WEIGHTS.reduce((total, weight, i) => total + weight * Number.parseInt(body.charAt(i), 36), 0)
  return '0123456789X0'.charAt(11 - (sum % 11))
}

function toBase31(value: number): string {
  let rest = value
  let text = ''
  for (let i = 0; i < BODY_LENGTH; i++) {
    text = ALPHABET.charAt(rest % 31) + text
    rest = Math.floor(rest / 31)
  }
  return text
}
