// What a person reads through a passkey or an account elsewhere is in the access record under their name.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPartyHome, openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { PersonLinks } from '#crypto/people/link-keys.ts'
import { addLocalPerson } from '#crypto/people/local-people.ts'
import { openReadingOf, partyOf } from './reading.ts'

const JOB = `job-${'1'.repeat(20)}`
const DAY_MS = 86_400_000
const account = { kind: 'oidc' as const, issuer: 'https://id.bank.example', claim: 'sub', subject: '2482' }
const unused = { counter: 0, isBackedUp: false }

let home: string
let identity: PartyIdentity
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'reading-'))
  await createPartyHome(home, { federation: 'credit', party: 'tax', passphrase: 'of the party' })
  identity = await openPartyHome(home, 'of the party')
  await addLocalPerson(home, identity, { id: 'wang-fang', name: 'Wang Fang', role: 'compliance', passphrase: 'lotus' })
})
afterAll(() => rm(home, { recursive: true }))

test('a key that a person delegated for reading signs records in their name, while it holds', async () => {
  const party = await partyOf(home)
  const links = new PersonLinks(home, party.people, identity.storageKey)
  using wang = await party.people.authenticate('wang-fang', 'lotus')
  const { person } = wang
  const readAs = async (signedAt: Date) => {
    const link = await links.add(wang, 'bank', account, unused, signedAt)
    const reader = await links.use(link, unused, new Date())
    const who = { reader: { ...reader, name: person.name, role: person.role }, person, purpose: 'review' }
    using reading = openReadingOf(home, party, who)
    reading.require('ledger', JOB)
    await links.remove('wang-fang', link.id)
    return await reading.records()
  }
  const read = { kind: 'access', actor: 'Wang Fang', role: 'compliance', object: 'ledger', decision: 'allowed' }
  expect(await readAs(new Date())).toMatchObject([read])
  expect(await readAs(new Date())).toMatchObject([read, read])
  const ended = new Date(Date.now() - 100 * DAY_MS)
  await expect(readAs(ended)).rejects.toThrow(/did not hold then/)
})
