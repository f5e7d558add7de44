// What an id is, by its kind: one normalisation for every party, so that equal customers give equal strings.
// Rules: GB 32100-2015 (USCC), GB 11643-1999 (ID card), the mobile numbering plan; any change raises the version.

/** Agreed before alignment: two parties that normalise differently would miss common customers without a word. */
export const NORMALISATION_VERSION = 1

export const ID_KINDS = ['uscc', 'id-card', 'mobile', 'plain'] as const
export type IdKind = (typeof ID_KINDS)[number]

/** empty: nothing there · format: not the shape of the kind · check: right shape, wrong check character */
export type IdRefusal = 'empty' | 'format' | 'check'
export type NormalisedId = { readonly id: string } | { readonly refused: IdRefusal }

export const MAX_PLAIN_ID_LENGTH = 256

/** A kind of spelling and how often it occurs, such as `9{15}` for 15 digits. Only what 20 ids or more share. */
export interface IdShape {
  readonly pattern: string
  readonly count: number
}

/** What may be said about a column of ids without saying an id: counts. total = valid + empty + badFormat + badCheck. */
export interface IdProfile {
  readonly total: number
  /** pass the check of their kind, duplicates included */
  readonly valid: number
  readonly empty: number
  readonly badFormat: number
  readonly badCheck: number
  /** valid ids that an earlier row has already */
  readonly duplicates: number
  /** the most frequent spellings first, before normalisation */
  readonly shape: readonly IdShape[]
}

const EMPTY: NormalisedId = Object.freeze({ refused: 'empty' })
const BAD_FORMAT: NormalisedId = Object.freeze({ refused: 'format' })
const BAD_CHECK: NormalisedId = Object.freeze({ refused: 'check' })

/**
 * One id as its kind spells it: NFKC (full width to half width), trimmed, upper case, without spaces and hyphens;
 * kind `plain` gets NFKC and trim only. The same string from every party, or the reason why it is none.
 */
export function normaliseId(kind: IdKind, raw: string | null): NormalisedId {
  if (raw === null) return EMPTY
  const text = raw.normalize('NFKC').trim()
  if (text === '') return EMPTY
  if (kind === 'plain') return text.length <= MAX_PLAIN_ID_LENGTH ? { id: text } : BAD_FORMAT
  if (text.length > 64) return BAD_FORMAT
  const compact = text.replaceAll(SPACES_AND_HYPHENS, '').toUpperCase()
  if (compact === '') return EMPTY
  if (kind === 'uscc') return checkUscc(compact)
  if (kind === 'id-card') return checkIdCard(compact)
  return checkMobile(compact)
}

// White space, zero-width marks, hyphens and dashes: all that NFKC leaves of what people type between groups.
const SPACES_AND_HYPHENS = /[\s\u200b-\u200d\u2060\u00ad\-\u2010-\u2015\u2212]/g

// GB 32100-2015, table 1: the value of a character is its place. I, O, S, V and Z are left out.
const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const USCC_FORMAT = /^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/
// 3^i mod 31
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const

/** The 18th character of a USCC, from its first 17 (GB 32100-2015, 4.3). @param body 17 characters of the alphabet */
export function usccCheckCharacter(body: string): string {
  const sum = USCC_WEIGHTS.reduce((total, weight, i) => total + weight * USCC_ALPHABET.indexOf(body.charAt(i)), 0)
  return USCC_ALPHABET.charAt((31 - (sum % 31)) % 31)
}

function checkUscc(id: string): NormalisedId {
  // An old registration number has 15 digits and fails here: a party maps it to a USCC itself.
  if (!USCC_FORMAT.test(id)) return BAD_FORMAT
  return usccCheckCharacter(id) === id.charAt(17) ? { id } : BAD_CHECK
}

const ID_CARD_FORMAT = /^\d{17}[\dX]$/
const ID_CARD_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const

