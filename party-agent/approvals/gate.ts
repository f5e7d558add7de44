// Whether people of this owner allow a job: asked at the invitation, at each task, and before each message that leaves.
// What is on disk is looked at every second, so that a withdrawal reaches a running job within that time.
import { type Approval, type AskedOfOwner, type CardDigests, covers, isAbout } from '#protocols/core/approval.ts'
import type { Card } from '#protocols/core/card.ts'
import type { MessageHeader } from '#protocols/core/contract.ts'
import { groupOf } from '#protocols/core/job-groups.ts'
import { type JobSpec, planTasks } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import type { ApprovalGranted, GovernanceRecord } from '../governance.ts'
import type { ForeseenSpend } from '../ledger/privacy-gate.ts'
import type { MailGuard } from '../mail/guard.ts'
import { CARDS, cardDigests } from './cards.ts'
import { MessageCounter } from './message-counter.ts'
import { letsJobsRun } from './states.ts'
import { digestOf } from './statements.ts'
import type { ApprovalStore, StoredApproval } from './store.ts'

const REFRESH_MS = 1000

export type SignerRole = 'steward' | 'compliance'
const SIGNERS: readonly SignerRole[] = ['steward', 'compliance']

export type ApprovalDecision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'waiting'; readonly missing: readonly string[]; readonly signers: readonly SignerRole[] }
  | { readonly kind: 'refused'; readonly error: PlatformError }

/** What the agent asks. An agent whose configuration says `approvals: off` has none. */
export interface ApprovalGate extends Disposable {
  /** At the invitation. An allowed job counts as one run, once. */
  decide(job: string, spec: JobSpec): Promise<ApprovalDecision>
  /** Before a task opens data. @throws PlatformError approval.withdrawn, approval.narrower */
  recheck(job: string, spec: JobSpec): Promise<void>
  /** For the mailbox of a running job. @param sentBefore released aggregates of rounds that closed already */
  guard(job: string, spec: JobSpec, sentBefore: number): MailGuard | undefined
  /** Digest of the approval under which a job runs, or ''. */
  digestFor(job: string): string
  /** The approval under which a job was admitted, or undefined. */
  grantFor(job: string): ApprovalGranted | undefined
  /** The job ended here, or waits no longer. */
  forget(job: string): Promise<void>
  /** Looks at the disk now; also called every second. */
  refresh(): Promise<void>
}

export interface ApprovalGateOptions {
  readonly self: string
  readonly store: ApprovalStore
  readonly rules: {
    /** whether the party's own jobs need an approval for its own data */
    readonly ownJobs: 'approved' | 'allowed'
    /** an invitation without approval is kept open so long; 0 answers at once */
    readonly waitSeconds: number
  }
  readonly asked: (spec: JobSpec) => Promise<AskedOfOwner>
  /** what a job with differential privacy would make of the ε of its data set, for people who decide */
  readonly foresee?: (spec: JobSpec) => Promise<ForeseenSpend | undefined>
  readonly record: GovernanceRecord
  readonly log: Logger
  readonly now?: () => Date
  readonly cards?: readonly Card[]
}

/** Reads what is on disk and goes on reading every second. @throws PlatformError storage.* */
export async function openApprovalGate(options: ApprovalGateOptions): Promise<ApprovalGate> {
  const gate = new StoreGate(options)
  await gate.refresh()
  return gate
}

/** exported for experiments/scale, which times it */
export class StoreGate implements ApprovalGate {
  readonly #options: ApprovalGateOptions
  readonly #now: () => Date
  readonly #cards: readonly Card[]
  readonly #digests: CardDigests
  readonly #timer: NodeJS.Timeout
  #approvals: readonly StoredApproval[] = []
  #byJob: ReadonlyMap<string, StoredApproval> = new Map()
  /** one job is decided after the other: two must not share the last run of a budget */
  #deciding: Promise<unknown> = Promise.resolve()
  #reading: Promise<unknown> = Promise.resolve()
  /** when each waiting job was first asked about, in milliseconds since 1970 */
  readonly #waiting = new Map<string, number>()
  readonly #told = new Set<string>()

