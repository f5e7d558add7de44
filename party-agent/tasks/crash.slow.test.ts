// A party may die at any moment and come back from what is on its disk. Two parties run a small protocol whose
// messages are random on purpose: a message made a second time would differ from the first.
import { createHash, randomBytes } from 'node:crypto'
import { cpSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MessageHeader, RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { step } from '#protocols/core/schedule.ts'
import { checkJobSpec, type JobSpec, planTasks } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import { DisclosureLedger } from '../ledger/disclosures.ts'
import { Mailbox } from '../mail/mailbox.ts'
import { openFileRecord, type RecordLine } from '../mail/record.ts'
import { pairOf, TEST_JOB, TEST_TIMES, TestRelay, testKeys } from '../mail/relay-fixture.ts'
import type { TaskBinding } from './binding.ts'
import { CheckpointStore } from './checkpoint.ts'
import { type RunnerEvents, TaskRunner } from './runner.ts'

const PARTIES = ['bank', 'tax'] as const
type Name = (typeof PARTIES)[number]
const ROUNDS = 2
const keys = { bank: testKeys(), tax: testKeys() }
const spec = checkJobSpec({
  version: 1,
  name: 'crash',
  guest: { party: 'bank', dataset: 'loans' },
  hosts: [{ party: 'tax', dataset: 'filings' }],
  train: { rounds: ROUNDS },
}).spec as JobSpec

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'crash-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

interface ToyState {
  /** hash over all messages so far, of both directions */
  readonly chain: string
  readonly rounds: number
}

const header = (round: number, step: string, part = 0): MessageHeader => ({ round, step, part, kind: 'masked-share' })
const chained = (state: ToyState, ...parts: Uint8Array[]): ToyState => {
  const hash = createHash('sha256').update(state.chain)
  for (const part of parts) hash.update(part)
  return { chain: hash.digest('hex'), rounds: state.rounds + 1 }
}

const bytes = { encode: (body: Uint8Array) => body, decode: (body: Uint8Array) => body }
const TOY_SCHEDULE = ['ask', 'answer', 'quote'].map((name) =>
  step({ name, from: 'any', to: 'any', kind: 'masked-share', arity: 'parts', codec: bytes, reveals: 'nothing' }),
)

/** Each side sends two parts made of fresh randomness and a vault seed, and chains what crossed. */
const toy: RoleProgram<undefined, ToyState, ToyState> = {
  setup: async (task) => exchange(task, { chain: 'start', rounds: 0 }, 0),
  async round(task, _, state, round) {
    const next = await exchange(task, state, round)
    return { state: next, finished: task.taskId === 'align' || round === ROUNDS + 1 }
  },
  finish: async (_, __, state) => state,
}

async function exchange(task: TaskContext, state: ToyState, round: number): Promise<ToyState> {
  const [guest, host] = [task.guest, task.hosts[0] as string]
  const channel = task.channel(task.self === guest ? host : guest)
  const seed = await task.vault.seed(`mask-${round}`)
  const key = await task.vault.once('key', async () => new Uint8Array(randomBytes(16)))
  const make = () => seed.reveal((bytes) => new Uint8Array([...bytes, ...key, ...randomBytes(16)]))
  const mine: Uint8Array[] = []
  const say = async (step: string) => {
    for (const part of [0, 1]) await channel.send(header(round, step, part), make)
  }
  const hear = async (step: string) => {
    for (const part of [0, 1]) mine.push(Uint8Array.from(await channel.receive(header(round, step, part))))
  }
  // The guest asks and the host answers; the host's answer quotes what it heard, so that both can chain the same bytes.
  if (task.self === guest) {
    await say('ask')
    await hear('answer')
    return chained(state, ...mine)
  }
  await hear('ask')
  await say('answer')
  const quoted = createHash('sha256')
  for (const part of mine) quoted.update(part)
  await channel.send(header(round, 'quote'), () => quoted.digest())
  return chained(state, ...mine)
}

/** The guest also waits for the quote, so that a round ends on both sides with all messages consumed. */
const guestToy: typeof toy = {
  ...toy,
  setup: async (task) => withQuote(task, await toy.setup(task, undefined), 0),
  async round(task, input, state, round) {
    const outcome = await toy.round(task, input, state, round)
    return { ...outcome, state: await withQuote(task, outcome.state, round) }
  },
}

async function withQuote(task: TaskContext, state: ToyState, round: number): Promise<ToyState> {
  const quote = await task.channel(task.hosts[0] as string).receive(header(round, 'quote'))
  return chained(state, quote)
}

interface Life {
  readonly runner: TaskRunner
  readonly mailbox: Mailbox
  readonly abort: AbortController
  readonly folder: string
  record(): readonly RecordLine[]
}

/** Both parties, the relay between them, and a coordinator that opens rounds: all that a job needs. */
class ToyFederation {
  readonly relay = new TestRelay()
  readonly outputs = new Map<string, ToyState[]>()
  readonly failures: unknown[] = []
  readonly sent = new Map<string, Set<string>>()
  readonly #plan = planTasks(spec).map((plan) => plan.task as string)
  readonly #lives = new Map<Name, Life>()
  readonly #storageKeys = { bank: randomBytes(32), tax: randomBytes(32) }
  #open = { task: this.#plan[0] as string, round: 0 }
  readonly #closed = new Set<Name>()
  readonly #ended = Promise.withResolvers<void>()
  #lifeCount = 0

  constructor() {
    this.relay.tap = (frame) => {
      const chunk = frame.chunk
      if (chunk) {
        const key = `${chunk.from}/${chunk.seq}`
        const digest = createHash('sha256').update(chunk.data).digest('hex')
        this.sent.set(key, (this.sent.get(key) ?? new Set()).add(digest))
      }
      return [frame]
    }
  }

  get ended(): Promise<void> {
    return this.#ended.promise
  }

  life(name: Name): Life {
    return this.#lives.get(name) as Life
  }

  async start(name: Name, folder: string): Promise<void> {
    const abort = new AbortController()
    const alive = () => !abort.signal.aborted
    const peer = name === 'bank' ? 'tax' : 'bank'
    const wire = this.relay.wireOf()
    const mailbox = await Mailbox.open({
      job: TEST_JOB,
      self: name,
      folder,
      peers: new Map([[peer, pairOf(keys, name, peer)]]),
      wire: { send: async (frame) => alive() && (await wire.send(frame)) },
      log: silentLogger,
      signal: abort.signal,
      fail: (error) => alive() && this.failures.push(error),
      times: TEST_TIMES,
    })
    const record = await openFileRecord(folder)
    const runner = new TaskRunner({
      job: {
        jobId: TEST_JOB,
        spec,
        self: name,
        jobDir: folder,
        log: silentLogger,
        seedOf: async (label) => new Secret(label, new Uint8Array(32)),
      },
      storageKey: new Secret('storage-key', Uint8Array.from(this.#storageKeys[name])),
      mailbox,
      record,
      disclosures: await DisclosureLedger.open(folder),
      checkpoints: await CheckpointStore.open(folder, silentLogger),
      programs: { open: async (plan) => this.#bind(name, plan.task, alive) },
      events: this.#events(name, alive),
      signal: abort.signal,
      now: () => new Date(0),
    })
    this.#lives.set(name, { runner, mailbox, abort, folder, record: () => record.lines() })
    this.relay.attach(name, mailbox)
    mailbox.connected()
    for (const [other, life] of this.#lives) if (other !== name) life.mailbox.peerUp(name)
    runner.roundOpened(this.#open.task, this.#open.round)
  }

  /** What a kill leaves is what is on disk at this moment; the dead process says and writes nothing more that counts. */
  async kill(name: Name): Promise<void> {
    const { folder, abort, runner, mailbox } = this.life(name)
    const next = join(home, `${name}-${++this.#lifeCount}`)
    cpSync(folder, next, { recursive: true })
    this.relay.detach(name)
    abort.abort(new PlatformError('job.cancelled'))
    await runner.stop()
    await mailbox.close()
    await this.start(name, next)
  }

  async close(): Promise<void> {
    for (const { abort, runner, mailbox } of this.#lives.values()) {
      abort.abort(new PlatformError('job.cancelled'))
      await runner.stop()
      await mailbox.close()
    }
  }

  #bind(name: Name, task: string, alive: () => boolean): TaskBinding {
    const program = (name === 'bank' ? guestToy : toy) as never
    const key = `${name}/${task}`
    const onOutput = async (output: unknown) => {
      if (alive()) this.outputs.set(key, [...(this.outputs.get(key) ?? []), output as ToyState])
    }
    return { program, input: undefined, schedule: TOY_SCHEDULE, onOutput }
  }

  #events(name: Name, alive: () => boolean): RunnerEvents {
    return {
      roundClosed: ({ task, round, finished }) => {
        if (alive() && task === this.#open.task && round === this.#open.round) this.#close(name, finished)
      },
      taskFailed: ({ error }) => alive() && this.#fail(error),
      progress: () => undefined,
      event: () => undefined,
    }
  }

  #fail(error: unknown): void {
    this.failures.push(error)
    this.#ended.resolve()
  }

  #close(name: Name, finished: boolean): void {
    this.#closed.add(name)
    if (this.#closed.size < PARTIES.length) return
    this.#closed.clear()
    const { task, round } = this.#open
    const next = finished ? this.#plan[this.#plan.indexOf(task) + 1] : task
    if (next === undefined) return this.#ended.resolve()
    this.#open = { task: next, round: finished ? 0 : round + 1 }
    for (const life of this.#lives.values()) life.runner.roundOpened(this.#open.task, this.#open.round)
  }
}

async function runWithKills(kills: readonly { readonly name: Name; readonly afterTurns: number }[]) {
  const federation = new ToyFederation()
  for (const name of PARTIES) {
    await mkdir(join(home, name))
    await federation.start(name, join(home, name))
  }
  let over = false
  void federation.ended.then(() => {
    over = true
  })
  for (const { name, afterTurns } of kills) {
    for (let turn = 0; turn < afterTurns && !over; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (!over) await federation.kill(name)
  }
  await federation.ended
  await federation.close()
  return federation
}

function expectWhole(federation: ToyFederation): void {
  expect(federation.failures).toEqual([])
  for (const [key, digests] of federation.sent) expect([key, digests.size]).toEqual([key, 1])
  for (const task of ['align', 'train']) {
    const rounds = task === 'align' ? 2 : ROUNDS + 2
    const outputs = PARTIES.map((name) => federation.outputs.get(`${name}/${task}`) ?? [])
    for (const output of outputs) {
      expect(output.length).toBeGreaterThanOrEqual(1)
      for (const again of output) expect(again).toEqual(output[0])
    }
    expect(outputs[1]?.[0]?.rounds).toBe(rounds)
  }
  const view = (name: Name, direction: string, from: Name) =>
    federation
      .life(name)
      .record()
      .filter((line) => line.direction === direction && line.from === from)
      .map(({ direction: _, time: __, ...line }) => line)
  for (const from of PARTIES) {
    const to = from === 'bank' ? 'tax' : 'bank'
    expect(view(from, 'sent', from)).toEqual(view(to, 'received', from))
    expect(view(from, 'sent', from).length).toBe((2 + ROUNDS + 2) * (from === 'bank' ? 1 : 2))
  }
}

test('without a crash both sides finish and record the same sums', async () => {
  expectWhole(await runWithKills([]))
})

test('kills at any moment lose nothing, and no number is ever sent with two contents', async () => {
  const kill = fc.record({ name: fc.constantFrom(...PARTIES), afterTurns: fc.nat(150) })
  await fc.assert(
    fc.asyncProperty(fc.array(kill, { minLength: 1, maxLength: 4 }), async (kills) => {
      await rm(home, { recursive: true, force: true })
      await mkdir(home)
      expectWhole(await runWithKills(kills))
    }),
    { numRuns: 20 },
  )
})
