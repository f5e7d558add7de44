// One job in the log: proposed, accepted by all, rounds in order with a barrier between them, closed by each party.
import { createHash } from 'node:crypto'
import { jobIdOf } from '../core/job-spec.ts'
import { isReleased } from '../core/schedule.ts'
import { hasAdder, isWithAdder, leastPartiesOf, misuseOfAdder } from './adder-rules.ts'
import { JobKeys, RoundMessages } from './message-rules.ts'
import type { Problem, ProblemCode } from './problems.ts'
import type { LogRecord, RecordKind, RecordOf } from './records.ts'

/** Kinds that need the author's own acceptance before. */
const IN_RUN: ReadonlySet<RecordKind> = new Set([
  'key.published',
  'round.opened',
  'round.closed',
  'msg.sent',
  'msg.received',
  'cell.released',
  'metric.released',
  'model.digest',
])

/** Where one party stands in one job. */
interface Standing {
  accepted: boolean
  /** digest under which it accepted, or empty */
  approval: string
  closed: boolean
  /** last task opened, empty before the first */
  task: string
  round: number
  open: boolean
  readonly doneTasks: Set<string>
  /** `<task>/<round>/<step>` that has a release record; of the last round opened */
  readonly released: Set<string>
}

export class JobRules {
  readonly #participants: readonly string[]
  readonly #report: (problem: Problem) => void
  readonly #standings = new Map<string, Standing>()
  readonly #rounds = new Map<string, RoundMessages>()
  readonly #keys: JobKeys
  #parties: readonly string[] | undefined
  #hasAdder = false
  #leastParties: number | undefined
  #succeeded = false

  constructor(participants: readonly string[], report: (problem: Problem) => void) {
    this.#participants = participants
    this.#report = report
    this.#keys = new JobKeys(report)
  }

  /** Every party of the job has closed it. */
  get over(): boolean {
    return this.#parties !== undefined && this.#parties.every((party) => this.#standings.get(party)?.closed === true)
  }

  get proposed(): boolean {
    return this.#parties !== undefined
  }

  /** Digest of the approval under which this party accepted the job, or empty. */
  approvalOf(party: string): string {
    return this.#standings.get(party)?.approval ?? ''
  }

  add(index: number, record: LogRecord): void {
    const own = this.#standingOf(record.author)
    const say = (code: ProblemCode, text: string) => this.#report({ code, index, who: record.author, text })
    if (own.closed) say('job-order', `${record.kind} after ${record.author} closed the job`)
    if (IN_RUN.has(record.kind) && !own.accepted) say('job-order', `${record.kind} before ${record.author} accepted`)
    switch (record.kind) {
      case 'job.proposed':
        return this.#propose(record, say)
      case 'job.accepted':
        if (own.accepted) say('job-order', 'accepted twice')
        if (record.job !== jobIdOfDigest(record.specDigest)) say('job-order', 'accepted another specification')
        own.accepted = true
        own.approval = record.approval
        return
      case 'round.opened':
        return this.#openRound(index, own, record, say)
      case 'msg.sent':
      case 'msg.received':
        return this.#message(index, own, record, say)
      case 'cell.released':
      case 'metric.released':
        if (record.kind === 'metric.released' || record.check === 'passed') own.released.add(placeOf(record))
        return
      case 'key.published':
        return this.#keys.publish(index, record)
      case 'round.closed':
        return this.#closeRound(index, own, record, say)
      case 'job.closed':
        own.closed = true
        if (record.state !== 'succeeded') return
        this.#succeeded = true
        if (own.open) say('round-open-without-close', `round ${own.round} of task ${own.task} is not closed`)
        return
      default:
    }
  }

