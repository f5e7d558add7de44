// Canonical JSON: RFC 8785 restricted to strings, booleans, safe integers, arrays and objects. One value has one
// encoding and one encoding has one value, so bytes can be signed, hashed and compared.
import { PlatformError } from '#runtime/errors.ts'

export type CanonicalValue =
  | string
  | boolean
  | number
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue }

export const MAX_CANONICAL_BYTES = 1_048_576
/** of arrays and objects inside each other; a flat object has depth 1 */
export const MAX_CANONICAL_DEPTH = 16

const ASCII = /^[\x00-\x7f]*$/ // oxlint-disable-line no-control-regex
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The one encoding of a value: UTF-8, no spaces, names sorted by UTF-16 code units.
 * @throws PlatformError log.not-canonical for a float, an unsafe integer, null, undefined, a lone surrogate, a string
 *   that is not NFC, a value of another kind, or one that is too deep or too long
 */
export function canonicalJson(value: unknown): Uint8Array {
  const bytes = Buffer.from(textOf(value, 0), 'utf8')
  if (bytes.length > MAX_CANONICAL_BYTES) throw refused('too long')
  return bytes
}

/**
 * Reads what canonicalJson writes, and nothing else: each other encoding of the same value is refused.
 * @throws PlatformError log.malformed (no JSON, too long), log.not-canonical (JSON, but not its canonical form; names
 *   that occur twice are of this kind)
 */
export function parseCanonicalJson(bytes: Uint8Array): CanonicalValue {
  if (bytes.length > MAX_CANONICAL_BYTES) throw new PlatformError('log.malformed', { problem: 'too long' })
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new PlatformError('log.malformed', { problem: 'not JSON in UTF-8' }, cause)
  }
  // UTF-8 decodes one to one, so equal texts are equal bytes
  if (!isPlainCanonical(value, text) && textOf(value, 0) !== text) throw refused('not the canonical encoding')
  return value as CanonicalValue
}

/**
 * A short way for most records. What JSON.stringify writes has no spaces, no name twice, and numbers and escapes as
 * RFC 8785 has them, which are those of ECMAScript; so if it gives back the text, only the order of names and the kinds
 * of values are left to check. Text beyond ASCII, or with \u, goes the long way. So do names like array indices, which
 * an object has in another order. False says nothing: the long way decides.
 */
function isPlainCanonical(value: unknown, text: string): boolean {
  // the order first: it refuses what is too deep for JSON.stringify
  return !text.includes('\\u') && ASCII.test(text) && hasPlainOrder(value, 0) && JSON.stringify(value) === text
}

/** @param value as JSON.parse made it */
function hasPlainOrder(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'object') return true
  if (value === null || depth === MAX_CANONICAL_DEPTH) return false
  if (Array.isArray(value)) return value.every((item) => hasPlainOrder(item, depth + 1))
  let last = ''
  for (const name in value) {
    if (name < last) return false
    last = name
    if (!hasPlainOrder((value as Record<string, unknown>)[name], depth + 1)) return false
  }
  return true
}

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return stringText(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw refused('a number that is no safe integer')
      return String(value)
    case 'object':
      if (value === null) throw refused('null')
      if (depth === MAX_CANONICAL_DEPTH) throw refused('too deep')
      return Array.isArray(value) ? arrayText(value, depth + 1) : objectText(value, depth + 1)
    default:
      throw refused(`a value of type ${typeof value}`)
  }
}

function stringText(value: string): string {
  if (!ASCII.test(value)) {
    if (!value.isWellFormed()) throw refused('a lone surrogate')
    if (value.normalize('NFC') !== value) throw refused('a string that is not NFC')
  }
  // ECMAScript's escapes are those of RFC 8785, 3.2.2.2
  return JSON.stringify(value)
}

function arrayText(values: readonly unknown[], depth: number): string {
  let text = '['
  // by index: a hole is undefined, and refused
  for (let i = 0; i < values.length; i++) text += `${i === 0 ? '' : ','}${textOf(values[i], depth)}`
  return `${text}]`
}

function objectText(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw refused('an object of a class')
  let text = '{'
  // the default order of sort() is that of UTF-16 code units (RFC 8785, 3.2.3)
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name]
    text += `${text.length === 1 ? '' : ','}${stringText(name)}:${textOf(member, depth)}`
  }
  return `${text}}`
}

function refused(problem: string): PlatformError {
  return new PlatformError('log.not-canonical', { problem })
}
