// People as files in the home of their party: <home>/people/<id>.json is the public card, signed by the party's signing
// key; <id>.key.json holds the private key under the person's own passphrase. Whoever lacks the party's passphrase can
// add nobody and change no role, also with write access to the folder. The people of a coordinator are kept the same
// way in its home (coordinator-people.ts).
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import Type from 'typebox'
import Compile from 'typebox/compile'
import { COORDINATOR_PEER } from '#crypto/identity/names.ts'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import { isUsableSigningKey, makeSigningKey, openSigner, verifySignature } from '#crypto/identity/signing.ts'
import { openKeystore, sealKeystore } from '#crypto/keystore.ts'
import { openStatementSigner } from '#crypto/log/ed25519.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, syncDirectory, writeDurably } from '#runtime/files.ts'
import {
  COORDINATOR_ROLES,
  type Person,
  type PersonDirectory,
  type PersonRole,
  type PersonSigner,
  ROLES,
} from './people.ts'

/** A card that one of the two signed is never one of the other, whatever it says. */
const CONTEXTS = { party: 'person-card', coordinator: 'coordinator-person-card' } as const
const MAX_CARD_BYTES = 4096
const ID_PATTERN = /^[a-z][a-z0-9-]{0,31}$/
const BASE64 = '^[A-Za-z0-9+/]+={0,2}$'

const CardSchema = Type.Object(
  {
    v: Type.Literal(1),
    id: Type.String({ pattern: ID_PATTERN.source }),
    name: Type.String({ minLength: 1, maxLength: 64 }),
    role: Type.Unsafe<PersonRole>(Type.Union(ROLES.map((role) => Type.Literal(role)))),
    party: Type.String({ maxLength: 32 }),
    publicKey: Type.String({ pattern: BASE64, maxLength: 64 }),
    addedAt: Type.String({ maxLength: 40 }),
    /** by the party's signing key over the other fields */
    signature: Type.String({ pattern: BASE64, maxLength: 128 }),
  },
  { additionalProperties: false },
)
type PersonCard = Type.Static<typeof CardSchema>
const validator = Compile(CardSchema)

/** @param party its name and signing key: cards that it did not sign are refused */
export function localPeople(
  home: string,
  party: { readonly party: string; readonly signingPublicKey: Uint8Array },
): PersonDirectory {
  const folder = join(home, 'people')
  const find = async (id: string): Promise<Person> => {
    const bytes = ID_PATTERN.test(id) ? await readIfPresent(join(folder, `${id}.json`)) : undefined
    if (bytes === undefined) throw new PlatformError('person.unknown', { party: party.party, person: id.slice(0, 32) })
    return personOf(readCard(bytes, id), party)
  }
  return {
    find,
    async list() {
      const people: Person[] = []
      for (const id of await idsIn(folder)) people.push(await find(id))
      return people
    },
    async authenticate(id, passphrase) {
      const person = await find(id)
      return await openPersonKey(folder, person, passphrase)
    },
  }
}

/**
 * Makes the key pair of a person. The party's own keys sign the card, so this takes the party's passphrase too.
 * @throws PlatformError person.exists (id or name), config.invalid (id, name, a role that a coordinator has not, a
 *   passphrase that is empty or the party's), storage.full
 */
export async function addLocalPerson(
  home: string,
  identity: Pick<PartyIdentity, 'party' | 'signingPublicKey' | 'sign'>,
  facts: { readonly id: string; readonly name: string; readonly role: PersonRole; readonly passphrase: string },
  now = new Date(),
): Promise<Person> {
  const { id, role, passphrase } = facts
  const name = facts.name.normalize('NFC').trim()
  const problems: string[] = []
  if (!ID_PATTERN.test(id)) problems.push(`id: expected a name like ${ID_PATTERN.source}; give one with --id`)
  if (name === '' || name.length > 64) problems.push('name: expected 1 to 64 characters')
  if (!rolesAt(identity.party).includes(role))
    problems.push(`role: at a coordinator people are ${COORDINATOR_ROLES.join(', ')}; a ${role} belongs to a party`)
  if (problems.length > 0) throw new PlatformError('config.invalid', { problems })
  const folder = join(home, 'people')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await syncDirectory(home)
  for (const known of await localPeople(home, identity).list())
    if (known.id === id || known.name.toLowerCase() === name.toLowerCase())
      throw new PlatformError('person.exists', { person: known.id, role: known.role })
  if (await opensPartyKeys(home, passphrase))
    throw new PlatformError('config.invalid', {
      problems: ['passphrase: it is that of the party; choose one of your own'],
    })
  const key = makeSigningKey()
  const publicKey = Buffer.from(key.publicKey).toString('base64')
  const unsigned = { v: 1 as const, id, name, role, party: identity.party, publicKey, addedAt: now.toISOString() }
  const signature = Buffer.from(identity.sign(contextAt(identity.party), cardBytes(unsigned))).toString('base64')
  const keys = await sealKeystore(labelsOf(unsigned), { 'signing-key': key.privateKey }, passphrase)
  key.privateKey.fill(0)
  // The key first: a card without its key would be a person who can never sign.
  await writeDurably(join(folder, `${id}.key.json`), keys)
  await writeDurably(join(folder, `${id}.json`), `${JSON.stringify({ ...unsigned, signature }, null, 2)}\n`)
  return personOf({ ...unsigned, signature }, identity)
}

