// The states of a job and of a task, and the only ways between them.
import { PlatformError } from '#runtime/errors.ts'

export const JOB_STATES = [
  'submitted',
  'inviting',
  'ready',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'rejected',
] as const
export type JobState = (typeof JOB_STATES)[number]

export const JOB_EVENTS = ['invite', 'accept-all', 'start', 'finish', 'refuse', 'fail', 'cancel'] as const
export type JobEvent = (typeof JOB_EVENTS)[number]

export const TASK_STATES = ['waiting', 'running', 'succeeded', 'failed', 'cancelled'] as const
export type TaskState = (typeof TASK_STATES)[number]

export const TASK_EVENTS = ['start', 'finish', 'fail', 'cancel'] as const
export type TaskEvent = (typeof TASK_EVENTS)[number]

type Table<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>

export const JOB_TRANSITIONS: Table<JobState, JobEvent> = {
  submitted: { invite: 'inviting', fail: 'failed', cancel: 'cancelled' },
  inviting: { 'accept-all': 'ready', refuse: 'rejected', fail: 'failed', cancel: 'cancelled' },
  ready: { start: 'running', fail: 'failed', cancel: 'cancelled' },
  running: { finish: 'succeeded', fail: 'failed', cancel: 'cancelled' },
  succeeded: {},
  failed: {},
  cancelled: {},
  rejected: {},
}

export const TASK_TRANSITIONS: Table<TaskState, TaskEvent> = {
  waiting: { start: 'running', cancel: 'cancelled' },
  running: { finish: 'succeeded', fail: 'failed', cancel: 'cancelled' },
  succeeded: {},
  failed: {},
  cancelled: {},
}

/** @throws PlatformError job.bad-state, naming the state and what was asked */
export function nextJobState(state: JobState, event: JobEvent): JobState {
  const next = JOB_TRANSITIONS[state][event]
  if (next === undefined) throw new PlatformError('job.bad-state', { state, asked: event })
  return next
}

/** @throws PlatformError job.bad-state */
export function nextTaskState(state: TaskState, event: TaskEvent): TaskState {
  const next = TASK_TRANSITIONS[state][event]
  if (next === undefined) throw new PlatformError('job.bad-state', { taskState: state, asked: event })
  return next
}

/** Nothing leads out of an ended job. */
export function hasEnded(state: JobState): boolean {
  return Object.keys(JOB_TRANSITIONS[state]).length === 0
}
