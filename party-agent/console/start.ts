// Starts the console of an agent: pages and HTTP interface for the people of its party.
import { pagesIfBuilt } from '#console/build.ts'
import type { ConsoleConfig } from '#console/server/config.ts'
import { Entrance } from '#console/server/entrance.ts'
import { OidcProvider } from '#console/server/oidc-provider.ts'
import { type RunningConsole, startConsole } from '#console/server/serve.ts'
import { softwareName } from '#runtime/version.ts'
import { agentCalls } from './calls.ts'
import type { AgentParts } from './parts.ts'

/** @throws PlatformError transport.unavailable, config.unreadable */
export async function startAgentConsole(parts: AgentParts, config: ConsoleConfig): Promise<RunningConsole> {
  const { identity, people, log, now } = parts
  if ((await people.list()).length === 0) log.warn('console.nobody', { problem: 'nobody can sign in yet' })
  const { federation, party, storageKey } = identity
  const { home } = parts.config
  const entrance = new Entrance({
    home,
    federation,
    key: identity,
    storageKey,
    people,
    log,
    now: () => now().getTime(),
    ...(config.oidc === undefined ? {} : { oidc: new OidcProvider(config.oidc) }),
  })
  const pages = await pagesIfBuilt(log)
  return await startConsole({
    config,
    about: { kind: 'agent', federation, party, software: softwareName() },
    entrance,
    served: agentCalls({ ...parts, people: entrance.people }),
    ...(pages === undefined ? {} : { pages }),
    log,
    now: () => now().getTime(),
  })
}
