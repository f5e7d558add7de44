// The threads behind HePool: a queue, one request at a time a worker, the compiled library shared. A worker that died
// is replaced and its request tried once more; a worker is also replaced after refusals (they leak WebAssembly stack).
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { isErrorCode, PlatformError } from '#runtime/errors.ts'
import { chooseEngine, type Engine } from './engine.ts'
import type { Operations } from './operations.ts'
import { compileSeal } from './seal.ts'
import type { OperationName, WorkerReply, WorkerRequest, WorkerStart } from './worker.ts'

type Input<Name extends OperationName> = Parameters<Operations[Name]>[0]
type Output<Name extends OperationName> = ReturnType<Operations[Name]>

const ENTRY = new URL('./worker.ts', import.meta.url)
/** The library dies after about 3,700 exceptions; long before that a worker is replaced. */
const REFUSALS_PER_WORKER = 64
const REQUESTS_PER_WORKER = 50_000
const MAX_DEFAULT_WORKERS = 4

interface Job {
  readonly request: WorkerRequest
  readonly resolve: (output: unknown) => void
  readonly reject: (error: PlatformError) => void
  tries: number
}

interface Seat {
  readonly worker: Worker
  job: Job | undefined
  served: number
  ready: boolean
}

export class WorkerPool implements AsyncDisposable {
  readonly size: number
  readonly #start: WorkerStart
  readonly #entry: URL
  readonly #queue: Job[] = []
  readonly #seats = new Set<Seat>()
  #closed = false

  constructor(start: WorkerStart, size: number, entry: URL) {
    this.#start = start
    this.#entry = entry
    this.size = size
  }

  /** Starts `size` threads (default: one a core, at most 4). entry: the worker's file, another one in tests only. */
  static async open(
    size = Math.min(availableParallelism(), MAX_DEFAULT_WORKERS),
    { entry = ENTRY, engine = chooseEngine().engine }: { entry?: URL; engine?: Engine } = {},
  ): Promise<WorkerPool> {
    const pool = new WorkerPool({ module: await compileSeal(), engine }, size, entry)
    pool.#fill()
    return pool
  }

  /** Thread ids of the workers now. */
  get threadIds(): number[] {
    return [...this.#seats].map((seat) => seat.worker.threadId)
  }

  /** Runs an operation on the next free worker. @throws he.worker when a worker died under it twice */
  run<Name extends OperationName>(operation: Name, input: Input<Name>): Promise<Output<Name>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#closed) throw new PlatformError('he.worker', { reason: 'the pool is closed' })
      this.#fill()
      this.#queue.push({ request: { operation, input }, resolve, reject, tries: 0 })
      this.#dispatch()
    }) as Promise<Output<Name>>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const closed = new PlatformError('he.worker', { reason: 'the pool is closed' })
    for (const job of this.#queue.splice(0)) job.reject(closed)
    const seats = [...this.#seats]
    this.#seats.clear()
    for (const seat of seats) seat.job?.reject(closed)
    await Promise.all(seats.map((seat) => seat.worker.terminate()))
  }

  #fill(): void {
    while (this.#seats.size < this.size) this.#seat()
  }

  #seat(): void {
    const worker = new Worker(this.#entry, { workerData: this.#start, execArgv: [] })
    const seat: Seat = { worker, job: undefined, served: 0, ready: false }
    this.#seats.add(seat)
    worker.on('message', (reply: WorkerReply) => this.#answered(seat, reply))
    worker.on('error', (error) => this.#died(seat, error))
    worker.on('exit', (code) => this.#died(seat, new Error(`exit code ${code}`)))
  }

  #answered(seat: Seat, reply: WorkerReply): void {
    const { job } = seat
    seat.job = undefined
    seat.ready = true
    if (job !== undefined) settle(job, reply)
    if (reply.refusals >= REFUSALS_PER_WORKER || ++seat.served > REQUESTS_PER_WORKER) this.#replace(seat)
    this.#dispatch()
  }

  #replace(seat: Seat): void {
    this.#seats.delete(seat)
    void seat.worker.terminate()
    if (!this.#closed) this.#seat()
  }

  /** A worker that dies before it was ready would die again: the queue is refused, and the next run starts anew. */
  #died(seat: Seat, cause: Error): void {
    if (!this.#seats.has(seat)) return
    const { job } = seat
    const error = new PlatformError('he.worker', { reason: cause.message }, cause)
    if (job !== undefined && ++job.tries < 2) this.#queue.unshift(job)
    else job?.reject(error)
    if (seat.ready) {
      this.#replace(seat)
    } else {
      this.#seats.delete(seat)
      for (const waiting of this.#queue.splice(0)) waiting.reject(error)
    }
  }

  #dispatch(): void {
    for (const seat of this.#seats) {
      if (seat.job !== undefined || !seat.ready) continue
      const job = this.#queue.shift()
      if (job === undefined) return
      seat.job = job
      seat.worker.postMessage(job.request)
    }
  }
}

function settle(job: Job, reply: WorkerReply): void {
  if ('output' in reply) {
    job.resolve(reply.output)
    return
  }
  const code = isErrorCode(reply.code) ? reply.code : 'internal.unexpected'
  job.reject(new PlatformError(code, reply.detail))
}
