// Puts a coordinator together: keys, store, relay, scheduler, services. Everything is passed in; nothing is global.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Server } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { openCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { parseTrustBundle, type TrustBundle } from '#crypto/identity/trust.ts'
import { loadService } from '#protos/load.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type Logger, openLogger } from '#runtime/log.ts'
import { authenticator } from './caller.ts'
import type { CoordinatorConfig } from './config.ts'
import { makeServer, serverCredentials } from './grpc-server.ts'
import { JobBook } from './jobs/job-book.ts'
import { Scheduler } from './jobs/scheduler.ts'
import { federationService, jobsService } from './jobs-service.ts'
import { linkService } from './link-service.ts'
import { Relay } from './relay/relay.ts'
import { openSqliteStore } from './store/sqlite.ts'

const CHECK_MS = 250
/** for calls under way; streams of agents would never end by themselves */
const DRAIN_MS = 300

export interface RunningCoordinator {
  /** host:port that agents dial */
  readonly address: string
  readonly relay: Relay
  /** Ends every stream, then the store. */
  close(): Promise<void>
}

/** What a test or an embedding program may set otherwise. */
export interface CoordinatorOverrides {
  readonly log?: Logger
  readonly now?: () => number
  readonly stallMs?: number
}

/** @throws PlatformError keys.*, config.*, storage.*, transport.unavailable when the address cannot be taken */
export async function startCoordinator(
  config: CoordinatorConfig,
  passphrase: string,
  overrides: CoordinatorOverrides = {},
): Promise<RunningCoordinator> {
  const log = overrides.log ?? openLogger(config.logLevel, { part: 'coordinator' })
  const now = overrides.now ?? Date.now
  await using cleanup = new AsyncDisposableStack()
  const bundle = parseTrustBundle(await readTrustBundle(config.trustBundle))
  const identity = await openCoordinatorHome(config.home, passphrase)
  requireSame('federation', bundle.federation, identity.federation)
  requireSame('coordinator root', bundle.coordinator.rootPem.trim(), identity.rootPem.trim())

  await mkdir(config.home, { recursive: true })
  const store = cleanup.use(openSqliteStore(join(config.home, 'coordinator.sqlite')))
  const relay = new Relay({ jobBytes: config.quotas.jobBytes, now })
  const book = new JobBook(store)
  const scheduler = new Scheduler({ book, store, relay, log, now })
  scheduler.resume()
  const ticking = setInterval(() => scheduler.check(), CHECK_MS)
  cleanup.defer(() => clearInterval(ticking))

  const authenticate = authenticator(bundle, now)
  const { v1 } = loadService().tributary
  const server = makeServer()
  const stallMs = overrides.stallMs === undefined ? {} : { stallMs: overrides.stallMs }
  const parts = {
    bundle,
    federation: bundle.federation,
    authenticate,
    book,
    relay,
    scheduler,
    store,
    log,
    now,
    ...stallMs,
  }
  server.addService(v1.AgentLink.service, linkService(parts))
  server.addService(v1.Jobs.service, jobsService(parts))
  server.addService(v1.Federation.service, federationService(parts))
  new HealthImplementation({ '': 'SERVING' }).addToServer(server)
  cleanup.defer(() => shutDown(server))

  const port = await bind(server, config.listen, bundle, identity)
  const address = config.listen.replace(/:\d+$/, `:${port}`)
  log.info('coordinator.started', { address, federation: bundle.federation, parties: bundle.parties.length })
  const owned = cleanup.move()
  return { address, relay, close: () => owned.disposeAsync() }
}

function bind(
  server: Server,
  listen: string,
  bundle: TrustBundle,
  identity: Awaited<ReturnType<typeof openCoordinatorHome>>,
): Promise<number> {
  const roots = bundle.parties.map((member) => member.rootPem)
  const credentials = identity.privateKeyPem.reveal((key) => serverCredentials(roots, identity.certificatePem, key))
  return new Promise((resolve, reject) => {
    server.bindAsync(listen, credentials, (cause, port) => {
      if (cause === null) resolve(port)
      else reject(new PlatformError('transport.unavailable', { listen, reason: cause.message.slice(0, 200) }, cause))
    })
  })
}

async function readTrustBundle(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file: path }, cause)
  }
}

function requireSame(what: string, inBundle: string, inHome: string): void {
  if (inBundle === inHome) return
  const problem = `the ${what} of the trust bundle is not that of this home`
  throw new PlatformError('config.invalid', { problems: [`trustBundle: ${problem}`] })
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), DRAIN_MS)
    server.tryShutdown(() => {
      clearTimeout(force)
      resolve()
    })
  })
}
