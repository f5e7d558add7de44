// The trust that is in force at the coordinator: the bundle, the editions before it, and what is revoked. It changes
// while the coordinator runs, and only by what the parties signed.
import { readFileSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireSuccessor } from '#crypto/identity/bundle-signatures.ts'
import {
  parseRevocation,
  RevocationBook,
  type RevocationList,
  requireNewer,
  revocationConsent,
  revocationDigest,
  verifyUnrevokedPeer,
} from '#crypto/identity/revocation.ts'
import { formatTrustBundle, parseTrustBundle, type TrustBundle } from '#crypto/identity/trust.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'

export interface RevocationState {
  readonly list: RevocationList | undefined
  /** with the signatures so far; the one with the most of them when several wait */
  readonly pending: RevocationList | undefined
  readonly signed: readonly string[]
  readonly needed: number
}

export class HeldTrust {
  readonly #file: string
  readonly #folder: string
  readonly #revocations = new RevocationBook()
  /** by party to revoke and party that signed: nobody can push away what another one signed */
  readonly #pending = new Map<string, RevocationList>()
  readonly #editions = new Map<number, string>()
  readonly #listeners = new Set<() => void>()
  #bundle: TrustBundle

  private constructor(file: string, folder: string, bundle: TrustBundle) {
    this.#file = file
    this.#folder = folder
    this.#bundle = bundle
  }

  /**
   * @param file the trust bundle
   * @param folder <home>/enrolment
   * @throws PlatformError config.*, storage.damaged for a list of revocations that cannot be read
   */
  static async open(file: string, folder: string): Promise<HeldTrust> {
    const trust = new HeldTrust(file, folder, parseTrustBundle(readBundle(file)))
    await mkdir(join(folder, 'bundles'), { recursive: true, mode: 0o700 })
    for (const name of await readdir(join(folder, 'bundles'))) {
      const edition = Number(/^(\d+)\.yaml$/.exec(name)?.[1] ?? Number.NaN)
      if (edition > 0) trust.#editions.set(edition, await readFile(join(folder, 'bundles', name), 'utf8'))
    }
    trust.#loadRevocations(await readIfPresent(trust.#revocationFile))
    return trust
  }

  get bundle(): TrustBundle {
    return this.#bundle
  }

  /** Calls `listener` after each change. @returns how to stop it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The party of a certificate that counts now. @throws PlatformError identity.* */
  verify(certificateDer: Uint8Array, now: Date): Promise<string> {
    return verifyUnrevokedPeer(this.#bundle, this.#revocations, certificateDer, now)
  }

  isRevoked(party: string): boolean {
    return this.#revocations.isPartyRevoked(party)
  }

  /** @throws PlatformError identity.revoked */
  requireUnrevoked(party: string): void {
    if (this.#revocations.isPartyRevoked(party)) throw new PlatformError('identity.revoked', { party })
  }

  /** Takes the next edition into force. @throws PlatformError trust.*, storage.full */
  async adopt(next: TrustBundle): Promise<void> {
    requireSuccessor(this.#bundle, next)
    const text = formatTrustBundle(next)
    await writeDurably(join(this.#folder, 'bundles', `${next.edition}.yaml`), text)
    await writeDurably(this.#file, text)
    this.#editions.set(next.edition, text)
    this.#bundle = next
    this.#changed()
  }

  /** What an agent that holds this edition lacks: later editions in order, and every list in force. */
  updateFrom(edition: number): { bundles: string[]; revocations: string[] } {
    const bundles: string[] = []
    for (let next = edition + 1; this.#editions.has(next); next += 1) bundles.push(this.#editions.get(next) as string)
    return { bundles, revocations: this.#revocations.all().map((list) => JSON.stringify(list)) }
  }

  /** @throws PlatformError identity.unknown */
  revocationsOf(party: string): RevocationState {
    const list = this.#revocations.of(party)
    const waiting = [...this.#pending].filter(([key]) => key.startsWith(`${party}/`)).map(([, pending]) => pending)
    const best = waiting
      .map((pending) => this.#merged(party, revocationDigest(pending), pending))
      .sort((a, b) => b.signatures.length - a.signatures.length)[0]
    const shown = best ?? list
    const { signed, needed } = shown === undefined ? { signed: [], needed: 0 } : revocationConsent(this.#bundle, shown)
    return { list, pending: best, signed, needed }
  }

  /**
   * Takes one party's signature under a list. The list is in force from the moment that enough have signed.
   * @throws PlatformError identity.unknown, revocation.stale, revocation.unsigned when the caller did not sign it
   */
  async revoke(caller: string, list: RevocationList): Promise<RevocationState> {
    const { party } = list
    if (!requireNewer(this.#bundle, this.#revocations.of(party), list)) return this.revocationsOf(party)
    const own = { ...list, signatures: list.signatures.filter((entry) => entry.party === caller) }
    const { signed } = revocationConsent(this.#bundle, own)
    if (!signed.includes(caller)) throw new PlatformError('revocation.unsigned', { party, missing: caller })
    this.#pending.set(`${party}/${caller}`, own)
    const merged = this.#merged(party, revocationDigest(own), own)
    const effective = revocationConsent(this.#bundle, merged).effective && this.#accept(merged)
    await this.#saveRevocations()
    if (effective) this.#changed()
    return this.revocationsOf(party)
  }

  #accept(list: RevocationList): boolean {
    const fresh = this.#revocations.accept(this.#bundle, list)
    for (const key of this.#pending.keys()) if (key.startsWith(`${list.party}/`)) this.#pending.delete(key)
    return fresh
  }

  #merged(party: string, digest: string, list: RevocationList): RevocationList {
    const same = [...this.#pending]
      .filter(([key, pending]) => key.startsWith(`${party}/`) && revocationDigest(pending) === digest)
      .flatMap(([, pending]) => pending.signatures)
    return { ...list, signatures: same }
  }

  get #revocationFile(): string {
    return join(this.#folder, 'revocations.json')
  }

  #saveRevocations(): Promise<void> {
    const state = { lists: this.#revocations.all(), pending: [...this.#pending] }
    return writeDurably(this.#revocationFile, `${JSON.stringify(state)}\n`)
  }

  #loadRevocations(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return
    try {
      const state = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
        lists: unknown[]
        pending: [string, unknown][]
      }
      for (const list of state.lists) this.#revocations.accept(this.#bundle, parseRevocation(JSON.stringify(list)))
      for (const [key, list] of state.pending) this.#pending.set(key, parseRevocation(JSON.stringify(list)))
    } catch (cause) {
      throw new PlatformError('storage.damaged', { file: this.#revocationFile }, cause)
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

function readBundle(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file: path }, cause)
  }
}
