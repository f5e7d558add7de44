// The round logs of an agent: one for each set of parties that it works with. It turns what happens in jobs into
// records, and holds back the next round until all participants have cosigned the last.
import { createHash } from 'node:crypto'
import { bundleDigest } from '#crypto/identity/bundle-signatures.ts'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import { logKeyOf, signingKeyOf, type TrustBundle } from '#crypto/identity/trust.ts'
import { keyIdOf } from '#crypto/log/ed25519.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { acceptedMark, closedMark } from '#protocols/log/marks.ts'
import { collaborationIdOf } from '#protocols/log/records.ts'
import { editionBytes } from '#protocols/log/trust-edition.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { LogAck__Output } from '#protos/gen/tributary/v1/LogAck.ts'
import type { LogEntries__Output } from '#protos/gen/tributary/v1/LogEntries.ts'
import { type ErrorCode, PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { readIfPresent } from '#runtime/files.ts'
import type { Revocation } from '../approvals/statements.ts'
import type { ApprovalGranted, GovernanceRecord, PolicyRefused } from '../governance.ts'
import type { DisclosureFact, DisclosureRecord } from '../ledger/facts.ts'
import type { MailWire } from '../mail/context.ts'
import type { RoundTold } from '../tasks/round-told.ts'
import { CollaborationLog, type Statement } from './collaboration-log.ts'
import { collaborationsIn } from './log-folders.ts'
import { metricsIn } from './metrics.ts'
import { type CellFact, type ReceivedLine, roundStatements } from './round-records.ts'
import type { Disclosure } from '../ledger/disclosures.ts'

export interface AgentLogOptions {
  readonly home: string
  readonly identity: Pick<PartyIdentity, 'federation' | 'party' | 'signStatement'>
  readonly trust: { readonly bundle: TrustBundle }
  readonly log: Logger
  readonly now?: () => Date
}

/** What the agent does about its logs. */
export interface LogListener {
  readonly wire: MailWire
  /** all participants cosigned: rounds that wait may go on */
  sealed(): void
  /** nothing more is believed of this collaboration */
  violated(parties: readonly string[], error: PlatformError): void
}

/** Where a job stands in its log: after which closed round, or accepted only. */
export type LogPlace = { readonly task: string; readonly round: number } | undefined

/** What happened in a round that runs. */
interface OpenRound {
  readonly sent: Disclosure[]
  readonly received: ReceivedLine[]
}

/** of frames with records: a frame to the coordinator holds at most 320 KiB */
const MAX_APPEND_BYTES = 256 * 1024
const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled'])
const POLICY = /^(policy|approval|egress|release|guard)\./
/** a relay and a network make these by themselves */
const HARMLESS: ReadonlySet<string> = new Set(['envelope.duplicate', 'envelope.out-of-order'])

export class AgentLog implements DisclosureRecord, Disposable {
  readonly #options: AgentLogOptions
  readonly #now: () => Date
  readonly #logs = new Map<string, CollaborationLog>()
  readonly #rounds = new Map<string, OpenRound>()
  readonly #cells = new Map<string, CellFact[]>()
  /** job → all its parties */
  readonly #parties = new Map<string, readonly string[]>()
  #listener: LogListener | undefined

  /** Opens every log that is on disk. @throws PlatformError storage.damaged */
  constructor(options: AgentLogOptions) {
    this.#options = options
    this.#now = options.now ?? (() => new Date())
    for (const parties of collaborationsIn(options.home)) this.#open(parties)
  }

  [Symbol.dispose](): void {
    for (const log of this.#logs.values()) log[Symbol.dispose]()
    this.#logs.clear()
  }

  listen(listener: LogListener): void {
    this.#listener = listener
  }

  /** A new connection: says what is held here, then what the log lacks. */
  connected(): void {
    for (const log of this.#logs.values()) {
      log.connected()
      this.#sync(log)
      this.#append(log)
    }
  }

  entriesArrived({ collaboration, from, leaves, checkpoint }: LogEntries__Output): void {
    const log = this.#logs.get(collaboration)
    if (log === undefined) return
    const before = log.size
    try {
      const answer = log.take({ from, leaves, checkpoint })
      if (answer.kind === 'cosigned') {
        const { size, line } = answer
        this.#send({ body: 'cosignature', cosignature: { collaboration, size, line } })
      } else if (answer.kind === 'more') this.#sync(log, answer.size)
      else if (answer.kind === 'sealed' || answer.kind === 'shown') this.#listener?.sealed()
      if (before === 0 && log.size > 0) this.#append(log)
    } catch (thrown) {
      const error = toPlatformError(thrown)
      if (!error.code.startsWith('log.')) this.#options.log.error('log.unwritten', error, { collaboration })
      this.#listener?.violated(log.parties, error)
    }
  }

  acknowledged({ collaboration, seq }: LogAck__Output): void {
    this.#logs.get(collaboration)?.acknowledge(seq)
  }

  /**
   * Before a job is accepted. The log of its parties is opened where there is none.
   * @throws PlatformError log.frozen, log.unknown-key, storage.*
   */
  requireUsable(job: string, spec: JobSpec): void {
    this.#parties.set(job, partiesOf(spec))
    const { incident, collaboration } = this.#logOf(partiesOf(spec))
    if (incident !== undefined) throw new PlatformError('log.frozen', { job, incident, collaboration })
  }

  /** This party takes part: the guest states the job, everybody that it accepts it, and under which approval. */
  accepted(job: string, spec: JobSpec, specBytes: Uint8Array, approval: ApprovalGranted | undefined): void {
    this.#parties.set(job, partiesOf(spec))
    const log = this.#logOf(partiesOf(spec))
    const specDigest = createHash('sha256').update(specBytes).digest('hex')
    const statements: Statement[] = []
    if (spec.guest.party === this.#options.identity.party) {
      const bytes = Buffer.from(specBytes).toString('base64')
      statements.push({ kind: 'job.proposed', job, specDigest, spec: bytes, parties: [...partiesOf(spec)] })
    }
    if (approval !== undefined) statements.push(grantOf(approval))
    statements.push({ kind: 'job.accepted', job, specDigest, approval: approval?.digest ?? '' })
    this.#write(log, statements)
  }

  async tell(fact: DisclosureFact): Promise<void> {
    if (fact.fact === 'refusal') return this.#refused(fact)
    if (fact.fact === 'cell.released') {
      const cells = this.#cells.get(fact.job) ?? []
      this.#cells.set(fact.job, [...cells.filter(({ what }) => what !== fact.what), fact])
      return
    }
    const round = this.#roundOf(fact)
    if (fact.fact === 'msg.sent') round.sent.push(fact)
    else round.received.push(fact)
  }

  /** A round begins, or begins again: what was told of it is forgotten. */
  roundStarted(at: { readonly job: string; readonly task: string; readonly round: number }): void {
    this.#rounds.delete(placeOf(at))
  }

  /** The round is over at this party: states all of it, once. Kept when it returns. @throws PlatformError storage.* */
  roundClosed(at: {
    readonly job: string
    readonly task: string
    readonly round: number
    readonly startedAt: Date
    readonly recordDigest: string
    readonly told?: RoundTold
  }): void {
    const { job, task, round, recordDigest } = at
    const log = this.#logOfJob(job)
    const told = this.#rounds.get(placeOf(at)) ?? { sent: [], received: [] }
    if (!log.history.hasRound(job, task, round, recordDigest)) {
      const self = this.#options.identity.party
      const cells = this.#cells.get(job) ?? []
      this.#write(log, roundStatements({ self, ...at, ...told, cells }))
    }
    this.#rounds.delete(placeOf(at))
    this.#cells.delete(job)
  }

  /** The digest of this party's part of the model, once its file is there. */
  async modelStored(at: { readonly job: string; readonly task: string; readonly round: number }, file: string) {
    const model = await readIfPresent(file)
    if (model === undefined) return
    const digest = createHash('sha256').update(model).digest('hex')
    this.#write(this.#logOfJob(at.job), [{ kind: 'model.digest', ...at, digest }])
  }

  /** The measures of the joint model, once the guest has its result: everybody hears what came out. */
  async resultStored(at: { readonly job: string; readonly task: string; readonly round: number }, file: string) {
    const metrics = metricsIn(await readIfPresent(file))
    this.#write(
      this.#logOfJob(at.job),
      metrics.map((metric): Statement => ({ kind: 'metric.released', ...at, step: 'result', ...metric })),
    )
  }

  /** What a person of this party read of a job, or handed out. Not stated where the job is not known here. */
  accessed(statement: Statement): void {
    const parties = this.#parties.get(statement.job)
    if (parties !== undefined) this.#write(this.#logOf(parties), [statement])
  }

  /** The job is over at this party. @param refused envelopes that it did not take, by code */
  ended(job: string, spec: JobSpec, state: string, code: string, refused: ReadonlyMap<ErrorCode, number>): void {
    this.#parties.set(job, partiesOf(spec))
    const log = this.#logOf(partiesOf(spec))
    if (log.history.has('job.closed', job)) return
    const at = { job, task: '', round: 0, peer: '' }
    const anomalies = [...refused.keys()].filter((refusal) => !HARMLESS.has(refusal))
    const closed = state === 'succeeded' || state === 'cancelled' ? state : 'failed'
    this.#write(log, [
      ...anomalies.map((refusal): Statement => ({ kind: 'anomaly', ...at, code: refusal })),
      { kind: 'job.closed', job, state: closed, code },
    ])
    this.#cells.delete(job)
  }

  /** True when the parties that are needed have closed what comes before, and have cosigned that. */
  isSealed(job: string, spec: JobSpec, after: LogPlace, needed = partiesOf(spec)): boolean {
    return this.#logOf(partiesOf(spec)).owing(needed, markAt(job, after)).sealed
  }

  /** A round was opened that should not have been. @returns why; the log is frozen and the evidence kept */
  refuseUnsealed(job: string, spec: JobSpec, after: LogPlace, needed = partiesOf(spec)): PlatformError {
    return this.#logOf(partiesOf(spec)).refuseUnsealed(needed, markAt(job, after))
  }

  /** Hears of approvals and refusals beside the file of the agent. */
  get governance(): Pick<GovernanceRecord, 'approvalRevoked' | 'policyRefused'> {
    return {
      approvalRevoked: (fact) => this.#revoked(fact),
      policyRefused: (fact) => this.#policyRefused(fact),
    }
  }

  #revoked({ digest, by }: Revocation): void {
    for (const log of this.#logs.values()) {
      if (!log.history.hasGranted(digest)) continue
      this.#write(log, [
        { kind: 'approval.revoked', job: '', approval: digest, person: by, code: 'approval.withdrawn' },
      ])
    }
  }

  #policyRefused({ job, code }: PolicyRefused): void {
    const parties = this.#parties.get(job)
    if (parties === undefined) return
    const at = { job, task: '', round: 0, step: '' }
    const decision = { code, approval: '', decision: 'refused' }
    this.#write(this.#logOf(parties), [{ kind: 'policy.refused', ...at, ...decision }])
  }

  #refused({ job, task, round, code }: Extract<DisclosureFact, { fact: 'refusal' }>): void {
    const parties = this.#parties.get(job)
    if (parties === undefined || code.startsWith('log.')) return
    const at = { job, task, round }
    const statement: Statement = POLICY.test(code)
      ? { kind: 'policy.refused', ...at, step: '', code, approval: '', decision: 'refused' }
      : { kind: 'anomaly', ...at, code, peer: '' }
    this.#write(this.#logOf(parties), [statement])
  }

  /** Keeps the records, then sends them. */
  #write(log: CollaborationLog, statements: readonly Statement[]): void {
    log.write(
      log.history.isEmpty && isOpener(log, this.#options.identity.party)
        ? [this.#opening(log), ...statements]
        : statements,
    )
    this.#append(log)
  }

  #opening({ parties }: CollaborationLog): Statement {
    const { identity, trust } = this.#options
    const participants = parties.map((party) => ({ party, keyid: keyIdOf(signingKeyOf(trust.bundle, party)) }))
    const { federation } = identity
    return { kind: 'collaboration.opened', job: '', federation, participants, bundleDigest: bundleDigest(trust.bundle) }
  }

  #append(log: CollaborationLog): void {
    const { collaboration } = log
    let leaves: Buffer[] = []
    let bytes = 0
    const flush = () => {
      if (leaves.length > 0) this.#send({ body: 'log_append', log_append: { collaboration, leaves } })
      leaves = []
      bytes = 0
    }
    for (const leaf of log.pending()) {
      if (bytes + leaf.length > MAX_APPEND_BYTES) flush()
      leaves.push(Buffer.from(leaf))
      bytes += leaf.length
    }
    flush()
  }

  #sync({ collaboration, parties, size: held }: CollaborationLog, size = held): void {
    this.#send({ body: 'log_sync', log_sync: { collaboration, parties: [...parties], size } })
  }

  #send(frame: AgentFrame): void {
    // what a lost connection takes with it is sent again after the next one
    this.#listener?.wire.send(frame).catch((error) => this.#options.log.error('frame.lost', error))
  }

  #roundOf(at: { readonly job: string; readonly task: string; readonly round: number }): OpenRound {
    const known = this.#rounds.get(placeOf(at)) ?? { sent: [], received: [] }
    this.#rounds.set(placeOf(at), known)
    return known
  }

  #logOfJob(job: string): CollaborationLog {
    const parties = this.#parties.get(job)
    if (parties === undefined) throw new PlatformError('job.unknown', { job })
    return this.#logOf(parties)
  }

  #logOf(parties: readonly string[]): CollaborationLog {
    const known = this.#logs.get(collaborationIdOf(this.#options.identity.federation, parties))
    if (known !== undefined) return known
    const log = this.#open(parties.toSorted())
    this.#sync(log)
    return log
  }

  #open(parties: readonly string[]): CollaborationLog {
    const { home, identity, trust, log } = this.#options
    const made = new CollaborationLog(home, {
      federation: identity.federation,
      party: identity.party,
      participants: parties.map((name) => ({ name, signingKey: signingKeyOf(trust.bundle, name) })),
      logKey: logKeyOf(trust.bundle),
      sign: identity.signStatement,
      now: this.#now,
      trust: () => {
        const { bundle } = trust
        return { digest: bundleDigest(bundle), edition: Buffer.from(editionBytes(bundle)).toString('utf8') }
      },
      log,
    })
    this.#logs.set(made.collaboration, made)
    return made
  }

  /** After a restart: a job that is on disk. One that ended just before the restart is stated to be over. */
  resume(job: string, spec: JobSpec, state: string): void {
    this.#parties.set(job, partiesOf(spec))
    const log = this.#logs.get(collaborationIdOf(this.#options.identity.federation, partiesOf(spec)))
    if (log?.history.has('job.accepted', job) === true && ENDED.has(state)) this.ended(job, spec, state, '', new Map())
  }
}

/** The first participant by name opens a log; the others wait for it. */
function isOpener({ parties }: CollaborationLog, party: string): boolean {
  return parties[0] === party
}

function grantOf({ digest, document, signatures }: ApprovalGranted): Statement {
  const signers = signatures.map(({ name: person, role, keyid, time }) => ({ person, role, keyid, time }))
  return { kind: 'approval.granted', job: '', approval: digest, document, signers }
}

function markAt(job: string, after: LogPlace): string {
  return after === undefined ? acceptedMark(job) : closedMark(job, after.task, after.round)
}

function placeOf({
  job,
  task,
  round,
}: {
  readonly job: string
  readonly task: string
  readonly round: number
}): string {
  return `${job}/${task}/${round}`
}
