// The agent of one party: keeps the connection, answers invitations, and gives every frame to the job it is for.
import { join } from 'node:path'
import { CertificateKeeper } from '#crypto/identity/certificate-keeper.ts'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { AWAITING_APPROVAL } from '#protocols/core/phases.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { CoordinatorFrame__Output } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { Invite__Output } from '#protos/gen/tributary/v1/Invite.ts'
import type { TrustUpdate__Output } from '#protos/gen/tributary/v1/TrustUpdate.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { type AgentStatus, agentStatus } from './agent-status.ts'
import type { ApprovalDecision, ApprovalGate } from './approvals/gate.ts'
import type { JobGate } from './gate.ts'
import type { GovernanceRecord } from './governance.ts'
import { CoordinatorLink } from './link/coordinator-link.ts'
import { AccessCarrier } from './log/access-carrier.ts'
import { AgentLog } from './log/agent-log.ts'
import type { AgentTrust } from './membership/agent-trust.ts'
import { AgentJob } from './tasks/agent-job.ts'
import type { TaskPrograms } from './tasks/binding.ts'
import { wireFailure } from './tasks/failure.ts'
import { assertReusable, assertScorable } from './tasks/reuse.ts'
import { type InvitationState, verifiedInvitation } from './tasks/invitation.ts'
import { listJobFolders } from './tasks/job-files.ts'
import type { JobSurroundings } from './tasks/surroundings.ts'

export interface AgentOptions {
  readonly config: {
    /** state lives in <home>/jobs */
    readonly home: string
    /** host:port */
    readonly coordinator: string
  }
  readonly identity: PartyIdentity
  readonly trust: AgentTrust
  /** a new TLS certificate from this party's root; without it, none is renewed */
  readonly renew?: () => Promise<PartyIdentity>
  readonly programs: TaskPrograms
  readonly gate: JobGate
  /** the round logs; opened in the home when none is given */
  readonly roundLog?: AgentLog
  /** people of this party approve jobs; without it the policy alone decides */
  readonly approvals?: ApprovalGate
  /** where refusals and their reasons are written down */
  readonly governance?: GovernanceRecord
  readonly log: Logger
  readonly software: string
  readonly now?: () => Date
}

/** How often running jobs are compared with their approvals, and waiting ones asked about again. */
const APPROVALS_EVERY_MS = 1000
/** How often what people read of a job is taken into its round log. */
const ACCESS_EVERY_MS = 1000
const STATES = {
  allowed: 'accepted',
  waiting: 'awaiting',
  refused: 'declined',
} as const satisfies Record<string, InvitationState>

export interface Agent extends AsyncDisposable {
  /** Resolves at the first connection. */
  readonly connected: Promise<void>
  /** How it runs, for its operator. */
  status(): AgentStatus
  /** Stops what runs and closes the connection; jobs go on when the agent is started again. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Loads the jobs that are on disk and dials the coordinator. @throws PlatformError storage.* */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const running = new RunningAgent(options)
  await running.start()
  return running
}

class RunningAgent implements Agent {
  readonly #options: AgentOptions
  readonly #around: JobSurroundings
  readonly #roundLog: AgentLog
  readonly #jobsFolder: string
  readonly #jobs = new Map<string, AgentJob>()
  /** jobs that could not be loaded, and why */
  readonly #damaged = new Map<string, PlatformError>()
  /** work under way per job: frames of one job are taken one after the other */
  readonly #queues = new Map<string, Promise<void>>()
  readonly #first = Promise.withResolvers<void>()
  /** invitations that wait for people of this party */
  readonly #awaiting = new Map<string, Invite__Output>()
  /** jobs and roles that the coordinator was told of as waited for */
  readonly #toldWaiting = new Map<string, string>()
  #approvalsTimer: NodeJS.Timeout | undefined
  #accessTimer: NodeJS.Timeout | undefined
  /** job and code of what was refused and is written down */
  readonly #refusals = new Set<string>()
  #link: CoordinatorLink | undefined
  #since: Date | undefined
  #certificatePem: string
  #keeper: Disposable | undefined
  #lastUpdate: Promise<void> = Promise.resolve()

