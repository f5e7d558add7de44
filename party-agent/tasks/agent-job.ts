// One job at one party, from the invitation to its end: keys, mailbox and runner, and what of them is on disk.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeSealingKey,
  EnvelopePair,
  encodeSealingKey,
  makeSealingKey,
  type SealingKey,
  signSealingKey,
  verifySealingKey,
} from '#crypto/envelope.ts'
import { logKeyOf, signingKeyOf } from '#crypto/identity/trust.ts'
import { ADDER } from '#protocols/core/contract.ts'
import { type JobSpec, parseJobSpec, partiesOf, usesAdder } from '#protocols/core/job-spec.ts'
import { isReleased, type MessageKind } from '#protocols/core/schedule.ts'
import type { Ack__Output } from '#protos/gen/tributary/v1/Ack.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import type { Failure__Output } from '#protos/gen/tributary/v1/Failure.ts'
import type { Invite__Output } from '#protos/gen/tributary/v1/Invite.ts'
import type { JobEnded__Output } from '#protos/gen/tributary/v1/JobEnded.ts'
import type { PartyKey__Output } from '#protos/gen/tributary/v1/PartyKey.ts'
import type { RoundOpened__Output } from '#protos/gen/tributary/v1/RoundOpened.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { DisclosureLedger } from '../ledger/disclosures.ts'
import { framesOf, Meter } from '../ledger/meter.ts'
import { RoundDoor } from '../log/round-door.ts'
import type { MailGuard } from '../mail/guard.ts'
import { Mailbox } from '../mail/mailbox.ts'
import { type Backlog, NO_BACKLOG } from '../mail/outbox.ts'
import { openFileRecord, type RoundRecord } from '../mail/record.ts'
import type { BoundJob, TaskPrograms } from './binding.ts'
import { CheckpointStore, destroyCheckpoints } from './checkpoint.ts'
import { boundedFailure, wireFailure } from './failure.ts'
import { believedEnd } from './job-end.ts'
import type { InvitationState } from './invitation.ts'
import { type EventFields, JobFiles, type StoredJob } from './job-files.ts'
import { eventFields, leftOutAtEnd, readTold, WHOLE_ROUND } from './round-told.ts'
import { type RunnerEvents, TaskRunner } from './runner.ts'
import { assertTransition, endStateOf, isOpen, type LocalJobState } from './states.ts'
import type { JobSurroundings } from './surroundings.ts'
import { Throttle } from './throttle.ts'
import { destroyVaults, DiskVault } from './vault.ts'

const PROGRESS_EVERY_MS = 1000

/** What exists while a job runs. */
interface RunningJob {
  readonly mailbox: Mailbox
  readonly runner: TaskRunner
  readonly door: RoundDoor
  readonly guard: MailGuard | undefined
  readonly abort: AbortController
  readonly progress: Throttle<AgentFrame>
  readonly disclosures: DisclosureLedger
}

export class AgentJob {
  readonly spec: JobSpec
  readonly #around: JobSurroundings
  readonly #files: JobFiles
  readonly #log: Logger
  readonly #meter: Meter
  #stored: StoredJob
  #running: RunningJob | undefined

  private constructor(around: JobSurroundings, files: JobFiles, stored: StoredJob, spec: JobSpec) {
    this.#around = around
    this.#files = files
    this.#stored = stored
    this.spec = spec
    this.#meter = new Meter(around.wire)
    this.#log = around.log.child({ job: stored.job })
  }

  /** Writes down a job whose spec and signature were checked. @throws PlatformError storage.full */
  static async create(
    around: JobSurroundings,
    folder: string,
    invite: Invite__Output,
    spec: JobSpec,
    state: InvitationState,
  ): Promise<AgentJob> {
    const files = new JobFiles(folder, around.log, around.now)
    const stored: StoredJob = {
      version: 1,
      job: invite.job,
      state,
      specSignature: invite.signature.toString('base64'),
      submittedAt: invite.submitted_at.slice(0, 40),
      keys: [],
    }
    await files.create(invite.job_spec, stored)
    files.event(`job.${state}`, { guest: spec.guest.party, name: spec.name })
    return new AgentJob(around, files, stored, spec)
  }