  /** When the job is over, or the log ends. */
  finish(): void {
    if (!this.#succeeded || this.#parties === undefined) return
    for (const [party, { open, closed, task, round }] of this.#standings) {
      if (!open || closed) continue // said where it closed the job
      const text = `the job succeeded, and round ${round} of task ${task} is not closed`
      this.#report({ code: 'round-open-without-close', who: party, text })
    }
  }

  #propose({ specDigest, spec, job, parties, author }: RecordOf<'job.proposed'>, say: Say): void {
    const bytes = Buffer.from(spec, 'base64')
    if (createHash('sha256').update(bytes).digest('hex') !== specDigest || jobIdOf(bytes) !== job) {
      say('leaf-malformed', 'job id, digest and specification do not belong together')
    }
    if (this.#parties !== undefined) say('job-order', 'proposed twice')
    else if (parties[0] !== author) say('job-order', 'proposed by another party than its guest')
    const stranger = parties.find((party) => !this.#participants.includes(party))
    if (stranger !== undefined) say('author-unknown', `${stranger} is no participant of this collaboration`)
    if (this.#parties === undefined) {
      this.#hasAdder = hasAdder(bytes)
      this.#leastParties = leastPartiesOf(bytes)
    }
    this.#parties ??= parties
  }

  /** Round 0 of a task, or the next one; not before every party that takes part has closed the one before. */
  #openRound(index: number, own: Standing, record: RecordOf<'round.opened'>, say: Say): void {
    const { task, round, author } = record
    const parties = this.#parties ?? this.#participants
    const left = (record.leftOut ?? []).map(({ party }) => party)
    this.#checkLeft(left, record, say)
    this.#roundOf(task, round).open(index, author, left)
    const waiting = parties.filter((party) => this.#standings.get(party)?.accepted !== true)
    if (this.#parties === undefined || waiting.length > 0)
      say('job-order', `round opened before ${this.#parties === undefined ? 'the proposal' : waiting.join(', ')}`)
    const next = task === own.task ? round === own.round + 1 : round === 0 && !own.doneTasks.has(task)
    if (own.open || !next)
      say('round-order', `round ${round} of task ${task} after ${own.round} of ${own.task || 'none'}`)
    else if (waiting.length === 0) {
      const behind = parties.filter(
        (party) =>
          party !== author && !left.includes(party) && !hasClosed(this.#standings.get(party), own, task, round),
      )
      if (behind.length > 0)
        say('round-order', `round ${round} of task ${task} opened before ${behind.join(', ')} closed the one before`)
    }
    if (own.task !== task && own.task !== '') own.doneTasks.add(own.task)
    own.task = task
    own.round = round
    own.open = true
    own.released.clear()
  }

  /** Rounds of averaging go on without some parties where the job says so, with as many as it asks for. */
  #checkLeft(left: readonly string[], { task, round }: RecordOf<'round.opened'>, say: Say): void {
    if (left.length === 0) return
    const parties = this.#parties ?? this.#participants
    const here = parties.filter((party) => !left.includes(party)).length
    const isAllowed = task === 'average' && round > 0 && here >= (this.#leastParties ?? Number.POSITIVE_INFINITY)
    if (!isAllowed || here + left.length !== parties.length)
      say('round-order', `round ${round} of task ${task} without ${left.join(', ')}, which the job does not allow`)
  }

  #message(index: number, own: Standing, record: RecordOf<'msg.sent'> | RecordOf<'msg.received'>, say: Say): void {
    const { task, round, from, to, decryptableBy } = record
    if ((record.kind === 'msg.sent' ? from : to) !== record.author || from === to) {
      return say('leaf-malformed', 'a message record is written by the end it is of')
    }
    const withAdder = this.#hasAdder && isWithAdder(record)
    const misuse = withAdder ? misuseOfAdder(record) : undefined
    if (misuse !== undefined) return say('adder-misused', `${from} to ${to}: ${misuse}`)
    const named = withAdder ? [record.author, ...decryptableBy] : [from, to, ...decryptableBy]
    const stranger = named.find((party) => !(this.#parties ?? this.#participants).includes(party))
    if (stranger !== undefined) say('author-unknown', `${stranger} is no party of the job`)
    if (!isIn(own, record)) say('round-order', `a message of round ${round} of task ${task}, which is not open`)
    if (record.kind === 'msg.sent' && isReleased(record.class) && !own.released.has(placeOf(record))) {
      say('released-without-record', `step ${record.step} carries what was released, and no record released them`)
    }
    this.#roundOf(task, round).add(index, record, this.#hasAdder)
  }

  #closeRound(index: number, own: Standing, record: RecordOf<'round.closed'>, say: Say): void {
    const { task, round, author, voided = false } = record
    if (!isIn(own, { task, round }))
      return say('round-order', `round ${round} of task ${task} closed, which is not open`)
    own.open = false
    const messages = this.#roundOf(task, round)
    messages.close(index, author, voided)
    const parties = this.#parties ?? this.#participants
    if (voided && (task !== 'average' || round === 0 || this.#leastParties === undefined))
      say('round-order', `round ${round} of task ${task} is voided, which the job does not allow`)
    if (messages.isClosedBy(parties.filter((party) => !messages.leftOut.includes(party)))) messages.judge(this.#keys)
    // who was left out records later what it heard
    if (messages.isClosedBy(parties)) this.#rounds.delete(`${task}/${round}`)
  }

  #standingOf(party: string): Standing {
    let standing = this.#standings.get(party)
    if (standing === undefined) {
      const before = { accepted: false, approval: '', closed: false, task: '', round: -1, open: false }
      standing = { ...before, doneTasks: new Set(), released: new Set() }
      this.#standings.set(party, standing)
    }
    return standing
  }

  #roundOf(task: string, round: number): RoundMessages {
    const key = `${task}/${round}`
    let messages = this.#rounds.get(key)
    if (messages === undefined) {
      messages = new RoundMessages(this.#report)
      this.#rounds.set(key, messages)
    }
    return messages
  }
}

type Say = (code: ProblemCode, text: string) => void

/** `other` has closed what comes before `round` of `task`, seen from a party that stood at `own` before opening it. */
function hasClosed(other: Standing | undefined, own: Standing, task: string, round: number): boolean {
  if (other === undefined) return false
  if (other.task === task) return other.round >= round || (other.round === round - 1 && !other.open)
  return round === 0 && !other.open && other.task === own.task && other.round === own.round
}

function isIn(own: Standing, at: { readonly task: string; readonly round: number }): boolean {
  return own.open && own.task === at.task && own.round === at.round
}

function placeOf(at: { readonly task: string; readonly round: number; readonly step: string }): string {
  return `${at.task}/${at.round}/${at.step}`
}

/** jobIdOf for a specification of which only the digest is at hand. */
function jobIdOfDigest(specDigest: string): string {
  return `job-${specDigest.slice(0, 20)}`
}
