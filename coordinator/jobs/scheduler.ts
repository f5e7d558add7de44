// Takes a job from its submission to its end. Each decision is written before the frame that tells of it is sent,
// and every frame can be sent again: that is all it takes to go on after a crash.
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { InviteAnswer__Output } from '#protos/gen/tributary/v1/InviteAnswer.ts'
import type { Progress__Output } from '#protos/gen/tributary/v1/Progress.ts'
import type { RoundClosed__Output } from '#protos/gen/tributary/v1/RoundClosed.ts'
import type { TaskFailed__Output } from '#protos/gen/tributary/v1/TaskFailed.ts'
import { acceptedMark, closedMark } from '#protocols/log/marks.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { type JobAdder, saltFor } from '../adder/job-adder.ts'
import type { Relay } from '../relay/relay.ts'
import type { Store } from '../store/store.ts'
import { overdue } from './deadlines.ts'
import { failureOf, readFailure } from './failure.ts'
import { inviteFrame, jobEndedFrame, jobStartedFrame, peerUpFrame, roundOpenedFrame } from './frames.ts'
import type { JobBook } from './job-book.ts'
import {
  type JobFailure,
  type JobRecord,
  partiesOfRecord,
  replaceTask,
  runningTask,
  type TaskRecord,
} from './job-record.ts'
import { type JobEnding, type LiveJob, liveJob, type PartyProgress, readProgress } from './live-job.ts'
import { nextTaskState, type TaskEvent } from './states.ts'

const SEALING_KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const DIGEST_BYTES = 32

export interface SchedulerParts {
  readonly book: JobBook
  readonly store: Store
  readonly relay: Relay
  /** absent where no job asks for it */
  readonly adder?: JobAdder
  readonly log: Logger
  /** who keeps a point of a job from being cosigned by all its parties */
  readonly barrier: { owing(parties: readonly string[], mark: string): readonly string[] }
  /** milliseconds since 1970 */
  readonly now: () => number
}

export class Scheduler {
  readonly #parts: SchedulerParts
  readonly #live = new Map<string, LiveJob>()
  readonly #absentSince = new Map<string, number>()
  readonly #startedAtMs: number

  constructor(parts: SchedulerParts) {
    this.#parts = parts
    this.#startedAtMs = parts.now()
  }

  /** Goes on with every job that was open when the process last ended. Call once, before agents connect. */
  resume(): void {
    for (const record of this.#parts.book.jobs({ open: true }).reverse()) {
      const live = this.#adopt(record)
      if (record.state === 'running') this.#openRelay(live)
      this.#advance(live)
    }
  }

  /** @param record in state submitted, checked by jobs/admission.ts. @throws PlatformError job.exists */
  submit(record: JobRecord): void {
    this.#parts.book.insert(record)
    this.#parts.log.info('job.submitted', { job: record.job, guest: record.guest, hosts: record.hosts })
    this.#invite(this.#adopt(record))
  }

  /** @throws PlatformError job.bad-state when the job has ended */
  cancel(record: JobRecord, party: string): void {
    const live = this.#live.get(record.job)
    if (live === undefined) throw new PlatformError('job.bad-state', { job: record.job, state: record.state })
    this.#end(live, 'cancel', { code: 'job.cancelled', party, detail: {} })
  }

  /** Ends the job for everyone because of something that the coordinator found. */
  fail(job: string, error: PlatformError, party = ''): void {
    const live = this.#live.get(job)
    if (live !== undefined) this.#end(live, 'fail', failureOf(error, party))
  }

