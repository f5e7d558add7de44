// The scheduler is killed before and after each of its writes, and started again on what is on disk.
import { expect, test } from 'vitest'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import type { JobAdder } from '../adder/job-adder.ts'
import { Outlet } from '../relay/outlet.ts'
import { Relay } from '../relay/relay.ts'
import { openMemoryStore } from '../store/memory.ts'
import { sampleJob } from '../store/store.contract.ts'
import type { Store } from '../store/store.ts'
import { JobBook } from './job-book.ts'
import type { JobRecord } from './job-record.ts'
import { Scheduler } from './scheduler.ts'

const PARTIES = ['bank', 'tax', 'social']
/** a round log in which everything is cosigned at once */
const OPEN = { owing: () => [], excuse: () => undefined }
const WRITES = new Set<PropertyKey>(['insertJob', 'saveJob', 'closeRound', 'saveRelayed'])
class Killed extends Error {}

interface Kill {
  /** number of the write at which the process dies, from 1 */
  readonly at: number
  readonly when: 'before' | 'after'
  readonly error?: Error
}

/** The store of a process that dies at a write: what was written stays. */
function mortal(store: Store, kill: Kill, counter: { writes: number }): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const method = target[name] as (...args: unknown[]) => unknown
      if (!WRITES.has(name)) return method
      return (...args: unknown[]) => {
        counter.writes += 1
        if (counter.writes === kill.at && kill.when === 'before') throw kill.error ?? new Killed()
        const result = method(...args)
        if (counter.writes === kill.at) throw new Killed()
        return result
      }
    },
  })
}

const spec = { version: 1, name: 'x', guest: { party: 'bank', dataset: 'a' }, train: { rounds: 2 } }
const hosts = ['tax', 'social'].map((party) => ({ party, dataset: 'b' }))
const record: JobRecord = sampleJob('job-a', {
  spec: Buffer.from(JSON.stringify({ ...spec, hosts })).toString('base64'),
  tasks: [
    { task: 'align', protocol: 'psi', maxRounds: 1, state: 'waiting', round: 0, startedAt: '', endedAt: '' },
    { task: 'train', protocol: 'vertical-lr', maxRounds: 3, state: 'waiting', round: 0, startedAt: '', endedAt: '' },
  ],
})

/** An agent as the contract wants it: answers each frame, the same again when it comes again. */
interface SimulatedAgent {
  readonly party: string
  inbox: CoordinatorFrame[]
  readonly opened: string[]
  readonly ends: string[]
  holds: boolean
}

function react(agent: SimulatedAgent, frame: CoordinatorFrame, scheduler: Scheduler): void {
  const { party } = agent
  if (frame.invite) {
    agent.holds = true
    const keys = { sealing_key: Buffer.alloc(32), sealing_signature: Buffer.alloc(64) }
    scheduler.inviteAnswered(party, { job: 'job-a', accepted: true, ...keys, refusal: null })
  } else if (frame.round_opened) {
    const { task = '', round = 0 } = frame.round_opened
    agent.opened.push(`${task}/${round}`)
    const finished = task === 'align' ? round === 1 : round === 3
    const closing = { job: 'job-a', task, round, finished, voided: false, record_digest: Buffer.alloc(32) }
    scheduler.roundClosed(party, { ...closing, sent_bytes: 0, received_bytes: 0 })
  } else if (frame.job_ended) {
    agent.ends.push(frame.job_ended.state ?? '')
    agent.holds = false
  }
}

