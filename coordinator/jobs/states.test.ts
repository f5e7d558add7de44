import { expect, test } from 'vitest'
import {
  hasEnded,
  JOB_EVENTS,
  JOB_STATES,
  JOB_TRANSITIONS,
  nextJobState,
  nextTaskState,
  TASK_EVENTS,
  TASK_STATES,
} from './states.ts'

/** Written out, so that a change of the table is a change of this list. */
const JOB_WAYS = new Set([
  'submitted invite inviting',
  'submitted fail failed',
  'submitted cancel cancelled',
  'inviting accept-all ready',
  'inviting refuse rejected',
  'inviting fail failed',
  'inviting cancel cancelled',
  'ready start running',
  'ready fail failed',
  'ready cancel cancelled',
  'running finish succeeded',
  'running fail failed',
  'running cancel cancelled',
])
const TASK_WAYS = new Set([
  'waiting start running',
  'waiting cancel cancelled',
  'running finish succeeded',
  'running fail failed',
  'running cancel cancelled',
])

function waysOf<State extends string, Event extends string>(
  states: readonly State[],
  events: readonly Event[],
  next: (state: State, event: Event) => State,
): Set<string> {
  const ways = new Set<string>()
  for (const state of states) {
    for (const event of events) {
      try {
        ways.add(`${state} ${event} ${next(state, event)}`)
      } catch (error) {
        expect(error).toMatchObject({ code: 'job.bad-state' })
      }
    }
  }
  return ways
}

test('of all pairs of job state and event, exactly these lead somewhere', () => {
  expect(waysOf(JOB_STATES, JOB_EVENTS, nextJobState)).toEqual(JOB_WAYS)
})

test('of all pairs of task state and event, exactly these lead somewhere', () => {
  expect(waysOf(TASK_STATES, TASK_EVENTS, nextTaskState)).toEqual(TASK_WAYS)
})

test('every job state can be reached, and an open job can always fail and be cancelled', () => {
  const reached = new Set(['submitted', ...Object.values(JOB_TRANSITIONS).flatMap((row) => Object.values(row))])
  expect(reached).toEqual(new Set(JOB_STATES))
  for (const state of JOB_STATES.filter((candidate) => !hasEnded(candidate))) {
    expect(JOB_TRANSITIONS[state]).toMatchObject({ fail: 'failed', cancel: 'cancelled' })
  }
})
