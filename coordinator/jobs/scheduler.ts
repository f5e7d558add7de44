// Takes a job from its submission to its end. Each decision is written before the frame that tells of it is sent,
// and every frame can be sent again: that is all it takes to go on after a crash.
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
import { readClosing, readReply } from './answers.ts'
import { attendanceAt, attendanceOf, closersOf } from './attendance.ts'
import { AttendanceKeeper, type Barrier } from './attendance-keeper.ts'
import { overdue } from './deadlines.ts'
import { failureOf, readFailure } from './failure.ts'
import type { JobBook } from './job-book.ts'
import {
  type JobFailure,
  type JobRecord,
  partiesOfRecord,
  replaceTask,
  runningTask,
  type TaskRecord,
} from './job-record.ts'
import { JobWire } from './job-wire.ts'
import { type JobEnding, type LiveJob, liveJob, type PartyProgress, readProgress } from './live-job.ts'
import { nextTaskState, type TaskEvent } from './states.ts'

export interface SchedulerParts {
  readonly book: JobBook
  readonly store: Store
  readonly relay: Relay
  /** absent where no job asks for it */
  readonly adder?: JobAdder
  readonly log: Logger
  readonly barrier: Barrier
  /** milliseconds since 1970 */
  readonly now: () => number
}

export class Scheduler {
  readonly #parts: SchedulerParts
  readonly #wire: JobWire
  readonly #attendance: AttendanceKeeper
  readonly #live = new Map<string, LiveJob>()
  readonly #absentSince = new Map<string, number>()
  readonly #startedAtMs: number

  constructor(parts: SchedulerParts) {
    this.#parts = parts
    this.#wire = new JobWire(parts)
    const absentSinceMs = (party: string) => this.#absentSinceMs(party)
    this.#attendance = new AttendanceKeeper({ ...parts, wire: this.#wire, absentSinceMs })
    this.#startedAtMs = parts.now()
  }

  /** Goes on with every job that was open when the process last ended. Call once, before agents connect. */
  resume(): void {
    for (const record of this.#parts.book.jobs({ open: true }).reverse()) {
      const live = this.#adopt(record)
      if (record.state === 'running') this.#openRelay(live)
      this.#attendance.excuse(live.record)
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
      if (!partiesOfRecord(live.record).includes(party)) continue
      this.#wire.again(live.record, party)
      if (live.record.state === 'running') this.#parts.book.announce(live.record.job)
    }
    for (const job of heldJobs.filter((held) => !this.#live.has(held))) {
      const record = this.#parts.book.job(job)
      if (record !== undefined && partiesOfRecord(record).includes(party)) this.#wire.ended(record, party)
      else this.#wire.unknown(job, party)
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
    const reply = readReply(answer)
    live.progress.delete(party) // it waits for its people no longer
    live.record = this.#parts.book.note(live.record, { replies: { ...live.record.replies, [party]: reply } })
    this.#settleReplies(live)
  }

  /**
   * A closing of an earlier round, or a second one, changes nothing, but for a party that was left out and catches up.
   * @throws PlatformError job.unknown, protocol.out-of-order, protocol.malformed
   */
  roundClosed(party: string, closed: RoundClosed__Output): void {
    const live = this.#liveOf(closed.job, party)
    const open = live === undefined ? undefined : runningTask(live.record)
    if (live === undefined || open === undefined) return
    const position = (task: string) => live.record.tasks.findIndex((candidate) => candidate.task === task)
    const at = position(closed.task)
    const ahead = at > position(open.task) || (closed.task === open.task && closed.round > open.round)
    const voided = closed.task === open.task && closed.voided !== attendanceAt(open, closed.round).voided
    if (at < 0 || ahead || voided) {
      const got = `${closed.task.slice(0, 64)}/${closed.round}${closed.voided ? ' voided' : ''}`
      throw new PlatformError('protocol.out-of-order', { job: closed.job, expected: `${open.task}/${open.round}`, got })
    }
    if (closed.task !== open.task || closed.round !== this.#wire.roundOf(live.record, party)) return
    this.#parts.store.closeRound(readClosing(party, closed, this.#time()))
    if (closed.round < open.round) return this.#wire.round(live.record, party)
    this.#settleRound(live)
  }

  /** The adder is about to send the sum of the open round. @returns whether it may; written down when it does */
  sumMade(job: string, opener: string): boolean {
    const live = this.#live.get(job)
    const open = live === undefined ? undefined : runningTask(live.record)
    if (live === undefined || open === undefined || live.ending !== undefined) return false
    const summed = this.#attendance.summed(live, open, opener)
    if (summed !== undefined && summed !== open) this.#noteTask(live, summed)
    return summed !== undefined
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
      if (live.ending === undefined) this.#lose(live)
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

  /** Parties that are away or late are lost to a round that can go on without them. */
  #lose(live: LiveJob): void {
    const after = this.#attendance.losses(live)
    if (after === undefined) return
    this.#noteTask(live, after)
    this.#attendance.excuse(live.record)
    const { job } = live.record
    const { lost, voided } = attendanceOf(after)
    this.#parts.log.warn('round.lost', { job, task: after.task, round: after.round, lost: Object.keys(lost), voided })
    if (!voided) return this.#settleRound(live)
    this.#parts.adder?.voided(job)
    for (const party of partiesOfRecord(live.record)) this.#wire.round(live.record, party)
  }

  #noteTask(live: LiveJob, task: TaskRecord): void {
    live.record = this.#parts.book.note(live.record, { tasks: replaceTask(live.record, task) })
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
    for (const party of partiesOfRecord(live.record)) this.#wire.invite(live.record, party)
  }

  #settleReplies(live: LiveJob): void {
    if (partiesOfRecord(live.record).some((party) => live.record.replies[party] === undefined)) return
    live.record = this.#parts.book.move(live.record, 'accept-all')
    this.#startLogged(live)
  }

  #startLogged(live: LiveJob): void {
    if (this.#isLogged(live, acceptedMark(live.record.job))) this.#start(live)
  }

  /** Whether all that are needed have cosigned that they came so far; if not, since when that is waited for. */
  #isLogged(live: LiveJob, mark: string, needed = partiesOfRecord(live.record)): boolean {
    const owing = this.#parts.barrier.owing(partiesOfRecord(live.record), mark, needed)
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
    for (const party of partiesOfRecord(live.record)) this.#wire.started(live.record, party)
    this.#openRound(live)
  }

