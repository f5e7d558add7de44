// All calls of an agent's console, beside signing in and out.
import type { Served } from '#console/server/calls.ts'
import { approvalsServed } from './approvals-calls.ts'
import { catalogueServed } from './catalogue-calls.ts'
import { dataServed } from './data-calls.ts'
import { healthServed } from './health-calls.ts'
import { ledgerServed } from './ledger-calls.ts'
import { modelsServed } from './models-calls.ts'
import { operationServed } from './operation-calls.ts'
import { jobsServed } from './jobs-calls.ts'
import type { AgentParts } from './parts.ts'
import { recordCalls } from './record-calls.ts'
import { resultsServed } from './results-calls.ts'

/** What belongs to this party, and what its people ask of the federation. */
export function agentCalls(parts: AgentParts): readonly Served[] {
  return [
    catalogueServed(parts),
    jobsServed(parts),
    approvalsServed(parts),
    dataServed(parts),
    ledgerServed(parts),
    healthServed(parts),
    recordCalls(parts),
    resultsServed(parts),
    modelsServed(parts),
    operationServed(parts),
  ]
}
