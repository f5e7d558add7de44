// The facts of a log that a person asks for, gathered while it is verified: who allowed it, what left, who could decrypt it,
// which thresholds were met, what was refused. Sums are complete; lists and time lines are cut and say so.
import type { LogRecord, RecordOf } from '#protocols/log/records.ts'

const MAX_LISTED = 2000

export interface ApprovalFact {
  readonly owner: string
  readonly approval: string
  readonly document: RecordOf<'approval.granted'>['document']
  readonly signers: RecordOf<'approval.granted'>['signers']
  readonly granted: string
  readonly revoked?: { readonly person: string; readonly time: string }
}

export interface JobFact {
  readonly job: string
  guest: string
  parties: readonly string[]
  proposed: string
  /** of the job's file, where it says one */
  purpose: string
  readonly accepted: { readonly party: string; readonly time: string; readonly approval: string }[]
  readonly closed: { readonly party: string; readonly time: string; readonly state: string; readonly code: string }[]
}

export interface Sum {
  records: number
  messages: number
  bytes: number
}
export interface SentFact extends Sum {
  readonly party: string
  readonly class: string
}
export interface FlowFact extends Sum {
  readonly job: string
  readonly task: string
  readonly step: string
  readonly from: string
  readonly to: string
  readonly class: string
  readonly decryptableBy: readonly string[]
}
export interface ThresholdFact {
  readonly party: string
  readonly what: string
  readonly count: string
  readonly threshold: number
  readonly check: string
  times: number
}
export interface KeyFact {
  readonly keyId: string
  readonly owner: string
  readonly purpose: string
  readonly job: string
}
/** One party in one round; times are empty where there is no record. */
export interface RoundFact {
  readonly job: string
  readonly task: string
  readonly round: number
  readonly party: string
  readonly opened: string
  closed: string
}

export interface Evidence {
  readonly approvals: readonly ApprovalFact[]
  readonly jobs: readonly JobFact[]
  readonly sent: readonly SentFact[]
  readonly flows: readonly FlowFact[]
  readonly thresholds: readonly ThresholdFact[]
  readonly keys: readonly KeyFact[]
  readonly rounds: readonly RoundFact[]
  readonly metrics: readonly RecordOf<'metric.released'>[]
  readonly refusals: readonly RecordOf<'policy.refused'>[]
  readonly anomalies: readonly RecordOf<'anomaly'>[]
  readonly reads: readonly (RecordOf<'access'> | RecordOf<'export.made'>)[]
  /** a list or time line was cut */
  readonly cut: boolean
}

export class EvidenceCollector {
  readonly #job: string
  readonly #approvals = new Map<string, ApprovalFact>()
  readonly #used = new Set<string>()
  readonly #jobs = new Map<string, JobFact>()
  readonly #sent = new Map<string, SentFact>()
  readonly #flows = new Map<string, FlowFact>()
  readonly #thresholds = new Map<string, ThresholdFact>()
  readonly #rounds = new Map<string, RoundFact>()
  readonly #keys: KeyFact[] = []
  readonly #metrics: RecordOf<'metric.released'>[] = []
  readonly #refusals: RecordOf<'policy.refused'>[] = []
  readonly #anomalies: RecordOf<'anomaly'>[] = []
  readonly #reads: (RecordOf<'access'> | RecordOf<'export.made'>)[] = []
  #cut = false

  /** @param job only what belongs to this job; empty: everything */
  constructor(job = '') {
    this.#job = job
  }

