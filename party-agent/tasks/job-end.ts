// Whether a party believes the coordinator that its job succeeded: when its own tasks are all done and every party has
// cosigned the last round. Any other end is believed at once, for nothing more is done then.
import type { Failure__Output } from '#protos/gen/tributary/v1/Failure.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { RoundDoor } from '../log/round-door.ts'
import type { LeftOut } from './round-told.ts'
import { wireFailure } from './failure.ts'

export interface ToldEnd {
  readonly state: string
  readonly failure?: Failure__Output | null | undefined
  /** parties that did not close the last round */
  readonly leftOut?: readonly LeftOut[]
}

/** A job of this party; without a door where it does not run. */
export interface EndingJob {
  readonly id: string
  readonly state: string
  readonly door?: Pick<RoundDoor, 'succeeded'> | undefined
  /** every round of every task is closed here */
  readonly isDone: boolean
}

/** The end as this party holds it, or undefined when the connection went before that was clear: it is told again. */
export async function believedEnd(job: EndingJob, told: ToldEnd): Promise<ToldEnd | undefined> {
  if (told.state !== 'succeeded' || job.state === 'succeeded') return told
  if (job.door === undefined || !job.isDone) {
    return refused(
      new PlatformError('protocol.out-of-order', { job: job.id, got: 'succeeded', problem: 'rounds missing' }),
    )
  }
  const verdict = await job.door.succeeded(told.leftOut)
  if (verdict.kind === 'refused') return refused(verdict.error)
  return verdict.kind === 'sealed' ? told : undefined
}

function refused(error: PlatformError): ToldEnd {
  const { code = '', party = '', detail = {} } = wireFailure(error, 'coordinator')
  return { state: 'failed', failure: { code, party, detail: { ...detail } } as Failure__Output }
}
