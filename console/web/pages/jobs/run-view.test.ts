import { expect, test } from 'vitest'
import type { JobProgress } from '#console/api/job-progress.ts'
import { type JobEvent, NOTHING_SEEN, type RunView, seen } from './run-view.ts'

const ROUNDS = 500
const PARTIES = Array.from({ length: 10 }, (_, i) => `party-${i}`)

/** A round in which one party is ahead and the others are as before. */
function progress(round: number, ahead = -1): JobProgress {
  const idle = { connected: true, stage: 'working', task: 'train', phase: 'gradients', total: 8 } as const
  return {
    job: 'job-0123456789abcdef0123',
    name: 'long',
    state: 'running',
    guest: 'party-0',
    isOwn: true,
    submitted: '2026-01-01T00:00:00Z',
    tasks: [
      { task: 'align', protocol: 'psi', state: 'succeeded', round: 1, rounds: 1 },
      { task: 'train', protocol: 'vertical-lr', state: 'running', round, rounds: ROUNDS },
    ],
    parties: PARTIES.map((party, i) => ({
      ...idle,
      party,
      round,
      done: i === ahead ? 5 : 1,
      sent: round * 1000,
      received: round * 1000,
    })),
    waits: [],
    at: `2026-01-01T00:00:${String(round % 60).padStart(2, '0')}Z`,
  }
}
const loss = (...rounds: number[]): JobEvent => ({
  kind: 'loss',
  task: 'train',
  points: rounds.map((round) => ({ round, loss: 1 / round })),
})
const after = (events: readonly JobEvent[], from: RunView = NOTHING_SEEN) => events.reduce(seen, from)

test('500 rounds of 10 parties: only what changed is another object, and the curve has every round once', () => {
  let view = NOTHING_SEEN
  let drawn = 0
  for (let round = 1; round <= ROUNDS; round++) {
    for (const ahead of PARTIES.keys()) {
      const before = view.job
      view = seen(view, { kind: 'job', job: progress(round, ahead) })
      drawn += view.job?.parties.filter((party) => !before?.parties.includes(party)).length ?? 0
      expect(view.job?.tasks[0]).toBe(before?.tasks[0] ?? view.job?.tasks[0])
    }
    view = seen(view, loss(round))
  }
  // each round all rows once, and for each party that moves on two rows: it, and the one before
  expect(drawn).toBe(ROUNDS * (PARTIES.length + 2 * (PARTIES.length - 1)))
  expect(view.curves[0]?.rounds).toEqual(Array.from({ length: ROUNDS }, (_, i) => i + 1))
  expect(view.curves[0]?.losses.at(-1)).toBe(1 / ROUNDS)
})

test('after a broken line all rounds come again, and count once', () => {
  const rounds = Array.from({ length: ROUNDS }, (_, i) => i + 1)
  const view = after([loss(...rounds.slice(0, 300)), loss(...rounds)])
  expect(view.curves).toHaveLength(1)
  expect(view.curves[0]?.rounds).toEqual(rounds)
})

test('while the coordinator is away what was seen stays', () => {
  const away = after([{ kind: 'job', job: progress(3) }, { kind: 'away' }])
  expect(away).toMatchObject({ isAway: true, job: { tasks: [{}, { round: 3 }] } })
  expect(seen(away, { kind: 'away' })).toBe(away)
  expect(after([{ kind: 'job', job: progress(4) }], away).isAway).toBe(false)
})
