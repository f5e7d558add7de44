// One line to the coordinator for each job that somebody watches, shared by all who do. Who is slow misses views in
// between and never the last one; who comes later gets the present one at once.
import { setTimeout as sleep } from 'node:timers/promises'
import { PlatformError } from '#runtime/errors.ts'
import type { CoordinatorClient, JobView } from '../link/coordinator-client.ts'
import { hasEnded } from '../planning/progress.ts'

const REDIAL_MS = 1000

export interface Seen {
  /** absent before the first answer of the coordinator */
  readonly view?: JobView
  /** whether the coordinator answers */
  readonly isAway: boolean
  /** parties that are not connected, and when this was noticed */
  readonly awaySince: ReadonlyMap<string, string>
}

export class JobWatchers {
  readonly #coordinator: () => Promise<Pick<CoordinatorClient, 'watch'>>
  readonly #now: () => Date
  readonly #redialMs: number
  readonly #shared = new Map<string, SharedWatch>()

  constructor(coordinator: () => Promise<Pick<CoordinatorClient, 'watch'>>, now: () => Date, redialMs = REDIAL_MS) {
    this.#coordinator = coordinator
    this.#now = now
    this.#redialMs = redialMs
  }

  /** Jobs that are watched at the coordinator now. */
  get lines(): number {
    return this.#shared.size
  }

  /** Until the job ended or the signal is aborted. @throws PlatformError job.unknown, and what else the coordinator refuses with */
  async *watch(job: string, signal: AbortSignal): AsyncGenerator<Seen> {
    const shared = this.#shared.get(job) ?? this.#open(job)
    shared.viewers += 1
    try {
      let told = 0
      while (!signal.aborted) {
        if (shared.version > told) {
          told = shared.version
          if (shared.seen.view !== undefined || shared.seen.isAway) yield shared.seen
        } else if (shared.refusal !== undefined) throw shared.refusal
        else if (shared.isOver) return
        else await shared.changed(signal)
      }
    } finally {
      shared.viewers -= 1
      if (shared.viewers === 0) this.#close(job, shared)
    }
  }

  #open(job: string): SharedWatch {
    const shared = new SharedWatch()
    this.#shared.set(job, shared)
    void this.#follow(job, shared)
    return shared
  }

  /** A line that has ended is not joined again: who comes then asks anew. */
  #close(job: string, shared: SharedWatch): void {
    if (this.#shared.get(job) === shared) this.#shared.delete(job)
    shared.stop.abort()
  }

  async #follow(job: string, shared: SharedWatch): Promise<void> {
    const { signal } = shared.stop
    while (!signal.aborted && !shared.isOver) {
      try {
        const client = await this.#coordinator()
        for await (const view of client.watch(job, signal)) {
          shared.tell({ view, isAway: false, awaySince: this.#awaySince(shared.seen, view) })
          if (hasEnded(view)) return this.#end(job, shared)
        }
      } catch (thrown) {
        const isPassing = thrown instanceof PlatformError && thrown.code === 'transport.unavailable'
        if (!isPassing) return this.#end(job, shared, thrown)
      }
      if (signal.aborted) return
      if (!shared.seen.isAway) shared.tell({ ...shared.seen, isAway: true })
      await sleep(this.#redialMs, undefined, { signal }).catch(() => undefined)
    }
  }

  #end(job: string, shared: SharedWatch, refusal?: unknown): void {
    if (this.#shared.get(job) === shared) this.#shared.delete(job)
    shared.end(refusal)
  }

  #awaySince({ awaySince }: Seen, view: JobView): ReadonlyMap<string, string> {
    const now = this.#now().toISOString()
    const away = view.parties.filter(({ connected }) => !connected)
    return new Map(away.map(({ party }) => [party, awaySince.get(party) ?? now]))
  }
}

class SharedWatch {
  readonly stop = new AbortController()
  viewers = 0
  seen: Seen = { isAway: false, awaySince: new Map() }
  /** counts what was told */
  version = 0
  isOver = false
  refusal: unknown
  #waiting: (() => void)[] = []

  tell(seen: Seen): void {
    this.seen = seen
    this.version += 1
    this.#wake()
  }

  end(refusal: unknown): void {
    this.isOver = true
    this.refusal = refusal
    this.#wake()
  }

  /** Resolves at the next change, or when the signal is aborted. */
  async changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    const stop = () => resolve()
    signal.addEventListener('abort', stop, { once: true })
    await promise
    signal.removeEventListener('abort', stop)
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
