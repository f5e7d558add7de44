// The ways in that are open now: beside each statement of links.ts a file <id>.link-<key id>.key, sealed by the storage key
// of the home, with the private half of the reading key and what changes from use to use. Without it a way is closed.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { makeSigningKey } from '#crypto/identity/signing.ts'
import { keyIdOf, openStatementSigner, type StatementSigner } from '#crypto/log/ed25519.ts'
import { readSealed, sealingKey, writeSealed } from '#crypto/sealed-file.ts'
import { PlatformError } from '#runtime/errors.ts'
import { syncDirectory } from '#runtime/files.ts'
import type { Secret } from '#runtime/secret.ts'
import { type Link, linksIn, readsOnly, type Way, writeLink } from './links.ts'
import type { PersonDirectory, PersonSigner } from './people.ts'

const MOST_LINKS = 16

const StateSchema = Type.Object(
  {
    v: Type.Literal(1),
    /** PKCS#8 DER in base64 */
    privateKey: Type.String({ maxLength: 256 }),
    /** of the passkey's signatures; 0 where it counts none */
    counter: Type.Integer({ minimum: 0 }),
    /** whether its owner's other devices have it now */
    isBackedUp: Type.Boolean(),
    /** RFC 3339 UTC; empty before the first use */
    usedAt: Type.String({ maxLength: 40 }),
  },
  { additionalProperties: false },
)
type State = Static<typeof StateSchema>
const validator = Compile(StateSchema)

export type LinkUse = Pick<State, 'counter' | 'isBackedUp'>

/** A way that is open, or that has run out and can be renewed. */
export interface OpenLink extends Link {
  readonly counter: number
  readonly isBackedUp: boolean
  readonly usedAt: string
}

/** Signs what a person reads through a link. */
export interface LinkReader extends Disposable {
  readonly publicKey: Uint8Array
  readonly sign: StatementSigner
}

export class PersonLinks {
  readonly #home: string
  readonly #people: PersonDirectory
  readonly #key: Secret

  /** @param storageKey of the home; one running program writes at a time */
  constructor(home: string, people: PersonDirectory, storageKey: Secret) {
    this.#home = home
    this.#people = people
    this.#key = sealingKey(storageKey, 'person-links')
  }

  /** @throws PlatformError person.damaged, storage.damaged */
  async list(person?: string): Promise<OpenLink[]> {
    const open = new Set(await this.#keyFiles())
    const links = (await linksIn(this.#home, this.#people)).filter((link) => open.has(fileOf(link)))
    const mine = links.filter((link) => person === undefined || link.person.id === person)
    return await Promise.all(
      mine.map(async (link) => {
        const { counter, isBackedUp, usedAt } = await this.#state(link)
        return { ...link, counter, isBackedUp, usedAt }
      }),
    )
  }

  /** The one whose way fits; of a renewed one the newest. @throws as list */
  async find(fits: (way: Way) => boolean): Promise<OpenLink | undefined> {
    return (await this.list()).findLast(({ way }) => fits(way))
  }

  /** @throws PlatformError console.request (too many, or known already), storage.full */
  async add(signer: PersonSigner, name: string, way: Way, use: LinkUse, now: Date): Promise<Link> {
    const all = await this.list()
    if (all.filter(({ person }) => person.id === signer.person.id).length >= MOST_LINKS)
      throw new PlatformError('console.request', { problems: [`at most ${MOST_LINKS}; remove one first`] })
    if (all.some((link) => identityOf(link.way) === identityOf(way)))
      throw new PlatformError('console.request', { problems: ['it signs somebody in here already'] })
    return await this.#write(signer, name, way, use, now)
  }

  /** The same way with a new reading key and another end. @throws PlatformError console.unknown */
  async renew(signer: PersonSigner, id: string, now: Date): Promise<Link> {
    const old = await this.#own(signer.person.id, id)
    const renewed = await this.#write(signer, old.name, old.way, old, now)
    await this.#forget(old)
    return renewed
  }

  /** @throws PlatformError console.unknown when the person has no such way open */
  async remove(person: string, id: string): Promise<OpenLink> {
    const link = await this.#own(person, id)
    await this.#forget(link)
    return link
  }

  /** Notes a use, and gives the signer of what is read. @throws PlatformError storage.* */
  async use(link: Link, use: LinkUse, now: Date): Promise<LinkReader> {
    const state = { ...(await this.#state(link)), ...pick(use), usedAt: now.toISOString() }
    await this.#keep(link, state)
    const sign = openStatementSigner(Buffer.from(state.privateKey, 'base64'), 'party')
    return { publicKey: link.readingKey, sign: readsOnly(sign), [Symbol.dispose]: () => undefined }
  }

  async #write(signer: PersonSigner, name: string, way: Way, use: LinkUse, now: Date): Promise<Link> {
    const { publicKey, privateKey } = makeSigningKey()
    const encoded = Buffer.from(privateKey).toString('base64')
    const state = { v: 1 as const, privateKey: encoded, ...pick(use), usedAt: '' }
    // The key first: a statement without its key is a way that is closed, a key without statement is nothing.
    await this.#keep({ id: keyIdOf(publicKey), person: signer.person }, state)
    privateKey.fill(0)
    return await writeLink(this.#home, signer, { name, way, readingKey: publicKey }, now)
  }

  async #own(person: string, id: string): Promise<OpenLink> {
    const link = (await this.list(person)).find((own) => own.id === id)
    if (link === undefined) throw new PlatformError('console.unknown', { link: id.slice(0, 32) })
    return link
  }

  async #state(link: Link): Promise<State> {
    const file = fileOf(link)
    const bytes = await readSealed(this.#path(file), file, this.#key)
    const value: unknown = bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (validator.Check(value)) return value
    throw new PlatformError('storage.damaged', { file: this.#path(file) })
  }

  async #keep(link: Pick<Link, 'id' | 'person'>, state: State): Promise<void> {
    const file = fileOf(link)
    await writeSealed(this.#path(file), file, this.#key, Buffer.from(JSON.stringify(state)))
  }

  async #forget(link: Link): Promise<void> {
    await rm(this.#path(fileOf(link)), { force: true })
    await syncDirectory(join(this.#home, 'people'))
  }

  async #keyFiles(): Promise<string[]> {
    return await readdir(join(this.#home, 'people')).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
  }

  #path(file: string): string {
    return join(this.#home, 'people', file)
  }
}

/** The same passkey or account has the same text, however it is called. */
export function identityOf(way: Way): string {
  const parts = way.kind === 'passkey' ? [way.kind, way.credential] : [way.kind, way.issuer, way.claim, way.subject]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function fileOf({ person, id }: Pick<Link, 'id' | 'person'>): string {
  return `${person.id}.link-${id}.key`
}

function pick({ counter, isBackedUp }: LinkUse): LinkUse {
  return { counter, isBackedUp }
}
