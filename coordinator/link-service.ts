// AgentLink: one stream per agent, on which control frames and relayed chunks come and go.
import type { ServerDuplexStream } from '@grpc/grpc-js'
import type { AgentFrame__Output } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { AgentLinkHandlers } from '#protos/gen/tributary/v1/AgentLink.ts'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { Hello__Output } from '#protos/gen/tributary/v1/Hello.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import { toServiceError } from '#runtime/grpc-errors.ts'
import { MAX_CHUNK_BYTES } from '#runtime/grpc-options.ts'
import type { Logger } from '#runtime/log.ts'
import type { Authenticate } from './caller.ts'
import { readCatalog } from './catalogs.ts'
import { abortStream, socketOf } from './grpc-server.ts'
import { detailOnWire } from './jobs/failure.ts'
import type { JobAdder } from './adder/job-adder.ts'
import type { Scheduler } from './jobs/scheduler.ts'
import type { RoundLogs } from './log/round-logs.ts'
import { Outlet } from './relay/outlet.ts'
import type { HeldTrust } from './membership/held-trust.ts'
import type { Presence } from './membership/presence.ts'
import type { Relay } from './relay/relay.ts'
import type { Store } from './store/store.ts'

/** Raised when a frame changes its meaning; agents and coordinator must name the same one. */
export const WIRE_VERSION = 3

const HELLO_TIMEOUT_MS = 5_000
const MAX_HELD_JOBS = 1000
const MAX_SOFTWARE_CHARS = 80
/** for the last refusal to reach an agent that is cut off */
const CUT_OFF_GRACE_MS = 1_000

/** Refusals after which this connection is of no further use: the agent must connect anew, or be mended. */
const FATAL = /^(identity|storage|internal|keys)\.|^protocol\.(malformed|version)$|^transport\.too-large$/

type LinkStream = ServerDuplexStream<AgentFrame__Output, CoordinatorFrame>

export interface LinkParts {
  readonly federation: string
  readonly trust: HeldTrust
  readonly authenticate: Authenticate
  readonly relay: Relay
  readonly adder: JobAdder
  readonly scheduler: Scheduler
  readonly logs: RoundLogs
  readonly presence: Presence
  readonly store: Store
  readonly log: Logger
  readonly now: () => number
  /** see Outlet */
  readonly stallMs?: number
}

/** One agent's connection from Hello to its end. */
interface Link {
  readonly party: string
  readonly software: string
  readonly outlet: Outlet
  readonly stream: LinkStream
  /** jobs for which this connection was told already that they do not run */
  readonly toldEnded: Set<string>
  readonly stopTelling: () => void
}

export function linkService(parts: LinkParts): AgentLinkHandlers {
  return {
    Connect(stream) {
      void serve(stream, parts)
    },
  }
}

async function serve(stream: LinkStream, parts: LinkParts): Promise<void> {
  const frames = framesOf(stream)
  let link: Link | undefined
  try {
    const party = await parts.authenticate(stream)
    link = open(party, await readHello(party, frames), stream, parts)
    for await (const frame of frames) {
      if (link.outlet.closed || !(await take(frame, link, parts))) return
    }
    if (!stream.destroyed) stream.end()
  } catch (thrown) {
    // the agent went away, or was sent away already
    if (stream.destroyed || stream.cancelled || stream.writableEnded) return
    const error = toPlatformError(thrown)
    parts.log.warn('link.refused', { party: link?.party, code: error.code })
    endStream(stream, error)
  } finally {
    if (link !== undefined) close(link, parts)
  }
}

/** Frames as they are asked for. The stream's own iterator would destroy it on an error, and the final status with it. */
async function* framesOf(stream: LinkStream): AsyncGenerator<AgentFrame__Output, undefined> {
  for (;;) {
    const frame: AgentFrame__Output | null = stream.read()
    if (frame !== null) yield frame
    else if (stream.readableEnded || stream.destroyed || stream.writableEnded) return undefined
    else await nextEvent(stream, ['readable', 'end', 'close', 'finish'])
  }
}

function nextEvent(stream: LinkStream, names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of names) stream.off(name, done)
      resolve()
    }
    for (const name of names) stream.on(name, done)
  })
}

async function readHello(party: string, frames: AsyncIterator<AgentFrame__Output>): Promise<Hello__Output> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new PlatformError('protocol.malformed', { expected: 'hello', withinMs: HELLO_TIMEOUT_MS })
    timer = setTimeout(() => reject(error), HELLO_TIMEOUT_MS)
  })
  try {
    const { value } = await Promise.race([frames.next(), late])
    const hello = (value as AgentFrame__Output | undefined)?.hello
    if (hello === undefined || hello === null) throw new PlatformError('protocol.malformed', { expected: 'hello' })
    if (hello.wire_version !== WIRE_VERSION) {
      throw new PlatformError('protocol.version', { coordinator: WIRE_VERSION, agent: hello.wire_version })
    }
    if (hello.party !== party) {
      throw new PlatformError('identity.wrong-party', { expected: party, got: hello.party.slice(0, 64) })
    }
    if (hello.jobs.length > MAX_HELD_JOBS) throw new PlatformError('protocol.malformed', { jobs: hello.jobs.length })
    return hello
  } finally {
    clearTimeout(timer)
  }
}

