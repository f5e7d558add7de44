// Puts a coordinator together: keys, store, relay, scheduler, services. Everything is passed in; nothing is global.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Server } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { CertificateKeeper } from '#crypto/identity/certificate-keeper.ts'
import { type CoordinatorIdentity, openFreshCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { loadService } from '#protos/load.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import { type Logger, openLogger } from '#runtime/log.ts'
import { type AdderTimes, JobAdder } from './adder/job-adder.ts'
import { authenticator, callGate, verifySocket } from './caller.ts'
import type { CoordinatorConfig } from './config.ts'
import type { CoordinatorConsole, startCoordinatorConsole } from './console/start.ts'
import { ANSWER_MS, Connections, makeServer, serverCredentials } from './grpc-server.ts'
import { JobBook } from './jobs/job-book.ts'
import { partiesOfRecord } from './jobs/job-record.ts'
import { Scheduler } from './jobs/scheduler.ts'
import { federationService, jobsService } from './jobs-service.ts'
import { linkService, refusal } from './link-service.ts'
import { LogStore } from './log/log-store.ts'
import { RoundLogs } from './log/round-logs.ts'
import { Enrolment } from './membership/enrolment.ts'
import { enrolmentService } from './membership/enrolment-service.ts'
import { HeldTrust } from './membership/held-trust.ts'
import { Presence } from './membership/presence.ts'
import { Relay } from './relay/relay.ts'
import { openSqliteStore } from './store/sqlite.ts'

const CHECK_MS = 250
/** open connections of what was revoked meanwhile are closed within this time */
const SWEEP_MS = 10_000
/** for calls under way; streams of agents would never end by themselves */
const DRAIN_MS = 300
const FORCED_MS = 200

export interface RunningCoordinator {
  /** host:port that agents dial */
  readonly address: string
  readonly relay: Relay
  readonly adder: JobAdder
  /** scheme://host:port of the console; undefined where the configuration has none */
  readonly console: string | undefined
  /** Ends every stream, then the store. */
  close(): Promise<void>
}

/** What a test or an embedding program may set otherwise. */
export interface CoordinatorOverrides {
  readonly log?: Logger
  readonly now?: () => number
  readonly stallMs?: number
  readonly adderTimes?: AdderTimes
  /** folder of built pages for the console; null: the HTTP interface alone */
  readonly pages?: string | null
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
  const folder = join(config.home, 'enrolment')
  const trust = await HeldTrust.open(config.trustBundle, folder)
  const { bundle } = trust
  const openIdentity = () => openFreshCoordinatorHome(config.home, passphrase, new Date(now()))
  let identity = await openIdentity()
  requireSame('federation', bundle.federation, identity.federation)
  requireSame('coordinator root', bundle.coordinator.rootPem.trim(), identity.rootPem.trim())
  if (bundle.coordinator.logKey !== undefined) requireSame('log key', bundle.coordinator.logKey, identity.logKey)
  else log.warn('trust.no-log-key', { problem: 'agents accept no job before the trust bundle has coordinator.logKey' })

  await mkdir(config.home, { recursive: true })
  const store = cleanup.use(openSqliteStore(join(config.home, 'coordinator.sqlite')))
  const relay = new Relay({ jobBytes: config.quotas.jobBytes, now })
  const book = new JobBook(store)
  const logStore = cleanup.use(new LogStore(join(config.home, 'log.sqlite')))
  const logs = openLogs(logStore, trust, identity, {
    relay,
    log,
    now,
  })
  const adder = cleanup.use(
    new JobAdder({
      identity: identity.adder,
      trust,
      relay,
      recordOf: (job) => book.job(job),
      memoryBytes: config.quotas.adderBytes,
      log,
      summing: (job, opener) => scheduler.sumMade(job, opener),
      refused: (job, party, error) => {
        relay.outletOf(party)?.control({ body: 'refusal', refusal: refusal(error, job, false) })
        scheduler.fail(job, error, party)
      },
      ...(overrides.adderTimes === undefined ? {} : { times: overrides.adderTimes }),
    }),
  )
  const scheduler = new Scheduler({ book, store, relay, adder, log, now, barrier: logs })
  logs.onSealed(() => scheduler.check())
  scheduler.resume()
  endJobsOfRevoked(trust, book, scheduler)
  const ticking = setInterval(() => {
    logs.check()
    scheduler.check()
  }, CHECK_MS)
  cleanup.defer(() => clearInterval(ticking))

  const authenticate = authenticator(trust, now)
  const { v1 } = loadService().tributary
  const openPaths = new Set(Object.values(v1.Enrolment.service).map(({ path }) => path))
  const connections = new Connections()
  const server = makeServer([callGate(authenticate, openPaths)], connections)
  const presence = new Presence(now)
  const pages = overrides.pages === undefined ? {} : { pages: overrides.pages }
  const enrolment = await Enrolment.open(folder, trust, now)
  const stallMs = overrides.stallMs === undefined ? {} : { stallMs: overrides.stallMs }
  const parts = {
    trust,
    federation: bundle.federation,
    authenticate,
    book,
    relay,
    adder,
    scheduler,
    logs,
    presence,
    store,
    log,
    now,
    ...stallMs,
  }
  server.addService(v1.AgentLink.service, linkService(parts))
  server.addService(v1.Jobs.service, jobsService(parts))
  server.addService(v1.Federation.service, federationService(parts))
  server.addService(v1.Enrolment.service, enrolmentService(enrolment, log))
  new HealthImplementation({ '': 'SERVING' }).addToServer(server)
  cleanup.defer(() => shutDown(server, connections))

  const port = await bind(server, config.listen, trust, identity)
  const sweep = () => void closeRefused(connections, trust, log, now)
  const sweeping = setInterval(sweep, SWEEP_MS)
  cleanup.defer(() => clearInterval(sweeping))
  const renewed = (fresh: CoordinatorIdentity) => {
    identity = fresh
    connections.believe(secureOptions(trust, identity))
  }
  cleanup.use(new CertificateKeeper({ identity, renew: openIdentity, renewed, log, now: () => new Date(now()) }))
  const unwatch = trust.onChange(() => {
    endJobsOfRevoked(trust, book, scheduler)
    connections.believe(secureOptions(trust, identity))
    setTimeout(sweep, ANSWER_MS).unref()
  })
  cleanup.defer(unwatch)
  const consoleParts = { ...parts, config, enrolment, logStore, identity: () => identity, startedAtMs: now() }
  const origin = await openConsole(config, consoleParts, { log, ...pages }, cleanup)
  const address = config.listen.replace(/:\d+$/, `:${port}`)
  log.info('coordinator.started', { address, federation: bundle.federation, parties: bundle.parties.length })
  const owned = cleanup.move()
  return { address, relay, adder, console: origin, close: () => owned.disposeAsync() }
}

/** fastify and the pages are loaded only where there is a console. @returns its origin */
async function openConsole(
  { console }: CoordinatorConfig,
  parts: Parameters<typeof startCoordinatorConsole>[0],
  around: Omit<CoordinatorConsole, 'config'>,
  cleanup: AsyncDisposableStack,
): Promise<string | undefined> {
  if (console === undefined) return undefined
  const start = await import('./console/start.ts')
  const running = await start.startCoordinatorConsole(parts, { ...around, config: console })
  cleanup.defer(() => running.close())
  return running.origin
}

/** Nobody waits for a party that counts no more, and all parties hear the same reason. */
function endJobsOfRevoked(trust: HeldTrust, book: JobBook, scheduler: Scheduler): void {
  for (const record of book.jobs({ open: true })) {
    const party = partiesOfRecord(record).find((name) => trust.isRevoked(name))
    if (party !== undefined) scheduler.fail(record.job, new PlatformError('identity.revoked', { party }), party)
  }
}

function openLogs(
  store: LogStore,
  trust: HeldTrust,
  identity: CoordinatorIdentity,
  parts: { readonly relay: Relay; readonly log: Logger; readonly now: () => number },
): RoundLogs {
  const { federation, logKey, signCheckpoint } = identity
  const send = (party: string, frame: CoordinatorFrame, bytes: number) =>
    parts.relay.outletOf(party)?.control(frame, bytes)
  const key = { logKey: Buffer.from(logKey, 'base64'), sign: signCheckpoint }
  return new RoundLogs({ store, federation, trust, ...key, send, log: parts.log, now: parts.now })
}

function bind(server: Server, listen: string, trust: HeldTrust, identity: CoordinatorIdentity): Promise<number> {
  const { ca, cert, key } = secureOptions(trust, identity)
  const credentials = serverCredentials(ca, cert, key)
  return new Promise((resolve, reject) => {
    server.bindAsync(listen, credentials, (cause, port) => {
      if (cause === null) resolve(port)
      else reject(new PlatformError('transport.unavailable', { listen, reason: cause.message.slice(0, 200) }, cause))
    })
  })
}

function secureOptions({ bundle }: HeldTrust, { certificatePem, privateKeyPem }: CoordinatorIdentity) {
  // without any root OpenSSL would believe those of the operating system
  const roots =
    bundle.parties.length === 0 ? [bundle.coordinator.rootPem] : bundle.parties.map(({ rootPem }) => rootPem)
  return { ca: roots, cert: certificatePem, key: privateKeyPem.reveal((bytes) => Buffer.from(bytes)) }
}

async function closeRefused(connections: Connections, trust: HeldTrust, log: Logger, now: () => number): Promise<void> {
  for (const reason of await connections.sweep((socket) => verifySocket(trust, socket, now))) {
    log.warn('connection.closed', { code: toPlatformError(reason).code })
  }
}

function requireSame(what: string, inBundle: string, inHome: string): void {
  if (inBundle === inHome) return
  const problem = `the ${what} of the trust bundle is not that of this home`
  throw new PlatformError('config.invalid', { problems: [`trustBundle: ${problem}`] })
}

function shutDown(server: Server, connections: Connections): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown()
      connections.refuse()
      // gRPC waits for ever for a session that was destroyed just before it began to shut down
      setTimeout(resolve, FORCED_MS)
    }, DRAIN_MS)
    server.tryShutdown(() => {
      clearTimeout(force)
      resolve()
    })
  })
}
