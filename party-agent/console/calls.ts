// All calls of an agent's console, beside signing in and out.
import type { Served } from '#console/server/calls.ts'
import { approvalsServed } from './approvals-calls.ts'
import { dataServed } from './data-calls.ts'
import { healthServed } from './health-calls.ts'
import { ledgerServed } from './ledger-calls.ts'
import type { AgentParts } from './parts.ts'

/** What belongs to this party, and what its people ask of the federation. */
export function agentCalls(parts: AgentParts): readonly Served[] {
  return [approvalsServed(parts), dataServed(parts), ledgerServed(parts), healthServed(parts)]
}