/** Runs the job to its end over at most one death. Returns the agents and how many writes there were. */
function runWithDeath(kill: Kill, framesSurvive: boolean) {
  const disk = openMemoryStore()
  const counter = { writes: 0 }
  const agents = PARTIES.map((party): SimulatedAgent => ({ party, inbox: [], opened: [], ends: [], holds: false }))
  let scheduler: Scheduler
  let deaths = 0

  const boot = (): void => {
    const store = mortal(disk, kill, counter)
    const relay = new Relay({ jobBytes: 1e9, now: () => 0 })
    scheduler = new Scheduler({
      book: new JobBook(store),
      store,
      relay,
      log: silentLogger,
      barrier: OPEN,
      now: () => 0,
    })
    scheduler.resume()
    for (const agent of agents) {
      // what the dead process sent may have arrived, or not
      if (!framesSurvive) agent.inbox = []
      const write = (frame: CoordinatorFrame, flushed: () => void) => {
        agent.inbox.push(frame)
        flushed()
      }
      relay.connect(new Outlet(agent.party, { write }, () => undefined))
      scheduler.agentConnected(agent.party, agent.holds ? ['job-a'] : [])
    }
  }
  const surviving = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      deaths += 1
      surviving(boot)
    }
  }
  const submit = (): void => {
    try {
      scheduler.submit(record)
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'job.exists') throw error
    }
  }
  surviving(boot)
  surviving(submit)
  // a command line that lost its answer asks again
  if (deaths > 0) surviving(submit)
  for (let agent = next(agents); agent !== undefined; agent = next(agents)) {
    const frame = agent.inbox.shift() as CoordinatorFrame
    const current = agent
    surviving(() => react(current, frame, scheduler))
  }
  return { agents, deaths, writes: counter.writes, job: disk.job('job-a') }
}

/** A disk that is full for one write: the link drops the agent whose frame failed, and the agent comes back. */
function runWithFullDisk(at: number) {
  const counter = { writes: 0 }
  const disk = openMemoryStore()
  const store = mortal(disk, { at, when: 'before', error: new PlatformError('storage.full') }, counter)
  const agents = PARTIES.map((party): SimulatedAgent => ({ party, inbox: [], opened: [], ends: [], holds: false }))
  const relay = new Relay({ jobBytes: 1e9, now: () => 0 })
  const scheduler = new Scheduler({
    book: new JobBook(store),
    store,
    relay,
    log: silentLogger,
    barrier: OPEN,
    now: () => 0,
  })
  const connect = (agent: SimulatedAgent): void => {
    const write = (frame: CoordinatorFrame, flushed: () => void) => {
      agent.inbox.push(frame)
      flushed()
    }
    relay.connect(new Outlet(agent.party, { write }, () => undefined))
    scheduler.agentConnected(agent.party, agent.holds ? ['job-a'] : [])
  }
  for (const agent of agents) connect(agent)
  const submit = () => scheduler.submit(record)
  try {
    submit()
  } catch {
    if (disk.job('job-a') === undefined) submit()
  }
  scheduler.check()
  for (let agent = next(agents); agent !== undefined; agent = next(agents)) {
    try {
      react(agent, agent.inbox.shift() as CoordinatorFrame, scheduler)
    } catch (error) {
      expect(error).toMatchObject({ code: 'storage.full' })
      connect(agent)
    }
    scheduler.check()
  }
  return { agents, writes: counter.writes, job: disk.job('job-a') }
}

const next = (agents: readonly SimulatedAgent[]) => agents.find((agent) => agent.inbox.length > 0)

const ROUNDS = ['align/0', 'align/1', 'train/0', 'train/1', 'train/2', 'train/3']

test('without a death every round is opened once at every party', () => {
  const { agents, job } = runWithDeath({ at: 0, when: 'before' }, false)
  expect(job?.state).toBe('succeeded')
  for (const agent of agents) expect(agent).toMatchObject({ opened: ROUNDS, ends: ['succeeded'] })
})

test.each(['before', 'after'] as const)('killed %s any write, the job ends as if nothing had happened', (when) => {
  const { writes } = runWithDeath({ at: 0, when }, false)
  expect(writes).toBeGreaterThan(20)
  for (let at = 1; at <= writes; at++) {
    for (const framesSurvive of [false, true]) {
      const { agents, deaths, job } = runWithDeath({ at, when }, framesSurvive)
      expect(deaths).toBe(1)
      expect(job?.state, `write ${at}`).toBe('succeeded')
      for (const { opened, ends, party } of agents) {
        // a round may be opened again after a death, never one that is over for the party's peers
        expect([...new Set(opened)], `write ${at}, ${party}`).toEqual(ROUNDS)
        expect(new Set(ends), `write ${at}, ${party}`).toEqual(new Set(['succeeded']))
      }
    }
  }
})

