// Who takes part in a round of a job that goes on without parties that are away or late. Pure: all that is known comes in.
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { type JobRecord, partiesOfRecord, type TaskRecord } from './job-record.ts'

/** away: its agent is not connected; late: its update did not come in time; behind: it is back, and hears what it missed. */
export type Reason = 'away' | 'late' | 'behind'

/** The attendance of one round. Parties that it does not name take part. */
export interface Attendance {
  /** take no part, since before the round began */
  readonly leftOut: Readonly<Record<string, Reason>>
  /** took part, and were lost: the round does not wait for them */
  readonly lost: Readonly<Record<string, Reason>>
  /** it lost a party before its sum was made: there is no sum, and all end it as they began */
  readonly voided: boolean
  /** who was sent the sum; empty as long as none was made. A round with a sum is not voided any more */
  readonly summedBy: string
}

/** How often a party was lost, and the first round in which it may take part again. */
export interface Losses {
  readonly times: number
  readonly until: number
}

/** What a task that goes on without some parties keeps beside its open round. */
export interface AttendanceBook {
  readonly open: Attendance
  /** by round: those before, as far as somebody took no part or they were voided */
  readonly earlier: Readonly<Record<string, Pick<Attendance, 'leftOut' | 'voided'>>>
  readonly losses: Readonly<Record<string, Losses>>
}

export interface Seen {
  readonly nowMs: number
  readonly roundOpenedAtMs: number
  /** undefined while it is connected */
  absentSinceMs(party: string): number | undefined
  hasClosed(party: string): boolean
  /** its update of the open round is in the sum */
  hasSent(party: string): boolean
}

export type Dropout = NonNullable<NonNullable<JobSpec['average']>['dropout']>

const WHOLE: Attendance = { leftOut: {}, lost: {}, voided: false, summedBy: '' }
/** a party that is lost again and again rests for at most 2^8 rounds */
const MOST_DOUBLINGS = 8

/** The setting, where the open round of this task may go on without some; round 0 needs all. */
export function dropoutOf({ average }: JobSpec, { task, round }: TaskRecord): Dropout | undefined {
  return task === 'average' && round > 0 ? average?.dropout : undefined
}

export function attendanceOf({ attendance }: TaskRecord): Attendance {
  return attendance?.open ?? WHOLE
}

/** The same of an earlier round. */
export function attendanceAt(task: TaskRecord, round: number): Pick<Attendance, 'leftOut' | 'voided'> {
  if (round === task.round) return attendanceOf(task)
  return task.attendance?.earlier[round] ?? WHOLE
}

/** Whose updates are in the sum of the open round. */
export function participantsOf(record: JobRecord, task: TaskRecord): readonly string[] {
  const { leftOut } = attendanceOf(task)
  return partiesOfRecord(record).filter((party) => leftOut[party] === undefined)
}

/** Whom the open round waits for. */
export function closersOf(record: JobRecord, task: TaskRecord): readonly string[] {
  const { lost } = attendanceOf(task)
  return participantsOf(record, task).filter((party) => lost[party] === undefined)
}

/** Parties whose cosignatures nobody waits for. */
export function excusedIn(task: TaskRecord): readonly string[] {
  const { leftOut, lost } = attendanceOf(task)
  return [...Object.keys(leftOut), ...Object.keys(lost)]
}

/**
 * The task with the parties that were lost by now; undefined where none was. Before there is a sum, the round is voided
 * with that. With a sum it ends, and its opener is what it cannot do without.
 */
