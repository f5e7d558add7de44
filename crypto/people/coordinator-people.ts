// The people of a coordinator, in its home like those of a party. Their cards are signed with the key of the round log:
// it is the one signing key that a coordinator has, the trust bundle names it, and so everybody who holds the bundle can
// check who is who there. It cannot be taken for anything else under that key: a card has a context of its own
// (`coordinator-person-card`, see signing.ts), which checkpoints do not begin with (see ed25519.ts) and the adder's
// envelopes do not have. And no key of a party can sign one, since none of them is the log key of its bundle.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CoordinatorIdentity } from '#crypto/identity/coordinator-home.ts'
import { COORDINATOR_PEER } from '#crypto/identity/names.ts'
import { isUsableSigningKey } from '#crypto/identity/signing.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent } from '#runtime/files.ts'
import { localPeople } from './local-people.ts'
import type { PersonDirectory } from './people.ts'

/** What signs the cards of a coordinator's people, for addLocalPerson. */
export function coordinatorCardSigner({ logKey, adder }: Pick<CoordinatorIdentity, 'logKey' | 'adder'>) {
  return { party: COORDINATOR_PEER, signingPublicKey: Buffer.from(logKey, 'base64'), sign: adder.sign }
}

/** @param logKey base64 of the public key of the round log */
export function coordinatorPeople(home: string, logKey: string): PersonDirectory {
  return localPeople(home, { party: COORDINATOR_PEER, signingPublicKey: Buffer.from(logKey, 'base64') })
}

/** The people of a coordinator that does not run, its keys shut. @throws PlatformError keys.missing, keys.damaged */
export async function peopleOfCoordinatorHome(home: string): Promise<PersonDirectory> {
  const file = logKeyFile(home)
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new PlatformError('keys.missing', { home }, cause)
  })
  const logKey = text.trim()
  if (!isUsableSigningKey(Buffer.from(logKey, 'base64'))) throw new PlatformError('keys.damaged', { file })
  return coordinatorPeople(home, logKey)
}

export async function isCoordinatorHome(home: string): Promise<boolean> {
  return (await readIfPresent(logKeyFile(home))) !== undefined
}

function logKeyFile(home: string): string {
  return join(home, 'keys', 'log-key.txt')
}
