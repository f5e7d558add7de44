// Frames of the scheduler, made from a job's record: sent when something happens, and again when an agent comes back.
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { PartyKey } from '#protos/gen/tributary/v1/PartyKey.ts'
import type { JobFailure, JobRecord } from './job-record.ts'
import { attendanceAt } from './attendance.ts'
import { partiesOfRecord, runningTask } from './job-record.ts'

export function inviteFrame(record: JobRecord): CoordinatorFrame {
  const invite = {
    job: record.job,
    job_spec: Buffer.from(record.spec, 'base64'),
    signature: Buffer.from(record.signature, 'base64'),
    submitted_at: record.submittedAt,
  }
  return { body: 'invite', invite }
}

/** With the sealing key of every party, and of the adder where the job has one. */
export function jobStartedFrame(record: JobRecord, adder?: PartyKey): CoordinatorFrame {
  const keys: PartyKey[] = partiesOfRecord(record).map((party) => ({
    party,
    sealing_key: Buffer.from(record.replies[party]?.sealingKey ?? '', 'base64'),
    sealing_signature: Buffer.from(record.replies[party]?.sealingSignature ?? '', 'base64'),
  }))
  if (adder !== undefined) keys.push(adder)
  return { body: 'job_started', job_started: { job: record.job, keys } }
}

/** A round of the running task, the open one or an earlier one; undefined between tasks. */
export function roundOpenedFrame(record: JobRecord, round: number): CoordinatorFrame | undefined {
  const open = runningTask(record)
  if (open === undefined) return undefined
  const { leftOut, voided } = attendanceAt(open, round)
  const left_out = Object.entries(leftOut).map(([party, reason]) => ({ party, reason }))
  return { body: 'round_opened', round_opened: { job: record.job, task: open.task, round, left_out, voided } }
}

/** @param leftOut parties that did not close the last round of a job that succeeded */
export function jobEndedFrame(
  job: string,
  state: string,
  failure: JobFailure | null,
  leftOut: readonly string[] = [],
): CoordinatorFrame {
  const left_out = leftOut.map((party) => ({ party, reason: 'away' }))
  return { body: 'job_ended', job_ended: { job, state, failure, left_out } }
}

export function peerUpFrame(job: string, party: string): CoordinatorFrame {
  return { body: 'peer_up', peer_up: { job, party } }
}