  /** @param heldJobs jobs that the agent has state of and has not seen the end of */
  agentConnected(party: string, heldJobs: readonly string[]): void {
    this.#absentSince.delete(party)
    for (const live of this.#live.values()) {
      if (partiesOfRecord(live.record).includes(party)) this.#replay(live, party)
    }
    for (const job of heldJobs.filter((held) => !this.#live.has(held))) {
      const record = this.#parts.book.job(job)
      if (record !== undefined && partiesOfRecord(record).includes(party)) {
        this.#send(party, jobEndedFrame(job, record.state, record.failure))
      } else {
        this.#send(party, jobEndedFrame(job, 'failed', failureOf(new PlatformError('job.unknown', { job }), '')))
      }
    }
  }

  agentDisconnected(party: string): void {
    this.#absentSince.set(party, this.#parts.now())
    this.#announceOf(party)
  }

  /** The first answer of a party counts. @throws PlatformError job.unknown, protocol.malformed */
  inviteAnswered(party: string, answer: InviteAnswer__Output): void {
    const live = this.#liveOf(answer.job, party)
    if (live === undefined || live.record.state !== 'inviting' || live.record.replies[party] !== undefined) return
    if (!answer.accepted) {
      const failure = readFailure(answer.refusal, party)
      return this.#end(live, 'refuse', failure)
    }
    if (answer.sealing_key.length !== SEALING_KEY_BYTES || answer.sealing_signature.length !== SIGNATURE_BYTES) {
      throw new PlatformError('protocol.malformed', { message: 'InviteAnswer', problem: 'length of key or signature' })
    }
    const reply = {
      accepted: true,
      sealingKey: answer.sealing_key.toString('base64'),
      sealingSignature: answer.sealing_signature.toString('base64'),
    }
    live.progress.delete(party) // it waits for its people no longer
    live.record = this.#parts.book.note(live.record, { replies: { ...live.record.replies, [party]: reply } })
    this.#settleReplies(live)
  }

  /** A closing of an earlier round, or a second one, changes nothing. @throws PlatformError job.unknown, protocol.out-of-order, protocol.malformed */
  roundClosed(party: string, closed: RoundClosed__Output): void {
    const live = this.#liveOf(closed.job, party)
    const open = live === undefined ? undefined : runningTask(live.record)
    if (live === undefined || open === undefined) return
    const position = (task: string) => live.record.tasks.findIndex((candidate) => candidate.task === task)
    const at = position(closed.task)
    const ahead = at > position(open.task) || (closed.task === open.task && closed.round > open.round)
    if (at < 0 || ahead) {
      const got = `${closed.task.slice(0, 64)}/${closed.round}`
      throw new PlatformError('protocol.out-of-order', { job: closed.job, expected: `${open.task}/${open.round}`, got })
    }
    if (closed.task !== open.task || closed.round !== open.round) return
    if (closed.record_digest.length !== DIGEST_BYTES) {
      throw new PlatformError('protocol.malformed', { message: 'RoundClosed', problem: 'length of record_digest' })
    }
    this.#parts.store.closeRound({
      job: closed.job,
      task: closed.task,
      round: closed.round,
      party,
      finished: closed.finished,
      recordDigest: closed.record_digest.toString('hex'),
      sentBytes: closed.sent_bytes,
      receivedBytes: closed.received_bytes,
      closedAt: this.#time(),
    })
    this.#settleRound(live)
  }

  /** @throws PlatformError job.unknown */
  taskFailed(party: string, failed: TaskFailed__Output): void {
    const live = this.#liveOf(failed.job, party)
    if (live !== undefined) this.#end(live, 'fail', readFailure(failed.failure, party))
  }

  /** @throws PlatformError job.unknown */
  progressed(party: string, progress: Progress__Output): void {
    const live = this.#liveOf(progress.job, party)
    if (live === undefined) return
    this.showedWork(progress.job, party)
    live.progress.set(party, readProgress(progress))
    this.#parts.book.announce(progress.job)
  }

  /** The party works on the open round: it sent progress or a chunk. */
  showedWork(job: string, party: string): void {
    this.#live.get(job)?.activeAtMs.set(party, this.#parts.now())
  }

  progressOf(job: string): ReadonlyMap<string, PartyProgress> {
    return this.#live.get(job)?.progress ?? new Map()
  }

  /**
   * Called a few times a second: ends the jobs whose deadlines have passed, and goes on where a write had failed
   * (a full disk), so that nobody has to touch a job once there is room again.
   */
  check(): void {
    for (const live of this.#live.values()) this.#checkOne(live)
  }

  #checkOne(live: LiveJob): void {
    try {
      const error = live.ending === undefined ? this.#overdue(live) : undefined
      if (error === undefined) this.#advance(live)
      else this.#end(live, 'fail', failureOf(error, String(error.detail['party'] ?? '')))
    } catch (error) {
      this.#parts.log.error('job.unchecked', error, { job: live.record.job })
    }
  }

  #overdue(live: LiveJob): PlatformError | undefined {
    const open = runningTask(live.record)
    const closed = open === undefined ? [] : this.#parts.store.closings(live.record.job, open.task, open.round)
    return overdue(live.record, live.spec.deadlines, {
      absentSinceMs: (party) => this.#absentSinceMs(party),
      activeAtMs: (party) => live.activeAtMs.get(party) ?? 0,
      hasClosedRound: (party) => closed.some((closing) => closing.party === party),
      roundOpenedAtMs: live.roundOpenedAtMs,
      unlogged: live.unlogged,
      nowMs: this.#parts.now(),
    })
  }

  /** Does what the record says is due next, and nothing when it waits for a party. */
  #advance(live: LiveJob): void {
    const { state } = live.record
    if (live.ending !== undefined) this.#writeEnd(live, live.ending)
    else if (state === 'submitted') this.#invite(live)
    else if (state === 'inviting') this.#settleReplies(live)
    else if (state === 'ready') this.#startLogged(live)
    else if (state === 'running') this.#settleRound(live)
  }

  #invite(live: LiveJob): void {
    live.record = this.#parts.book.move(live.record, 'invite')
    for (const party of partiesOfRecord(live.record))
      this.#send(party, inviteFrame(live.record), live.record.spec.length)
  }

  #settleReplies(live: LiveJob): void {
    if (partiesOfRecord(live.record).some((party) => live.record.replies[party] === undefined)) return
    live.record = this.#parts.book.move(live.record, 'accept-all')
    this.#startLogged(live)
  }

  #startLogged(live: LiveJob): void {
    if (this.#isLogged(live, acceptedMark(live.record.job))) this.#start(live)
  }

  /** Whether all have cosigned that all came so far; if not, since when that is waited for. */
  #isLogged(live: LiveJob, mark: string): boolean {
    const owing = this.#parts.barrier.owing(partiesOfRecord(live.record), mark)
    const sinceMs = live.unlogged?.mark === mark ? live.unlogged.sinceMs : this.#parts.now()
    live.unlogged = owing.length === 0 ? undefined : { mark, owing, sinceMs }
    return owing.length === 0
  }

  #start(live: LiveJob): void {
    const [first, ...rest] = live.record.tasks as [TaskRecord, ...TaskRecord[]]
    const tasks = [this.#moveTask(first, 'start'), ...rest]
    const change = { startedAt: this.#time(), tasks, ...saltFor(live.spec) }
    live.record = this.#parts.book.move(live.record, 'start', change)
    this.#parts.log.info('job.started', { job: live.record.job })
    this.#openRelay(live)
    for (const party of partiesOfRecord(live.record)) this.#sendStarted(live, party)
    this.#openRound(live)
  }

  #openRelay({ record, spec }: LiveJob): void {
    const { store, relay, adder } = this.#parts
    relay.openJob(record.job, partiesOfRecord(record), store.relayed(record.job), adder?.open(record, spec))
  }

  #sendStarted({ record }: LiveJob, party: string): void {
    this.#send(party, jobStartedFrame(record, this.#parts.adder?.keyOf(record.job)))
  }

  #openRound(live: LiveJob): void {
    live.roundOpenedAtMs = this.#parts.now()
    const frame = roundOpenedFrame(live.record)
    if (frame === undefined) return
    for (const party of partiesOfRecord(live.record)) this.#send(party, frame)
  }

  /** The barrier: when all parties closed the round, the next one, the next task or the end. */
  #settleRound(live: LiveJob): void {
    const { record } = live
    const open = runningTask(record)
    if (open === undefined) return
    const closings = this.#parts.store.closings(record.job, open.task, open.round)
    if (closings.length < partiesOfRecord(record).length) return
    if (!this.#isLogged(live, closedMark(record.job, open.task, open.round))) return
    this.#parts.store.saveRelayed(this.#parts.relay.trafficOf(record.job))
    this.#parts.log.info('round.closed', { job: record.job, task: open.task, round: open.round })
    const done = closings.filter((closing) => closing.finished).map((closing) => closing.party)
    if (done.length > 0 && done.length < closings.length) {
      const error = new PlatformError('task.params-differ', {
        what: 'finished',
        task: open.task,
        round: open.round,
        done,
      })
      return this.#end(live, 'fail', failureOf(error, ''))
    }
    if (done.length > 0 && open.round > 0) return this.#finishTask(live, open)
    if (open.round >= open.maxRounds) {
      const error = new PlatformError('protocol.out-of-order', {
        task: open.task,
        expected: `the end by round ${open.maxRounds}`,
      })
      return this.#end(live, 'fail', failureOf(error, ''))
    }
    const tasks = replaceTask(record, { ...open, round: open.round + 1 })
    live.record = this.#parts.book.note(record, { tasks })
    this.#openRound(live)
  }

  #finishTask(live: LiveJob, open: TaskRecord): void {
    const tasks = replaceTask(live.record, this.#moveTask(open, 'finish'))
    const next = tasks.findIndex((task) => task.state === 'waiting')
    if (next < 0) return this.#end(live, 'finish', null, tasks)
    tasks[next] = this.#moveTask(tasks[next] as TaskRecord, 'start')
    live.record = this.#parts.book.note(live.record, { tasks })
    this.#openRound(live)
  }

  /** The first end that is decided counts, even if it takes a while until it can be written. */
  #end(
    live: LiveJob,
    event: JobEnding['event'],
    failure: JobFailure | null,
    tasks: readonly TaskRecord[] = live.record.tasks,
  ): void {
    live.ending ??= { event, failure, tasks }
    this.#writeEnd(live, live.ending)
  }

  #writeEnd(live: LiveJob, { event, failure, tasks }: JobEnding): void {
    const { book, store, relay, adder, log } = this.#parts
    const endedTasks = tasks.map((task) => {
      if (task.state === 'running') return this.#moveTask(task, event === 'cancel' ? 'cancel' : 'fail')
      return task.state === 'waiting' ? this.#moveTask(task, 'cancel') : task
    })
    store.saveRelayed(relay.trafficOf(live.record.job))
    const record = book.move(live.record, event, { tasks: endedTasks, failure, endedAt: this.#time() })
    this.#live.delete(record.job)
    relay.closeJob(record.job)
    adder?.close(record.job)
    log.info('job.ended', { job: record.job, state: record.state, code: failure?.code, party: failure?.party })
    for (const party of partiesOfRecord(record)) this.#send(party, jobEndedFrame(record.job, record.state, failure))
  }

  /** What an agent that comes back may have missed, then word of each other's presence. */
  #replay(live: LiveJob, party: string): void {
    const { record } = live
    if (record.state === 'inviting' && record.replies[party] === undefined) {
      this.#send(party, inviteFrame(record), record.spec.length)
    }
    if (record.state !== 'running') return
    this.#sendStarted(live, party)
    const round = roundOpenedFrame(record)
    if (round !== undefined) this.#send(party, round)
    for (const peer of partiesOfRecord(record)) {
      if (peer === party || this.#parts.relay.outletOf(peer) === undefined) continue
      this.#send(peer, peerUpFrame(record.job, party))
      this.#send(party, peerUpFrame(record.job, peer))
    }
    this.#parts.book.announce(record.job)
  }

  #adopt(record: JobRecord): LiveJob {
    const live = liveJob(record, this.#parts.now())
    this.#live.set(record.job, live)
    return live
  }

  /** Undefined when the job has ended. @throws PlatformError job.unknown for a job that is not this party's */
  #liveOf(job: string, party: string): LiveJob | undefined {
    const live = this.#live.get(job)
    const record = live?.record ?? this.#parts.book.job(job)
    if (record === undefined || !partiesOfRecord(record).includes(party)) {
      throw new PlatformError('job.unknown', { job: job.slice(0, 80) })
    }
    return live
  }

  #moveTask(task: TaskRecord, event: TaskEvent): TaskRecord {
    const state = nextTaskState(task.state, event)
    return event === 'start' ? { ...task, state, startedAt: this.#time() } : { ...task, state, endedAt: this.#time() }
  }

  #absentSinceMs(party: string): number | undefined {
    if (this.#parts.relay.outletOf(party) !== undefined) return undefined
    return this.#absentSince.get(party) ?? this.#startedAtMs
  }

  #announceOf(party: string): void {
    for (const { record } of this.#live.values()) {
      if (partiesOfRecord(record).includes(party)) this.#parts.book.announce(record.job)
    }
  }

  #send(party: string, frame: CoordinatorFrame, bytes = 0): void {
    this.#parts.relay.outletOf(party)?.control(frame, bytes)
  }

  #time(): string {
    return new Date(this.#parts.now()).toISOString()
  }
}
