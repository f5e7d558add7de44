// The officer's own copy of whose keys are right: fingerprints that were typed or pasted, or a trust bundle from a file. The
// server has no say in it: whoever could choose the keys could forge a whole log.
import { parse } from 'yaml'
import type { VerifierReport } from './report.ts'

/** Name of the coordinator's log here; as in the verifier no party can have it. */
export const LOG_NAME = ''

/** SHA-256 of keys, hex: whole, or its first digits as they are read out by telephone. */
export interface OwnTrust {
  readonly prints: ReadonlyMap<string, string>
  /** words that are neither a name nor a fingerprint */
  readonly unread: readonly string[]
}

/** `tributary trust` prints 20 digits: 80 bits, which nobody can meet by trying. */
const LEAST_DIGITS = 20
const NAMES_OF_LOG = new Set(['log', 'coordinator', '协调方', '日志'])
const NAME = /^[a-z][a-z0-9-]{0,31}$/

/** One line each: a party and its fingerprint, with spaces, colons or hyphens in it as they come. */
export function readPrints(text: string): OwnTrust {
  const prints = new Map<string, string>()
  const unread: string[] = []
  for (const line of text.split('\n').map((words) => words.trim())) {
    if (line === '') continue
    const [, name = '', rest = ''] = /^([^\s:：=,]+)[\s:：=,]+(.*)$/.exec(line) ?? []
    const digits = rest.toLowerCase().replaceAll(/[\s:-]/g, '')
    const isLog = NAMES_OF_LOG.has(name.toLowerCase())
    if ((!isLog && !NAME.test(name)) || !/^[0-9a-f]{20,64}$/.test(digits)) unread.push(line)
    else prints.set(isLog ? LOG_NAME : name, digits)
  }
  return { prints, unread }
}

/** A trust bundle as it is handed round (trust.yaml). @throws RangeError where the text is none */
export async function readTrustFile(text: string): Promise<OwnTrust> {
  let value: TrustText | undefined
  try {
    value = parse(text) as TrustText
  } catch {
    throw new RangeError('no YAML')
  }
  const parties = Array.isArray(value?.parties) ? value.parties : []
  const keys: [string, unknown][] = parties.map((one) => [String(one?.party), one?.signingKey])
  const logKey = value?.coordinator?.logKey
  if (keys.length === 0) throw new RangeError('no parties')
  if (logKey !== undefined) keys.push([LOG_NAME, logKey])
  const prints = await Promise.all(keys.map(async ([name, key]) => [name, await printOf(key)] as const))
  return { prints: new Map(prints), unread: [] }
}

interface TrustText {
  readonly parties?: readonly ({ readonly party?: unknown; readonly signingKey?: unknown } | null)[]
  readonly coordinator?: { readonly logKey?: unknown }
}

async function printOf(key: unknown): Promise<string> {
  if (typeof key !== 'string' || !/^[A-Za-z0-9+/]{43}=$/.test(key)) throw new RangeError('a key that is none')
  const bytes = Uint8Array.from(atob(key), (sign) => sign.charCodeAt(0))
  return hexOf(await crypto.subtle.digest('SHA-256', bytes))
}

export function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export interface KeyLine {
  /** LOG_NAME: the coordinator's log */
  readonly name: string
  readonly fingerprint: string
  /** same: compared and equal; other: another key; missing: nothing was given for it */
  readonly result: 'same' | 'other' | 'missing'
}
export interface KeyComparison {
  readonly lines: readonly KeyLine[]
}

/** The keys of the bundle against one's own; undefined where none were given. */
export function compareKeys({ facts }: VerifierReport, own: OwnTrust | undefined): KeyComparison | undefined {
  if (own === undefined || own.prints.size === 0) return undefined
  const last = facts.participants.length - 1
  const lines = facts.participants.map(({ name: stated, fingerprint }, i): KeyLine => {
    const name = i === last ? LOG_NAME : stated
    const known = own.prints.get(name)
    if (known === undefined) return { name, fingerprint, result: 'missing' }
    const isSame = known.length >= LEAST_DIGITS && fingerprint.startsWith(known)
    return { name, fingerprint, result: isSame ? 'same' : 'other' }
  })
  return { lines }
}
