// Jobs and Federation: what command lines ask. A caller sees and moves only the jobs that its party takes part in.
import type { handleUnaryCall, sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { parseRevocation } from '#crypto/identity/revocation.ts'
import type { FederationHandlers } from '#protos/gen/tributary/v1/Federation.ts'
import type { JobRef__Output } from '#protos/gen/tributary/v1/JobRef.ts'
import type { JobsHandlers } from '#protos/gen/tributary/v1/Jobs.ts'
import type { JobView } from '#protos/gen/tributary/v1/JobView.ts'
import type { RevocationView } from '#protos/gen/tributary/v1/RevocationView.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import { toServiceError } from '#runtime/grpc-errors.ts'
import type { Logger } from '#runtime/log.ts'
import type { Authenticate } from './caller.ts'
import { admitJob } from './jobs/admission.ts'
import type { JobBook } from './jobs/job-book.ts'
import { type JobRecord, partiesOfRecord } from './jobs/job-record.ts'
import type { Scheduler } from './jobs/scheduler.ts'
import { hasEnded } from './jobs/states.ts'
import { viewJob } from './jobs/views.ts'
import type { HeldTrust, RevocationState } from './membership/held-trust.ts'
import type { Relay } from './relay/relay.ts'
import type { Store } from './store/store.ts'

const MAX_LIST = 1000
const DEFAULT_LIST = 50
/** A watcher gets at most five views a second, whatever happens. */
const WATCH_INTERVAL_MS = 200

export interface JobsParts {
  readonly trust: HeldTrust
  readonly authenticate: Authenticate
  readonly book: JobBook
  readonly scheduler: Scheduler
  readonly relay: Relay
  readonly store: Store
  readonly log: Logger
  readonly now: () => number
}

export function jobsService(parts: JobsParts): JobsHandlers {
  const { book, scheduler, store } = parts
  const view = (record: JobRecord) => viewOf(record, parts)
  return {
    Submit: unary(parts, (caller, { job_spec: specBytes, signature }) => {
      const catalogOf = (party: string) => store.catalog(party)
      const record = admitJob(
        caller,
        { specBytes, signature },
        { bundle: parts.trust.bundle, catalogOf, now: parts.now },
      )
      scheduler.submit(record)
      return view(jobOf(record.job, caller, book))
    }),
    Get: unary(parts, (caller, { job }) => view(jobOf(job, caller, book))),
    List: unary(parts, (caller, { limit }) => {
      const most = Math.min(limit === 0 ? DEFAULT_LIST : limit, MAX_LIST)
      return { jobs: book.jobs({ party: caller, limit: most }).map(view) }
    }),
    Cancel: unary(parts, (caller, { job }) => {
      const record = jobOf(job, caller, book)
      if (record.guest !== caller) {
        throw new PlatformError('identity.wrong-party', { expected: record.guest, got: caller })
      }
      scheduler.cancel(record, caller)
      return view(jobOf(job, caller, book))
    }),
    Watch: (call) => void watch(call, parts),
  }
}

export function federationService(parts: JobsParts): FederationHandlers {
  const { trust, relay, store } = parts
  return {
    Describe: unary(parts, () => ({
      federation: trust.bundle.federation,
      parties: trust.bundle.parties.map(({ party }) => {
        const catalog = store.catalog(party)
        const datasets = (catalog?.datasets ?? []).map(({ name, idKind, rows, columns, label }) => {
          return { name, id_kind: idKind, rows, columns: [...columns], label }
        })
        const connected = relay.outletOf(party) !== undefined
        return { party, connected, software: catalog?.software ?? '', datasets }
      }),
    })),
    Revocations: unary(parts, (_, { party }) => revocationView(trust.revocationsOf(party))),
    Revoke: unary(parts, async (caller, { list }) => revocationView(await trust.revoke(caller, parseRevocation(list)))),
  }
}

function revocationView({ list, pending, signed, needed }: RevocationState): RevocationView {
  const text = (value: object | undefined) => (value === undefined ? '' : JSON.stringify(value))
  return { list: text(list), pending: text(pending), signed: [...signed], needed }
}

/** A job of another party is as unknown as one that never was. */
function jobOf(job: string, caller: string, book: JobBook): JobRecord {
  const record = book.job(job)
  if (record === undefined || !partiesOfRecord(record).includes(caller)) {
    throw new PlatformError('job.unknown', { job: job.slice(0, 64) })
  }
  return record
}

function viewOf(record: JobRecord, { scheduler, relay, store }: JobsParts): JobView {
  const running = record.state === 'running'
  return viewJob(record, {
    progress: scheduler.progressOf(record.job),
    traffic: running ? relay.trafficOf(record.job) : store.relayed(record.job),
    isConnected: (party) => relay.outletOf(party) !== undefined,
  })
}

function unary<Request, Answer>(
  { authenticate, log }: JobsParts,
  answer: (caller: string, request: Request) => Answer | Promise<Answer>,
): handleUnaryCall<Request, Answer> {
  const respond = async (call: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>) => {
    try {
      callback(null, await answer(await authenticate(call), call.request))
    } catch (thrown) {
      const error = toPlatformError(thrown)
      if (error.code === 'internal.unexpected') log.error('call.failed', thrown, { path: call.getPath() })
      callback(toServiceError(error))
    }
  }
  return (call, callback) => void respond(call, callback)
}

async function watch(call: ServerWritableStream<JobRef__Output, JobView>, parts: JobsParts): Promise<void> {
  const { authenticate, book, log } = parts
  const changes = new Signal()
  let unwatch: (() => void) | undefined
  const stop = () => {
    unwatch?.()
    changes.end()
  }
  call.on('cancelled', stop)
  call.on('close', stop)
  try {
    const { job } = call.request
    const caller = await authenticate(call)
    unwatch = book.watch(job, () => changes.raise())
    for (;;) {
      const record = jobOf(job, caller, book)
      const flowing = call.write(viewOf(record, parts))
      if (hasEnded(record.state) || changes.ended) break
      if (!flowing) await new Promise((resolve) => call.once('drain', resolve).once('close', resolve))
      await new Promise((resolve) => setTimeout(resolve, WATCH_INTERVAL_MS))
      await changes.wait()
      if (changes.ended) break
    }
    call.end()
  } catch (thrown) {
    if (toPlatformError(thrown).code === 'internal.unexpected')
      log.error('call.failed', thrown, { path: call.getPath() })
    call.emit('error', toServiceError(thrown))
  } finally {
    unwatch?.()
  }
}

/** Remembers that something changed until somebody waits for it. */
class Signal {
  #raised = false
  #wake: (() => void) | undefined
  ended = false

  raise(): void {
    this.#raised = true
    this.#wake?.()
  }

  end(): void {
    this.ended = true
    this.raise()
  }

  async wait(): Promise<void> {
    if (!this.#raised) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#raised = false
  }
}
