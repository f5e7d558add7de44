// What the scheduler knows of an open job beyond its record: none of it needs to survive a restart.
import { type JobSpec, parseJobSpec } from '#protocols/core/job-spec.ts'
import type { Progress__Output } from '#protos/gen/tributary/v1/Progress.ts'
import type { JobFailure, JobRecord, TaskRecord } from './job-record.ts'

const MAX_WORD_CHARS = 80

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
  /** when all that the open round waits for had closed it */
  closedAtMs: number | undefined
  /** the point at which the round log is waited for, and by whom */
  unlogged: Unlogged | undefined
  /** the end that was decided but could not be written yet */
  ending: JobEnding | undefined
}

export interface Unlogged {
  readonly mark: string
  /** parties without a record of it, or without a cosignature over it */
  readonly owing: readonly string[]
  readonly sinceMs: number
}

export interface JobEnding {
  readonly event: 'finish' | 'fail' | 'cancel' | 'refuse'
  readonly failure: JobFailure | null
  readonly tasks: readonly TaskRecord[]
}

/** What a party reports, its words cut to a length that may be shown. */
export function readProgress({ task, round, phase, done, total, unit }: Progress__Output): PartyProgress {
  const word = (text: string) => text.slice(0, MAX_WORD_CHARS)
  return { task: word(task), round, phase: word(phase), done, total, unit: word(unit) }
}

/** @throws PlatformError job.invalid */
export function liveJob(record: JobRecord, nowMs: number): LiveJob {
  const spec = parseJobSpec(Buffer.from(record.spec, 'base64'))
  const none = { closedAtMs: undefined, unlogged: undefined, ending: undefined }
  return { record, spec, progress: new Map(), activeAtMs: new Map(), roundOpenedAtMs: nowMs, ...none }
}
