// What the calls of an agent's console are made from.
import { isRenewalDue, type PartyIdentity } from '#crypto/identity/party-home.ts'
import type { PersonDirectory } from '#crypto/people/people.ts'
import type { Visitor } from '#console/server/visitor.ts'
import type { Logger } from '#runtime/log.ts'
import type { Agent } from '../agent.ts'
import type { ApprovalGate } from '../approvals/gate.ts'
import type { ApprovalStore } from '../approvals/store.ts'
import type { AgentConfig } from '../config.ts'
import type { DataGate } from '../gate.ts'
import type { GovernanceRecord } from '../governance.ts'
import type { PrivacyBudget } from '../ledger/privacy-budget.ts'
import { type CoordinatorClient, connectCoordinator } from '../link/coordinator-client.ts'
import { DEFAULT_PURPOSE, openReadingOf, type Reading } from '../log/reading.ts'
import type { AgentTrust } from '../membership/agent-trust.ts'

export interface AgentParts {
  readonly config: AgentConfig
  readonly identity: PartyIdentity
  /** the keys of the home, opened anew, under a certificate that is valid now. @throws PlatformError keys.* */
  readonly keys: () => Promise<PartyIdentity>
  readonly trust: AgentTrust
  readonly people: PersonDirectory
  readonly agent: Agent
  readonly gate: DataGate
  /** absent where the configuration says `approvals: off` */
  readonly approvals?: ApprovalGate
  /** what people signed; there also where no approval is asked for */
  readonly store: ApprovalStore
  readonly governance: GovernanceRecord
  readonly privacy: PrivacyBudget
  /** this party's line to the coordinator, under a certificate that is valid now; not for the caller to close */
  readonly coordinator: () => Promise<CoordinatorClient>
  readonly log: Logger
  readonly now: () => Date
}

/**
 * How a visitor reads what this party keeps of its jobs: within their role, and stated before it is answered.
 * The caller disposes it.
 */
export function readingOf(
  { config, identity, people }: Pick<AgentParts, 'config' | 'identity' | 'people'>,
  { person, reader }: Visitor,
  purpose = DEFAULT_PURPOSE,
): Reading {
  const { federation, party, signingPublicKey } = identity
  const { name, role } = person
  const { publicKey, sign } = reader
  return openReadingOf(
    config.home,
    { federation, party, signingPublicKey, people },
    { reader: { name, role, publicKey, sign }, person, purpose },
  )
}

/** One line to the coordinator for all calls; made anew with the certificate that it shows. */
export class CoordinatorLine implements Disposable {
  readonly #dial: (identity: PartyIdentity) => CoordinatorClient
  readonly #renew: () => Promise<PartyIdentity>
  #open: { readonly identity: PartyIdentity; readonly client: CoordinatorClient } | undefined
  #renewing: Promise<PartyIdentity> | undefined

  constructor(address: string, trust: AgentTrust, renew: () => Promise<PartyIdentity>) {
    this.#dial = (identity) => connectCoordinator(address, identity, trust.bundle.coordinator.rootPem)
    this.#renew = renew
  }

  async client(now = new Date()): Promise<CoordinatorClient> {
    if (this.#open !== undefined && !isRenewalDue(this.#open.identity, now)) return this.#open.client
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined))
    const identity = await this.#renewing
    if (this.#open?.identity === identity) return this.#open.client
    this.#open?.client[Symbol.dispose]()
    this.#open = { identity, client: this.#dial(identity) }
    return this.#open.client
  }

  [Symbol.dispose](): void {
    this.#open?.client[Symbol.dispose]()
  }
}
