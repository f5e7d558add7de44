// An invitation: one text that lets one party of this name join one federation once, and pins the coordinator.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import Type from 'typebox'
import Compile from 'typebox/compile'
import { PlatformError } from '#runtime/errors.ts'
import { readRoot } from './certificates.ts'
import { isFederationName, isPartyName } from './names.ts'

export interface Invitation {
  readonly version: 1
  /** 16 hex digits; not secret */
  readonly id: string
  readonly federation: string
  readonly party: string
  /** host:port */
  readonly coordinator: string
  readonly rootPem: string
  /** base64url of 32 random bytes; secret until it is used */
  readonly token: string
  /** RFC 3339 */
  readonly expires: string
}

export const MAX_INVITATION_HOURS = 24
const TOKEN_BYTES = 32
const MAX_TEXT_CHARS = 16_384
const HEAD = '-----BEGIN TRIBUTARY INVITATION-----'
const FOOT = '-----END TRIBUTARY INVITATION-----'

const validator = Compile(
  Type.Object(
    {
      version: Type.Literal(1),
      id: Type.String({ pattern: '^[0-9a-f]{16}$' }),
      federation: Type.String({ maxLength: 64 }),
      party: Type.String({ maxLength: 64 }),
      coordinator: Type.String({ pattern: '^[^\\s:/]+:\\d{1,5}$|^\\[[0-9a-fA-F:]+\\]:\\d{1,5}$', maxLength: 300 }),
      rootPem: Type.String({ maxLength: 8192 }),
      token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
      expires: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' }),
    },
    { additionalProperties: false },
  ),
)

/** @throws PlatformError config.invalid for a name, an address, a root or a validity that cannot be */
export function makeInvitation(facts: {
  readonly federation: string
  readonly party: string
  readonly coordinator: string
  readonly rootPem: string
  readonly hours: number
  readonly now: Date
}): Invitation {
  const { hours, now, ...rest } = facts
  if (!(hours > 0 && hours <= MAX_INVITATION_HOURS)) {
    throw invalid(`expected a validity of at most ${MAX_INVITATION_HOURS} hours, got ${hours}`)
  }
  return checked({
    version: 1,
    id: randomBytes(8).toString('hex'),
    ...rest,
    token: randomBytes(TOKEN_BYTES).toString('base64url'),
    expires: new Date(now.getTime() + hours * 3_600_000).toISOString(),
  })
}

/** Text of some twenty lines, to send as a file or to paste. */
export function formatInvitation(invitation: Invitation): string {
  const lines =
    Buffer.from(JSON.stringify(invitation))
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [HEAD, ...lines, FOOT, ''].join('\n')
}

/** Reads the text wherever white space went. @throws PlatformError config.invalid */
export function parseInvitation(text: string): Invitation {
  if (text.length > MAX_TEXT_CHARS) throw invalid('too long')
  const from = text.indexOf(HEAD)
  const to = text.indexOf(FOOT)
  if (from < 0 || to < from) throw invalid(`expected the lines from ${HEAD} to ${FOOT}`)
  const body = text.slice(from + HEAD.length, to).replace(/\s+/g, '')
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body, 'base64').toString('utf8'))
  } catch (cause) {
    throw invalid('is damaged', cause)
  }
  if (!validator.Check(value)) throw invalid('has unknown or missing fields')
  return checked(value)
}

/** What the coordinator keeps of a token. The token has 256 random bits, so a plain hash hides it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(`tributary/invitation-token/v1\0${token}`).digest('hex')
}

/** Compares in constant time. */
export function isTokenOf(token: string, hash: string): boolean {
  const [given, kept] = [Buffer.from(hashToken(token), 'hex'), Buffer.from(hash, 'hex')]
  return given.length === kept.length && timingSafeEqual(given, kept)
}

/** What the joining party signs, in context `enrolment-join`: it holds its key, and means this invitation. */
export function joinBytes(federation: string, invitation: string, token: string, card: string): Uint8Array {
  return Buffer.from(JSON.stringify([federation, invitation, hashToken(token), card]))
}
export const JOIN_CONTEXT = 'enrolment-join'

/** What a party signs, in context `enrolment-show`, to see the open proposal. */
export function showBytes(federation: string, party: string, time: string): Uint8Array {
  return Buffer.from(JSON.stringify([federation, party, time]))
}
export const SHOW_CONTEXT = 'enrolment-show'

function checked(invitation: Invitation): Invitation {
  const { federation, party, rootPem, expires } = invitation
  if (!isFederationName(federation)) throw invalid('federation: not a federation name')
  if (!isPartyName(party)) throw invalid('party: not a party name')
  const root = readRoot(rootPem)
  if ('problem' in root) throw invalid(`root of the coordinator ${root.problem}`)
  if (Number.isNaN(Date.parse(expires))) throw invalid('expires: not a time')
  if (!validator.Check(invitation)) throw invalid('coordinator: expected host:port')
  return invitation
}

function invalid(problem: string, cause?: unknown): PlatformError {
  return new PlatformError('config.invalid', { problems: [`invitation: ${problem}`] }, cause)
}
