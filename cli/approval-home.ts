// The people and the approvals of a party, from its home. The party's keys stay shut: its public card is enough.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCardSigned, parsePartyCard } from '#crypto/identity/party-card.ts'
import { ApprovalStore } from '#party-agent/approvals/store.ts'
import { localPeople } from '#crypto/people/local-people.ts'
import type { PersonDirectory } from '#crypto/people/people.ts'
import { PlatformError } from '#runtime/errors.ts'

export interface ApprovalHome {
  readonly party: string
  readonly people: PersonDirectory
  readonly store: ApprovalStore
}

/** @throws PlatformError keys.missing, keys.damaged */
export async function openPeople(home: string): Promise<ApprovalHome> {
  const file = join(home, 'keys', 'card.json')
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new PlatformError('keys.missing', { home }, cause)
  })
  const card = parsePartyCard(text)
  if (!isCardSigned(card)) throw new PlatformError('keys.damaged', { file })
  const { party } = card
  const people = localPeople(home, { party, signingPublicKey: Buffer.from(card.signingKey, 'base64') })
  return { party, people, store: new ApprovalStore(home, party, people) }
}
