// A round that is voided while a party runs it, with deaths of the party in between: it ends as it began, says the same of
// itself in every life, and what was sent in it is never sent otherwise.
import { createHash, randomBytes } from 'node:crypto'
import { cpSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ADDER, type MessageHeader, type RoleProgram } from '#protocols/core/contract.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { step } from '#protocols/core/schedule.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import { DisclosureLedger } from '../ledger/disclosures.ts'
import { Mailbox } from '../mail/mailbox.ts'
import { openFileRecord } from '../mail/record.ts'
import { pairOf, TEST_JOB, TEST_TIMES, TestRelay, testKeys } from '../mail/relay-fixture.ts'
import { type Checkpoint, CheckpointStore } from './checkpoint.ts'
import { readTold } from './round-told.ts'
import { TaskRunner } from './runner.ts'

const PATIENT = { timeout: 30_000, interval: 2 }
const PARTIES = ['park', 'bank', 'social', 'tax']
const keys = Object.fromEntries([...PARTIES, ADDER].map((party) => [party, testKeys()]))
const spec = checkJobSpec({
  version: 1,
  name: 'voided',
  guest: { party: 'park', dataset: 'loans' },
  hosts: PARTIES.slice(1).map((party) => ({ party, dataset: 'loans' })),
  average: { rounds: 4, dropout: { leastParties: 3 } },
}).spec as JobSpec

const update = (round: number): MessageHeader => ({ round, step: 'update', part: 0, kind: 'masked-share' })
const bytes = { encode: (body: Uint8Array) => body, decode: (body: Uint8Array) => body }
const plain = { from: 'any', to: 'any', kind: 'masked-share', arity: 'one', codec: bytes, reveals: 'nothing' } as const
const STEPS = [
  ...['update', 'mean'].map((name) => step({ ...plain, name })),
  step({ ...plain, name: 'opening-key', openableBy: ['hosts'] }),
]

/** Round 1 waits for an answer that never comes; the others end at once. Each update is another one when it is made again. */
const waiting: RoleProgram<undefined, { rounds: number; without: string }, unknown> = {
  setup: async () => ({ rounds: 0, without: '' }),
  async round(task, _, { rounds }, round) {
    if (task.taskId === 'statistics') return { state: { rounds, without: '' }, finished: true }
    await task.channel('bank').send(update(round), () => new Uint8Array(randomBytes(64)))
    if (round === 1) await task.channel('bank').receive({ ...update(round), step: 'mean' })
    const here = task.takingPart?.(round) ?? PARTIES
    return {
      state: { rounds: rounds + 1, without: PARTIES.filter((party) => !here.includes(party)).join() },
      finished: false,
    }
  },
  finish: async () => undefined,
}

/** In round 1 it also gives what opens the sum, as if it had heard that there is one. */
const opening: typeof waiting = {
  ...waiting,
  async round(task, input, state, round) {
    if (task.taskId === 'average' && round === 1)
      await task.channel('bank').send({ ...update(round), step: 'opening-key' }, () => new Uint8Array(32))
    return await waiting.round(task, input, state, round)
  },
}

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'voided-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** One party, in as many lives as a test wants, with all others silent. */
class OneParty {
  readonly relay = new TestRelay()
  /** seq → contents of the envelopes that left */
  readonly sent = new Map<number, Set<string>>()
  readonly closed: Checkpoint[] = []
  readonly failures: PlatformError[] = []
  readonly #storageKey = randomBytes(32)
  #life: { folder: string; abort: AbortController; runner: TaskRunner; mailbox: Mailbox } | undefined
  #lives = 0

  readonly #program: typeof waiting

  constructor(program = waiting) {
    this.#program = program
    this.relay.tap = (frame) => {
      const { chunk } = frame
      if (chunk) this.sent.set(chunk.seq, (this.sent.get(chunk.seq) ?? new Set()).add(hashOf(chunk.data)))
      return []
    }
  }

  get runner(): TaskRunner {
    return this.#life!.runner
  }

