// Signing in with a passphrase, signing out, and what everybody may know before.
import type { Session } from '#console/api/session.ts'
import { type About, sessionCalls } from '#console/api/session.ts'
import { type Served, served } from './calls.ts'
import type { Entrance } from './entrance.ts'
import { passkeysWorkAt } from './passkeys.ts'
import type { OpenSession } from './sessions.ts'
import type { SignInMethod } from './visitor.ts'

/** @param about what does not change while the program runs */
export function signInCalls(
  about: Omit<About, 'people' | 'methods' | 'provider'>,
  entrance: Entrance,
  sessionOf: (id: string) => OpenSession,
): Served {
  const { people, oidc } = entrance
  const methodsAt = (origin: string): SignInMethod[] => [
    'passphrase',
    ...(passkeysWorkAt(origin) ? ['passkey' as const] : []),
    ...(oidc === undefined ? [] : ['oidc' as const]),
  ]
  return served(sessionCalls, {
    about: async (_, { browser }) => ({
      ...about,
      people: (await people.list()).length > 0,
      methods: methodsAt(browser.origin),
      ...(oidc === undefined ? {} : { provider: oidc.name }),
    }),
    session: (_, { session }) => sessionFacts(sessionOf(session)),
    signIn: async ({ body }, { browser }) => browser.open(await entrance.byPassphrase(body, browser)),
    signOut: (_, { browser }) => browser.close(),
  })
}

export function sessionFacts({ visitor, csrf, endsAt }: OpenSession): Session {
  const { id, name, role } = visitor.person
  return { person: { id, name, role }, how: visitor.how, csrf, endsAt: new Date(endsAt).toISOString() }
}
