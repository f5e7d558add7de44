// The rules of a whole log, record by record: chains of authors, approvals, jobs. It reads records whose bytes and
// signatures are checked, keeps memory for open jobs only, and reports what it finds.
import { keyIdOf } from '#crypto/log/ed25519.ts'
import { ApprovalRules } from './approval-rules.ts'
import { JobRules } from './job-rules.ts'
import type { Problem, ProblemCode, VerifyFacts } from './problems.ts'
import { type LogRecord, NO_RECORD, type RecordOf } from './records.ts'

export interface Participant {
  readonly name: string
  /** Ed25519, 32 bytes */
  readonly signingKey: Uint8Array
}

/** an author's record may be this much younger than its own cosignature over it: one clock, so nearly nothing */
const COSIGN_SLACK_MS = 2000

interface Author {
  seq: number
  prev: string
  first: string
  time: string
  records: number
  readonly approvals: ApprovalRules
  /** by class */
  readonly sent: Map<string, { messages: number; bytes: number }>
}

export class LogRules {
  readonly #collaboration: string
  readonly #keyids: ReadonlyMap<string, string>
  readonly #report: (problem: Problem) => void
  readonly #authors = new Map<string, Author>()
  readonly #jobs = new Map<string, JobRules>()
  /** jobs that every party closed: their ids must not come back */
  readonly #over = new Set<string>()
  readonly #kinds: Record<string, number> = {}
  #opened = false
  /** bundleDigest of the first record that opens the log */
  #trust = ''

  constructor(
    log: { readonly collaboration: string; readonly participants: readonly Participant[] },
    report: (problem: Problem) => void,
  ) {
    this.#collaboration = log.collaboration
    this.#keyids = new Map(log.participants.map(({ name, signingKey }) => [name, keyIdOf(signingKey)]))
    this.#report = report
    for (const name of this.#keyids.keys()) {
      const approvals = new ApprovalRules(name, report)
      const start = { seq: 0, prev: NO_RECORD, first: '', time: '', records: 0 }
      this.#authors.set(name, { ...start, approvals, sent: new Map() })
    }
  }

  /**
   * @param digest SHA-256 of the leaf, hex
   */
  add(index: number, record: LogRecord, digest: string): void {
    const author = this.#authors.get(record.author)
    if (author === undefined) {
      return this.#say('author-unknown', index, record.author, `${record.author} is no participant`)
    }
    if (record.collaboration !== this.#collaboration) {
      this.#say('leaf-malformed', index, record.author, `a record of ${record.collaboration}`)
    }
    this.#kinds[record.kind] = (this.#kinds[record.kind] ?? 0) + 1
    this.#chain(index, author, record, digest)
    this.#opening(index, record)
    this.#approvals(index, author, record)
    if (!OF_A_JOB.test(record.kind)) return
    if (record.job === '') this.#say('job-order', index, record.author, `${record.kind} names no job`)
    else if (this.#over.has(record.job)) {
      this.#say('job-order', index, record.author, `${record.kind} of a job that all parties closed`)
    } else this.#job(index, record)
  }

  /** When the log ends. @param cosigners whose clocks say when they had seen it all, in seconds since 1970 */
  finish(cosigners: readonly { readonly name: string; readonly time: number }[] = []): void {
    for (const job of this.#jobs.values()) job.finish()
    for (const { approvals } of this.#authors.values()) approvals.finish()
    for (const { name, time } of cosigners) {
      const last = this.#authors.get(name)?.time ?? ''
      if (last !== '' && Date.parse(last) > time * 1000 + COSIGN_SLACK_MS) {
        this.#report({ code: 'time-backwards', who: name, text: `${name} cosigned before it wrote its last record` })
      }
    }
  }

  facts(): Pick<VerifyFacts, 'kinds' | 'authors' | 'trust' | 'jobs' | 'sent'> {
    const authors = [...this.#authors]
    return {
      kinds: { ...this.#kinds },
      authors: authors.map(([name, { records, first, time }]) => ({ name, records, first, last: time })),
      trust: this.#trust,
      jobs: {
        proposed: this.#over.size + [...this.#jobs.values()].filter((job) => job.proposed).length,
        closed: this.#over.size,
      },
      sent: authors.flatMap(([party, { sent }]) =>
        [...sent].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, sums]) => ({ party, class: name, ...sums })),
      ),
    }
  }

  /** Sequence, hash chain and time of one author. After a break the chain goes on from the record that broke it. */
  #chain(index: number, author: Author, record: LogRecord, digest: string): void {
    const { seq, prev, time, author: who } = record
    if (seq <= author.seq) this.#say('duplicate-seq', index, who, `record ${seq} of ${who} was there before`)
    else if (seq !== author.seq + 1)
      this.#say('author-seq', index, who, `record ${seq} of ${who} follows its record ${author.seq}`)
    if (prev !== author.prev) this.#say('author-prev', index, who, `record ${seq} does not name the one before`)
    if (time < author.time) this.#say('time-backwards', index, who, `${time} follows ${author.time}`)
    author.seq = Math.max(seq, author.seq)
    author.prev = digest
    author.first ||= time
    if (time > author.time) author.time = time
    author.records += 1
  }

  #opening(index: number, record: LogRecord): void {
    if (record.kind !== 'collaboration.opened') {
      if (index === 0) this.#say('job-order', index, record.author, 'a log begins with collaboration.opened')
      return
    }
    if (this.#opened) this.#say('job-order', index, record.author, 'the collaboration is opened twice')
    if (!this.#opened) this.#trust = record.bundleDigest
    this.#opened = true
    this.#participants(index, record)
  }

  #participants(index: number, { participants, author }: RecordOf<'collaboration.opened'>): void {
    const same =
      participants.length === this.#keyids.size &&
      participants.every(({ party, keyid }) => this.#keyids.get(party) === keyid)
    if (!same) this.#say('unknown-key', index, author, 'the log was opened with other participants or keys')
  }

  #approvals(index: number, author: Author, record: LogRecord): void {
    const { approvals } = author
    if (record.kind === 'approval.granted') approvals.grant(index, record)
    else if (record.kind === 'approval.revoked') approvals.revoke(index, record)
    else if (record.kind === 'job.accepted') approvals.accept(index, record)
    else if (record.kind === 'cell.released' && record.check === 'passed') {
      approvals.release(index, this.#jobs.get(record.job)?.approvalOf(record.author) ?? '')
    } else if (record.kind === 'msg.sent') {
      approvals.send(index, record)
      const sums = author.sent.get(record.class) ?? { messages: 0, bytes: 0 }
      sums.messages += record.messages
      sums.bytes += record.bytes
      author.sent.set(record.class, sums)
    }
  }

  #job(index: number, record: LogRecord): void {
    let job = this.#jobs.get(record.job)
    if (job === undefined) {
      job = new JobRules([...this.#keyids.keys()], this.#report)
      this.#jobs.set(record.job, job)
    }
    job.add(index, record)
    if (record.kind !== 'job.closed' || !job.over) return
    job.finish()
    this.#jobs.delete(record.job)
    this.#over.add(record.job)
  }

  #say(code: ProblemCode, index: number, who: string, text: string): void {
    this.#report({ code, index, who, text })
  }
}

/** Kinds that make the course of a job; the others may name one at any time. */
const OF_A_JOB = /^(job|round|msg|cell|metric|model|key)\./