/** No party can be called so (#crypto/identity/names.ts). */
const isCoordinator = (party: string) => party === COORDINATOR_PEER
const contextAt = (party: string) => CONTEXTS[isCoordinator(party) ? 'coordinator' : 'party']
const rolesAt = (party: string): readonly PersonRole[] => (isCoordinator(party) ? COORDINATOR_ROLES : ROLES)

/** "Li Wei" as li-wei; empty where no Latin letter is in the name. */
export function personIdOf(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 32)
}

/** With the party's passphrase as their own, everybody who starts the agent could sign as this person. */
async function opensPartyKeys(home: string, passphrase: string): Promise<boolean> {
  const keystore = await readIfPresent(join(home, 'keys', 'keystore.json'))
  if (keystore === undefined) return false
  try {
    await openKeystore(keystore, passphrase)
    return true
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'keys.wrong-passphrase') return false
    throw error
  }
}

async function idsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.flatMap((name) => /^([a-z][a-z0-9-]{0,31})\.json$/.exec(name)?.[1] ?? []).sort()
}

function readCard(bytes: Uint8Array, id: string): PersonCard {
  const damaged = (problem: string, cause?: unknown) =>
    new PlatformError('person.damaged', { person: id, problem }, cause)
  if (bytes.length > MAX_CARD_BYTES) throw damaged('too large')
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw damaged('not JSON', cause)
  }
  if (!validator.Check(value) || value.id !== id) throw damaged('not the card of this person')
  return value
}

function personOf(card: PersonCard, party: { readonly party: string; readonly signingPublicKey: Uint8Array }): Person {
  const { id, name, role, addedAt } = card
  const publicKey = new Uint8Array(Buffer.from(card.publicKey, 'base64'))
  const signed = verifySignature(
    party.signingPublicKey,
    contextAt(party.party),
    cardBytes(card),
    Buffer.from(card.signature, 'base64'),
  )
  const isOwn = card.party === party.party && rolesAt(party.party).includes(role)
  if (!signed || !isOwn || !isUsableSigningKey(publicKey))
    throw new PlatformError('person.damaged', { person: id, problem: `not signed by ${party.party}` })
  return { id, name, role, party: card.party, publicKey, addedAt }
}

async function openPersonKey(folder: string, person: Person, passphrase: string): Promise<PersonSigner> {
  const bytes = await readIfPresent(join(folder, `${person.id}.key.json`))
  if (bytes === undefined) throw new PlatformError('person.damaged', { person: person.id, problem: 'no key' })
  const keystore = await openKeystore(bytes, passphrase)
  const secret = keystore.secret('signing-key')
  const { publicKey } = secret.reveal(openSigner)
  if (!Buffer.from(publicKey).equals(person.publicKey))
    throw new PlatformError('person.damaged', { person: person.id, problem: 'the key is not that of the card' })
  const sign = secret.reveal((privateKey) => openStatementSigner(privateKey, 'party'))
  return { person, sign, [Symbol.dispose]: () => secret[Symbol.dispose]() }
}

function labelsOf({ id, role, party }: { readonly id: string; readonly role: string; readonly party: string }) {
  return { kind: 'person', person: id, role, party }
}

/** JSON of an array of strings: one encoding for each card. */
function cardBytes(card: Omit<PersonCard, 'signature'>): Uint8Array {
  const { v, id, name, role, party, publicKey, addedAt } = card
  return Buffer.from(JSON.stringify([v, id, name, role, party, publicKey, addedAt]))
}
