// The command line's line to the coordinator: mTLS with the party's own certificate, TLS 1.3, nothing else.
import { type ServiceError, status } from '@grpc/grpc-js'
import { coordinatorChannel, type Dialler } from '#crypto/identity/coordinator-channel.ts'
import type { FederationView__Output } from '#protos/gen/tributary/v1/FederationView.ts'
import type { JobList__Output } from '#protos/gen/tributary/v1/JobList.ts'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import type { RevocationView__Output } from '#protos/gen/tributary/v1/RevocationView.ts'
import { loadService } from '#protos/load.ts'
import { PlatformError } from '#runtime/errors.ts'
import { fromServiceError } from '#runtime/grpc-errors.ts'

export type JobView = JobView__Output
export type FederationView = FederationView__Output

const CALL_SECONDS = 20

export interface CoordinatorClient extends Disposable {
  /** @throws PlatformError job.*, policy.*, transport.unavailable */
  submit(spec: Uint8Array, signature: Uint8Array): Promise<JobView>
  get(job: string): Promise<JobView>
  list(limit: number): Promise<readonly JobView[]>
  cancel(job: string): Promise<JobView>
  describe(): Promise<FederationView>
  revocations(party: string): Promise<RevocationView__Output>
  /** @throws PlatformError revocation.*, identity.* */
  revoke(list: string): Promise<RevocationView__Output>
  /** The view at once and at each change, until the job ended. */
  watch(job: string, signal: AbortSignal): AsyncIterable<JobView>
}

export function connectCoordinator(address: string, identity: Dialler, coordinatorRootPem: string): CoordinatorClient {
  const { credentials, options: channel } = coordinatorChannel(identity, coordinatorRootPem)
  const { Jobs, Federation } = loadService().tributary.v1
  const jobs = new Jobs(address, credentials, channel)
  const federation = new Federation(address, credentials, channel)
  const options = () => ({ deadline: Date.now() + CALL_SECONDS * 1000 })
  return {
    submit: (job_spec, signature) =>
      call(address, (done) =>
        jobs.submit({ job_spec: Buffer.from(job_spec), signature: Buffer.from(signature) }, options(), done),
      ),
    get: (job) => call(address, (done) => jobs.get({ job }, options(), done)),
    list: async (limit) => (await call<JobList__Output>(address, (done) => jobs.list({ limit }, options(), done))).jobs,
    cancel: (job) => call(address, (done) => jobs.cancel({ job }, options(), done)),
    describe: () => call(address, (done) => federation.describe({}, options(), done)),
    revocations: (party) => call(address, (done) => federation.revocations({ party }, options(), done)),
    revoke: (list) => call(address, (done) => federation.revoke({ list }, options(), done)),
    async *watch(job, signal) {
      const stream = jobs.watch({ job })
      const stop = () => stream.cancel()
      signal.addEventListener('abort', stop, { once: true })
      try {
        for await (const view of stream) yield view as JobView
      } catch (thrown) {
        if (!signal.aborted) throw refusalOf(thrown, address)
      } finally {
        signal.removeEventListener('abort', stop)
        stream.cancel()
      }
    },
    [Symbol.dispose]() {
      jobs.close()
      federation.close()
    },
  }
}

function call<T>(
  address: string,
  start: (done: (error: ServiceError | null, value?: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error !== null) reject(refusalOf(error, address))
      else resolve(value as T)
    })
  })
}

/** What the coordinator refused with; where it could not be reached or did not answer, with its address. */
function refusalOf(thrown: unknown, address: string): PlatformError {
  const late = (thrown as Partial<ServiceError>).code === status.DEADLINE_EXCEEDED
  const error = fromServiceError(thrown)
  if (late && error.code === 'internal.unexpected') {
    return new PlatformError('transport.unavailable', { address, reason: `no answer within ${CALL_SECONDS} s` }, thrown)
  }
  if (error.code !== 'transport.unavailable') return error
  return new PlatformError(error.code, { address, ...error.detail }, thrown)
}
