// A job as the coordinator stores it. Written by jobs/job-book.ts and by nothing else.
import type { HostGroup } from '#protocols/core/job-groups.ts'
import type { ErrorCode } from '#runtime/errors.ts'
import type { AttendanceBook } from './attendance.ts'
import type { JobState, TaskState } from './states.ts'

export interface JobFailure {
  readonly code: ErrorCode
  /** the party at which it happened, empty for the coordinator */
  readonly party: string
  readonly detail: Readonly<Record<string, string>>
}

/** What a party said to the invitation. Bytes are base64. */
export interface InviteReply {
  readonly accepted: boolean
  readonly sealingKey: string
  readonly sealingSignature: string
}

export interface TaskRecord {
  readonly task: string
  readonly protocol: string
  readonly maxRounds: number
  readonly state: TaskState
  /** the round that is open; 0 is setup */
  readonly round: number
  readonly startedAt: string
  readonly endedAt: string
  /** of a task that goes on without parties that are away, from its first round in which that happens */
  readonly attendance?: AttendanceBook
}

/** Times are RFC 3339 in UTC, empty where it has not happened yet. */
export interface JobRecord {
  readonly job: string
  /** base64 of the canonical JSON that the guest signed */
  readonly spec: string
  readonly signature: string
  readonly name: string
  readonly guest: string
  readonly hosts: readonly string[]
  /** absent where the job has none */
  readonly groups?: readonly HostGroup[]
  readonly state: JobState
  readonly submittedAt: string
  readonly startedAt: string
  readonly endedAt: string
  readonly replies: Readonly<Record<string, InviteReply>>
  readonly tasks: readonly TaskRecord[]
  readonly failure: JobFailure | null
  /** base64, of a job with an adder while it runs: half of what its sealing key is made from */
  readonly adderSalt?: string
}

export function partiesOfRecord(record: JobRecord): readonly string[] {
  return [record.guest, ...record.hosts]
}

export function runningTask(record: JobRecord): TaskRecord | undefined {
  return record.tasks.find((task) => task.state === 'running')
}

export function replaceTask(record: JobRecord, changed: TaskRecord): TaskRecord[] {
  return record.tasks.map((task) => (task.task === changed.task ? changed : task))
}
