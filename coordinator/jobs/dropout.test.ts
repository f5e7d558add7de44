// A job that goes on without a party that is away or late.
import { expect, test } from 'vitest'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { silentLogger } from '#runtime/log.ts'
import { Outlet } from '../relay/outlet.ts'
import { Relay } from '../relay/relay.ts'
import { JobBook } from './job-book.ts'
import { Scheduler } from './scheduler.ts'
import { awayOnce, judge, type Party, run } from './simulated-dropout.ts'

test('a party that is away is left out, and takes part again once it is back', () => {
  const world = run(awayOnce)
  judge(world, 'no death')
  const [bank] = world.agents
  expect(bank!.closed.filter(({ voided }) => voided)).toHaveLength(1)
  const without = bank!.closed.filter(({ voided }) => !voided).map(({ without: names }) => names)
  expect(without).toContain('park')
  expect(without.at(-1)).toBe('')
  expect(world.agents.map(({ end }) => end)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded'])
})

test('a party that gives no update in time is left out of a round, then of two, then of four', () => {
  const world = run((party) => (party === 'tax' ? 'idles' : 'works'))
  judge(world, 'late')
  const [bank] = world.agents
  const words = bank!.closed.map(({ voided, without }) => (voided ? 'voided' : without))
  expect(words.slice(0, 12).join(' ')).toBe(' voided tax voided tax tax voided tax tax tax tax voided')
  expect(world.agents.map(({ end }) => end)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded'])
})

test('a party that does not come back has no model, and hears so', () => {
  const world = run((party, round) => (party === 'park' && round >= 2 ? 'away' : 'works'))
  judge(world, 'gone')
  const frames: CoordinatorFrame[] = []
  const relay = new Relay({ jobBytes: 1e9, now: () => 0 })
  const barrier = { owing: () => [], excuse: () => undefined }
  const scheduler = new Scheduler({
    book: new JobBook(world.store),
    store: world.store,
    relay,
    barrier,
    log: silentLogger,
    now: () => 0,
  })
  const write = (frame: CoordinatorFrame, flushed: () => void) => {
    frames.push(frame)
    flushed()
  }
  relay.connect(new Outlet('park', { write }, () => undefined))
  scheduler.agentConnected('park', ['job-a'])
  expect(frames.map((frame) => frame.job_ended?.failure?.code)).toEqual(['average.left-out'])
})

test('with two of four away there are too few: the job ends with who is missing', () => {
  const world = run((party, round) => (party !== 'bank' && party !== 'tax' && round >= 2 ? 'away' : 'works'))
  const { state, failure } = world.store.job('job-a') ?? {}
  expect([state, failure?.code]).toEqual(['failed', 'peer.timeout'])
  expect(world.agents.every(({ closed }) => closed.every(({ voided }) => !voided))).toBe(true)
})

test('a round whose sum was sent is not voided: it waits for its opener, and for nobody else', () => {
  const goneAfterSum = (gone: Party) => run((party, _, __, sums) => (party === gone && sums > 0 ? 'away' : 'works'))
  // of four parties the second opens round 1
  const opener = goneAfterSum('park')
  expect([...opener.sums]).toEqual([[1, 'park']])
  expect(opener.store.job('job-a')?.failure).toMatchObject({ code: 'peer.timeout' })
  for (const { closed } of opener.agents) expect(closed.map(({ round }) => round)).toEqual([0])
  const other = goneAfterSum('social')
  judge(other, 'another')
  expect(other.agents[0]!.closed.filter(({ voided }) => voided)).toEqual([])
  expect(other.agents[2]!.closed.map(({ round }) => round)).toEqual([0])
})
