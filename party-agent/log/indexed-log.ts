// One round log as a console asks for it: jobs with what became of them, approvals, sums of what left, and each record in
// columns. Built from leaves that the agent verified when it stored them, in their order; nothing is verified again.
import { END, LogColumns } from './log-columns.ts'
import type { LogRecord } from '#protocols/log/records.ts'

/** A job as its records tell it so far. */
export interface IndexedJob {
  readonly job: string
  readonly name: string
  readonly purpose: string
  readonly guest: string
  readonly parties: readonly string[]
  /** milliseconds since 1970 */
  readonly started: number
  /** numbers of its records in the log, ascending */
  readonly numbers: readonly number[]
  /** the last of its course: whoever reads later adds records to it */
  readonly lastOfCourse: number
  /** of each round in the order of its first opening; position 1 of the axis is the first of them */
  readonly rounds: readonly { readonly task: string; readonly round: number }[]
  readonly closed: ReadonlyMap<string, { readonly state: string; readonly time: number }>
  /** approvals under which parties accepted it, by party */
  readonly approvals: ReadonlyMap<string, string>
  readonly counts: Readonly<Record<'refusals' | 'anomalies' | 'withheld' | 'voided', number>>
}

export interface SentSum {
  readonly job: string
  readonly party: string
  readonly class: string
  records: number
  messages: number
  bytes: number
  readonly first: number
  last: number
}

interface GrowingJob extends IndexedJob {
  name: string
  purpose: string
  guest: string
  parties: readonly string[]
  started: number
  readonly numbers: number[]
  lastOfCourse: number
  readonly rounds: { task: string; round: number }[]
  readonly closed: Map<string, { state: string; time: number }>
  readonly approvals: Map<string, string>
  readonly counts: Record<'refusals' | 'anomalies' | 'withheld' | 'voided', number>
  readonly axis: Map<string, number>
  /** positions of rounds that were voided: each party says it */
  readonly voided: Set<number>
  /** the position that each author is at */
  readonly at: Map<string, number>
}

/** Kinds that a list across jobs shows, beside cells that were kept back and rounds that were voided. */
const GOVERNING = new Set(['approval.granted', 'approval.revoked', 'policy.refused', 'anomaly'])

export class IndexedLog {
  readonly columns = new LogColumns()
  readonly #jobs = new Map<string, GrowingJob>()
  /** numbers of the records that granted or withdrew an approval, by its digest */
  readonly #approvals = new Map<string, number[]>()
  readonly #sent = new Map<string, SentSum>()
  /** [number, job] of what was allowed, withdrawn, refused, kept back, voided, or strange */
  readonly governing: { readonly number: number; readonly job: string }[] = []

  get size(): number {
    return this.columns.length
  }

  get jobs(): ReadonlyMap<string, IndexedJob> {
    return this.#jobs
  }

  get sent(): Iterable<SentSum> {
    return this.#sent.values()
  }

