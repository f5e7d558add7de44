// Runs the tasks of one job at one party, round by round, as the coordinator opens them. What closed is never run
// again; what did not close runs again from its last checkpoint, on the same messages and the same secrets.
import type { PartyId, RoleProgram, RoundOutcome, TaskContext, TaskProgress } from '#protocols/core/contract.ts'
import { groupsOf } from '#protocols/core/job-groups.ts'
import { planTasks } from '#protocols/core/job-spec.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { DisclosureLedger } from '../ledger/disclosures.ts'
import { Egress } from '../ledger/egress.ts'
import { type DisclosureRecord, untold } from '../ledger/facts.ts'
import type { AgentLog, LogPlace } from '../log/agent-log.ts'
import type { Mailbox, TaskMail } from '../mail/mailbox.ts'
import { type RecordLine, RoundLedger, type RoundRecord } from '../mail/record.ts'
import type { BoundJob, TaskBinding, TaskPrograms } from './binding.ts'
import type { Checkpoint, CheckpointStore } from './checkpoint.ts'
import { type SpaceWaiter, spaceWaiter } from './disk-space.ts'
import { type RoundTold, takingPart, WHOLE_ROUND } from './round-told.ts'
import { DiskVault } from './vault.ts'

export interface RunnerEvents {
  roundClosed(closed: Checkpoint): void
  taskFailed(failure: { readonly task: string; readonly round: number; readonly error: PlatformError }): void
  progress(progress: TaskProgress & { task: string; round: number; sentBytes: number; receivedBytes: number }): void
  event(name: string, fields: Readonly<Record<string, number | string | boolean>>): void
}

export interface RunnerOptions {
  readonly job: BoundJob
  readonly storageKey: Secret
  readonly mailbox: Mailbox
  readonly record: RoundRecord
  readonly disclosures: DisclosureLedger
  readonly disclosureRecord?: DisclosureRecord
  readonly roundLog?: Pick<AgentLog, 'roundStarted' | 'roundClosed' | 'modelStored' | 'resultStored'>
  readonly checkpoints: CheckpointStore
  readonly programs: TaskPrograms
  /** digest of the approval under which the job runs, or '' */
  readonly approval?: () => string
  readonly events: RunnerEvents
  /** aborted when the job ends here */
  readonly signal: AbortSignal
  readonly now: () => Date
}

/** A task whose program is loaded. */
interface OpenTask {
  readonly task: string
  readonly binding: TaskBinding
  readonly program: RoleProgram<unknown, unknown, unknown>
  readonly mail: TaskMail
  readonly egress: Egress
  readonly context: TaskContext
}

interface RunningRound {
  readonly task: string
  readonly round: number
  readonly done: Promise<void>
}

/** Why a round stops that was voided: nobody hears of it as a failure. */
class RoundVoided extends Error {}

