// Accounts at an OIDC provider (OpenID Connect Core 1.0, code flow with PKCE): signing in with one that is linked, and
// linking one while signed in. The page goes to the provider with `url`, comes back to the console's first page with what
// the provider appended to its address, and sends that back together with `flow`, which it kept in this tab.
import Type, { type Static } from 'typebox'
import { LinkName, OwnLink } from './account.ts'
import { calls } from './contract.ts'
import { Passphrase, Session } from './session.ts'

const closed = { additionalProperties: false } as const
const token = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 8192 })

/** What the provider appends to the address. */
export const ProviderAnswer = Type.Object(
  {
    code: Type.Optional(Type.String({ maxLength: 4096 })),
    state: Type.String({ maxLength: 512 }),
    iss: Type.Optional(Type.String({ maxLength: 2048 })),
    error: Type.Optional(Type.String({ maxLength: 256 })),
    error_description: Type.Optional(Type.String({ maxLength: 2048 })),
    session_state: Type.Optional(Type.String({ maxLength: 2048 })),
  },
  closed,
)
export type ProviderAnswer = Static<typeof ProviderAnswer>

const Departure = Type.Object(
  {
    url: Type.String({ description: 'of the provider; the page goes there' }),
    flow: Type.String({ description: 'kept in the tab until it is back; used once, within ten minutes' }),
  },
  closed,
)
const Arrival = Type.Object({ flow: token, answer: ProviderAnswer }, closed)

export const oidcCalls = calls({
  oidcDeparture: {
    method: 'POST',
    path: '/session/oidc/departure',
    summary: 'Where to sign in at the provider',
    who: 'anyone',
    reply: Departure,
  },
  oidcSignIn: {
    method: 'POST',
    path: '/session/oidc',
    summary: 'Sign in with what the provider answered',
    who: 'anyone',
    body: Arrival,
    reply: Session,
  },
  accountDeparture: {
    method: 'POST',
    path: '/account/oidc/departure',
    summary: 'Where to show at the provider which account is to be linked',
    who: 'signed-in',
    reply: Departure,
  },
  accountArrival: {
    method: 'POST',
    path: '/account/oidc/arrival',
    summary: 'Which account the provider showed; nothing is linked yet',
    who: 'signed-in',
    body: Arrival,
    reply: Type.Object(
      {
        account: Type.String({ description: 'as the provider calls it' }),
        issuer: Type.String(),
        subject: Type.String(),
        proof: Type.String({ description: 'goes into linkAccount, once, within ten minutes' }),
      },
      closed,
    ),
  },
  linkAccount: {
    method: 'POST',
    path: '/account/oidc',
    summary: 'Link the account: the person signs that it is theirs',
    who: 'signed-in',
    body: Type.Object({ proof: token, name: LinkName, passphrase: Passphrase }, closed),
    reply: OwnLink,
  },
})
