// What was allowed, used, withdrawn, refused, kept back or strange, across jobs: from the round logs that all cosign, and
// what this party alone keeps beside them, governance.jsonl and the incidents of its logs.
import { join } from 'node:path'
import type { GovernanceLine } from '#console/api/record-shapes.ts'
import { readIncidents } from '../log/incident.ts'
import { type HeldLog, recordOfLeaf } from '../log/log-index.ts'
import { MIRROR_FILE, MirrorStore } from '../log/mirror-store.ts'
import { readJsonLines } from '../results/stored.ts'
import { gistOf, timeOf } from './record-runs.ts'

type Kind = GovernanceLine['kind']

export interface GovernanceFilter {
  readonly kind?: Kind
  readonly party?: string
  readonly job?: string
  /** days, YYYY-MM-DD */
  readonly from?: string
  readonly to?: string
}

/** Enough of a line to sort and to filter it; the rest is read for the lines that are shown. */
export interface GovernanceHead extends Pick<GovernanceLine, 'id' | 'time' | 'kind' | 'party' | 'job'> {
  whole(): GovernanceLine
}

/** Newest first. @throws PlatformError storage.damaged */
export async function governanceHeads(
  home: string,
  party: string,
  logs: readonly HeldLog[],
  filter: GovernanceFilter,
): Promise<readonly GovernanceHead[]> {
  const inLogs = logs.flatMap(headsOfLog)
  const own = await headsOfParty(home, party, logs)
  const incidents = logs.flatMap((log) => headsOfIncidents(log, party))
  const used = filter.job === undefined ? new Set<string>() : approvalsUsedBy(filter.job, logs)
  const fits = ({ id, kind, party: by, job, time }: GovernanceHead) =>
    (filter.kind === undefined || filter.kind === kind) &&
    (filter.party === undefined || filter.party === by) &&
    (filter.job === undefined || filter.job === job || used.has(id)) &&
    isWithin(time, filter)
  const all = [...inLogs, ...own, ...incidents].filter(fits)
  return all.toSorted((a, b) => (a.time === b.time ? order(b.id, a.id) : order(b.time, a.time)))
}

/** An approval names no job: which of them a job used, its acceptances say. */
function approvalsUsedBy(job: string, logs: readonly HeldLog[]): ReadonlySet<string> {
  return new Set(
    logs.flatMap(({ index, collaboration }) => {
      const of = index.jobs.get(job)
      return of === undefined ? [] : index.approvalRecords(of).map((number) => `${collaboration}-${number}`)
    }),
  )
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Whole days of UTC. */
export function isWithin(time: string, { from, to }: Pick<GovernanceFilter, 'from' | 'to'>): boolean {
  const day = time.slice(0, 10)
  return (from === undefined || day >= from) && (to === undefined || day <= to)
}

function headsOfLog(log: HeldLog): GovernanceHead[] {
  const { index, collaboration, folder } = log
  return index.governing.map(({ number, job }): GovernanceHead => {
    const { kind: recorded, author: party, time: at } = index.columns.row(number)
    const kind = (recorded === 'round.closed' ? 'round.voided' : recorded) as Kind
    const head = { id: `${collaboration}-${number}`, time: timeOf(at), kind, party, job }
    const whole = (): GovernanceLine => {
      using store = new MirrorStore(join(folder, MIRROR_FILE), { readOnly: true })
      const record = recordOfLeaf(store.leaf(number) as Uint8Array)
      const approval = record.kind === 'approval.granted' ? { approval: record.document.id } : {}
      return { ...head, source: 'log', collaboration, number, ...approval, gist: gistOf(record) }
    }
    return { ...head, whole }
  })
}

/** As fileGovernanceRecord writes it. */
interface GovernanceEvent {
  readonly time: string
  readonly event: Kind
  readonly job?: string
  readonly approval?: string
  readonly digest?: string
  readonly [field: string]: unknown
}

/** What no log says: uses, waiting jobs, and what concerned no job of a log. */
async function headsOfParty(home: string, party: string, logs: readonly HeldLog[]): Promise<GovernanceHead[]> {
  const events = await readJsonLines<GovernanceEvent>(join(home, 'governance.jsonl'))
  const isLogged = ({ event, digest = '', job = '' }: GovernanceEvent) => {
    if (event === 'approval.granted' || event === 'approval.revoked')
      return logs.some(({ index }) => index.hasApproval(digest))
    return event === 'policy.refused' && logs.some(({ index }) => hasRefusal(index, job, party))
  }
  return events.flatMap((event, i): GovernanceHead[] => {
    if (isLogged(event)) return []
    const { time, event: kind, job = '', approval } = event
    const head = { id: `party-${i}`, time, kind, party, job }
    const named = approval === undefined ? {} : { approval }
    return [{ ...head, whole: () => ({ ...head, source: 'party', ...named, gist: gistOfEvent(event) }) }]
  })
}

function hasRefusal(index: HeldLog['index'], job: string, party: string): boolean {
  return index.governing.some(({ number, job: of }) => {
    if (of !== job) return false
    const { kind, author } = index.columns.row(number)
    return kind === 'policy.refused' && author === party
  })
}

function gistOfEvent(event: GovernanceEvent): GovernanceLine['gist'] {
  const gist: GovernanceLine['gist'] = {}
  for (const name of ['code', 'by', 'reason', 'runsLeft'])
    if (typeof event[name] === 'string' || typeof event[name] === 'number') gist[name] = event[name]
  for (const name of ['reasons', 'missing']) {
    const list = event[name]
    if (Array.isArray(list)) gist[name] = list.join('; ')
  }
  return gist
}

function headsOfIncidents({ folder, collaboration }: HeldLog, party: string): GovernanceHead[] {
  return readIncidents(folder).map(({ name, time, code, detail }): GovernanceHead => {
    const job = typeof detail['job'] === 'string' ? detail['job'] : ''
    const head = { id: `${collaboration}-${name}`, time, kind: 'log.incident' as const, party, job }
    return { ...head, whole: () => ({ ...head, source: 'party', collaboration, gist: { code, file: name } }) }
  })
}
