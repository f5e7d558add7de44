// Between the coordinator's word and this party's job: a round begins, and a job has succeeded, when all parties have
// cosigned the end of the round before, whatever the coordinator says.
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { PlatformError } from '#runtime/errors.ts'
import { type LeftOut, type RoundTold, takingPart, WHOLE_ROUND } from '../tasks/round-told.ts'
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
    roundOpened(task: string, round: number, told: RoundTold): void
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
  readonly needed: readonly string[]
  readonly settle: (verdict: EndVerdict) => void
}

interface WaitingRound {
  readonly task: string
  readonly round: number
  readonly told: RoundTold
  readonly timer: NodeJS.Timeout
}

export class RoundDoor {
  readonly #setting: DoorSetting
  #ending: WaitingEnd | undefined
  #waiting: WaitingRound | undefined

  constructor(setting: DoorSetting) {
    this.#setting = setting
  }

  /** The coordinator opened a round. Who takes part in it is who must have cosigned what came before. */
  opened(task: string, round: number, told: RoundTold = WHOLE_ROUND): void {
    const { runner, spec, waitMs = SEAL_WAIT_MS } = this.#setting
    this.close()
    const needed = takingPart(spec, told)
    if (!runner.wouldStart(task, round) || this.#isSealed(needed)) return runner.roundOpened(task, round, told)
    this.#waiting = { task, round, told, timer: setTimeout(() => this.#refuse(needed), waitMs) }
  }

  /** A checkpoint was cosigned by all, or by some. */
  sealed(): void {
    const [waiting, ending] = [this.#waiting, this.#ending]
    if (waiting !== undefined && this.#isSealed(takingPart(this.#setting.spec, waiting.told)))
      this.opened(waiting.task, waiting.round, waiting.told)
    if (ending !== undefined && this.#isSealed(ending.needed)) this.#settleEnd({ kind: 'sealed' })
  }

  /**
   * The coordinator says that the job succeeded. Resolves when all have cosigned its last round, or did not in time.
   * @param leftOut parties that were left out of the last round, where the job allows that
   */
  succeeded(leftOut: readonly LeftOut[] = []): Promise<EndVerdict> {
    const { spec, waitMs = SEAL_WAIT_MS } = this.#setting
    this.close()
    const needed = takingPart(spec, { leftOut })
    if (this.#isSealed(needed)) return Promise.resolve({ kind: 'sealed' })
    const { promise, resolve } = Promise.withResolvers<EndVerdict>()
    const timer = setTimeout(() => this.#settleEnd({ kind: 'refused', error: this.#unsealed(needed) }), waitMs)
    this.#ending = { timer, needed, settle: resolve }
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

  #isSealed(needed: readonly string[]): boolean {
    const { roundLog, job, spec, runner } = this.#setting
    return roundLog.isSealed(job, spec, runner.lastClosed, needed)
  }

  #refuse(needed: readonly string[]): void {
    const error = this.#unsealed(needed)
    this.close()
    this.#setting.runner.fail(error)
  }

  #unsealed(needed: readonly string[]): PlatformError {
    const { roundLog, job, spec, runner } = this.#setting
    return roundLog.refuseUnsealed(job, spec, runner.lastClosed, needed)
  }
}
