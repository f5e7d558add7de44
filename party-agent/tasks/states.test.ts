import { expect, test } from 'vitest'
import { assertTransition, endStateOf, isOpen, JOB_STATES, JOB_TRANSITIONS, type LocalJobState } from './states.ts'

test('every pair of states is either in the table or job.bad-state', () => {
  for (const from of JOB_STATES) {
    for (const to of JOB_STATES) {
      const allowed = (JOB_TRANSITIONS[from] as readonly LocalJobState[]).includes(to)
      if (allowed) assertTransition(from, to)
      else expect(() => assertTransition(from, to)).toThrowError(/^job\.bad-state/)
    }
  }
})

test('nothing follows an end, and only open jobs are named to the coordinator', () => {
  const ends = JOB_STATES.filter((state) => JOB_TRANSITIONS[state].length === 0)
  expect(ends).toEqual(['succeeded', 'failed', 'cancelled', 'rejected'])
  expect(JOB_STATES.filter(isOpen)).toEqual(['awaiting', 'accepted', 'started'])
  for (const end of ends) expect(endStateOf(end)).toBe(end)
})

test('an end that is none is protocol.malformed', () => {
  expect(() => endStateOf('started')).toThrowError(/^protocol\.malformed/)
})