/** The 18th character of an ID card number, from its first 17 digits (GB 11643: ISO 7064 MOD 11-2). */
export function idCardCheckCharacter(body: string): string {
  const sum = ID_CARD_WEIGHTS.reduce((total, weight, i) => total + weight * Number(body.charAt(i)), 0)
  return '10X98765432'.charAt(sum % 11)
}

function checkIdCard(id: string): NormalisedId {
  if (!ID_CARD_FORMAT.test(id) || !isBirthDate(id.slice(6, 14))) return BAD_FORMAT
  return idCardCheckCharacter(id) === id.charAt(17) ? { id } : BAD_CHECK
}

/** @param digits YYYYMMDD */
function isBirthDate(digits: string): boolean {
  const year = Number(digits.slice(0, 4))
  const month = Number(digits.slice(4, 6))
  const day = Number(digits.slice(6, 8))
  if (year < 1850 || year > 2150 || month < 1 || month > 12 || day < 1) return false
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function checkMobile(text: string): NormalisedId {
  const id = text.replace(/^(?:\+86|0086)/, '')
  return /^1[3-9]\d{9}$/.test(id) ? { id } : BAD_FORMAT
}

const MIN_SHAPE_COUNT = 20
const MAX_SHAPES = 5
// Beyond so many different spellings the rest is not worth the memory: each would be rare.
const MAX_TRACKED_SHAPES = 4096

/** Normalises a column of ids and counts what happened on the way. */
export class IdTally {
  readonly #kind: IdKind
  readonly #shapes = new Map<string, number>()
  readonly #refused = { empty: 0, format: 0, check: 0 }
  #valid = 0
  #duplicates = 0

  constructor(kind: IdKind) {
    this.#kind = kind
  }

  /** @returns the normalised id, or undefined where it is refused */
  add(raw: string | null): string | undefined {
    const outcome = normaliseId(this.#kind, raw)
    if (raw !== null && raw !== '') this.#countShape(shapeOf(raw))
    if ('refused' in outcome) {
      this.#refused[outcome.refused] += 1
      return undefined
    }
    this.#valid += 1
    return outcome.id
  }

  /** The caller, who keeps the ids, met one again. */
  addDuplicate(): void {
    this.#duplicates += 1
  }

  profile(): IdProfile {
    const { empty, format, check } = this.#refused
    const shape = [...this.#shapes]
      .filter(([, count]) => count >= MIN_SHAPE_COUNT)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, MAX_SHAPES)
      .map(([pattern, count]) => ({ pattern, count }))
    return {
      total: this.#valid + empty + format + check,
      valid: this.#valid,
      empty,
      badFormat: format,
      badCheck: check,
      duplicates: this.#duplicates,
      shape,
    }
  }

  #countShape(pattern: string): void {
    const count = this.#shapes.get(pattern)
    if (count !== undefined) this.#shapes.set(pattern, count + 1)
    else if (this.#shapes.size < MAX_TRACKED_SHAPES) this.#shapes.set(pattern, 1)
  }
}

/** How an id is spelled, in classes of characters with run lengths: 9 digit, A and a letter, W full width, 汉, _ space. */
export function shapeOf(raw: string): string {
  let pattern = ''
  let last = ''
  let run = 0
  const flush = () => {
    if (run > 0) pattern += run === 1 ? last : `${last}{${run}}`
  }
  for (const character of raw.length > 64 ? raw.slice(0, 64) : raw) {
    const name = classOf(character)
    if (name === last) run += 1
    else {
      flush()
      last = name
      run = 1
    }
  }
  flush()
  return raw.length > 64 ? `${pattern}…` : pattern
}

function classOf(character: string): string {
  if (character >= '0' && character <= '9') return '9'
  if (character >= 'A' && character <= 'Z') return 'A'
  if (character >= 'a' && character <= 'z') return 'a'
  if (/\s/.test(character)) return '_'
  if (character === '-') return '-'
  if (character >= '\uff01' && character <= '\uff5e') return 'W'
  return /\p{Script=Han}/u.test(character) ? '汉' : '?'
}