/** Takes the connection into use. All in one tick, so that what the agent missed comes before anything relayed. */
function open(party: string, hello: Hello__Output, stream: LinkStream, parts: LinkParts): Link {
  const { relay, adder, scheduler, log } = parts
  relay.outletOf(party)?.end(new PlatformError('identity.connected-elsewhere', { party }))
  const cutOff = (error: PlatformError) => {
    log.warn('link.cut-off', { party, code: error.code })
    stream.write({ body: 'refusal', refusal: refusal(error, '', true) })
    endStream(stream, error)
    // an agent that reads nothing does not read the status either
    setTimeout(() => abortStream(stream), CUT_OFF_GRACE_MS).unref()
    close(link, parts)
  }
  const outlet = new Outlet(party, stream, cutOff, parts.stallMs)
  let edition = hello.trust_edition
  const tellTrust = () => {
    const update = parts.trust.updateFrom(edition)
    edition += update.bundles.length
    if (update.bundles.length + update.revocations.length > 0) {
      outlet.control({ body: 'trust_update', trust_update: update }, JSON.stringify(update).length)
    }
  }
  const stopTelling = parts.trust.onChange(tellTrust)
  const link = { party, software: hello.software, outlet, stream, toldEnded: new Set<string>(), stopTelling }
  relay.connect(outlet)
  parts.presence.connected(
    party,
    hello.software.slice(0, MAX_SOFTWARE_CHARS),
    socketOf(stream)?.getPeerCertificate().raw,
  )
  const welcome = {
    wire_version: WIRE_VERSION,
    federation: parts.federation,
    coordinator_time: new Date(parts.now()).toISOString(),
    max_chunk_bytes: MAX_CHUNK_BYTES,
  }
  outlet.control({ body: 'welcome', welcome })
  tellTrust()
  scheduler.agentConnected(party, hello.jobs)
  adder.agentConnected(party)
  log.info('agent.connected', { party, software: hello.software.slice(0, MAX_SOFTWARE_CHARS) })
  return link
}

/** May be called more than once. */
function close(link: Link, { relay, adder, scheduler, logs, presence, log }: LinkParts): void {
  link.stopTelling()
  const current = relay.outletOf(link.party) === link.outlet
  relay.disconnect(link.outlet)
  if (!current) return // a newer connection took over
  presence.disconnected(link.party)
  logs.disconnected(link.party)
  adder.agentDisconnected(link.party)
  scheduler.agentDisconnected(link.party)
  log.info('agent.disconnected', { party: link.party })
}

/** False when the connection has to end. Only one frame of an agent is worked on at a time: that is its flow control. */
async function take(frame: AgentFrame__Output, link: Link, parts: LinkParts): Promise<boolean> {
  try {
    await dispatch(frame, link, parts)
    return true
  } catch (thrown) {
    const error = toPlatformError(thrown)
    const job = frame.chunk?.job ?? frame.ack?.job ?? frame.round_closed?.job ?? frame.invite_answer?.job ?? ''
    const fatal = FATAL.test(error.code)
    if (error.code === 'internal.unexpected') parts.log.error('frame.failed', thrown, { party: link.party })
    else parts.log.warn('frame.refused', { party: link.party, frame: frame.body, code: error.code, fatal })
    if (error.code === 'transport.quota') parts.scheduler.fail(job, error, link.party)
    // after a job ended its chunks are still on their way: one word about it is enough
    if (error.code === 'job.bad-state' && link.toldEnded.has(job)) return true
    if (error.code === 'job.bad-state') link.toldEnded.add(job)
    link.outlet.control({ body: 'refusal', refusal: refusal(error, job, fatal) })
    if (fatal) endStream(link.stream, error)
    return !fatal
  }
}

async function dispatch(frame: AgentFrame__Output, link: Link, parts: LinkParts): Promise<void> {
  const { party, outlet } = link
  const { relay, scheduler, logs, store } = parts
  if (frame.chunk) {
    scheduler.showedWork(frame.chunk.job, party)
    await relay.forwardChunk(party, frame.chunk)
  } else if (frame.ack) await relay.forwardAck(party, frame.ack)
  else if (frame.beat) {
    parts.presence.showed(party)
    outlet.control({ body: 'beat', beat: frame.beat })
  } else if (frame.catalog) store.saveCatalog(readCatalog(party, link.software, frame.catalog))
  else if (frame.invite_answer) scheduler.inviteAnswered(party, frame.invite_answer)
  else if (frame.round_closed) scheduler.roundClosed(party, frame.round_closed)
  else if (frame.task_failed) scheduler.taskFailed(party, frame.task_failed)
  else if (frame.progress) scheduler.progressed(party, frame.progress)
  else if (frame.log_sync) logs.sync(party, frame.log_sync)
  else if (frame.log_append) logs.append(party, frame.log_append)
  else if (frame.cosignature) logs.cosign(party, frame.cosignature)
  else
    throw new PlatformError('protocol.malformed', { message: 'AgentFrame', problem: `body ${frame.body ?? 'absent'}` })
}

/** What an agent is told of a frame that does not count. */
export function refusal(error: PlatformError, job: string, fatal: boolean) {
  return { code: error.code, detail: detailOnWire(error.detail), job: job.slice(0, 64), fatal }
}

/** Ends the stream with the status of the error, after the frames written before. */
function endStream(stream: LinkStream, error: PlatformError): void {
  stream.emit('error', toServiceError(error))
}
