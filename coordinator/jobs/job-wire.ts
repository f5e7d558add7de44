// What the scheduler tells agents of a job: made from its record, and told again to an agent that comes back.
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { JobAdder } from '../adder/job-adder.ts'
import type { Relay } from '../relay/relay.ts'
import type { Store } from '../store/store.ts'
import { failureOf } from './failure.ts'
import { inviteFrame, jobEndedFrame, jobStartedFrame, peerUpFrame, roundOpenedFrame } from './frames.ts'
import { type JobRecord, partiesOfRecord, runningTask } from './job-record.ts'

export interface JobWireParts {
  readonly relay: Relay
  readonly store: Store
  readonly adder?: JobAdder
}

export class JobWire {
  readonly #parts: JobWireParts

  constructor(parts: JobWireParts) {
    this.#parts = parts
  }

  isConnected(party: string): boolean {
    return this.#parts.relay.outletOf(party) !== undefined
  }

  invite(record: JobRecord, party: string): void {
    this.#send(party, inviteFrame(record), record.spec.length)
  }

  started(record: JobRecord, party: string): void {
    this.#send(party, jobStartedFrame(record, this.#parts.adder?.keyOf(record.job)))
  }

  /** The round that this party is to run next, which is an earlier one for a party that was left out and catches up. */
  round(record: JobRecord, party: string): void {
    const frame = roundOpenedFrame(record, this.roundOf(record, party))
    if (frame !== undefined) this.#send(party, frame)
  }

  /** The first round of the running task that this party has not closed. */
  roundOf(record: JobRecord, party: string): number {
    const open = runningTask(record)
    let round = open?.round ?? 0
    if (open?.attendance === undefined) return round
    const hasClosed = (at: number) =>
      this.#parts.store.closings(record.job, open.task, at).some((closing) => closing.party === party)
    while (round > 0 && !hasClosed(round - 1)) round--
    return round
  }

  /** The end; a party that was left out of the last round has no model. */
  ended(record: JobRecord, party: string): void {
    const { job, state, failure } = record
    const leftOut = state === 'succeeded' ? this.#withoutLast(record) : []
    if (!leftOut.includes(party)) return this.#send(party, jobEndedFrame(job, state, failure, leftOut))
    const error = new PlatformError('average.left-out', { party })
    this.#send(party, jobEndedFrame(job, 'failed', failureOf(error, party)))
  }

  /** A job that nobody here knows. */
  unknown(job: string, party: string): void {
    this.#send(party, jobEndedFrame(job, 'failed', failureOf(new PlatformError('job.unknown', { job }), '')))
  }

  /** What an agent that comes back may have missed, then word of each other's presence. */
  again(record: JobRecord, party: string): void {
    if (record.state === 'inviting' && record.replies[party] === undefined) this.invite(record, party)
    if (record.state !== 'running') return
    this.started(record, party)
    this.round(record, party)
    for (const peer of partiesOfRecord(record)) {
      if (peer === party || !this.isConnected(peer)) continue
      this.#send(peer, peerUpFrame(record.job, party))
      this.#send(party, peerUpFrame(record.job, peer))
    }
  }

  /** Parties that have not closed the last round: they were left out of it, or lost in it. */
  #withoutLast(record: JobRecord): readonly string[] {
    const last = record.tasks.at(-1)
    if (last?.attendance === undefined) return []
    const closings = this.#parts.store.closings(record.job, last.task, last.round)
    return partiesOfRecord(record).filter((party) => closings.every((closing) => closing.party !== party))
  }

  #send(party: string, frame: CoordinatorFrame, bytes = 0): void {
    this.#parts.relay.outletOf(party)?.control(frame, bytes)
  }
}