export function withLosses(record: JobRecord, task: TaskRecord, dropout: Dropout, seen: Seen): TaskRecord | undefined {
  const { open, earlier, losses } = bookOf(task)
  const { voided, summedBy } = open
  const closers = closersOf(record, task)
  if (summedBy !== '' && !seen.hasClosed(summedBy)) return undefined
  const lost: [string, Reason][] = closers.flatMap((party): [string, Reason][] => {
    if (seen.hasClosed(party)) return []
    if (isAway(party, dropout, seen)) return [[party, 'away']]
    const isOpen = !voided && summedBy === ''
    return isOpen && isLate(party, dropout, seen) ? [[party, 'late']] : []
  })
  if (lost.length === 0 || closers.length - lost.length < dropout.leastParties) return undefined
  const after = lost.map(([party]): [string, Losses] => {
    const times = (losses[party]?.times ?? 0) + 1
    return [party, { times, until: task.round + 1 + 2 ** Math.min(times - 1, MOST_DOUBLINGS) }]
  })
  const now = { ...open, lost: { ...open.lost, ...Object.fromEntries(lost) }, voided: voided || summedBy === '' }
  return { ...task, attendance: { open: now, earlier, losses: { ...losses, ...Object.fromEntries(after) } } }
}

/** The adder is about to send the sum of the open round. @returns the task that says so; undefined for a voided round */
export function withSum(task: TaskRecord, opener: string): TaskRecord | undefined {
  const book = bookOf(task)
  return book.open.voided ? undefined : { ...task, attendance: { ...book, open: { ...book.open, summedBy: opener } } }
}

/**
 * Who takes part in the next round, once the open one is closed by all that it waits for: whoever closed it too and is
 * there. @param inStep parties that take no part and have closed the round before
 * @returns undefined while somebody may still catch up, or there are too few
 */
export function nextParties(
  record: JobRecord,
  task: TaskRecord,
  dropout: Dropout,
  seen: Seen & { readonly inStep: (party: string) => boolean; readonly mayWait: boolean },
): readonly string[] | undefined {
  const { losses } = bookOf(task)
  const closers = closersOf(record, task)
  const isThere = (party: string) => seen.absentSinceMs(party) === undefined
  const isBack = (party: string) => isThere(party) && task.round + 1 >= (losses[party]?.until ?? 0)
  const others = partiesOfRecord(record).filter((party) => !closers.includes(party))
  if (seen.mayWait && others.some((party) => isThere(party) && seen.inStep(party) && !seen.hasClosed(party)))
    return undefined
  const next = partiesOfRecord(record).filter((party) => {
    if (!seen.hasClosed(party)) return false
    return closers.includes(party) ? !isAway(party, dropout, seen) : isBack(party)
  })
  return next.length < dropout.leastParties ? undefined : next
}

/** The next round with these parties. */
export function nextRound(
  record: JobRecord,
  task: TaskRecord,
  next: readonly string[],
  seen: Pick<Seen, 'absentSinceMs'>,
): TaskRecord {
  const { open, earlier, losses } = bookOf(task)
  const { leftOut, lost, voided } = open
  const reasonOf = (party: string): Reason => {
    if (seen.absentSinceMs(party) !== undefined) return 'away'
    return (lost[party] ?? leftOut[party]) === 'late' ? 'late' : 'behind'
  }
  const absent = partiesOfRecord(record).filter((party) => !next.includes(party))
  const isWhole = Object.keys(leftOut).length === 0 && !voided
  return {
    ...task,
    round: task.round + 1,
    attendance: {
      open: { ...WHOLE, leftOut: Object.fromEntries(absent.map((party) => [party, reasonOf(party)])) },
      earlier: isWhole ? earlier : { ...earlier, [task.round]: { leftOut, voided } },
      losses,
    },
  }
}

function bookOf({ attendance }: TaskRecord): AttendanceBook {
  return attendance ?? { open: WHOLE, earlier: {}, losses: {} }
}

function isAway(party: string, { awaySeconds }: Dropout, { absentSinceMs, nowMs }: Seen): boolean {
  const since = absentSinceMs(party)
  return since !== undefined && nowMs - since > awaySeconds * 1000
}

function isLate(party: string, { roundSeconds }: Dropout, { hasSent, nowMs, roundOpenedAtMs }: Seen): boolean {
  return roundSeconds !== undefined && !hasSent(party) && nowMs - roundOpenedAtMs > roundSeconds * 1000
}