  /** The job of a folder as it was left; a started one is ready to go on. @throws PlatformError storage.damaged */
  static async load(around: JobSurroundings, folder: string): Promise<AgentJob | undefined> {
    const files = new JobFiles(folder, around.log, around.now)
    const loaded = await files.load()
    if (loaded === undefined) return undefined
    const job = new AgentJob(around, files, loaded.stored, parseJobSpec(loaded.specBytes))
    if (job.state === 'started') await job.#run()
    return job
  }

  get id(): string {
    return this.#stored.job
  }

  get state(): LocalJobState {
    return this.#stored.state
  }

  get isOpen(): boolean {
    return isOpen(this.state)
  }

  get backlog(): Backlog {
    return this.#running?.mailbox.backlog ?? NO_BACKLOG
  }

  /** An invitation that came again may get another answer as long as the job did not start. */
  async decide(state: InvitationState): Promise<void> {
    if (this.state === 'started' || this.state === state) return
    await this.#move(state)
  }

  /** This party's sealing key for the job: made once, the same after every restart. */
  async sealingKey(): Promise<{ readonly key: SealingKey; readonly signature: Uint8Array }> {
    const vault = await this.#jobVault()
    const make = async () => encodeSealingKey(makeSealingKey()).reveal((bytes) => Uint8Array.from(bytes))
    const key = decodeSealingKey(await vault.once('sealing-key', make))
    return { key, signature: signSealingKey(this.#around.identity, this.id, key.publicKey) }
  }

  /**
   * Every party accepted, and these are their keys.
   * @throws PlatformError envelope.tampered for a key that its party did not sign, job.invalid for a missing one
   */
  async started(keys: readonly PartyKey__Output[]): Promise<void> {
    if (this.state === 'started') return
    assertTransition(this.state, 'started')
    const { key } = await this.sealingKey()
    const parties = usesAdder(this.spec) ? [...partiesOf(this.spec), ADDER] : partiesOf(this.spec)
    for (const party of parties) {
      const given = keys.find((entry) => entry.party === party)
      if (given === undefined) throw new PlatformError('job.invalid', { job: this.id, missingKeyOf: party })
      verifySealingKey(this.#signingKeyOf(party), this.id, party, given.sealing_key, given.sealing_signature)
      if (party === this.#around.identity.party && !given.sealing_key.equals(key.publicKey))
        throw new PlatformError('envelope.replayed', { job: this.id, what: 'another sealing key of this party' })
    }
    const kept = keys
      .filter((entry) => parties.includes(entry.party))
      .map(({ party, sealing_key, sealing_signature }) => ({
        party,
        sealingKey: sealing_key.toString('base64'),
        sealingSignature: sealing_signature.toString('base64'),
      }))
    await this.#move('started', { keys: kept, startedAt: this.#around.now().toISOString() })
    await this.#run()
    this.#running?.mailbox.connected()
  }

  /** @throws PlatformError for a round that the job does not allow, as readTold */
  roundOpened(opened: Pick<RoundOpened__Output, 'task' | 'round' | 'left_out' | 'voided'>): void {
    this.#running?.door.opened(opened.task, opened.round, readTold(this.spec, opened))
  }

  chunkArrived(chunk: Chunk__Output): void {
    this.#running?.mailbox.chunkArrived(chunk)
  }

  ackArrived(ack: Ack__Output): void {
    this.#running?.mailbox.ackArrived(ack)
  }

  peerUp(party: string): void {
    this.#running?.mailbox.peerUp(party)
  }

  connected(): void {
    this.#running?.mailbox.connected()
    this.#running?.runner.repeatAnswer()
  }

  disconnected(): void {
    this.#running?.door.close()
    this.#running?.mailbox.disconnected()
  }

  /** All parties cosigned the round log: a round that waits for that may begin. */
  logSealed(): void {
    this.#running?.door.sealed()
  }

  /** The coordinator says how the job ended. That it succeeded is not believed without more. */
  async endTold({ state, failure, left_out }: JobEnded__Output): Promise<void> {
    const { door, runner } = this.#running ?? {}
    const job = { id: this.id, state: this.state, door, isDone: runner?.isDone === true }
    const end = await believedEnd(job, { state, failure, leftOut: leftOutAtEnd(this.spec, left_out) })
    if (end !== undefined) await this.ended(end.state, end.failure)
  }

  /** The job is over, however it went: what runs stops, and every secret of the job is deleted. */
  async ended(state: string, failure: Failure__Output | null | undefined): Promise<void> {
    const end = endStateOf(state)
    if (this.state === end) return
    const code = failure?.code
    const stored = failure ? { failure: boundedFailure(failure) } : {}
    await this.#move(end, { ...stored, endedAt: this.#around.now().toISOString() })
    const refused = this.#running?.mailbox.refusals() ?? new Map()
    const reason = end === 'cancelled' ? 'job.cancelled' : 'peer.failed'
    await this.stop(new PlatformError(reason, { job: this.id, code: code ?? 'none', party: failure?.party ?? '' }))
    this.#around.roundLog.ended(this.id, this.spec, end, code ?? '', refused)
    await destroyVaults(this.#files.folder)
    await destroyCheckpoints(this.#files.folder)
    await rm(join(this.#files.folder, 'mail'), { recursive: true, force: true })
  }

  /** A line of the job's event file. */
  event(name: string, fields: EventFields): void {
    this.#files.event(name, fields)
  }

  /** Ends a running job whose approval does not hold any more. */
  enforceApproval(): void {
    const error = this.#running?.guard?.verdict()
    if (error !== undefined) this.fail(error)
  }

  /** Ends the job at this party for a reason of its own; the coordinator tells the others. */
  fail(error: PlatformError): void {
    if (this.#running !== undefined) return this.#running.runner.fail(error)
    this.#log.error('job.failed', error, { code: error.code })
    this.#send({ body: 'task_failed', task_failed: this.#failed('', 0, error) })
  }

  /** Stops what runs, without deleting anything: a later `load` goes on from here. */
  async stop(
    reason: PlatformError = new PlatformError('job.cancelled', { job: this.id, agent: 'stopped' }),
  ): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (running !== undefined) {
      running.abort.abort(reason)
      running.progress[Symbol.dispose]()
      running.door.close()
      await running.runner.stop()
      for (const [code, count] of running.mailbox.refusals()) this.#files.event('envelopes.refused', { code, count })
      await running.mailbox.close()
      await this.#meter.settled()
      const frames = framesOf(this.#meter.take(), this.id, this.#around.now())
      await running.disclosures.add(frames).catch((error) => this.#log.error('frames.lost', error))
    }
    await this.#files.settled()
  }

  async #run(): Promise<void> {
    const { identity, now, approvals, roundLog } = this.#around
    const record = await openFileRecord(this.#files.folder)
    const guard = approvals?.guard(this.id, this.spec, releasedBefore(record))
    const disclosures = await DisclosureLedger.open(this.#files.folder)
    const abort = new AbortController()
    const mailbox = await Mailbox.open({
      job: this.id,
      self: identity.party,
      folder: this.#files.folder,
      peers: await this.#pairs(),
      wire: this.#meter,
      log: this.#log,
      signal: abort.signal,
      fail: (error) => runner.fail(error),
      ...(guard === undefined ? {} : { guard }),
    })
    const runner = new TaskRunner({
      job: await this.#bound(),
      storageKey: identity.storageKey,
      mailbox,
      record,
      disclosures,
      disclosureRecord: roundLog,
      roundLog,
      checkpoints: await CheckpointStore.open(this.#files.folder, this.#log),
      programs: this.#approvedPrograms(),
      approval: () => approvals?.digestFor(this.id) ?? '',
      events: this.#runnerEvents(),
      signal: abort.signal,
      now,
    })
    const progress = new Throttle<AgentFrame>(PROGRESS_EVERY_MS, (frame) => this.#send(frame))
    const door = new RoundDoor({ job: this.id, spec: this.spec, roundLog, runner })
    this.#running = { mailbox, runner, door, guard, abort, progress, disclosures }
  }

  /** The approval may have changed since the invitation: it is asked again before each task reads data. */
  #approvedPrograms(): TaskPrograms {
    const { programs, approvals } = this.#around
    if (approvals === undefined) return programs
    return {
      open: async (task, job) => {
        await approvals.recheck(job.jobId, job.spec)
        return await programs.open(task, job)
      },
    }
  }

  async #bound(): Promise<BoundJob> {
    const vault = await this.#jobVault()
    return {
      jobId: this.id,
      spec: this.spec,
      self: this.#around.identity.party,
      jobDir: this.#files.folder,
      log: this.#log,
      seedOf: (label) => vault.seed(label),
    }
  }

  async #pairs(): Promise<Map<string, EnvelopePair>> {
    const { identity } = this.#around
    const { key: own } = await this.sealingKey()
    const pairs = new Map<string, EnvelopePair>()
    for (const { party, sealingKey } of this.#stored.keys) {
      if (party === identity.party) continue
      const options = {
        job: this.id,
        self: identity.party,
        peer: party,
        own,
        peerSealingKey: new Uint8Array(Buffer.from(sealingKey, 'base64')),
        sign: (context: string, bytes: Uint8Array) => identity.sign(context, bytes),
        peerSigningKey: this.#signingKeyOf(party),
      }
      pairs.set(party, new EnvelopePair(options))
    }
    return pairs
  }

  /** The adder is the coordinator, whose one key for signatures is that of the round log. */
  #signingKeyOf(party: string): Uint8Array {
    const { trust } = this.#around
    return party === ADDER ? logKeyOf(trust) : signingKeyOf(trust, party)
  }

  #runnerEvents(): RunnerEvents {
    const job = this.id
    return {
      roundClosed: ({ task, round, finished, told = WHOLE_ROUND, recordDigest, sentBytes, receivedBytes }) => {
        this.#files.event('round.closed', { task, round, finished, sentBytes, receivedBytes, ...eventFields(told) })
        const bytes = { sent_bytes: sentBytes, received_bytes: receivedBytes }
        const record_digest = Buffer.from(recordDigest, 'hex')
        const round_closed = { job, task, round, finished, voided: told.voided, record_digest, ...bytes }
        this.#send({ body: 'round_closed', round_closed })
      },
      taskFailed: ({ task, round, error }) => {
        this.#files.event('task.failed', { task, round, code: error.code })
        if (error.code.startsWith('approval.')) this.#around.refused?.(job, error)
        this.#send({ body: 'task_failed', task_failed: this.#failed(task, round, error) })
      },
      progress: ({ sentBytes, receivedBytes, ...progress }) => {
        const bytes = { sent_bytes: sentBytes, received_bytes: receivedBytes }
        this.#running?.progress.offer({ body: 'progress', progress: { job, ...progress, ...bytes } })
      },
      event: (name, fields) => this.#files.event(name, fields),
    }
  }

  #failed(task: string, round: number, error: PlatformError) {
    return { job: this.id, task, round, failure: wireFailure(error, this.#around.identity.party) }
  }

  #jobVault(): Promise<DiskVault> {
    return DiskVault.open(this.#around.identity.storageKey, this.#files.folder, this.id, 'job')
  }

  #send(frame: AgentFrame): void {
    // What is lost with the connection is sent again after the next one: see `connected`.
    this.#meter.send(frame).catch((error) => this.#log.error('frame.lost', error, { frame: frame.body ?? '' }))
  }

  async #move(state: LocalJobState, changes: Partial<StoredJob> = {}): Promise<void> {
    assertTransition(this.state, state)
    const stored = { ...this.#stored, ...changes, state }
    await this.#files.save(stored)
    this.#stored = stored
    const { code, party } = stored.failure ?? { code: undefined, party: undefined }
    this.#log.info(`job.${state}`, { code, party })
    this.#files.event(`job.${state}`, code === undefined ? {} : { code, party: party ?? '' })
  }
}

/** Released aggregates that left in rounds that are closed. */
function releasedBefore(record: RoundRecord): number {
  const lines = record.lines().filter((line) => line.direction === 'sent' && isReleased(line.kind as MessageKind))
  return lines.reduce((sum, line) => sum + line.messages, 0)
}
