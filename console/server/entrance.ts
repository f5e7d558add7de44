// Where people prove who they are: passphrases with guesses slowed down, the ways in that people linked to themselves, and
// the record of all of it.
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { openKeystore, sealKeystore } from '#crypto/keystore.ts'
import { PersonLinks } from '#crypto/people/link-keys.ts'
import { readsOnly } from '#crypto/people/links.ts'
import type { Person, PersonDirectory, PersonSigner } from '#crypto/people/people.ts'
import { type ErrorCode, PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import type { Secret } from '#runtime/secret.ts'
import type { OidcProvider } from './oidc-provider.ts'
import type { OpenSession } from './sessions.ts'
import { type ProgramKey, SignInRecord } from './sign-in-record.ts'
import { networkOf, Throttle, Turns } from './throttle.ts'
import { Tokens } from './tokens.ts'
import type { Browser, SignInMethod, Visitor } from './visitor.ts'

/** an office behind one address has some failures a day */
const PER_ADDRESS = { free: 30, mostSeconds: 900, endsWithSuccess: false }
const PER_PERSON = { free: 5, mostSeconds: 300, endsWithSuccess: true }
/** each check of a passphrase takes 32 MiB and about 0.1 s of a core */
const CHECKS_AT_ONCE = 2
const CHECKS_WAITING = 32
/** waits that are remembered as told */
const MOST_TOLD = 1000
/** a refusal takes so long at least, whatever was wrong */
const REFUSAL_MS = 400

export interface EntranceOptions {
  readonly home: string
  /** of the running program: a party's signing key, a coordinator's log key */
  readonly key: ProgramKey
  readonly federation: string
  readonly storageKey: Secret
  readonly people: PersonDirectory
  readonly oidc?: OidcProvider
  readonly log: Logger
  readonly now?: () => number
  readonly refusalMs?: number
}

export interface Refusal {
  readonly how: SignInMethod
  readonly browser: Pick<Browser, 'address'>
  /** what the record says and the caller does not hear */
  readonly reason: string
  readonly person?: string
  readonly link?: string
  /** console.sign-in unless given */
  readonly code?: ErrorCode
  readonly cause?: unknown
}

export class Entrance implements Disposable {
  /**
   * The same people, for whoever signs something in the middle of a session: each passphrase counts as a guess, and a
   * wrong one is console.passphrase.
   */
  readonly people: PersonDirectory
  readonly links: PersonLinks
  readonly record: SignInRecord
  readonly tokens: Tokens
  readonly oidc: OidcProvider | undefined
  readonly party: string
  readonly now: () => number
  readonly #known: PersonDirectory
  readonly #federation: string
  readonly #throttle: Throttle
  readonly #turns = new Turns(CHECKS_AT_ONCE, CHECKS_WAITING)
  readonly #refusalMs: number
  readonly #log: Logger
  /** what a guess at nobody is compared with, so that it takes the same work */
  readonly #nobody = sealKeystore({ kind: 'nobody' }, { key: randomBytes(48) }, randomBytes(32).toString('hex'))
  /** waits that are in the record already */
  readonly #told = new Set<string>()

  /** @throws PlatformError storage.damaged */
  constructor({ home, key, federation, storageKey, people, oidc, log, now = Date.now, refusalMs }: EntranceOptions) {
    this.party = key.party
    this.now = now
    this.oidc = oidc
    this.#federation = federation
    this.#known = people
    this.#log = log
    this.#refusalMs = refusalMs ?? REFUSAL_MS
    this.#throttle = new Throttle(now)
    this.tokens = new Tokens(now)
    this.links = new PersonLinks(home, people, storageKey)
    this.record = new SignInRecord(home, key, now)
    this.record.state({ event: 'started' })
    this.people = {
      list: () => people.list(),
      find: (id) => people.find(id),
      authenticate: (id, passphrase) => this.#stepUp(id, passphrase),
    }
  }

  [Symbol.dispose](): void {
    this.record[Symbol.dispose]()
  }

  /** @throws PlatformError console.sign-in for whatever is wrong, console.too-many, person.damaged, keys.damaged */
  async byPassphrase(
    given: { readonly person: string; readonly passphrase: string },
    browser: Pick<Browser, 'address'>,
  ): Promise<Visitor> {
    const { person: id, passphrase } = given
    const begun = performance.now()
    const how = 'passphrase' as const
    const attempt = this.#begin({ how, browser, key: `person:${id}` })
    try {
      const signer = await this.#turns.take(() => this.#compare(id, passphrase))
      attempt.succeeded()
      const { person, sign, ...secret } = signer
      return { person, how, reader: { publicKey: person.publicKey, sign: readsOnly(sign), ...secret } }
    } catch (cause) {
      const code = cause instanceof PlatformError ? cause.code : undefined
      if (code !== 'person.unknown' && code !== 'keys.wrong-passphrase') throw cause
      const [reason, person] = code === 'person.unknown' ? ['nobody of here', ''] : ['passphrase', id]
      await pause(Math.max(0, this.#refusalMs - (performance.now() - begun)))
      return this.refuse({ how, browser, reason, person, cause })
    }
  }

  /** Before anything else is checked that a stranger sent. @throws PlatformError console.too-many */
  tryFrom(how: SignInMethod, browser: Pick<Browser, 'address'>): { succeeded(): void } {
    return this.#begin({ how, browser })
  }

  /** Writes down why, and says no more than the code. @throws PlatformError always */
  refuse({ how, browser, reason, person = '', link = '', code = 'console.sign-in', cause }: Refusal): never {
    this.record.state({ event: 'refused', how, address: browser.address, reason, person, link, code })
    this.#log.warn('console.refused', { how, reason, person, code })
    throw new PlatformError(code, {}, cause)
  }

  opened({ id, visitor, address }: OpenSession): void {
    const { person, how, link = '', acr = '', amr = [] } = visitor
    this.record.state({ event: 'signed-in', person: person.id, how, address, link, session: id, acr, amr: [...amr] })
  }

  closed({ id, visitor }: OpenSession, event: 'signed-out' | 'session-ended', address: string): void {
    this.record.state({ event, person: visitor.person.id, how: visitor.how, address, session: id })
  }

  /** What passkeys and the provider know a person by: no name, and the same each time. 32 bytes. */
  handleOf({ id }: Pick<Person, 'id'>): Uint8Array<ArrayBuffer> {
    const text = JSON.stringify(['tributary/user-handle/v1', this.#federation, this.party, id])
    return new Uint8Array(createHash('sha256').update(text).digest())
  }

  async #compare(id: string, passphrase: string): Promise<PersonSigner> {
    try {
      return await this.#known.authenticate(id, passphrase)
    } catch (thrown) {
      if (thrown instanceof PlatformError && thrown.code === 'person.unknown')
        await openKeystore(await this.#nobody, passphrase).catch(() => undefined)
      throw thrown
    }
  }

  async #stepUp(id: string, passphrase: string): Promise<PersonSigner> {
    const how = 'passphrase' as const
    const browser = { address: '' }
    const attempt = this.#begin({ how, browser, key: `step-up:${id}`, person: id })
    try {
      const signer = await this.#turns.take(() => this.#known.authenticate(id, passphrase))
      attempt.succeeded()
      this.record.state({ event: 'step-up', person: id, how })
      return signer
    } catch (thrown) {
      if (!(thrown instanceof PlatformError) || thrown.code !== 'keys.wrong-passphrase') throw thrown
      const code = 'console.passphrase'
      this.record.state({ event: 'refused', person: id, how, code, reason: 'passphrase' })
      throw new PlatformError(code, {}, thrown)
    }
  }

  #begin({ how, browser, key, person = '' }: Beginning): { succeeded(): void } {
    const byAddress = { key: `address:${networkOf(browser.address)}`, ...PER_ADDRESS }
    const mine = key === undefined ? [] : [{ key, ...PER_PERSON }]
    const from = browser.address === '' ? [] : [byAddress]
    const name = [...mine, ...from].map((one) => one.key).join(' ')
    try {
      const attempt = this.#throttle.begin(...mine, ...from)
      this.#told.delete(name)
      return attempt
    } catch (thrown) {
      // once for each wait: whoever hammers on fills no disk
      if (!this.#told.has(name)) {
        if (this.#told.size >= MOST_TOLD) this.#told.clear()
        this.#told.add(name)
        const stated = { event: 'refused' as const, how, address: browser.address, person }
        this.record.state({ ...stated, code: 'console.too-many', reason: 'guesses' })
      }
      throw thrown
    }
  }
}

interface Beginning {
  readonly how: SignInMethod
  readonly browser: Pick<Browser, 'address'>
  readonly key?: string
  readonly person?: string
}
