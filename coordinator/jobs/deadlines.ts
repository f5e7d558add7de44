// Which deadline of a job has passed, and whom it names. Pure: all that is known comes in.
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Unlogged } from './live-job.ts'
import { closersOf } from './attendance.ts'
import { type JobRecord, partiesOfRecord, runningTask } from './job-record.ts'

export interface Presence {
  /** when the party's connection ended, undefined while it is connected */
  readonly absentSinceMs: (party: string) => number | undefined
  /** when the party last showed that it works on this round: progress, or a chunk of it */
  readonly activeAtMs: (party: string) => number
  readonly hasClosedRound: (party: string) => boolean
  /** when this process sent the open round, so that a restart gives parties time to come back */
  readonly roundOpenedAtMs: number
  /** what the round log is waited for */
  readonly unlogged?: Unlogged | undefined
  readonly nowMs: number
}

/** The error to end the job with, or undefined while there is time. `detail.party` names who is waited for. */
export function overdue(
  record: JobRecord,
  deadlines: JobSpec['deadlines'],
  presence: Presence,
): PlatformError | undefined {
  const { nowMs } = presence
  if (record.state === 'inviting') return inviteOverdue(record, deadlines.inviteSeconds, nowMs)
  if (record.state !== 'running') return unloggedOverdue(deadlines.peerSeconds, presence)
  if (nowMs - Date.parse(record.startedAt) > deadlines.jobSeconds * 1000) {
    return new PlatformError('task.deadline', { job: record.job, jobSeconds: deadlines.jobSeconds })
  }
  const { peerSeconds } = deadlines
  const late = absentOverdue(record, peerSeconds, presence) ?? idleOverdue(record, peerSeconds, presence)
  return late ?? unloggedOverdue(peerSeconds, presence)
}

function inviteOverdue(record: JobRecord, inviteSeconds: number, nowMs: number): PlatformError | undefined {
  if (nowMs - Date.parse(record.submittedAt) <= inviteSeconds * 1000) return undefined
  const silent = partiesOfRecord(record).filter((party) => record.replies[party] === undefined)
  if (silent[0] === undefined) return undefined
  return new PlatformError('peer.timeout', {
    party: silent[0],
    waitedFor: 'an answer to the invitation',
    seconds: inviteSeconds,
    silent,
  })
}

/** All parties, but for those that the open round goes on without. */
function waitedFor(record: JobRecord): readonly string[] {
  const open = runningTask(record)
  return open === undefined ? partiesOfRecord(record) : closersOf(record, open)
}

/** All have closed the round, and one has not cosigned that: it names the first of them. */
function unloggedOverdue(peerSeconds: number, { unlogged, nowMs }: Presence): PlatformError | undefined {
  if (unlogged === undefined || nowMs - unlogged.sinceMs <= peerSeconds * 1000) return undefined
  const { mark, owing } = unlogged
  return new PlatformError('log.not-cosigned', { party: owing[0] ?? '', mark, seconds: peerSeconds, owing })
}

/** A party of the job that is not connected, whether or not it closed its round: the next one needs it. */
function absentOverdue(record: JobRecord, peerSeconds: number, presence: Presence): PlatformError | undefined {
  for (const party of waitedFor(record)) {
    const since = presence.absentSinceMs(party)
    if (since === undefined) continue
    if (presence.nowMs - Math.max(since, presence.roundOpenedAtMs) > peerSeconds * 1000) {
      return new PlatformError('peer.timeout', { party, waitedFor: 'its connection', seconds: peerSeconds })
    }
  }
  return undefined
}

/** Nobody who owes the end of the round shows work: names the one that has been quiet longest, and lists all. */
function idleOverdue(record: JobRecord, peerSeconds: number, presence: Presence): PlatformError | undefined {
  const owing = waitedFor(record).filter((party) => !presence.hasClosedRound(party))
  const quietSince = (party: string) => Math.max(presence.activeAtMs(party), presence.roundOpenedAtMs)
  if (owing.length === 0 || owing.some((party) => presence.nowMs - quietSince(party) <= peerSeconds * 1000)) {
    return undefined
  }
  const party = owing.reduce((quietest, next) => (quietSince(next) < quietSince(quietest) ? next : quietest))
  return new PlatformError('peer.timeout', { party, waitedFor: 'the end of its round', seconds: peerSeconds, owing })
}
