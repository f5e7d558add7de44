// The points of a job at which nobody goes on before all parties have recorded that they came so far: what the barrier
// between rounds looks for in the log.
import type { LogRecord } from './records.ts'

/** Every party accepted the job: the first round may open. */
export function acceptedMark(job: string): string {
  return `accepted/${job}`
}

/** Every party closed this round: the next one may open. */
export function closedMark(job: string, task: string, round: number): string {
  return `closed/${job}/${task}/${round}`
}

/** Every party knows the end of the job. */
export function endedMark(job: string): string {
  return `ended/${job}`
}

/** The mark that a record makes for its author, or undefined. */
export function markOf(record: LogRecord): string | undefined {
  if (record.kind === 'job.accepted') return acceptedMark(record.job)
  if (record.kind === 'round.closed') return closedMark(record.job, record.task, record.round)
  return record.kind === 'job.closed' ? endedMark(record.job) : undefined
}