  /** Records that granted or withdrew the approvals which parties of the job accepted it under. */
  approvalRecords({ approvals }: IndexedJob): number[] {
    return [...new Set(approvals.values())].flatMap((digest) => this.#approvals.get(digest) ?? [])
  }

  hasApproval(digest: string): boolean {
    return this.#approvals.has(digest)
  }

  add(record: LogRecord): void {
    const number = this.columns.length
    const time = Date.parse(record.time)
    const job = record.job === '' ? undefined : this.#jobOf(record.job, time)
    job?.numbers.push(number)
    if (job !== undefined && record.kind !== 'access' && record.kind !== 'export.made') job.lastOfCourse = number
    let [flag, name, peer, bytes] = [0, '', '', 0]
    switch (record.kind) {
      case 'approval.granted':
      case 'approval.revoked':
        this.#approvals.set(record.approval, [...(this.#approvals.get(record.approval) ?? []), number])
        break
      case 'job.proposed':
        if (job !== undefined) propose(job, record, time)
        break
      case 'job.accepted':
        if (record.approval !== '') job?.approvals.set(record.author, record.approval)
        break
      case 'round.opened':
        flag = record.leftOut?.length ?? 0
        break
      case 'round.closed':
        flag = record.voided === true ? 1 : 0
        break
      case 'cell.released':
        flag = record.check === 'refused' ? 1 : 0
        break
      case 'msg.sent':
      case 'msg.received':
        name = record.class
        peer = record.kind === 'msg.sent' ? record.to : record.from
        bytes = record.bytes
        if (record.kind === 'msg.sent') this.#send(record, time)
        break
      default:
    }
    const position = job === undefined ? 0 : positionIn(job, record)
    if (record.kind === 'job.closed') job?.closed.set(record.author, { state: record.state, time })
    const isFirst = record.kind !== 'round.closed' || flag === 0 || job?.voided.has(position) === false
    if (job !== undefined && isFirst) count(job, record.kind, flag, position)
    const isKept = record.kind === 'cell.released' || record.kind === 'round.closed'
    if (GOVERNING.has(record.kind) || (isKept && flag > 0 && isFirst)) this.governing.push({ number, job: record.job })
    this.columns.push({ kind: record.kind, author: record.author, class: name, peer, position, time, bytes, flag })
  }

  #jobOf(job: string, started: number): GrowingJob {
    const known = this.#jobs.get(job)
    if (known !== undefined) return known
    const made: GrowingJob = {
      job,
      name: '',
      purpose: '',
      guest: '',
      parties: [],
      started,
      numbers: [],
      lastOfCourse: -1,
      rounds: [],
      closed: new Map(),
      approvals: new Map(),
      counts: { refusals: 0, anomalies: 0, withheld: 0, voided: 0 },
      axis: new Map(),
      voided: new Set(),
      at: new Map(),
    }
    this.#jobs.set(job, made)
    return made
  }

  #send({ job, from, class: name, messages, bytes }: Extract<LogRecord, { kind: 'msg.sent' }>, time: number): void {
    const key = `${job} ${from} ${name}`
    const none = { job, party: from, class: name, records: 0, messages: 0, bytes: 0, first: time, last: time }
    const sum = this.#sent.get(key) ?? none
    sum.records += 1
    sum.messages += messages
    sum.bytes += bytes
    sum.last = Math.max(sum.last, time)
    this.#sent.set(key, sum)
  }
}

/** Where the end of the job is on its axis. */
export function endOf({ rounds }: IndexedJob): number {
  return rounds.length + 1
}

/** @param position as it stands in the columns */
export function placeOf(job: IndexedJob, position: number): number {
  return position === END ? endOf(job) : position
}

/** What names its round is there; all else is where its author was. */
function positionIn(job: GrowingJob, record: LogRecord): number {
  const { author, kind } = record
  if (kind === 'job.closed') {
    job.at.set(author, END)
    return END
  }
  if ('task' in record && record.task !== '') {
    const key = `${record.task} ${record.round}`
    let position = job.axis.get(key)
    if (position === undefined && kind === 'round.opened') {
      position = job.rounds.push({ task: record.task, round: record.round })
      job.axis.set(key, position)
    }
    if (kind === 'round.opened') job.at.set(author, position as number)
    if (position !== undefined) return position
  }
  return job.at.get(author) ?? 0
}

function count({ counts, voided }: GrowingJob, kind: LogRecord['kind'], flag: number, position: number): void {
  if (kind === 'policy.refused') counts.refusals += 1
  if (kind === 'anomaly') counts.anomalies += 1
  if (kind === 'cell.released') counts.withheld += flag
  if (kind !== 'round.closed' || flag === 0) return
  counts.voided += 1
  voided.add(position)
}

function propose(
  job: GrowingJob,
  { spec, author, parties }: Extract<LogRecord, { kind: 'job.proposed' }>,
  time: number,
): void {
  const { name, purpose } = namesIn(spec)
  Object.assign(job, { name, purpose, guest: author, parties, started: time })
}

/** The job's own words; a file that is none says nothing. */
function namesIn(spec: string): { readonly name: string; readonly purpose: string } {
  const wordsIn = (value: unknown) => (typeof value === 'string' ? value.slice(0, 500) : '')
  try {
    const value = JSON.parse(Buffer.from(spec, 'base64').toString('utf8')) as { name?: unknown; purpose?: unknown }
    return { name: wordsIn(value?.name), purpose: wordsIn(value?.purpose) }
  } catch {
    return { name: '', purpose: '' }
  }
}
