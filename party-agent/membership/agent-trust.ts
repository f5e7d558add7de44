// The trust that this agent holds: the bundle and the revocation lists. The coordinator offers newer ones; the agent
// takes only what the parties signed, and only forwards.
import { join } from 'node:path'
import { requireSuccessor } from '#crypto/identity/bundle-signatures.ts'
import { parseRevocation, RevocationBook } from '#crypto/identity/revocation.ts'
import { formatTrustBundle, parseTrustBundle, signingKeyOf, type TrustBundle } from '#crypto/identity/trust.ts'
import type { TrustUpdate__Output } from '#protos/gen/tributary/v1/TrustUpdate.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'

const MAX_ITEMS = 1000

/** Where trust is kept; without it, it lasts as long as the process. */
export interface TrustFiles {
  /** the trust bundle that the configuration names */
  readonly bundle: string
  readonly home: string
}

export class AgentTrust {
  readonly #files: TrustFiles | undefined
  readonly #revocations = new RevocationBook()
  #bundle: TrustBundle

  constructor(bundle: TrustBundle, files?: TrustFiles) {
    this.#bundle = bundle
    this.#files = files
  }

  /** With the revocations that were taken before. @throws PlatformError config.unreadable, config.invalid, storage.damaged */
  static async open(files: TrustFiles): Promise<AgentTrust> {
    const text = await readIfPresent(files.bundle)
    if (text === undefined) throw new PlatformError('config.unreadable', { file: files.bundle })
    const trust = new AgentTrust(parseTrustBundle(Buffer.from(text).toString('utf8')), files)
    const file = revocationFile(files)
    const kept = await readIfPresent(file)
    try {
      const lists = kept === undefined ? [] : (JSON.parse(Buffer.from(kept).toString('utf8')) as unknown[])
      for (const list of lists) trust.#revocations.accept(trust.#bundle, parseRevocation(JSON.stringify(list)))
    } catch (cause) {
      throw new PlatformError('storage.damaged', { file }, cause)
    }
    return trust
  }

  get bundle(): TrustBundle {
    return this.#bundle
  }

  /** @throws PlatformError identity.unknown, identity.revoked */
  requireTrusted(party: string): void {
    signingKeyOf(this.#bundle, party)
    if (this.#revocations.isPartyRevoked(party)) throw new PlatformError('identity.revoked', { party })
  }

  isRevoked(party: string): boolean {
    return this.#revocations.isPartyRevoked(party)
  }

  /**
   * Takes what the coordinator hands on, up to the first thing that is not as it should be.
   * @returns what changed, for the log
   * @throws PlatformError trust.*, revocation.*, config.invalid, protocol.malformed, storage.full
   */
  async take(update: TrustUpdate__Output): Promise<{ edition: number; revocations: number }> {
    const { bundles, revocations } = update
    if (bundles.length > MAX_ITEMS || revocations.length > MAX_ITEMS) {
      throw new PlatformError('protocol.malformed', { message: 'TrustUpdate', problem: 'too long' })
    }
    for (const text of bundles) {
      const next = parseTrustBundle(text)
      requireSuccessor(this.#bundle, next)
      if (this.#files !== undefined) await writeDurably(this.#files.bundle, formatTrustBundle(next))
      this.#bundle = next
    }
    let taken = 0
    for (const text of revocations) if (this.#revocations.accept(this.#bundle, parseRevocation(text))) taken += 1
    if (taken > 0 && this.#files !== undefined) {
      await writeDurably(revocationFile(this.#files), `${JSON.stringify(this.#revocations.all())}\n`)
    }
    return { edition: this.#bundle.edition, revocations: taken }
  }
}

function revocationFile({ home }: TrustFiles): string {
  return join(home, 'revocations.json')
}
