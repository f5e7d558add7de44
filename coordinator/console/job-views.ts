// Jobs as people at the coordinator see them: who, which round, how far, how many bytes, which code. What a job is about
// (columns, data sets, the details of a failure, which can name columns) is with its parties.
import type { JobDetail, JobLine } from '#console/api/coordinator.ts'
import { collaborationIdOf } from '#protocols/log/records.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type JobRecord, partiesOfRecord, runningTask, type TaskRecord } from '../jobs/job-record.ts'
import type { JobState } from '../jobs/states.ts'
import { viewJob } from '../jobs/views.ts'
import type { Traffic } from '../relay/relay.ts'
import type { CoordinatorParts } from './parts.ts'

const PAGE = 50

export interface QueueQuery {
  readonly limit?: number
  readonly after?: string
  readonly state?: JobState
  readonly party?: string
}

export function queuePage(parts: CoordinatorParts, { limit = PAGE, ...filter }: QueueQuery) {
  const found = parts.book.jobs({ ...filter, limit: limit + 1 })
  const items = found.slice(0, limit).map((record) => jobLine(parts, record))
  const last = items.at(-1)
  return found.length > limit && last !== undefined ? { items, next: last.job } : { items }
}

function jobLine(parts: CoordinatorParts, record: JobRecord): JobLine {
  const task = runningTask(record) ?? record.tasks.findLast(({ state }) => state !== 'waiting' && state !== 'cancelled')
  const relayedBytes = bytesOf(trafficOf(parts, record))
  return { ...common(record), ...(task === undefined ? {} : { task: taskLine(task) }), relayedBytes }
}

/** @throws PlatformError job.unknown */
export function jobDetail(parts: CoordinatorParts, job: string): JobDetail {
  const { book, relay, scheduler, store, trust, config } = parts
  const record = book.job(job)
  if (record === undefined) throw new PlatformError('job.unknown', { job })
  const traffic = trafficOf(parts, record)
  const isConnected = (party: string) => relay.outletOf(party) !== undefined
  const view = viewJob(record, { progress: scheduler.progressOf(job), traffic, isConnected })
  const open = runningTask(record)
  const closings = open === undefined ? [] : store.closings(job, open.task, open.round)
  return {
    ...common(record),
    tasks: record.tasks.map(taskLine),
    parties: (view.parties ?? []).map((line) => {
      const { party = '', group = '', connected = false, task = '', phase = '', unit = '' } = line
      return {
        party,
        group,
        connected,
        answer: record.replies[party]?.accepted === true ? 'accepted' : 'waiting',
        task,
        round: Number(line.round ?? 0),
        phase,
        done: Number(line.done ?? 0),
        total: Number(line.total ?? 0),
        unit,
        sentBytes: Number(line.sent_bytes ?? 0),
        receivedBytes: Number(line.received_bytes ?? 0),
        closedRound: closings.some((closing) => closing.party === party),
      }
    }),
    traffic: traffic.map(({ from, to, bytes, chunks }) => ({ from, to, bytes, chunks })),
    quotaBytes: config.quotas.jobBytes,
    collaboration: collaborationIdOf(trust.bundle.federation, partiesOfRecord(record)),
  }
}

function common(record: JobRecord) {
  const { job, name, guest, hosts, state, submittedAt, startedAt, endedAt, failure } = record
  const ended = failure === null ? {} : { failure: { code: failure.code, party: failure.party } }
  return { job, name, guest, hosts: [...hosts], state, submittedAt, startedAt, endedAt, ...ended }
}

function taskLine({ task, protocol, state, round, maxRounds, startedAt, endedAt }: TaskRecord) {
  return { task, protocol, state, round, maxRounds, startedAt, endedAt }
}

function trafficOf({ relay, store }: CoordinatorParts, { job, state }: JobRecord): Traffic[] {
  return state === 'running' ? relay.trafficOf(job) : store.relayed(job)
}

export function bytesOf(traffic: readonly { readonly bytes: number }[]): number {
  return traffic.reduce((sum, { bytes }) => sum + bytes, 0)
}
