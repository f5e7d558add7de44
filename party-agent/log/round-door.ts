// Between the coordinator's word and this party's job: a round begins, and a job has succeeded, when all parties have
// cosigned the end of the round before, whatever the coordinator says.
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

/** Whether the end may be believed: `lost` when nobody can tell, because the connection went meanwhile. */
export type EndVerdict =
  | { readonly kind: 'sealed' | 'lost' }
  | { readonly kind: 'refused'; readonly error: PlatformError }

interface WaitingEnd {
  readonly timer: NodeJS.Timeout
  readonly settle: (verdict: EndVerdict) => void
}

export class RoundDoor {
  readonly #setting: DoorSetting
  #ending: WaitingEnd | undefined
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
    if (!this.#isSealed()) return
    if (this.#waiting !== undefined) this.opened(this.#waiting.task, this.#waiting.round)
    this.#settleEnd({ kind: 'sealed' })
  }

  /** The coordinator says that the job succeeded. Resolves when all have cosigned its last round, or did not in time. */
  succeeded(): Promise<EndVerdict> {
    const { waitMs = SEAL_WAIT_MS } = this.#setting
    this.close()
    if (this.#isSealed()) return Promise.resolve({ kind: 'sealed' })
    const { promise, resolve } = Promise.withResolvers<EndVerdict>()
    const timer = setTimeout(() => this.#settleEnd({ kind: 'refused', error: this.#unsealed() }), waitMs)
    this.#ending = { timer, settle: resolve }
    return promise
  }

  /** The connection is gone, or the job: a round that waits is told of again after the next one. */
  close(): void {
    clearTimeout(this.#waiting?.timer)
    this.#waiting = undefined
    this.#settleEnd({ kind: 'lost' })
  }

  #settleEnd(verdict: EndVerdict): void {
    const ending = this.#ending
    this.#ending = undefined
    clearTimeout(ending?.timer)
    ending?.settle(verdict)
  }

  #isSealed(): boolean {
    const { roundLog, job, spec, runner } = this.#setting
    return roundLog.isSealed(job, spec, runner.lastClosed)
  }

  #refuse(): void {
    const error = this.#unsealed()
    this.close()
    this.#setting.runner.fail(error)
  }

  #unsealed(): PlatformError {
    const { roundLog, job, spec, runner } = this.#setting
    return roundLog.refuseUnsealed(job, spec, runner.lastClosed)
  }
}
