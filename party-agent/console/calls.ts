// All calls of an agent's console, beside signing in and out.
import type { Served } from '#console/server/calls.ts'
import type { AgentParts } from './parts.ts'

/** What belongs to this party, and what its people ask of the federation. */
export function agentCalls(_parts: AgentParts): readonly Served[] {
  return []
}
