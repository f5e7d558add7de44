// What the scheduler knows of an open job beyond its record: none of it needs to survive a restart.
import { type JobSpec, parseJobSpec } from '#protocols/core/job-spec.ts'
import type { JobRecord } from './job-record.ts'

/** The last progress that a party reported. */
export interface PartyProgress {
  readonly task: string
  readonly round: number
  readonly phase: string
  readonly done: number
  readonly total: number
  readonly unit: string
}

export interface LiveJob {
  record: JobRecord
  readonly spec: JobSpec
  readonly progress: Map<string, PartyProgress>
  /** when each party last showed work, in ms */
  readonly activeAtMs: Map<string, number>
  roundOpenedAtMs: number
}

/** @throws PlatformError job.invalid */
export function liveJob(record: JobRecord, nowMs: number): LiveJob {
  const spec = parseJobSpec(Buffer.from(record.spec, 'base64'))
  return { record, spec, progress: new Map(), activeAtMs: new Map(), roundOpenedAtMs: nowMs }
}
