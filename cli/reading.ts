// Who reads what this party keeps: the person named with --as, by their own passphrase and within their role, or the
// party itself while it has no people.
import { openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { DEFAULT_PURPOSE, openReadingOf, PARTY_ROLE, partyOf, type Reading } from '#party-agent/log/reading.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from './context.ts'
import { readPassphrase, readPersonPassphrase } from './passphrase.ts'
import type { ReadingOptions } from './reading-options.ts'

export interface ReadingHome {
  readonly home: string
  readonly passphraseFile?: string | undefined
}

/**
 * @param identity of the party, where it is open already
 * @throws PlatformError person.unnamed when the party has people and none is named; person.unknown, keys.*, config.invalid
 */
export async function openReading(
  cli: CliContext,
  { home, passphraseFile }: ReadingHome,
  options: ReadingOptions,
  identity?: PartyIdentity,
): Promise<Reading> {
  const party = await partyOf(home)
  const id = options.as ?? cli.environment['TRIBUTARY_PERSON']
  const purpose = options.purpose ?? DEFAULT_PURPOSE
  if (id !== undefined && id !== '') {
    const { person, sign, ...secret } = await party.people.authenticate(id, await readPersonPassphrase(cli, id))
    const reader = { name: person.name, role: person.role, publicKey: person.publicKey, sign }
    return openReadingOf(home, party, { reader, person, purpose, secret })
  }
  if ((await party.people.list()).length > 0) throw new PlatformError('person.unnamed', { party: party.party })
  const { signStatement, signingPublicKey } =
    identity ?? (await openPartyHome(home, await readPassphrase(cli, passphraseFile)))
  const reader = { name: party.party, role: PARTY_ROLE, publicKey: signingPublicKey, sign: signStatement }
  return openReadingOf(home, party, { reader, purpose })
}

/** The same, but nothing where the party has people and none is named: for commands that show other things too. */
export async function openReadingIfNamed(...given: Parameters<typeof openReading>): Promise<Reading | undefined> {
  try {
    return await openReading(...given)
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'person.unnamed') return undefined
    throw error
  }
}