  async start(folder = join(home, 'first')): Promise<void> {
    await mkdir(folder, { recursive: true })
    const abort = new AbortController()
    const others = [...PARTIES.filter((party) => party !== 'tax'), ADDER]
    const mailbox = await Mailbox.open({
      job: TEST_JOB,
      self: 'tax',
      folder,
      peers: new Map(others.map((peer) => [peer, pairOf(keys, 'tax', peer)])),
      wire: { send: async (frame) => !abort.signal.aborted && (await this.relay.wireOf().send(frame)) },
      log: silentLogger,
      signal: abort.signal,
      fail: (error) => void this.failures.push(error as PlatformError),
      times: TEST_TIMES,
    })
    const record = await openFileRecord(folder)
    const runner = new TaskRunner({
      job: {
        jobId: TEST_JOB,
        spec,
        self: 'tax',
        jobDir: folder,
        log: silentLogger,
        seedOf: async (label) => new Secret(label, new Uint8Array(32)),
      },
      storageKey: new Secret('storage-key', Uint8Array.from(this.#storageKey)),
      mailbox,
      record,
      disclosures: await DisclosureLedger.open(folder),
      checkpoints: await CheckpointStore.open(folder, silentLogger),
      programs: {
        open: async () => ({
          program: this.#program as never,
          input: undefined,
          schedule: STEPS,
          onOutput: async () => undefined,
        }),
      },
      events: {
        roundClosed: (closed) => void (abort.signal.aborted || this.closed.push(closed)),
        taskFailed: ({ error }) => void this.failures.push(error),
        progress: () => undefined,
        event: () => undefined,
      },
      signal: abort.signal,
      now: () => new Date(0),
    })
    this.#life = { folder, abort, runner, mailbox }
    mailbox.connected()
  }

  /** What is on disk at this moment is what the next life has. */
  async kill(): Promise<void> {
    const { folder } = this.#life!
    const next = join(home, `life-${++this.#lives}`)
    cpSync(folder, next, { recursive: true })
    await this.stop()
    await this.start(next)
  }

  async stop(): Promise<void> {
    const { abort, runner, mailbox } = this.#life!
    abort.abort(new PlatformError('job.cancelled'))
    await runner.stop()
    await mailbox.close()
  }

  tell(task: string, round: number, voided = false, without: readonly string[] = []): void {
    const left_out = without.map((party) => ({ party, reason: 'away' }))
    this.runner.roundOpened(task, round, readTold(spec, { task, round, left_out, voided }))
  }

  async closes(task: string, round: number): Promise<Checkpoint> {
    const found = () => this.closed.findLast((closed) => closed.task === task && closed.round === round)
    await expect.poll(found, PATIENT).toBeDefined()
    return found()!
  }

  /** Up to round 1 of the averaging, which it runs. */
  async reachRound(): Promise<void> {
    await this.start()
    for (const [task, round] of [
      ['statistics', 0],
      ['statistics', 1],
      ['average', 0],
    ] as const) {
      this.tell(task, round)
      await this.closes(task, round)
    }
    this.tell('average', 1)
  }
}

const hashOf = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('a round that is voided while it runs ends as it began, and the next goes on without who was lost', async () => {
  const party = new OneParty()
  await party.reachRound()
  await expect.poll(() => party.sent.size, PATIENT).toBe(1)
  party.tell('average', 1, true)
  const voided = await party.closes('average', 1)
  expect(voided).toMatchObject({ state: { rounds: 0 }, finished: false, told: { voided: true } })
  expect(voided.sentBytes).toBe(64)
  party.tell('average', 2, false, ['social'])
  expect((await party.closes('average', 2)).state).toEqual({ rounds: 1, without: 'social' })
  // told again it says the same again
  party.tell('average', 2, false, ['social'])
  expect(party.closed.at(-1)?.recordDigest).toBe(party.closed.at(-2)?.recordDigest)
  await party.stop()
  expect(party.failures).toEqual([])
})

test('killed at any moment around the void, every life says the same, and an update never goes out with two contents', async () => {
  for (let moment = 0; moment < 7; moment++) {
    home = await mkdtemp(join(tmpdir(), 'voided-'))
    const party = new OneParty()
    await party.reachRound()
    await turns(moment % 4)
    await new Promise((resolve) => setTimeout(resolve, 2 * moment))
    party.tell('average', 1, true)
    await turns(6 * moment)
    const before = party.closed.find(({ round, task }) => task === 'average' && round === 1)
    await party.kill()
    party.tell('average', 1, true)
    await expect
      .poll(() => party.closed.filter(({ round, task }) => task === 'average' && round === 1).length, PATIENT)
      .toBeGreaterThan(before === undefined ? 0 : 1)
    const after = await party.closes('average', 1)
    expect(after).toMatchObject({ state: { rounds: 0 }, told: { voided: true } })
    if (before !== undefined) expect(after).toEqual(before)
    party.tell('average', 2)
    expect((await party.closes('average', 2)).state).toEqual({ rounds: 1, without: '' })
    await party.stop()
    expect(party.failures).toEqual([])
    for (const contents of party.sent.values()) expect(contents.size).toBe(1)
    await rm(home, { recursive: true, force: true })
  }
})

test('who gave what opens the sum of a round does not believe that it is voided, neither at once nor in its next life', async () => {
  for (const isKilled of [false, true]) {
    home = await mkdtemp(join(tmpdir(), 'voided-'))
    const party = new OneParty(opening)
    await party.reachRound()
    await expect.poll(() => party.sent.size, PATIENT).toBe(2)
    if (isKilled) await party.kill()
    party.tell('average', 1, true)
    await expect.poll(() => party.failures.map(({ code }) => code), PATIENT).toEqual(['protocol.out-of-order'])
    expect(party.closed.some(({ task, round }) => task === 'average' && round === 1)).toBe(false)
    await party.stop()
    await rm(home, { recursive: true, force: true })
  }
})

test('a void of a round that is closed, and a round that the job does not allow, are refused', async () => {
  const party = new OneParty()
  await party.reachRound()
  party.tell('average', 1, true)
  await party.closes('average', 1)
  party.tell('average', 1)
  expect(party.failures.map(({ code }) => code)).toEqual(['protocol.out-of-order'])
  await party.stop()
  const left = (task: string, round: number, parties: readonly string[]) => () =>
    readTold(spec, { task, round, left_out: parties.map((name) => ({ party: name, reason: 'away' })), voided: false })
  for (const told of [
    left('statistics', 1, ['bank']),
    left('average', 0, ['bank']),
    left('average', 1, ['nobody']),
    left('average', 1, ['bank', 'bank']),
  ])
    expect(told).toThrow(expect.objectContaining({ code: 'protocol.out-of-order' }))
  expect(left('average', 1, ['bank', 'social'])).toThrow(expect.objectContaining({ code: 'average.too-few-parties' }))
  const { dropout: _, ...average } = spec.average!
  expect(() => readTold({ ...spec, average }, { task: 'average', round: 1, left_out: [], voided: true })).toThrow(
    expect.objectContaining({ code: 'protocol.out-of-order' }),
  )
})