  constructor(options: AgentOptions) {
    this.#options = options
    this.#jobsFolder = join(options.config.home, 'jobs')
    const { config, identity, trust, programs, log, now = () => new Date() } = options
    this.#roundLog = options.roundLog ?? new AgentLog({ home: config.home, identity, trust, log, now })
    this.#certificatePem = identity.tlsCertificatePem
    const wire = { send: (frame: AgentFrame) => this.#send(frame) }
    this.#around = {
      identity,
      roundLog: this.#roundLog,
      programs,
      approvals: options.approvals,
      refused: (job, error) => this.#recordRefusal(job, error),
      log,
      now,
      wire,
      get trust() {
        return trust.bundle
      },
    }
  }

  get connected(): Promise<void> {
    return this.#first.promise
  }

  status(): AgentStatus {
    const [isConnected, since, certificatePem] = [this.#link?.isConnected === true, this.#since, this.#certificatePem]
    return agentStatus([...this.#jobs.values()], { isConnected, since, certificatePem, damaged: this.#damaged.size })
  }

  async start(): Promise<void> {
    const { config, identity, trust, log, software } = this.#options
    for (const name of await listJobFolders(this.#jobsFolder)) {
      try {
        const job = await AgentJob.load(this.#around, join(this.#jobsFolder, name))
        if (job === undefined) continue
        this.#jobs.set(job.id, job)
        this.#roundLog.resume(job.id, job.spec, job.state)
      } catch (error) {
        log.error('job.damaged', error, { job: name })
        this.#damaged.set(name, toPlatformError(error))
      }
    }
    this.#roundLog.listen({
      wire: { send: (frame) => this.#send(frame) },
      sealed: () => {
        for (const job of this.#jobs.values()) job.logSealed()
      },
      violated: (parties, error) => this.#distrust(parties, error),
    })
    const { party, federation, tlsCertificatePem, tlsPrivateKeyPem } = identity
    const keys = { coordinatorRootPem: trust.bundle.coordinator.rootPem, tlsCertificatePem, tlsPrivateKeyPem }
    this.#link = new CoordinatorLink(
      { coordinator: config.coordinator, party, federation, software, log, ...keys },
      {
        openJobs: () => [...this.#jobs.values()].filter((job) => job.isOpen).map((job) => job.id),
        trustEdition: () => trust.bundle.edition,
        connected: () => this.#connected(),
        disconnected: () => {
          this.#since = new Date()
          for (const job of this.#jobs.values()) job.disconnected()
        },
        refused: (reason) => this.#refusedByCoordinator(reason),
        frame: (frame) => this.#frameArrived(frame),
      },
    )
    const carrier = new AccessCarrier(config.home, identity, this.#roundLog)
    this.#accessTimer = setInterval(() => {
      try {
        carrier.check()
      } catch (error) {
        log.error('access.unstated', error)
      }
    }, ACCESS_EVERY_MS)
    if (this.#options.approvals !== undefined) {
      const check = () => this.#checkApprovals().catch((error) => log.error('approvals.unchecked', error))
      this.#approvalsTimer = setInterval(() => void check(), APPROVALS_EVERY_MS)
    }
    const { renew, now = () => new Date() } = this.#options
    const renewed = (fresh: PartyIdentity) => {
      this.#certificatePem = fresh.tlsCertificatePem
      this.#link?.useCertificate(fresh)
    }
    if (renew !== undefined) this.#keeper = new CertificateKeeper({ identity, renew, renewed, log, now })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#approvalsTimer)
    clearInterval(this.#accessTimer)
    for (const job of this.#jobs.values()) job.disconnected()
    for (const job of this.#jobs.values()) await this.#inOrder(job.id, () => job.stop())
    await Promise.all(this.#queues.values())
    this.#keeper?.[Symbol.dispose]()
    await this.#link?.close()
    await this.#lastUpdate
    this.#roundLog[Symbol.dispose]()
  }

  #connected(): void {
    this.#first.resolve()
    this.#since = new Date()
    this.#sendCatalog().catch((error) => this.#options.log.error('catalog.failed', error))
    this.#roundLog.connected()
    for (const job of this.#jobs.values()) job.connected()
  }

  async #sendCatalog(): Promise<void> {
    this.#toldWaiting.clear() // a coordinator that started again has forgotten
    await this.#send({ body: 'catalog', catalog: { datasets: await this.#options.gate.catalog() } })
  }

  async #send(frame: AgentFrame): Promise<boolean> {
    return (await this.#link?.send(frame)) ?? false
  }

  #frameArrived(frame: CoordinatorFrame__Output): void {
    if (frame.body === 'chunk' && frame.chunk) {
      const { chunk } = frame
      if (this.#options.trust.isRevoked(chunk.from)) return this.#refuseRevoked()
      // Straight through, unless the job is just being started.
      if (this.#queues.has(chunk.job))
        void this.#inOrder(chunk.job, async () => this.#jobs.get(chunk.job)?.chunkArrived(chunk))
      else this.#jobs.get(chunk.job)?.chunkArrived(chunk)
    } else if (frame.ack) this.#jobs.get(frame.ack.job)?.ackArrived(frame.ack)
    else if (frame.log_entries) this.#roundLog.entriesArrived(frame.log_entries)
    else if (frame.log_ack) this.#roundLog.acknowledged(frame.log_ack)
    else if (frame.trust_update) this.#trustOffered(frame.trust_update)
    else if (frame.peer_up) {
      const { job, party } = frame.peer_up
      void this.#inOrder(job, async () => this.#jobs.get(job)?.peerUp(party))
    } else if (frame.invite) {
      const { invite } = frame
      void this.#inOrder(invite.job, () => this.#invited(invite))
    } else if (frame.job_started) {
      const { job, keys } = frame.job_started
      void this.#inOrder(job, () => this.#known(job).started(keys))
    } else if (frame.round_opened) {
      const { round_opened: opened } = frame
      void this.#inOrder(opened.job, async () => this.#known(opened.job).roundOpened(opened))
    } else if (frame.job_ended) {
      const { job_ended: ended } = frame
      void this.#inOrder(ended.job, async () => await this.#jobs.get(ended.job)?.endTold(ended))
    }
  }

  /** One update after the other: each edition builds on the one before. */
  #trustOffered(update: TrustUpdate__Output): void {
    this.#lastUpdate = this.#lastUpdate.then(() => this.#takeTrust(update))
  }

  async #takeTrust(update: TrustUpdate__Output): Promise<void> {
    const { trust, log } = this.#options
    try {
      log.info('trust.updated', await trust.take(update))
    } catch (error) {
      log.error('trust.refused', error)
    }
    this.#refuseRevoked()
  }

  /** Ends the jobs of a collaboration whose log is not what it should be. */
  #distrust(parties: readonly string[], error: PlatformError): void {
    const same = (job: AgentJob) => partiesOf(job.spec).toSorted().join() === parties.join()
    for (const job of this.#jobs.values()) if (job.isOpen && same(job)) job.fail(error)
  }

  /** Revoked as a whole, this party hears of no job's end any more: its jobs end here, with the same reason. */
  #refusedByCoordinator({ code, detail }: PlatformError): void {
    const { party } = this.#options.identity
    if (code !== 'identity.revoked' || detail['serial'] !== undefined) return
    const failure = { code, party, detail: { party } }
    for (const job of this.#jobs.values())
      if (job.isOpen) void this.#inOrder(job.id, () => job.ended('failed', failure))
  }

  /** Ends the jobs in which a revoked party takes part: nothing of it is believed any more. */
  #refuseRevoked(): void {
    for (const job of this.#jobs.values()) {
      const revoked = partiesOf(job.spec).find((party) => this.#options.trust.isRevoked(party))
      if (revoked !== undefined && job.isOpen) job.fail(new PlatformError('identity.revoked', { party: revoked }))
    }
  }

  /** Runs `work` after all earlier work of the job. What it throws ends the job at this party. */
  #inOrder(job: string, work: () => Promise<void>): Promise<void> {
    const before = this.#queues.get(job) ?? Promise.resolve()
    const done = before.then(work).catch((error) => this.#failed(job, toPlatformError(error)))
    this.#queues.set(job, done)
    void done.then(() => {
      if (this.#queues.get(job) === done) this.#queues.delete(job)
    })
    return done
  }

  #failed(id: string, error: PlatformError): void {
    const job = this.#jobs.get(id)
    if (job?.isOpen) return job.fail(error)
    this.#options.log.error('job.refused', error, { job: id.slice(0, 64) })
    const failure = wireFailure(error, this.#options.identity.party)
    void this.#send({ body: 'task_failed', task_failed: { job: id, task: '', round: 0, failure } })
  }

  #known(id: string): AgentJob {
    const job = this.#jobs.get(id)
    if (job !== undefined) return job
    throw this.#damaged.get(id) ?? new PlatformError('job.unknown', { job: id.slice(0, 64) })
  }

  async #invited(invite: Invite__Output): Promise<void> {
    const { identity, log } = this.#options
    try {
      const spec = verifiedInvitation(invite, this.#options) // nothing of it is believed or stored before this
      const known = this.#jobs.get(invite.job)
      if (known !== undefined && !known.isOpen && known.state !== 'declined')
        throw new PlatformError('job.bad-state', { job: invite.job, state: known.state })
      this.#roundLog.requireUsable(invite.job, spec)
      const decision = await this.#decide(invite.job, spec)
      const state = STATES[decision.kind]
      const folder = join(this.#jobsFolder, invite.job)
      const job = known ?? (await AgentJob.create(this.#around, folder, invite, spec, state))
      this.#jobs.set(invite.job, job)
      await job.decide(state)
      if (decision.kind === 'waiting') return this.#await(job, invite, decision)
      this.#awaiting.delete(invite.job)
      this.#toldWaiting.delete(invite.job)
      if (decision.kind === 'refused') throw decision.error
      const { key, signature } = await job.sealingKey()
      const keys = { sealing_key: Buffer.from(key.publicKey), sealing_signature: Buffer.from(signature) }
      const grant = this.#options.approvals?.grantFor(invite.job)
      this.#roundLog.accepted(invite.job, spec, invite.job_spec, grant)
      await this.#send({ body: 'invite_answer', invite_answer: { job: invite.job, accepted: true, ...keys } })
    } catch (thrown) {
      const error = toPlatformError(thrown)
      this.#recordRefusal(invite.job, error)
      log.warn('job.declined', { job: invite.job.slice(0, 64), code: error.code, reason: error.message })
      const refusal = wireFailure(error, identity.party)
      await this.#send({ body: 'invite_answer', invite_answer: { job: invite.job, accepted: false, refusal } })
    }
  }

  /** The policy first, then the approvals. */
  async #decide(job: string, spec: JobSpec): Promise<ApprovalDecision> {
    try {
      await this.#options.gate.admit(spec)
      await assertReusable(this.#jobsFolder, spec, this.#options.identity.party)
      await assertScorable(this.#jobsFolder, spec, this.#options.identity.party)
      return (await this.#options.approvals?.decide(job, spec)) ?? { kind: 'allowed' }
    } catch (error) {
      return { kind: 'refused', error: toPlatformError(error) }
    }
  }

  /** The invitation stays open: it is answered when people decided, or ends with the coordinator's deadline. */
  #await(job: AgentJob, invite: Invite__Output, { missing, signers }: ApprovalDecision & { kind: 'waiting' }): void {
    void this.#tellWaiting(job.id, signers)
    if (!this.#awaiting.has(job.id)) job.event('approval.awaited', { missing: missing.join('; ').slice(0, 2000) })
    this.#awaiting.set(job.id, invite)
  }

  /** Whoever watches the job sees who has to act. Once for each change, and after each connection. */
  async #tellWaiting(job: string, signers: readonly string[]): Promise<void> {
    const unit = signers.join(', ')
    if (this.#toldWaiting.get(job) === unit) return
    this.#toldWaiting.set(job, unit)
    const [done, total] = [2 - signers.length, 2]
    const place = { task: '', round: 0, sent_bytes: 0, received_bytes: 0 }
    await this.#send({ body: 'progress', progress: { job, ...place, phase: AWAITING_APPROVAL, done, total, unit } })
  }

  async #checkApprovals(): Promise<void> {
    const { approvals } = this.#options
    await approvals?.refresh()
    for (const job of this.#jobs.values()) job.enforceApproval()
    for (const [id, invite] of this.#awaiting) {
      if (this.#jobs.get(id)?.state === 'awaiting') void this.#inOrder(id, () => this.#invited(invite))
      else {
        this.#awaiting.delete(id)
        await approvals?.forget(id)
      }
    }
  }

  /** Once for each job and code. */
  #recordRefusal(job: string, error: PlatformError): void {
    const key = `${job}/${error.code}`
    if (this.#refusals.has(key)) return
    this.#refusals.add(key)
    const reasons = Object.entries(error.detail).map(([key, value]) => `${key}: ${String(value)}`)
    this.#options.governance?.policyRefused({ job: job.slice(0, 64), code: error.code, reasons })
    this.#jobs.get(job)?.event('policy.refused', { code: error.code, reasons: reasons.join('; ').slice(0, 2000) })
  }
}
