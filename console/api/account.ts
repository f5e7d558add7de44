// What a person sees and changes of their own ways in: sessions, passkeys, accounts elsewhere; and the record of sign-ins.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'
import { Page, PageQuery } from './paging.ts'
import { Passphrase } from './session.ts'

const closed = { additionalProperties: false } as const
const Method = Type.Enum(['passphrase', 'passkey', 'oidc'])
const Time = Type.String({ description: 'RFC 3339 UTC' })

export const LinkName = Type.String({ minLength: 1, maxLength: 64, description: 'as its owner calls it' })
const LinkId = Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{16}$' }) }, closed)
const SessionId = Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,32}$' }) }, closed)

/** How strongly an OIDC provider says that it checked. */
const STRENGTH = {
  acr: Type.Optional(Type.String({ description: 'authentication context class, by the provider' })),
  amr: Type.Optional(Type.Array(Type.String(), { description: 'authentication methods, by the provider' })),
}

export const OwnSession = Type.Object(
  {
    id: Type.String(),
    how: Method,
    startedAt: Time,
    lastSeenAt: Time,
    endsAt: Type.String({ description: 'RFC 3339 UTC; earlier when idle' }),
    agent: Type.String({ description: 'the browser, as it calls itself' }),
    address: Type.String(),
    isThis: Type.Boolean(),
    ...STRENGTH,
  },
  closed,
)
export type OwnSession = Static<typeof OwnSession>

export const OwnLink = Type.Object(
  {
    id: Type.String({ description: 'id of the key that signs what is read through it' }),
    kind: Type.Enum(['passkey', 'oidc']),
    name: Type.String(),
    issuer: Type.Optional(Type.String({ description: 'of an account' })),
    subject: Type.Optional(Type.String({ description: 'of an account, at its issuer' })),
    host: Type.Optional(Type.String({ description: 'of a passkey: the name of the site it is for' })),
    syncs: Type.Optional(Type.Boolean({ description: 'of a passkey: its owner can have it on several devices' })),
    from: Time,
    until: Time,
    usedAt: Type.Optional(Time),
  },
  closed,
)
export type OwnLink = Static<typeof OwnLink>

const SIGN_IN_EVENTS = [
  'started',
  'signed-in',
  'refused',
  'signed-out',
  'session-ended',
  'step-up',
  'link-added',
  'link-renewed',
  'link-removed',
  'record-read',
] as const

export const SignInEntry = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    time: Time,
    event: Type.Enum([...SIGN_IN_EVENTS]),
    person: Type.String({ description: 'short name; empty where nobody of here was named' }),
    how: Type.String({ description: 'passphrase, passkey or oidc; empty where none' }),
    address: Type.String({ description: 'network address that it came from' }),
    code: Type.String({ description: 'of a refusal, docs/errors.md' }),
    reason: Type.String({ description: 'of a refusal: what the caller was not told' }),
    link: Type.String({ description: 'id of the passkey or account' }),
    session: Type.String(),
    acr: Type.String(),
    amr: Type.Array(Type.String()),
  },
  closed,
)
export type SignInEntry = Static<typeof SignInEntry>

export const accountCalls = calls({
  ownSessions: {
    method: 'GET',
    path: '/account/sessions',
    summary: 'Own sessions',
    who: 'signed-in',
    reply: Type.Object({ items: Type.Array(OwnSession) }, closed),
  },
  endSession: {
    method: 'DELETE',
    path: '/account/sessions/:id',
    summary: 'End one of the own sessions',
    who: 'signed-in',
    params: SessionId,
  },
  endOtherSessions: {
    method: 'DELETE',
    path: '/account/sessions',
    summary: 'End all own sessions but this one',
    who: 'signed-in',
    reply: Type.Object({ ended: Type.Integer() }, closed),
  },
  ownLinks: {
    method: 'GET',
    path: '/account/links',
    summary: 'Own passkeys and accounts elsewhere',
    who: 'signed-in',
    reply: Type.Object({ items: Type.Array(OwnLink) }, closed),
  },
  renewLink: {
    method: 'POST',
    path: '/account/links/:id/renewal',
    summary: 'Let a passkey or account hold for another term',
    who: 'signed-in',
    params: LinkId,
    body: Type.Object({ passphrase: Passphrase }, closed),
    reply: OwnLink,
  },
  removeLink: {
    method: 'DELETE',
    path: '/account/links/:id',
    summary: 'Remove a passkey or account, and end the sessions that began with it',
    who: 'signed-in',
    params: LinkId,
  },
  ownSignIns: {
    method: 'GET',
    path: '/account/sign-ins',
    summary: 'What happened under the own name, the newest first',
    who: 'signed-in',
    query: PageQuery,
    reply: Page(SignInEntry),
  },
  signIns: {
    method: 'GET',
    path: '/sign-ins',
    summary: 'Sign-ins, refusals and changes of all people, the newest first; reading it is recorded',
    who: ['compliance', 'auditor'],
    query: PageQuery,
    reply: Page(SignInEntry),
  },
})
