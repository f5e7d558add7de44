import { expect, test } from 'vitest'
import { sampleJob } from '../store/store.contract.ts'
import { overdue, type Presence } from './deadlines.ts'

const START = Date.parse('2026-11-21T10:00:00.000Z')
const DEADLINES = { inviteSeconds: 60, peerSeconds: 100, jobSeconds: 1000 }
const running = sampleJob('job-a', { state: 'running', startedAt: '2026-11-21T10:00:00.000Z' })

/** @param seconds since the start */
function at(seconds: number, change: Partial<Presence> = {}): Presence {
  return {
    absentSinceMs: () => undefined,
    activeAtMs: () => START + seconds * 1000,
    hasClosedRound: () => false,
    roundOpenedAtMs: START,
    nowMs: START + seconds * 1000,
    ...change,
  }
}
const only = (party: string, seconds: number) => (other: string) =>
  other === party ? START + seconds * 1000 : undefined

test('an invitation names the first who did not answer, and lists all', () => {
  const answered = { bank: { accepted: true, sealingKey: '', sealingSignature: '' } }
  const inviting = sampleJob('job-a', { state: 'inviting', replies: answered })
  expect(overdue(inviting, DEADLINES, at(60))).toBeUndefined()
  const error = overdue(inviting, DEADLINES, at(60.1))
  expect(error).toMatchObject({ code: 'peer.timeout', detail: { party: 'tax', silent: ['tax', 'social'] } })
})

test('an absent party has peerSeconds from its leaving, or from the opening of the round if that is later', () => {
  const left = only('social', 10)
  expect(overdue(running, DEADLINES, at(110, { absentSinceMs: left }))).toBeUndefined()
  const late = at(110.1, { absentSinceMs: left })
  expect(overdue(running, DEADLINES, late)).toMatchObject({ code: 'peer.timeout', detail: { party: 'social' } })
  expect(overdue(running, DEADLINES, { ...late, roundOpenedAtMs: START + 50_000 })).toBeUndefined()
})

test('an absent party is overdue even if it closed the round: the next one needs it', () => {
  const presence = at(200, { absentSinceMs: only('tax', 0), hasClosedRound: (party) => party === 'tax' })
  expect(overdue(running, DEADLINES, presence)?.detail['party']).toBe('tax')
})

test('a round stays open while one who owes its end shows work', () => {
  const quiet = at(200, { activeAtMs: () => START })
  const working = at(200, { activeAtMs: (party) => (party === 'tax' ? START + 150_000 : START) })
  expect(overdue(running, DEADLINES, quiet)?.code).toBe('peer.timeout')
  expect(overdue(running, DEADLINES, working)).toBeUndefined()
  // work of one who closed it already does not count
  expect(overdue(running, DEADLINES, { ...working, hasClosedRound: (party) => party === 'tax' })?.code).toBe(
    'peer.timeout',
  )
})

test('of several who owe the end of a round the quietest is named and all are listed', () => {
  const activeAtMs = (party: string) => START + (party === 'social' ? 20_000 : 40_000)
  const error = overdue(running, DEADLINES, at(200, { activeAtMs, hasClosedRound: (party) => party === 'bank' }))
  expect(error?.detail).toMatchObject({ party: 'social', owing: ['tax', 'social'] })
})

test('a job has jobSeconds from its start, however busy it is', () => {
  expect(overdue(running, DEADLINES, at(1000))).toBeUndefined()
  expect(overdue(running, DEADLINES, at(1000.1))?.code).toBe('task.deadline')
  expect(overdue(sampleJob('job-a', { state: 'succeeded' }), DEADLINES, at(1e6))).toBeUndefined()
})

test('when all have closed the round and one does not cosign that, it is named', () => {
  const unlogged = { mark: 'closed/job-a/align/0', owing: ['tax'], sinceMs: START }
  const closed = { hasClosedRound: () => true, unlogged }
  expect(overdue(running, DEADLINES, at(100, closed))).toBeUndefined()
  const error = overdue(running, DEADLINES, at(100.1, closed))
  expect(error).toMatchObject({ code: 'log.not-cosigned', detail: { party: 'tax', owing: ['tax'] } })
  const ready = sampleJob('job-a', { state: 'ready' })
  expect(overdue(ready, DEADLINES, at(100.1, { unlogged }))?.code).toBe('log.not-cosigned')
})
