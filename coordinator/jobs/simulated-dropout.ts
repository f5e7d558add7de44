// Test support: a job that goes on without a party that is away or late, with agents that do as the contract wants, and a
// scheduler that may die at a write.
import { expect } from 'vitest'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { silentLogger } from '#runtime/log.ts'
import type { JobAdder } from '../adder/job-adder.ts'
import { Outlet } from '../relay/outlet.ts'
import { Relay } from '../relay/relay.ts'
import { openMemoryStore } from '../store/memory.ts'
import { sampleJob } from '../store/store.contract.ts'
import type { Store } from '../store/store.ts'
import { JobBook } from './job-book.ts'
import { Scheduler } from './scheduler.ts'

const PARTIES = ['bank', 'park', 'social', 'tax'] as const
export type Party = (typeof PARTIES)[number]
const ROUNDS = 12
const STEP_MS = 500
const WRITES = new Set<PropertyKey>(['insertJob', 'saveJob', 'closeRound', 'saveRelayed'])
class Killed extends Error {}

const dropout = { leastParties: 3, awaySeconds: 2, roundSeconds: 6 }
const spec = {
  version: 1,
  name: 'x',
  guest: { party: 'bank', dataset: 'a' },
  hosts: PARTIES.slice(1).map((party) => ({ party, dataset: 'b' })),
  average: { rounds: ROUNDS, dropout },
  deadlines: { peerSeconds: 20 },
}
const task = {
  task: 'average',
  protocol: 'fedavg',
  maxRounds: 40,
  state: 'waiting',
  round: 0,
  startedAt: '',
  endedAt: '',
} as const

/** What a party does at a step of time: works, is away, or is there and gives no update. */
export type Conduct = 'works' | 'away' | 'idles'

export interface Agent {
  readonly party: Party
  inbox: CoordinatorFrame[]
  /** the round that it was told to run last, and who is left out of it */
  told: { readonly round: number; readonly without: string; readonly voided: boolean } | undefined
  readonly closed: { readonly round: number; readonly voided: boolean; readonly without: string }[]
  online: boolean
  holds: boolean
  end: string
}

export interface World {
  readonly agents: readonly Agent[]
  /** rounds with a sum, each with its opener */
  readonly sums: Map<number, string>
  readonly store: Store
  deaths: number
  writes: number
}

