// Signing in and out, and what everybody may know before: the calls that coordinator and agent have in common.
import Type, { type Static } from 'typebox'
import { ROLES } from '#crypto/people/people.ts'
import { calls } from './contract.ts'

const closed = { additionalProperties: false } as const
const Role = Type.Enum([...ROLES])
const PersonId = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'short name of a person' })
export const Passphrase = Type.String({ minLength: 1, maxLength: 1024 })

export const About = Type.Object(
  {
    kind: Type.Enum(['agent', 'coordinator']),
    federation: Type.String(),
    party: Type.String({ description: "the agent's party; at a coordinator 'coordinator'" }),
    software: Type.String(),
    demo: Type.Boolean({ description: 'a demonstration on synthetic data' }),
    people: Type.Boolean({ description: 'whether anybody can sign in' }),
    methods: Type.Array(Type.Enum(['passphrase', 'passkey', 'oidc'])),
    provider: Type.Optional(Type.String({ description: 'what people call the OIDC provider' })),
  },
  closed,
)
export type About = Static<typeof About>

export const Session = Type.Object(
  {
    person: Type.Object({ id: Type.String(), name: Type.String(), role: Role }, closed),
    how: Type.Enum(['passphrase', 'passkey', 'oidc']),
    csrf: Type.String({ description: 'goes back in the header x-csrf of every call that changes something' }),
    endsAt: Type.String({ description: 'RFC 3339 UTC; earlier when idle' }),
  },
  closed,
)
export type Session = Static<typeof Session>

export const sessionCalls = calls({
  about: { method: 'GET', path: '/about', summary: 'What this server is', who: 'anyone', reply: About },
  session: { method: 'GET', path: '/session', summary: 'Who is signed in', who: 'signed-in', reply: Session },
  signIn: {
    method: 'POST',
    path: '/session',
    summary: 'Sign in with a passphrase',
    who: 'anyone',
    body: Type.Object({ person: PersonId, passphrase: Passphrase }, closed),
    reply: Session,
  },
  signOut: { method: 'DELETE', path: '/session', summary: 'Sign out', who: 'signed-in' },
})
