// Renews the TLS certificate of a running process at two thirds of its life, from its own root: an agent's, and the
// coordinator's.
import { type CertificateLife, isRenewalDue } from './party-home.ts'
import type { Logger } from '#runtime/log.ts'

const CHECK_MS = 60_000

export interface KeeperOptions<Identity extends CertificateLife> {
  readonly identity: Identity
  /** makes a new certificate and gives the identity that has it */
  readonly renew: () => Promise<Identity>
  /** connections are to use this one from now on */
  readonly renewed: (identity: Identity) => void
  readonly log: Logger
  readonly now: () => Date
  readonly checkMs?: number
}

export class CertificateKeeper<Identity extends CertificateLife> implements Disposable {
  readonly #options: KeeperOptions<Identity>
  readonly #timer: NodeJS.Timeout
  #identity: Identity
  #renewing = false

  constructor(options: KeeperOptions<Identity>) {
    this.#options = options
    this.#identity = options.identity
    this.#timer = setInterval(() => void this.check(), options.checkMs ?? CHECK_MS)
  }

  /** Renews when it is due. A failure is logged and tried again at the next check. */
  async check(): Promise<void> {
    const { renew, renewed, log, now } = this.#options
    if (this.#renewing || !isRenewalDue(this.#identity, now())) return
    this.#renewing = true
    try {
      this.#identity = await renew()
      renewed(this.#identity)
      log.info('certificate.renewed', { validTo: this.#identity.tlsExpiresAt.toISOString() })
    } catch (error) {
      log.error('certificate.not-renewed', error, { validTo: this.#identity.tlsExpiresAt.toISOString() })
    } finally {
      this.#renewing = false
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
