// The one writer of jobs: a change is a way of the transition table, is on disk when it returns, and is told to watchers.
import type { JobFilter, Store } from '../store/store.ts'
import type { JobRecord } from './job-record.ts'
import { hasEnded, type JobEvent, nextJobState } from './states.ts'

/** What may change without an event, or along with one. The state changes by events only. */
export type JobChange = Partial<
  Pick<JobRecord, 'startedAt' | 'endedAt' | 'replies' | 'tasks' | 'failure' | 'adderSalt'>
>

export class JobBook {
  readonly #store: Store
  readonly #watchers = new Map<string, Set<() => void>>()
  readonly #watchersOfAll = new Set<(job: string) => void>()

  constructor(store: Store) {
    this.#store = store
  }

  /** @throws PlatformError job.exists */
  insert(record: JobRecord): void {
    this.#store.insertJob(record)
    this.announce(record.job)
  }

  job(job: string): JobRecord | undefined {
    return this.#store.job(job)
  }

  jobs(filter: JobFilter): JobRecord[] {
    return this.#store.jobs(filter)
  }

  /** Moves the job by an event. @throws PlatformError job.bad-state, and nothing is written */
  move(record: JobRecord, event: JobEvent, change: JobChange = {}): JobRecord {
    const { adderSalt, ...moved } = { ...record, ...change, state: nextJobState(record.state, event) }
    // with its salt the key of the adder goes
    return this.#write(hasEnded(moved.state) || adderSalt === undefined ? moved : { ...moved, adderSalt })
  }

  /** Writes what happened inside a state, such as an answer or a new round. */
  note(record: JobRecord, change: JobChange): JobRecord {
    return this.#write({ ...record, ...change })
  }

  /** Calls `listener` after each change of this job, until the returned function is called. */
  watch(job: string, listener: () => void): () => void {
    const listeners = this.#watchers.get(job) ?? new Set()
    listeners.add(listener)
    this.#watchers.set(job, listeners)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#watchers.delete(job)
    }
  }

  /** Calls `listener` with the job after each change of any job, until the returned function is called. */
  watchAll(listener: (job: string) => void): () => void {
    this.#watchersOfAll.add(listener)
    return () => void this.#watchersOfAll.delete(listener)
  }

  /** Tells watchers about something that is not stored, such as progress. */
  announce(job: string): void {
    for (const listener of this.#watchers.get(job) ?? []) listener()
    for (const listener of this.#watchersOfAll) listener(job)
  }

  #write(record: JobRecord): JobRecord {
    this.#store.saveJob(record)
    this.announce(record.job)
    return record
  }
}