test('a disk that was full for any one write ends no job', () => {
  const { writes } = runWithFullDisk(0)
  for (let at = 1; at <= writes; at++) {
    const { agents, job } = runWithFullDisk(at)
    expect(job?.state, `write ${at}`).toBe('succeeded')
    for (const { opened, ends } of agents) {
      expect([...new Set(opened)], `write ${at}`).toEqual(ROUNDS)
      expect(ends, `write ${at}`).toEqual(['succeeded'])
    }
  }
})

test('a job with an adder keeps the salt of its key while it runs, and no longer', () => {
  const store = openMemoryStore()
  const relay = new Relay({ jobBytes: 1e9, now: () => 0 })
  const opened: (string | undefined)[] = []
  const closed: string[] = []
  const key = { party: 'coordinator', sealing_key: Buffer.alloc(32), sealing_signature: Buffer.alloc(64) }
  const adder = {
    open: ({ adderSalt }: JobRecord) => void opened.push(adderSalt),
    keyOf: () => key,
    close: (job: string) => void closed.push(job),
  } as unknown as JobAdder
  const boot = () =>
    new Scheduler({ book: new JobBook(store), store, relay, adder, log: silentLogger, barrier: OPEN, now: () => 0 })
  const average = { version: 1, name: 'x', guest: { party: 'bank', dataset: 'a' }, hosts, average: {} }
  const frames: CoordinatorFrame[] = []
  const write = (frame: CoordinatorFrame, flushed: () => void) => {
    frames.push(frame)
    flushed()
  }
  relay.connect(new Outlet('bank', { write }, () => undefined))
  const scheduler = boot()
  scheduler.submit({ ...record, spec: Buffer.from(JSON.stringify(average)).toString('base64') })
  expect(store.job('job-a')).not.toHaveProperty('adderSalt')
  const keys = { sealing_key: Buffer.alloc(32), sealing_signature: Buffer.alloc(64), refusal: null }
  for (const party of PARTIES) scheduler.inviteAnswered(party, { job: 'job-a', accepted: true, ...keys })
  const salt = store.job('job-a')?.adderSalt
  expect(Buffer.from(salt ?? '', 'base64')).toHaveLength(32)
  expect(frames.find((frame) => frame.job_started)?.job_started?.keys?.map(({ party }) => party)).toEqual([
    ...PARTIES,
    'coordinator',
  ])
  const again = boot()
  again.resume()
  expect(opened).toEqual([salt, salt])
  again.fail('job-a', new PlatformError('he.malformed'), 'tax')
  expect(closed).toEqual(['job-a'])
  expect(store.job('job-a')).toMatchObject({ state: 'failed', failure: { code: 'he.malformed', party: 'tax' } })
  expect(store.job('job-a')).not.toHaveProperty('adderSalt')
})

test('a failure that could not be written at once still ends the job, and the first failure counts', () => {
  const counter = { writes: 0 }
  const disk = openMemoryStore()
  const store = mortal(disk, { at: 3, when: 'before', error: new PlatformError('storage.full') }, counter)
  const relay = new Relay({ jobBytes: 1e9, now: () => 0 })
  const scheduler = new Scheduler({
    book: new JobBook(store),
    store,
    relay,
    log: silentLogger,
    barrier: OPEN,
    now: () => 0,
  })
  scheduler.submit(record)
  const failed = (code: string) => ({ job: 'job-a', task: '', round: 0, failure: { code, party: '', detail: {} } })
  expect(() => scheduler.taskFailed('tax', failed('data.empty'))).toThrowError(/^storage\.full/)
  scheduler.taskFailed('bank', failed('peer.failed'))
  expect(disk.job('job-a')).toMatchObject({ state: 'failed', failure: { code: 'data.empty', party: 'tax' } })
})
