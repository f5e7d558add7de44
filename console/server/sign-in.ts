// Signing in with a passphrase, signing out, and what everybody may know before.
import type { Session } from '#console/api/session.ts'
import { type About, sessionCalls } from '#console/api/session.ts'
import type { PersonDirectory } from '#crypto/people/people.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type Served, served } from './calls.ts'
import type { OpenSession } from './sessions.ts'

/** @param about without `people`, which is asked for each time */
export function signInCalls(
  about: Omit<About, 'people'>,
  people: PersonDirectory,
  sessionOf: (id: string) => OpenSession,
): Served {
  return served(sessionCalls, {
    about: async () => ({ ...about, people: (await people.list()).length > 0 }),
    session: (_, { session }) => sessionFacts(sessionOf(session)),
    signIn: async ({ body }, { browser }) => {
      const { person, sign, ...secret } = await authenticated(people, body)
      const { publicKey } = person
      return browser.open({ person, how: 'passphrase', reader: { publicKey, sign, ...secret } })
    },
    signOut: (_, { browser }) => browser.close(),
  })
}

export function sessionFacts({ visitor, csrf, endsAt }: OpenSession): Session {
  const { id, name, role } = visitor.person
  return { person: { id, name, role }, how: visitor.how, csrf, endsAt: new Date(endsAt).toISOString() }
}

/** Whoever guesses does not hear whether the person or the passphrase was wrong. @throws PlatformError console.sign-in */
async function authenticated(people: PersonDirectory, given: { readonly person: string; readonly passphrase: string }) {
  try {
    return await people.authenticate(given.person, given.passphrase)
  } catch (thrown) {
    const isGuess =
      thrown instanceof PlatformError && (thrown.code === 'person.unknown' || thrown.code === 'keys.wrong-passphrase')
    throw isGuess ? new PlatformError('console.sign-in', {}, thrown) : thrown
  }
}