/** @param killAt number of the write at which the process dies, from 1; 0: it lives */
export function run(
  conductOf: (party: Party, round: number, step: number, sums: number) => Conduct,
  killAt = 0,
  when: 'before' | 'after' = 'before',
): World {
  const disk = openMemoryStore()
  const agents = PARTIES.map((party): Agent => {
    return { party, inbox: [], told: undefined, closed: [], online: false, holds: false, end: '' }
  })
  const world: World = { agents, sums: new Map(), store: disk, deaths: 0, writes: 0 }
  const updates = new Map<number, Set<string>>()
  let nowMs = 0
  /** writes nothing more until it is started again */
  let dead = false
  let scheduler: Scheduler
  let relay: Relay
  const mortal = new Proxy(disk, {
    get(target, name: keyof Store) {
      const method = target[name] as (...args: unknown[]) => unknown
      if (!WRITES.has(name)) return method
      return (...args: unknown[]) => {
        if (dead) throw new Killed()
        world.writes += 1
        dead = world.writes === killAt
        if (dead && when === 'before') throw new Killed()
        const result = method(...args)
        if (dead) throw new Killed()
        return result
      }
    },
  })
  const openRoundOf = () => disk.job('job-a')?.tasks[0]?.round ?? 0
  const adder = {
    open: () => undefined,
    keyOf: () => undefined,
    close: () => undefined,
    voided: () => undefined,
    hasUpdateOf: (_: string, party: string) => updates.get(openRoundOf())?.has(party) === true,
  } as unknown as JobAdder

  const connect = (agent: Agent): void => {
    agent.inbox = []
    agent.online = true
    const write = (frame: CoordinatorFrame, flushed: () => void) => {
      agent.inbox.push(frame)
      flushed()
    }
    relay.connect(new Outlet(agent.party, { write }, () => undefined))
    scheduler.agentConnected(agent.party, agent.holds ? ['job-a'] : [])
  }
  const disconnect = (agent: Agent): void => {
    agent.online = false
    relay.disconnect(relay.outletOf(agent.party) as Outlet)
    scheduler.agentDisconnected(agent.party)
  }
  const boot = (): void => {
    relay = new Relay({ jobBytes: 1e9, now: () => nowMs })
    const barrier = { owing: () => [], excuse: () => undefined }
    scheduler = new Scheduler({
      book: new JobBook(mortal),
      store: mortal,
      relay,
      adder,
      barrier,
      log: silentLogger,
      now: () => nowMs,
    })
    scheduler.resume()
    for (const agent of agents) if (agent.online) connect(agent)
  }
  const surviving = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
    if (!dead) return
    dead = false
    world.deaths += 1
    surviving(boot)
  }
  const close = (agent: Agent, round: number, voided: boolean): void => {
    const last = agent.closed.at(-1)
    // said again after a restart it is the same
    if (last === undefined || last.round < round)
      agent.closed.push({ round, voided, without: agent.told?.without ?? '' })
    const sums = agent.closed.filter((one) => one.round > 0 && !one.voided).length
    const closing = {
      job: 'job-a',
      task: 'average',
      round,
      finished: sums > ROUNDS,
      voided,
      record_digest: Buffer.alloc(32),
    }
    scheduler.roundClosed(agent.party, { ...closing, sent_bytes: 0, received_bytes: 0 })
  }
  const react = (agent: Agent, frame: CoordinatorFrame): void => {
    if (frame.invite) {
      agent.holds = true
      const keys = { sealing_key: Buffer.alloc(32), sealing_signature: Buffer.alloc(64) }
      scheduler.inviteAnswered(agent.party, { job: 'job-a', accepted: true, ...keys, refusal: null })
    } else if (frame.round_opened) {
      const { round = 0, left_out: left = [], voided = false } = frame.round_opened
      agent.told = { round, without: left.map(({ party }) => party ?? '').join(), voided }
    } else if (frame.job_ended) {
      agent.end = frame.job_ended.failure?.code ?? frame.job_ended.state ?? ''
      agent.holds = false
      agent.told = undefined
    }
  }
  const work = (agent: Agent, step: number): void => {
    const { told } = agent
    if (told === undefined) return
    const { round, voided, without } = told
    if (voided) return close(agent, round, true)
    if (agent.closed.some((one) => one.round === round)) return close(agent, round, false)
    const isPart = !without.split(',').includes(agent.party)
    if (isPart && round > 0 && conductOf(agent.party, round, step, world.sums.size) === 'works') {
      updates.set(round, (updates.get(round) ?? new Set()).add(agent.party))
      const participants = PARTIES.filter((party) => !without.split(',').includes(party))
      const opener = participants[round % participants.length] as string
      if (
        participants.every((party) => updates.get(round)?.has(party)) &&
        round === openRoundOf() &&
        scheduler.sumMade('job-a', opener)
      )
        world.sums.set(round, opener)
    }
    // the opener tells what it opened
    const opener = world.sums.get(round)
    const isTold = agents.some(({ party, closed }) => party === opener && closed.some((one) => one.round === round))
    if (round === 0 || opener === agent.party || isTold) close(agent, round, false)
  }
  surviving(boot)
  surviving(() =>
    scheduler.submit(
      sampleJob('job-a', {
        spec: Buffer.from(JSON.stringify(spec)).toString('base64'),
        guest: 'bank',
        hosts: PARTIES.slice(1),
        submittedAt: new Date(0).toISOString(),
        tasks: [task],
      }),
    ),
  )
  for (let step = 0; step < 4 || (step < 400 && agents.some(({ end, online }) => online && end === '')); step++) {
    nowMs += STEP_MS
    for (const agent of agents) {
      const isAway = conductOf(agent.party, agent.closed.at(-1)?.round ?? 0, step, world.sums.size) === 'away'
      if (isAway && agent.online) surviving(() => disconnect(agent))
      if (!isAway && !agent.online) surviving(() => connect(agent))
      if (!agent.online) continue
      for (const frame of agent.inbox.splice(0)) surviving(() => react(agent, frame))
      surviving(() => work(agent, step))
    }
    surviving(() => scheduler.check())
  }
  return world
}

/** Every round has a sum or is voided, and all parties heard the same of it. */
export function judge({ agents, sums, store }: World, name: string): void {
  expect(store.job('job-a')?.state, name).toBe('succeeded')
  const said = new Map<number, string>()
  for (const { party, closed } of agents) {
    expect(
      closed.map(({ round }) => round),
      `${name}, ${party}`,
    ).toEqual(closed.map((_, i) => i))
    for (const { round, voided, without } of closed) {
      if (round > 0) expect(sums.has(round), `${name}, ${party}, round ${round}`).toBe(!voided)
      const words = `${voided} ${without}`
      expect(said.get(round) ?? words, `${name}, ${party}, round ${round}`).toBe(words)
      said.set(round, words)
    }
  }
  expect(sums.size, name).toBe(ROUNDS + 1)
}

/** Away in one of the first rounds, for 5 seconds. */
export const awayOnce = (party: Party, _: number, step: number): Conduct =>
  party === 'park' && step >= 4 && step < 14 ? 'away' : 'works'
