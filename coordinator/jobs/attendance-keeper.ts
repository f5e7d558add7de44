// The attendance of running jobs, as the scheduler asks for it: who was lost, who takes part next, whose cosignature is
// waited for.
import type { JobAdder } from '../adder/job-adder.ts'
import type { Store } from '../store/store.ts'
import { dropoutOf, excusedIn, nextParties, nextRound, type Seen, withLosses, withSum } from './attendance.ts'
import { type JobRecord, partiesOfRecord, runningTask, type TaskRecord } from './job-record.ts'
import type { JobWire } from './job-wire.ts'
import type { LiveJob } from './live-job.ts'

/** what was closed by all that take part waits so long for those that only hear of it, and may take part in the next */
const CATCH_UP_MS = 3000

/** The round log, as far as rounds wait for it. */
export interface Barrier {
  /** @returns who of `needed` keeps a point of a job of all `parties` from being cosigned by them */
  owing(parties: readonly string[], mark: string, needed: readonly string[]): readonly string[]
  /** @param excused of the parties of a job: checkpoints do not wait for their cosignatures */
  excuse(job: string, parties: readonly string[], excused: readonly string[]): void
}

export interface AttendanceParts {
  readonly store: Store
  readonly adder?: JobAdder
  readonly barrier: Barrier
  readonly wire: JobWire
  readonly now: () => number
  /** undefined while it is connected */
  absentSinceMs(party: string): number | undefined
}

export class AttendanceKeeper {
  readonly #parts: AttendanceParts

  constructor(parts: AttendanceParts) {
    this.#parts = parts
  }

  /** The running task with the parties that its open round lost by now; undefined where it lost none. */
  losses({ record, spec, roundOpenedAtMs }: LiveJob): TaskRecord | undefined {
    const open = runningTask(record)
    const dropout = open === undefined ? undefined : dropoutOf(spec, open)
    if (open === undefined || dropout === undefined) return undefined
    return withLosses(record, open, dropout, this.#seen(record.job, open, roundOpenedAtMs))
  }

  /** The running task with a sum; the same where it needs no note of that, undefined for a voided round. */
  summed({ spec }: LiveJob, open: TaskRecord, opener: string): TaskRecord | undefined {
    return dropoutOf(spec, open) === undefined ? open : withSum(open, opener)
  }

  /** Who takes part in what follows the open round, which is closed; undefined while that is not clear. */
  next(live: LiveJob, open: TaskRecord): readonly string[] | undefined {
    const { record, spec, roundOpenedAtMs } = live
    const dropout = dropoutOf(spec, open)
    if (dropout === undefined) return partiesOfRecord(record)
    const nowMs = this.#parts.now()
    live.closedAtMs ??= nowMs
    const inStep = (party: string) => this.#parts.wire.roundOf(record, party) >= open.round
    const seen = this.#seen(record.job, open, roundOpenedAtMs)
    return nextParties(record, open, dropout, { ...seen, inStep, mayWait: nowMs - live.closedAtMs < CATCH_UP_MS })
  }

  /** The running task in its next round. */
  opened({ record, spec }: LiveJob, open: TaskRecord, next: readonly string[]): TaskRecord {
    const following = { ...open, round: open.round + 1 }
    return dropoutOf(spec, following) === undefined ? following : nextRound(record, open, next, this.#parts)
  }

  /** Tells the round log whose cosignatures it need not wait for. @param next who takes part next, where that is clear */
  excuse(record: JobRecord, next = partiesOfRecord(record)): void {
    const open = runningTask(record)
    const left = open === undefined ? [] : excusedIn(open)
    const parties = partiesOfRecord(record)
    const excused = parties.filter((party) => left.includes(party) || !next.includes(party))
    this.#parts.barrier.excuse(record.job, parties, excused)
  }

  /** The job is over. */
  forget(record: JobRecord): void {
    this.#parts.barrier.excuse(record.job, partiesOfRecord(record), [])
  }

  #seen(job: string, { task, round }: TaskRecord, roundOpenedAtMs: number): Seen {
    const { store, adder, now, absentSinceMs } = this.#parts
    const closed = new Set(store.closings(job, task, round).map(({ party }) => party))
    return {
      nowMs: now(),
      roundOpenedAtMs,
      absentSinceMs,
      hasClosed: (party) => closed.has(party),
      hasSent: (party) => adder?.hasUpdateOf(job, party) === true,
    }
  }
}