  #openRelay({ record, spec }: LiveJob): void {
    const { store, relay, adder } = this.#parts
    relay.openJob(record.job, partiesOfRecord(record), store.relayed(record.job), adder?.open(record, spec))
  }

  #openRound(live: LiveJob): void {
    live.roundOpenedAtMs = this.#parts.now()
    live.closedAtMs = undefined
    this.#attendance.excuse(live.record)
    for (const party of partiesOfRecord(live.record)) this.#wire.round(live.record, party)
  }

  /** The barrier: when all that take part closed the round, the next one, the next task or the end. */
  #settleRound(live: LiveJob): void {
    const { record } = live
    const open = runningTask(record)
    if (open === undefined) return
    const closings = this.#parts.store.closings(record.job, open.task, open.round)
    if (closersOf(record, open).some((party) => closings.every((closing) => closing.party !== party))) return
    const next = this.#attendance.next(live, open)
    // who was there at the end of this round and is away since has perhaps not cosigned it
    if (next !== undefined) this.#attendance.excuse(record, next)
    if (next === undefined || !this.#isLogged(live, closedMark(record.job, open.task, open.round), next)) return
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
    this.#noteTask(live, this.#attendance.opened(live, open, next))
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
    this.#attendance.forget(record)
    relay.closeJob(record.job)
    adder?.close(record.job)
    log.info('job.ended', { job: record.job, state: record.state, code: failure?.code, party: failure?.party })
    for (const party of partiesOfRecord(record)) this.#wire.ended(record, party)
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
    if (this.#wire.isConnected(party)) return undefined
    return this.#absentSince.get(party) ?? this.#startedAtMs
  }

  #announceOf(party: string): void {
    for (const { record } of this.#live.values()) {
      if (partiesOfRecord(record).includes(party)) this.#parts.book.announce(record.job)
    }
  }

  #time(): string {
    return new Date(this.#parts.now()).toISOString()
  }
}
