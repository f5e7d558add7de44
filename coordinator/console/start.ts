// Starts the console of a coordinator: pages and HTTP interface for the people who run the federation.
import type { ConsoleConfig } from '#console/server/config.ts'
import { Entrance } from '#console/server/entrance.ts'
import { OidcProvider } from '#console/server/oidc-provider.ts'
import { pagesIfBuilt } from '#console/build.ts'
import { MachineWatch } from '#console/server/machine.ts'
import { type RunningConsole, startConsole } from '#console/server/serve.ts'
import { COORDINATOR_PEER } from '#crypto/identity/names.ts'
import { coordinatorCardSigner, coordinatorPeople } from '#crypto/people/coordinator-people.ts'
import type { Logger } from '#runtime/log.ts'
import { softwareName } from '#runtime/version.ts'
import { consoleOfCoordinator } from './coordinator-calls.ts'
import type { CoordinatorParts } from './parts.ts'
import { Statements } from './statements.ts'

export interface CoordinatorConsole {
  readonly config: ConsoleConfig
  readonly log: Logger
  /** folder of the built pages; built when not given, and none when null */
  readonly pages?: string | null
}

/** @throws PlatformError transport.unavailable, config.unreadable, storage.damaged (access log) */
export async function startCoordinatorConsole(
  given: Omit<CoordinatorParts, 'people' | 'machine'>,
  { config, log, pages }: CoordinatorConsole,
): Promise<RunningConsole> {
  await using cleanup = new AsyncDisposableStack()
  const identity = given.identity()
  const { federation, logKey, storageKey } = identity
  const people = coordinatorPeople(given.config.home, logKey)
  if ((await people.list()).length === 0) log.warn('console.nobody', { problem: 'nobody can sign in yet' })
  const entrance = new Entrance({
    home: given.config.home,
    federation,
    key: coordinatorCardSigner(identity),
    storageKey,
    people,
    log,
    now: given.now,
    ...(config.oidc === undefined ? {} : { oidc: new OidcProvider(config.oidc) }),
  })
  const machine = cleanup.use(new MachineWatch(given.config.home, softwareName()))
  const statements = cleanup.use(new Statements(given.config.home, federation, given.now))
  const calls = cleanup.use(consoleOfCoordinator({ ...given, people: entrance.people, machine }, statements))
  const folder = pages === undefined ? await pagesIfBuilt(log) : (pages ?? undefined)
  const running = await startConsole({
    config,
    about: { kind: 'coordinator', federation, party: COORDINATOR_PEER, software: softwareName() },
    entrance,
    served: [calls],
    ...(folder === undefined ? {} : { pages: folder }),
    log,
    now: given.now,
  })
  cleanup.defer(() => running.close())
  const owned = cleanup.move()
  return { origin: running.origin, close: () => owned.disposeAsync() }
}
