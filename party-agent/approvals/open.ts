// The approval gate of an agent, as its configuration asks for it.
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { Logger } from '#runtime/log.ts'
import type { AgentConfig } from '../config.ts'
import type { DataGate } from '../gate.ts'
import type { GovernanceRecord } from '../governance.ts'
import { localPeople } from '#crypto/people/local-people.ts'
import { type ApprovalGate, type ApprovalGateOptions, openApprovalGate } from './gate.ts'
import { ApprovalStore } from './store.ts'

/** Undefined where the configuration says `approvals: off`. */
export async function openApprovals(
  config: Pick<AgentConfig, 'home' | 'approvals'>,
  identity: Pick<PartyIdentity, 'party' | 'signingPublicKey'>,
  gate: Pick<DataGate, 'asked'>,
  record: GovernanceRecord,
  log: Logger,
  foresee: NonNullable<ApprovalGateOptions['foresee']>,
): Promise<ApprovalGate | undefined> {
  const { home, approvals: rules } = config
  if (rules === 'off') {
    log.warn('approvals.off', { meaning: 'jobs need no approval of people here; the policy alone decides' })
    return undefined
  }
  const store = new ApprovalStore(home, identity.party, localPeople(home, identity))
  const asked = (spec: JobSpec) => gate.asked(spec)
  return await openApprovalGate({ self: identity.party, store, rules, asked, foresee, record, log })
}
