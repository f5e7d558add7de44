// Starts the console of an agent: pages and HTTP interface for the people of its party.
import { builtConsole } from '#console/build.ts'
import type { ConsoleConfig } from '#console/server/config.ts'
import { type RunningConsole, startConsole } from '#console/server/serve.ts'
import { softwareName } from '#runtime/version.ts'
import { agentCalls } from './calls.ts'
import type { AgentParts } from './parts.ts'

/** @throws PlatformError transport.unavailable, config.unreadable */
export async function startAgentConsole(parts: AgentParts, config: ConsoleConfig): Promise<RunningConsole> {
  const { identity, people, log, now } = parts
  if ((await people.list()).length === 0) log.warn('console.nobody', { problem: 'nobody can sign in yet' })
  const { federation, party } = identity
  return await startConsole({
    config,
    about: { kind: 'agent', federation, party, software: softwareName() },
    people,
    served: agentCalls(parts),
    pages: await builtConsole(),
    log,
    now: () => now().getTime(),
  })
}