  add(record: LogRecord): void {
    // an approval names no job: which of them the job used is known at the end
    if (record.kind === 'approval.granted') return this.#grant(record)
    if (record.kind === 'approval.revoked') return this.#revoke(record)
    if (this.#job !== '' && record.job !== this.#job) return
    switch (record.kind) {
      case 'job.proposed':
        return this.#propose(record)
      case 'job.accepted': {
        const { author: party, time, approval } = record
        if (approval !== '') this.#used.add(approval)
        return this.#keep(this.#jobOf(record.job)?.accepted, { party, time, approval })
      }
      case 'job.closed': {
        const { author: party, time, state, code } = record
        return this.#keep(this.#jobOf(record.job)?.closed, { party, time, state, code })
      }
      case 'msg.sent':
        return this.#send(record)
      case 'cell.released':
        return this.#release(record)
      case 'key.published': {
        const { keyId, author: owner, purpose, job } = record
        return this.#keep(this.#keys, { keyId, owner, purpose, job })
      }
      case 'round.opened': {
        const { job, task, round, author: party, time } = record
        this.#once(this.#rounds, placeOf(record), () => ({ job, task, round, party, opened: time, closed: '' }))
        return
      }
      case 'round.closed': {
        const round = this.#rounds.get(placeOf(record))
        if (round !== undefined) round.closed = record.time
        return
      }
      case 'metric.released':
        return this.#keep(this.#metrics, record)
      case 'policy.refused':
        return this.#keep(this.#refusals, record)
      case 'anomaly':
        return this.#keep(this.#anomalies, record)
      case 'access':
      case 'export.made':
        return this.#keep(this.#reads, record)
      default:
    }
  }

  evidence(): Evidence {
    const approvals = [...this.#approvals.values()]
    return {
      approvals: this.#job === '' ? approvals : approvals.filter(({ approval }) => this.#used.has(approval)),
      jobs: [...this.#jobs.values()],
      sent: [...this.#sent.values()].toSorted((a, b) => order(a.party, b.party) || order(a.class, b.class)),
      flows: [...this.#flows.values()],
      thresholds: [...this.#thresholds.values()],
      keys: this.#keys,
      rounds: [...this.#rounds.values()],
      metrics: this.#metrics,
      refusals: this.#refusals,
      anomalies: this.#anomalies,
      reads: this.#reads,
      cut: this.#cut,
    }
  }

  #grant({ author: owner, approval, document, signers, time: granted }: RecordOf<'approval.granted'>): void {
    this.#once(this.#approvals, approval, () => ({ owner, approval, document, signers, granted }))
  }

  #revoke({ approval, person, time }: RecordOf<'approval.revoked'>): void {
    const known = this.#approvals.get(approval)
    if (known !== undefined) this.#approvals.set(approval, { ...known, revoked: { person, time } })
  }

  #propose({ job, author, parties, time, spec }: RecordOf<'job.proposed'>): void {
    const fact = this.#jobOf(job)
    if (fact !== undefined) Object.assign(fact, { guest: author, parties, proposed: time, purpose: purposeIn(spec) })
  }

  #send(record: RecordOf<'msg.sent'>): void {
    const { job, task, step, from, to, class: name, decryptableBy, approval, messages, bytes } = record
    if (approval !== '') this.#used.add(approval)
    const sent = this.#once(this.#sent, `${from} ${name}`, () => ({ party: from, class: name, ...NOTHING }))
    const key = [job, task, step, from, to, name, ...decryptableBy].join(' ')
    const flow = this.#once(this.#flows, key, () => ({
      job,
      task,
      step,
      from,
      to,
      class: name,
      decryptableBy,
      ...NOTHING,
    }))
    for (const sum of [sent, flow]) {
      if (sum === undefined) continue
      sum.records += 1
      sum.messages += messages
      sum.bytes += bytes
    }
  }

  #release({ author: party, what, count, threshold, check }: RecordOf<'cell.released'>): void {
    const key = [party, what, count, threshold, check].join('\n')
    const fact = this.#once(this.#thresholds, key, () => ({ party, what, count, threshold, check, times: 0 }))
    if (fact !== undefined) fact.times += 1
  }

  #jobOf(job: string): JobFact | undefined {
    return this.#once(this.#jobs, job, () => {
      return { job, guest: '', parties: [], proposed: '', purpose: '', accepted: [], closed: [] }
    })
  }

  /** The entry of this key, made if there is room. */
  #once<T>(map: Map<string, T>, key: string, make: () => T): T | undefined {
    let entry = map.get(key)
    if (entry === undefined) {
      if (map.size >= MAX_LISTED) {
        this.#cut = true
        return undefined
      }
      entry = make()
      map.set(key, entry)
    }
    return entry
  }

  #keep<T>(list: T[] | undefined, item: T): void {
    if (list === undefined || list.length >= MAX_LISTED) this.#cut = true
    else list.push(item)
  }
}

const NOTHING: Sum = { records: 0, messages: 0, bytes: 0 }
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function placeOf({ job, task, round, author }: RecordOf<'round.opened'> | RecordOf<'round.closed'>): string {
  return [job, task, round, author].join(' ')
}

/** The job's own words; a file that is none says nothing. */
function purposeIn(spec: string): string {
  try {
    const value = JSON.parse(Buffer.from(spec, 'base64').toString('utf8')) as { purpose?: unknown } | null
    return typeof value?.purpose === 'string' ? value.purpose.slice(0, 500) : ''
  } catch {
    return ''
  }
}
