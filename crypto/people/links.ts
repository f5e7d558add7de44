// Other ways to show that one is a person of this home: a passkey, an account at an OIDC provider. Each is a statement
// that the person signed with their own key, <home>/people/<id>.link-<key id>.json: who, which passkey or account, from
// when until when, and the public half of a key that may sign what the person reads, and nothing else. Whoever lacks the
// person's passphrase can add none, also with write access to the folder. The statement stays when the way is removed:
// what was read with it is still to be checked.
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { openRecord, parseRecord, signRecord } from '#crypto/log/dsse.ts'
import { keyIdOf, type StatementSigner } from '#crypto/log/ed25519.ts'
import { canonicalJson, parseCanonicalJson } from '#crypto/log/jcs.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'
import { LINK_DAYS, type Person, type PersonDirectory, type PersonSigner } from './people.ts'

const DAY_MS = 86_400_000
const LINK_TYPE = 'application/vnd.tributary.person-link.v1+json'
/** all that a reading key may sign */
const READ_TYPES = ['application/vnd.tributary.access.v1+json', 'application/vnd.tributary.export.made.v1+json']

const closed = { additionalProperties: false } as const
const base64 = (maxLength: number) => Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength })
const base64url = (maxLength: number) => Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength })
const Time = Type.String({ pattern: '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z$' })

const Way = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('passkey'),
      credential: base64url(1400),
      /** COSE key */
      publicKey: base64(4096),
      /** host name of the console's address */
      rpId: Type.String({ minLength: 1, maxLength: 253 }),
      /** whether it may be copied to other devices of its owner; fixed for its life */
      syncs: Type.Boolean(),
      /** how a browser reaches it, such as internal or usb */
      transports: Type.Array(Type.String({ maxLength: 32 }), { maxItems: 8 }),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('oidc'),
      issuer: Type.String({ minLength: 1, maxLength: 2048 }),
      /** of the ID token: which claim names the account */
      claim: Type.String({ minLength: 1, maxLength: 64 }),
      subject: Type.String({ minLength: 1, maxLength: 255 }),
    },
    closed,
  ),
])
export type Way = Static<typeof Way>

const StatementSchema = Type.Object(
  {
    v: Type.Literal(1),
    party: Type.String({ maxLength: 32 }),
    person: Type.String({ maxLength: 32 }),
    role: Type.String({ maxLength: 32 }),
    /** as its owner calls it */
    name: Type.String({ minLength: 1, maxLength: 64 }),
    way: Way,
    /** Ed25519 */
    readingKey: base64(44),
    from: Time,
    until: Time,
  },
  closed,
)
const validator = Compile(StatementSchema)

/** What a person signed. */
export interface Link {
  /** key id of the reading key */
  readonly id: string
  readonly person: Person
  readonly name: string
  readonly way: Way
  /** Ed25519, 32 bytes */
  readonly readingKey: Uint8Array
  /** RFC 3339 UTC */
  readonly from: string
  readonly until: string
}

/** A key that stands for a person in access records, for a while. */
export interface ReadingKey {
  readonly name: string
  readonly role: string
  readonly publicKey: Uint8Array
  /** RFC 3339 UTC */
  readonly from: string
  readonly until: string
}

/**
 * Signs and writes the statement. The caller keeps the private half of the reading key before.
 * @throws PlatformError log.not-canonical (a name that is not NFC), storage.full
 */
export async function writeLink(
  home: string,
  { person, sign }: PersonSigner,
  given: { readonly name: string; readonly way: Way; readonly readingKey: Uint8Array },
  now: Date,
): Promise<Link> {
  const { name, way, readingKey } = given
  const { id, party, role, publicKey } = person
  const statement = {
    v: 1 as const,
    party,
    person: id,
    role,
    name,
    way,
    readingKey: Buffer.from(readingKey).toString('base64'),
    from: now.toISOString(),
    until: new Date(now.getTime() + LINK_DAYS * DAY_MS).toISOString(),
  }
  const [problem] = validator.Errors(statement)
  if (problem !== undefined)
    throw new PlatformError('config.invalid', { problems: [`link${problem.instancePath}: ${problem.message}`] })
  const leaf = signRecord(LINK_TYPE, canonicalJson(statement), sign, keyIdOf(publicKey))
  await mkdir(join(home, 'people'), { recursive: true, mode: 0o700 })
  await writeDurably(join(home, 'people', `${id}.link-${keyIdOf(readingKey)}.json`), leaf)
  return linkOf(statement, person)
}

/** All that people of this home ever signed, checked, the oldest first. @throws PlatformError person.damaged */
export async function linksIn(home: string, people: PersonDirectory): Promise<Link[]> {
  const names = await readdir(join(home, 'people')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const links: Link[] = []
  for (const name of names) {
    const [, id, key] = /^([a-z][a-z0-9-]{0,31})\.link-([0-9a-f]{16})\.json$/.exec(name) ?? []
    if (id === undefined) continue
    const bytes = await readIfPresent(join(home, 'people', name))
    const person = await knownPerson(people, id)
    if (bytes === undefined || person === undefined) continue
    const link = readLink(bytes, person, key ?? '')
    if (link !== undefined) links.push(link)
  }
  return links.toSorted((a, b) => (a.from < b.from ? -1 : 1))
}

/** Who was taken out of the home stands for nobody, and hinders nobody. */
async function knownPerson(people: PersonDirectory, id: string): Promise<Person | undefined> {
  try {
    return await people.find(id)
  } catch (thrown) {
    if (thrown instanceof PlatformError && thrown.code === 'person.unknown') return undefined
    throw thrown
  }
}

/** The keys that may have signed what people of this home read, beside their own. @throws as linksIn */
export async function readingKeysIn(home: string, people: PersonDirectory): Promise<ReadingKey[]> {
  const links = await linksIn(home, people)
  return links.map(({ person: { name, role }, readingKey, from, until }) => {
    return { name, role, publicKey: readingKey, from, until }
  })
}

/** A signer of access records alone: a session that holds it can sign no approval. */
export function readsOnly(sign: StatementSigner): StatementSigner {
  const starts = READ_TYPES.map((type) => Buffer.from(`DSSEv1 ${type.length} ${type} `))
  return (statement) => {
    if (!starts.some((start) => start.equals(statement.subarray(0, start.length))))
      throw new RangeError('a key for reading signs access records only')
    return sign(statement)
  }
}

/** Undefined where another key signed it, such as the one that this person had before. @throws PlatformError person.damaged */
function readLink(bytes: Uint8Array, person: Person, key: string): Link | undefined {
  const damaged = (problem: string, cause?: unknown) =>
    new PlatformError('person.damaged', { person: person.id, link: key, problem }, cause)
  let value: unknown
  try {
    if (parseRecord(bytes).keyid !== keyIdOf(person.publicKey)) return undefined
    const { payloadType, payload } = openRecord(bytes, () => person.publicKey)
    if (payloadType !== LINK_TYPE) throw new Error('another statement')
    value = parseCanonicalJson(payload)
  } catch (cause) {
    throw damaged('not signed by this person', cause)
  }
  if (!validator.Check(value)) throw damaged('not a link of this version')
  const isOwn = value.person === person.id && value.party === person.party && value.role === person.role
  const link = linkOf(value, person)
  if (!isOwn || link.id !== key) throw damaged('of another person, role or key')
  return link
}

function linkOf({ name, way, readingKey, from, until }: Static<typeof StatementSchema>, person: Person): Link {
  const publicKey = new Uint8Array(Buffer.from(readingKey, 'base64'))
  return { id: keyIdOf(publicKey), person, name, way, readingKey: publicKey, from, until }
}