  constructor(options: ApprovalGateOptions) {
    this.#options = options
    this.#now = options.now ?? (() => new Date())
    this.#cards = options.cards ?? CARDS
    this.#digests = cardDigests(this.#cards)
    this.#timer = setInterval(() => {
      this.refresh().catch((error) => options.log.error('approvals.unread', error))
    }, REFRESH_MS)
    this.#timer.unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  refresh(): Promise<void> {
    // Not the read under way: that one may have passed a file that was written since.
    const read = this.#reading.then(() => this.#read())
    this.#reading = read.catch(() => undefined)
    return read
  }

  decide(job: string, spec: JobSpec): Promise<ApprovalDecision> {
    const { self, rules } = this.#options
    if (spec.guest.party === self && rules.ownJobs === 'allowed') return Promise.resolve({ kind: 'allowed' })
    const decided = this.#deciding.then(() => this.#decide(job, spec))
    this.#deciding = decided.catch(() => undefined)
    return decided
  }

  async #decide(job: string, spec: JobSpec): Promise<ApprovalDecision> {
    const { self, store } = this.#options
    await this.refresh()
    const refusal = await store.refusalOf(job)
    if (refusal !== undefined) {
      const { by, reason } = refusal
      return { kind: 'refused', error: new PlatformError('approval.refused', { party: self, job, by, reason }) }
    }
    const asked = await this.#options.asked(spec)
    const bound = this.#boundTo(job)
    if (bound !== undefined && this.#problem(bound) === undefined) return { kind: 'allowed' }
    const active = this.#approvals.filter((approval) => this.#problem(approval) === undefined && hasRunsLeft(approval))
    const verdicts = active.map((approval) => ({ approval, missing: this.#missing(approval, spec, asked) }))
    const covering = verdicts.find(({ missing }) => missing.length === 0)
    if (covering !== undefined) {
      await this.#count(covering.approval, job)
      return { kind: 'allowed' }
    }
    const near = verdicts
      .filter(({ approval: { document } }) => document !== undefined && isAbout(document, spec, asked))
      .toSorted((a, b) => a.missing.length - b.missing.length)[0]
    if (near !== undefined) {
      const detail = { party: self, dataset: asked.dataset, approval: near.approval.id, missing: near.missing }
      return { kind: 'refused', error: new PlatformError('approval.narrower', detail) }
    }
    return await this.#wait(job, spec, asked)
  }

  async recheck(job: string, spec: JobSpec): Promise<void> {
    const { self, rules } = this.#options
    if (spec.guest.party === self && rules.ownJobs === 'allowed') return
    await this.refresh()
    const error = this.#verdict(job)
    if (error !== undefined) throw error
    const bound = this.#boundTo(job) as StoredApproval
    const missing = this.#missing(bound, spec, await this.#options.asked(spec))
    if (missing.length > 0) throw new PlatformError('approval.narrower', { party: self, approval: bound.id, missing })
  }

  guard(job: string, spec: JobSpec, sentBefore: number): MailGuard | undefined {
    const { self, rules } = this.#options
    if (spec.guest.party === self && rules.ownJobs === 'allowed') return undefined
    const counter = new MessageCounter(sentBefore)
    // of every task; a member of a group also speaks with the other members
    const beside = groupOf(spec, self) === undefined ? [] : ['group']
    // significant digits of each step of the cards, 0 where there are none
    const steps = new Map<string, number>(
      planTasks(spec).flatMap(({ task, protocol }) =>
        this.#cards
          .filter((card) => [protocol, ...beside].includes(card.protocol))
          .flatMap((card) => card.messages)
          .map(({ step, class: kind, release }) => [`${task}/${step}/${kind}`, release?.digits ?? 0] as const),
      ),
    )
    return {
      verdict: () => this.#verdict(job),
      check: (task: string, peer: string, header: MessageHeader) => {
        const error = this.#verdict(job)
        if (error !== undefined) throw error
        const { floors, average } = (this.#boundTo(job) as StoredApproval).document as Approval // or there were a verdict
        const limit = (what: string, most: number) =>
          new PlatformError('approval.exceeded', { party: self, job, task, step: header.step, what, most })
        const digits = steps.get(`${task}/${header.step}/${header.kind}`)
        if (digits === undefined) throw limit(`a message of class ${header.kind} that is not on the card`, 0)
        if (digits > floors.maxDigits) throw limit('maxDigits', floors.maxDigits)
        if (header.round > floors.maxRounds) throw limit('maxRounds', floors.maxRounds)
        const { release } = header
        if (task === 'bin' && release !== undefined && !release.withheld && release.minimumRows < floors.minBinRows)
          throw limit('minBinRows', floors.minBinRows)
        const isGrowing = task === 'boost' || task === 'value'
        if (isGrowing && header.kind === 'split-sides' && (release?.minimumRows ?? 0) < floors.minLeafRows)
          throw limit('minLeafRows', floors.minLeafRows)
        const isShared = task === 'statistics' || task === 'average'
        const { minRows = 0 } = average ?? {}
        if (isShared && release !== undefined && !release.withheld && release.minimumRows < minRows)
          throw limit('minRows', minRows)
        if (counter.released(task, peer, header) > floors.maxReleasedCells)
          throw limit('maxReleasedCells', floors.maxReleasedCells)
      },
    }
  }

  digestFor(job: string): string {
    const bytes = this.#boundTo(job)?.bytes
    return bytes === undefined ? '' : digestOf(bytes)
  }

  grantFor(job: string): ApprovalGranted | undefined {
    const bound = this.#boundTo(job)
    return bound === undefined ? undefined : factOf(bound)
  }

  async forget(job: string): Promise<void> {
    this.#waiting.delete(job)
    await this.#options.store.dropRequest(job)
  }

  async #read(): Promise<void> {
    const { store, record } = this.#options
    this.#approvals = await store.all()
    this.#byJob = new Map(this.#approvals.flatMap((approval) => approval.runs.map((job) => [job, approval])))
    for (const approval of this.#approvals) {
      const { id, state, revocation, recorded = [] } = approval
      const fact = (name: 'granted' | 'revoked') => !recorded.includes(name) && !this.#told.has(`${id}/${name}`)
      const granted = factOf(approval)
      if (granted !== undefined && letsJobsRun(state) && fact('granted')) {
        this.#told.add(`${id}/granted`)
        record.approvalGranted(granted)
        await store.noteRecorded(id, 'granted')
      }
      if (revocation !== undefined && fact('revoked')) {
        this.#told.add(`${id}/revoked`)
        record.approvalRevoked(revocation)
        await store.noteRecorded(id, 'revoked')
      }
    }
  }

  #missing({ document }: StoredApproval, spec: JobSpec, asked: AskedOfOwner): readonly string[] {
    if (document === undefined) return ['the document is damaged']
    return covers(document, spec, asked, this.#digests, this.#now())
  }

  /** Who has yet to sign: both, or the second person where one signed an approval that covers the job. */
  #signersOf(spec: JobSpec, asked: AskedOfOwner): readonly SignerRole[] {
    const half = this.#approvals.find(
      (approval) => approval.state === 'signed-by-one' && this.#missing(approval, spec, asked).length === 0,
    )
    return SIGNERS.filter((role) => half?.signatures.every((signature) => signature.role !== role) ?? true)
  }

  #boundTo(job: string): StoredApproval | undefined {
    return this.#byJob.get(job)
  }

  /** Why no job may go on under an approval, or undefined. In memory: it is asked before every message. */
  #problem({ state, document, damage, revocation }: StoredApproval): string | undefined {
    if (damage !== undefined || document === undefined) return `damaged: ${damage?.code ?? 'no document'}`
    if (revocation !== undefined) return `withdrawn by ${revocation.by}: ${revocation.reason}`
    if (!letsJobsRun(state)) return `it is ${state}`
    const at = this.#now().toISOString()
    if (at >= document.validTo) return `it ended at ${document.validTo}`
    return at < document.validFrom ? `it begins at ${document.validFrom}` : undefined
  }

  #verdict(job: string): PlatformError | undefined {
    const { self } = this.#options
    const bound = this.#boundTo(job)
    if (bound === undefined) return new PlatformError('approval.missing', { party: self, job })
    const reason = this.#problem(bound)
    if (reason === undefined) return undefined
    return new PlatformError('approval.withdrawn', { party: self, job, approval: bound.id, reason })
  }

  async #count(approval: StoredApproval, job: string): Promise<void> {
    const { store, record } = this.#options
    await store.countRun(approval.id, job)
    await this.refresh()
    const used = this.#boundTo(job)
    const granted = used === undefined ? undefined : factOf(used)
    if (used === undefined || granted === undefined)
      throw new PlatformError('approval.tampered', { approval: approval.id })
    record.approvalUsed({ job, approval: granted, runsLeft: Math.max(0, granted.document.runs - used.runs.length) })
    await this.forget(job)
  }

  async #wait(job: string, spec: JobSpec, asked: AskedOfOwner): Promise<ApprovalDecision> {
    const { self, store, record, rules, foresee } = this.#options
    const nowMs = this.#now().getTime()
    const since = this.#waiting.get(job)
    const missing = asked.columns
      .slice(0, 20)
      .map((column) => `column ${column} of ${asked.dataset}: not approved by ${self}`)
    if (nowMs - (since ?? nowMs) >= rules.waitSeconds * 1000) {
      await this.forget(job)
      const detail = { party: self, job, dataset: asked.dataset, purpose: spec.purpose, missing }
      return { kind: 'refused', error: new PlatformError('approval.missing', detail) }
    }
    if (since === undefined) {
      this.#waiting.set(job, nowMs)
      const privacy = await foresee?.(spec)
      const time = this.#now().toISOString()
      await store.saveRequest({ job, spec, asked, missing, time, ...(privacy === undefined ? {} : { privacy }) })
      record.approvalAwaited({ job, missing })
    }
    return { kind: 'waiting', missing, signers: this.#signersOf(spec, asked) }
  }
}

function hasRunsLeft({ document, runs }: StoredApproval): boolean {
  return document !== undefined && runs.length < document.runs
}

function factOf({ id, document, bytes, signatures }: StoredApproval): ApprovalGranted | undefined {
  if (document === undefined || bytes === undefined) return undefined
  return { approval: id, digest: digestOf(bytes), document, bytes, signatures }
}
