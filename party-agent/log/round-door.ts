// Between the coordinator's word that a round is open and the runner: a round begins when all parties have cosigned the
// end of the one before, whatever the coordinator says.
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { PlatformError } from '#runtime/errors.ts'
import type { AgentLog, LogPlace } from './agent-log.ts'

/** The cosigned checkpoint comes before the round on the same connection; after a reconnect, moments later. */
const SEAL_WAIT_MS = 10_000

export interface DoorSetting {
  readonly job: string
  readonly spec: JobSpec
  readonly roundLog: Pick<AgentLog, 'isSealed' | 'refuseUnsealed'>
  readonly runner: {
    readonly lastClosed: LogPlace
    wouldStart(task: string, round: number): boolean
    roundOpened(task: string, round: number): void
    fail(error: PlatformError): void
  }
  readonly waitMs?: number
}

export class RoundDoor {
  readonly #setting: DoorSetting
  #waiting: { readonly task: string; readonly round: number; readonly timer: NodeJS.Timeout } | undefined

  constructor(setting: DoorSetting) {
    this.#setting = setting
  }

  /** The coordinator opened a round. */
  opened(task: string, round: number): void {
    const { runner, waitMs = SEAL_WAIT_MS } = this.#setting
    this.close()
    if (!runner.wouldStart(task, round) || this.#isSealed()) return runner.roundOpened(task, round)
    this.#waiting = { task, round, timer: setTimeout(() => this.#refuse(), waitMs) }
  }

  /** A checkpoint was cosigned by all. */
  sealed(): void {
    if (this.#waiting !== undefined && this.#isSealed()) this.opened(this.#waiting.task, this.#waiting.round)
  }

  /** The connection is gone, or the job: a round that waits is told of again after the next one. */
  close(): void {
    clearTimeout(this.#waiting?.timer)
    this.#waiting = undefined
  }

  #isSealed(): boolean {
    const { roundLog, job, spec, runner } = this.#setting
    return roundLog.isSealed(job, spec, runner.lastClosed)
  }

  #refuse(): void {
    const { roundLog, job, spec, runner } = this.#setting
    this.close()
    runner.fail(roundLog.refuseUnsealed(job, spec, runner.lastClosed))
  }
}