export class TaskRunner {
  readonly #options: RunnerOptions
  readonly #waitForSpace: SpaceWaiter
  #open: OpenTask | undefined
  #round = 0
  /** ends the work on a round that is voided while it runs */
  #stopRound = new AbortController()
  #roundSignal: AbortSignal
  #ledger: RoundLedger | undefined
  #told: RoundTold = WHOLE_ROUND
  #running: RunningRound | undefined
  #failed: { readonly task: string; readonly round: number; readonly error: PlatformError } | undefined

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#roundSignal = options.signal
    this.#waitForSpace = spaceWaiter({ signal: options.signal, log: options.job.log })
  }

  /**
   * The coordinator opened a round. Told again about a round that runs it does nothing, but where the round is voided meanwhile;
   * about the round that closed last, or after a failure, it answers again. Never throws: a failure goes to `taskFailed`.
   */
  roundOpened(task: string, round: number, told: RoundTold = WHOLE_ROUND): void {
    const { checkpoints, events, signal } = this.#options
    if (signal.aborted) return
    if (this.#failed !== undefined) return events.taskFailed(this.#failed)
    if (this.#running !== undefined) {
      if (this.#running.task !== task || this.#running.round !== round) this.#refuseRound(task, round)
      else if (told.voided && !this.#told.voided) this.#voidRound(told)
      return
    }
    const last = checkpoints.current
    const isLast = last?.task === task && last.round === round
    if (isLast && told.voided !== (last.told?.voided === true)) {
      const expected = told.voided ? 'a round that is not closed' : 'a voided round'
      return this.#report(
        task,
        round,
        new PlatformError('protocol.out-of-order', { opened: `${task}/${round}`, expected }),
      )
    }
    this.#told = told
    if (isLast && last.finished === last.released) return events.roundClosed(last)
    if (isLast) return this.#start(task, round, () => this.#release(last))
    if (!this.#isNext(task, round)) return this.#refuseRound(task, round)
    this.#start(task, round, () => this.#runRound(task, round))
  }

  /** What the coordinator may have missed: the answer to the last round or the failure. */
  repeatAnswer(): void {
    const { checkpoints, events } = this.#options
    if (this.#failed !== undefined) events.taskFailed(this.#failed)
    else if (this.#running === undefined && checkpoints.current?.finished === checkpoints.current?.released)
      if (checkpoints.current !== undefined) events.roundClosed(checkpoints.current)
  }

  /** The round that closed last at this party. */
  get lastClosed(): LogPlace {
    return this.#options.checkpoints.current
  }

  /** Every task of the job has closed its last round here, and handed over its output. */
  get isDone(): boolean {
    const { checkpoints, job } = this.#options
    const last = checkpoints.current
    return last?.released === true && planTasks(job.spec).at(-1)?.task === last.task
  }

  /** Whether this would be a new round, and not one told of again. */
  wouldStart(task: string, round: number): boolean {
    return this.#running === undefined && this.#failed === undefined && this.#isNext(task, round)
  }

  /** Ends the job at this party with this error, as if its program had thrown it. */
  fail(error: unknown): void {
    const at = this.#running ?? { task: this.#open?.task ?? '', round: this.#round }
    this.#report(at.task, at.round, error)
  }

  /** Resolves when nothing runs any more. Abort the signal first. */
  async stop(): Promise<void> {
    await this.#running?.done
    await this.#closeTask()
  }

  /** The round that runs has lost a party before its sum was made: what is under way stops, and the round ends as it began. */
  #voidRound(told: RoundTold): void {
    this.#told = told
    this.#stopRound.abort(new RoundVoided('voided'))
  }

  /** The answer leaves when nothing runs any more: the next round may be opened the moment it is heard. */
  #start(task: string, round: number, run: () => Promise<Checkpoint>): void {
    this.#round = round
    const done = run().then(
      (closed) => {
        this.#running = undefined
        if (!this.#options.signal.aborted) this.#options.events.roundClosed(closed)
      },
      (error) => {
        this.#running = undefined
        this.#report(task, round, error)
      },
    )
    this.#running = { task, round, done }
  }

  #report(task: string, round: number, thrown: unknown): void {
    const { signal, job, events, disclosureRecord = untold } = this.#options
    if (signal.aborted || this.#failed !== undefined) return
    const error = toPlatformError(thrown)
    job.log.error('task.failed', thrown, { task, round, code: error.code })
    this.#failed = { task, round, error }
    const refusal = { fact: 'refusal', job: job.jobId, task, round, code: error.code } as const
    disclosureRecord.tell(refusal).catch((lost) => job.log.error('fact.lost', lost, { code: error.code }))
    events.taskFailed(this.#failed)
  }

  #refuseRound(task: string, round: number): void {
    const last = this.#options.checkpoints.current
    const at = last === undefined ? 'the start' : `${last.task}/${last.round}`
    // An old round that is announced again is an echo, not a fault.
    const older = last !== undefined && this.#order(task, round) <= this.#order(last.task, last.round)
    if (older) return this.#options.job.log.info('round.ignored', { task, round, at })
    this.#report(task, round, new PlatformError('protocol.out-of-order', { opened: `${task}/${round}`, at }))
  }

  #order(task: string, round: number): number {
    return planTasks(this.#options.job.spec).findIndex((plan) => plan.task === task) * 1e6 + round
  }

  #isNext(task: string, round: number): boolean {
    const plan = planTasks(this.#options.job.spec).map((planned) => planned.task as string)
    const last = this.#options.checkpoints.current
    if (last === undefined) return task === plan[0] && round === 0
    if (last.finished) return task === plan[plan.indexOf(last.task) + 1] && round === 0
    return task === last.task && round === last.round + 1
  }

  async #runRound(task: string, round: number): Promise<Checkpoint> {
    const { checkpoints, record, job, now, signal, roundLog } = this.#options
    const open = await this.#openTask(task)
    const startedAt = now().getTime()
    const place = { job: job.jobId, self: job.self, task, round }
    const ledger = new RoundLedger(place)
    roundLog?.roundStarted({ job: job.jobId, task, round })
    this.#ledger = ledger
    this.#stopRound = new AbortController()
    this.#roundSignal = AbortSignal.any([signal, this.#stopRound.signal])
    open.mail.startRound(ledger, this.#roundSignal)
    const outcome = await this.#outcomeOf(open, round)
    const told = this.#told
    const counted = told.voided ? new RoundLedger(place) : ledger
    if (told.voided) open.mail.countSent(round, counted)
    signal.throwIfAborted()
    // In this order: all sent messages, then record and ledger, then the checkpoint are on disk. Only then the round is closed.
    const marks = await open.mail.settle()
    const lines = counted.lines(now().toISOString())
    // record and ledger say of a round that is run again what they said before, whichever of them was written
    const [digest] = await Promise.all([
      this.#waitForSpace(() => record.close(task, round, lines)),
      this.#disclose(open.egress, task, round, lines),
    ])
    const recordDigest = Buffer.from(digest).toString('hex')
    signal.throwIfAborted()
    const at = { job: job.jobId, task, round, startedAt: new Date(startedAt), recordDigest, told }
    await this.#waitForSpace(async () => roundLog?.roundClosed(at))
    const [sentBytes, receivedBytes] = [counted.bytes('sent'), counted.bytes('received')]
    const { state, finished } = outcome
    const closed: Checkpoint = {
      task,
      round,
      finished,
      released: false,
      state,
      marks,
      recordDigest,
      ...(told !== WHOLE_ROUND && { told }),
      sentBytes,
      receivedBytes,
    }
    await this.#waitForSpace(() => checkpoints.write(closed))
    job.log.info('round.finished', {
      task,
      round,
      finished,
      voided: told.voided,
      sentBytes,
      receivedBytes,
      tookMs: now().getTime() - startedAt,
    })
    if (finished) return await this.#release(closed)
    await this.#forget()
    return closed
  }

  /**
   * Runs the round; one that is voided, before or meanwhile, leaves the state in which it began.
   * @throws PlatformError protocol.out-of-order for one that is voided and has a sum all the same
   */
  async #outcomeOf(open: OpenTask, round: number): Promise<RoundOutcome<unknown>> {
    const { program, context, binding } = open
    const state = this.#options.checkpoints.current?.state
    if (round === 0) return { state: await program.setup(context, binding.input), finished: false }
    if (this.#told.voided) return voidedOutcome(open, round, state)
    try {
      const outcome = await program.round(context, binding.input, state, round)
      if (!this.#stopRound.signal.aborted) return outcome
    } catch (error) {
      if (!this.#stopRound.signal.aborted || this.#options.signal.aborted) throw error
      return voidedOutcome(open, round, state)
    }
    throw sumOfVoided(round)
  }

  /** What left in this round goes into the ledger, and to who listens. */
  async #disclose(egress: Egress, task: string, round: number, lines: readonly RecordLine[]): Promise<void> {
    const { disclosures, disclosureRecord = untold } = this.#options
    const sent = await this.#waitForSpace(() => disclosures.close(task, round, egress.disclosuresOf(lines)))
    for (const line of sent) await disclosureRecord.tell({ fact: 'msg.sent', ...line })
    for (const line of lines)
      if (line.direction === 'received') {
        const decryptableBy = egress.openersOf(line)
        await disclosureRecord.tell({ fact: 'msg.received', ...line, decryptableBy })
      }
  }

  /** The task is finished: its output is handed over, then the coordinator hears of it. */
  async #release(closed: Checkpoint): Promise<Checkpoint> {
    const { checkpoints, events, signal } = this.#options
    const open = await this.#openTask(closed.task)
    const output = await open.program.finish(open.context, open.binding.input, checkpoints.current?.state)
    signal.throwIfAborted()
    await this.#waitForSpace(() => open.binding.onOutput(output))
    const { job, roundLog } = this.#options
    const at = { job: job.jobId, task: closed.task, round: closed.round }
    if (open.binding.model !== undefined) await roundLog?.modelStored(at, open.binding.model)
    if (open.binding.result !== undefined) await roundLog?.resultStored(at, open.binding.result)
    const released = { ...closed, released: true, state: null }
    await this.#waitForSpace(() => checkpoints.write(released))
    await this.#closeTask()
    events.event('task.finished', { task: closed.task, round: closed.round })
    await this.#forget()
    return released
  }

  /** Deletes messages that only rounds before the previous checkpoint needed. That it cannot is no reason to fail. */
  async #forget(): Promise<void> {
    const { checkpoints, mailbox, job } = this.#options
    if (checkpoints.previous === undefined) return
    await mailbox.release(checkpoints.previous.marks).catch((error) => job.log.error('mail.kept', error))
  }

  async #openTask(task: string): Promise<OpenTask> {
    if (this.#open?.task === task) return this.#open
    await this.#closeTask()
    const { job, mailbox, checkpoints, programs, storageKey, record } = this.#options
    const plan = planTasks(job.spec).find((planned) => planned.task === task)
    if (plan === undefined) throw new PlatformError('protocol.out-of-order', { task, expected: 'a task of the plan' })
    const binding = await programs.open(plan, job)
    const parties = { self: job.self, guest: job.spec.guest.party, hosts: job.spec.hosts.map((host) => host.party) }
    const hostsAt = (round: number) => binding.hostsAt?.(round)
    const approval = this.#options.approval?.() ?? ''
    const shared = { sharedSums: binding.sharedSums === true, participantsAt: this.#takingPart }
    const groups = groupsOf(job.spec).map(({ members }) => members)
    const setting = { task, schedule: binding.schedule, ...parties, groups, hostsAt, approval, ...shared }
    const egress = new Egress(setting, record.lines())
    const mail = mailbox.openTask(task, checkpoints.current?.marks ?? {}, egress)
    const vault = await DiskVault.open(storageKey, job.jobDir, job.jobId, task, this.#waitForSpace)
    const program = binding.program as unknown as RoleProgram<unknown, unknown, unknown>
    this.#open = { task, binding, program, mail, egress, context: this.#contextOf(task, mail, vault) }
    return this.#open
  }

  /** Of the round that runs, where not all take part. */
  readonly #takingPart = (round: number): readonly PartyId[] | undefined => {
    if (round !== this.#round || this.#told.leftOut.length === 0) return undefined
    return takingPart(this.#options.job.spec, this.#told)
  }

  async #closeTask(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.binding[Symbol.asyncDispose]?.()
  }

  #contextOf(task: string, mail: TaskMail, vault: DiskVault): TaskContext {
    const { job, events } = this.#options
    const roundSignal = () => this.#roundSignal
    return {
      jobId: job.jobId,
      taskId: task,
      self: job.self,
      guest: job.spec.guest.party,
      hosts: job.spec.hosts.map((host) => host.party),
      channel: (peer) => mail.channel(peer),
      audience: (peers) => mail.audience(peers),
      takingPart: this.#takingPart,
      vault,
      get signal() {
        return roundSignal()
      },
      log: job.log.child({ task }),
      progress: (progress) => {
        const [sentBytes, receivedBytes] = [this.#ledger?.bytes('sent') ?? 0, this.#ledger?.bytes('received') ?? 0]
        events.progress({ ...progress, task, round: this.#round, sentBytes, receivedBytes })
      },
      event: (name, fields) => events.event(name, { task, round: this.#round, ...fields }),
    }
  }
}

/**
 * A voided round leaves everything as it was. What opens a sum is given away only once there is one, and such a round is not
 * voided: with the next, over the others and from the same model, it would tell the update of who was lost.
 * @throws PlatformError protocol.out-of-order where this party helped to open it
 */
function voidedOutcome({ binding, mail }: OpenTask, round: number, state: unknown): RoundOutcome<unknown> {
  const sent = mail.stepsSent(round)
  if (binding.schedule.some(({ name, openableBy }) => openableBy !== undefined && sent.has(name)))
    throw sumOfVoided(round)
  return { state, finished: false }
}

function sumOfVoided(round: number): PlatformError {
  return new PlatformError('protocol.out-of-order', { round, got: 'voided', expected: 'a round without a sum' })
}
