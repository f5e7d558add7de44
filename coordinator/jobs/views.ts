// A job as a modeler's command line sees it.
import type { JobView } from '#protos/gen/tributary/v1/JobView.ts'
import { ACCEPTED, LEFT_OUT } from '#protocols/core/phases.ts'
import type { Traffic } from '../relay/relay.ts'
import { attendanceOf } from './attendance.ts'
import { type JobRecord, partiesOfRecord, runningTask } from './job-record.ts'
import type { PartyProgress } from './live-job.ts'

export interface ViewParts {
  readonly progress: ReadonlyMap<string, PartyProgress>
  /** bytes relayed so far, resends included */
  readonly traffic: readonly Traffic[]
  readonly isConnected: (party: string) => boolean
}

const NO_PROGRESS: PartyProgress = { task: '', round: 0, phase: '', done: 0, total: 0, unit: '' }

export function viewJob(record: JobRecord, { progress, traffic, isConnected }: ViewParts): JobView {
  const bytesOf = (party: string, side: 'from' | 'to') =>
    traffic.filter((count) => count[side] === party).reduce((sum, count) => sum + count.bytes, 0)
  const accepted = (party: string) => record.state === 'inviting' && record.replies[party]?.accepted === true
  const open = runningTask(record)
  const leftOut = open === undefined ? {} : { ...attendanceOf(open).leftOut, ...attendanceOf(open).lost }
  const progressOf = (party: string) => {
    const reason = leftOut[party]
    if (open !== undefined && reason !== undefined)
      return { ...NO_PROGRESS, task: open.task, round: open.round, phase: LEFT_OUT, unit: reason }
    return progress.get(party) ?? (accepted(party) ? { ...NO_PROGRESS, phase: ACCEPTED } : NO_PROGRESS)
  }
  return {
    job: record.job,
    name: record.name,
    guest: record.guest,
    hosts: [...record.hosts],
    state: record.state,
    submitted_at: record.submittedAt,
    started_at: record.startedAt,
    ended_at: record.endedAt,
    tasks: record.tasks.map(({ task, protocol, state, round, maxRounds, startedAt, endedAt }) => {
      return { task, protocol, state, round, max_rounds: maxRounds, started_at: startedAt, ended_at: endedAt }
    }),
    failure_code: record.failure?.code ?? '',
    failure_party: record.failure?.party ?? '',
    failure_detail: { ...record.failure?.detail },
    parties: partiesOfRecord(record).map((party) => ({
      party,
      connected: isConnected(party),
      ...progressOf(party),
      sent_bytes: bytesOf(party, 'from'),
      received_bytes: bytesOf(party, 'to'),
      group: record.groups?.find(({ members }) => members.includes(party))?.name ?? '',
    })),
  }
}
