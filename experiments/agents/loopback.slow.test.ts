// Real agents and a real coordinator over loopback with mutual TLS, running a small protocol in place of the real ones.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RunningCoordinator } from '#coordinator/coordinator.ts'
import {
  answerOf,
  identityOf,
  makeFederation,
  openCaller,
  signedSpec,
  startTestCoordinator,
  type TestFederation,
} from '#coordinator/test-federation.ts'
import { parseTrustBundle } from '#crypto/identity/trust.ts'
import { type Agent, startAgent } from '#party-agent/agent.ts'
import type { JobGate } from '#party-agent/gate.ts'
import { exportLog } from '#party-agent/log/export.ts'
import { AgentTrust } from '#party-agent/membership/agent-trust.ts'
import { readLedger, reconcile } from '#party-agent/ledger/disclosures.ts'
import { CoordinatorLink } from '#party-agent/link/coordinator-link.ts'
import type { RecordLine } from '#party-agent/mail/record.ts'
import type { TaskPrograms } from '#party-agent/tasks/binding.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { type MessageKind, step } from '#protocols/core/schedule.ts'
import { jobIdOf } from '#protocols/core/job-spec.ts'
import type { VerifyReport } from '#protocols/log/problems.ts'
import { openBundle } from '#protocols/log/bundle.ts'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import { loadService } from '#protos/load.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'

const PARTIES = ['bank', 'tax', 'land'] as const
type Name = (typeof PARTIES)[number]
const MESSAGE_BYTES = 600_000

let federation: TestFederation
let coordinator: RunningCoordinator
const agents = new Map<Name, Agent>()
let outputs: Map<string, unknown>
/** called by every party before it sends in a round of training */
let beforeRound: (self: string, round: number) => Promise<void>

// Opening key stores is slow on purpose, so all tests share one federation; each submits a job of its own.
beforeAll(async () => {
  federation = await makeFederation(PARTIES)
  coordinator = await startTestCoordinator(federation)
})
afterAll(async () => {
  await coordinator.close()
  await rm(federation.folder, { recursive: true, force: true })
})
beforeEach(() => {
  outputs = new Map()
  beforeRound = async () => undefined
})
afterEach(async () => {
  for (const agent of agents.values()) await agent[Symbol.asyncDispose]()
  agents.clear()
})

/** Everybody sends everybody a large random message each round; the state counts the bytes heard. */
const toy: RoleProgram<undefined, { heard: number }, { heard: number }> = {
  setup: (task) => exchange(task, 0, 0),
  async round(task, _, state, round) {
    if (task.taskId === 'train') await beforeRound(task.self, round)
    task.progress({ phase: 'exchanging', done: round, total: 3, unit: 'rounds' })
    task.event('loss', { value: 1 / round })
    return { state: await exchange(task, state.heard, round), finished: task.taskId === 'align' || round === 3 }
  },
  finish: async (_, __, state) => state,
}

const bytes = { encode: (body: Uint8Array) => body, decode: (body: Uint8Array) => body }
const TOY_STEP = step({
  name: 'share',
  from: 'any',
  to: 'peer',
  kind: 'masked-share',
  arity: 'one',
  codec: bytes,
  reveals: 'nothing',
  openableBy: ['peer'],
})

async function exchange(task: TaskContext, heard: number, round: number): Promise<{ heard: number }> {
  const header = { round, step: 'share', part: 0, kind: 'masked-share' as const }
  const peers = [task.guest, ...task.hosts].filter((party) => party !== task.self)
  for (const peer of peers) await task.channel(peer).send(header, () => new Uint8Array(randomBytes(MESSAGE_BYTES)))
  let sum = heard
  for (const peer of peers) sum += (await task.channel(peer).receive(header)).length
  return { heard: sum }
}

async function startToyAgent(name: Name, gate: Partial<JobGate> = {}): Promise<void> {
  const programs: TaskPrograms = {
    open: async (plan, job) => ({
      program: toy as never,
      input: undefined,
      schedule: [TOY_STEP],
      onOutput: async (output) => void outputs.set(`${job.self}/${plan.task}`, output),
    }),
  }
  const columns = [`${name}_a`, `${name}_b`]
  const label = name === 'bank' ? 'bad' : ''
  const agent = await startAgent({
    config: { home: join(federation.folder, name), coordinator: coordinator.address },
    identity: identityOf(federation, name),
    trust: new AgentTrust(parseTrustBundle(readFileSync(federation.config.trustBundle, 'utf8'))),
    programs,
    gate: {
      admit: async () => undefined,
      catalog: async () => [{ name: `${name}_rows`, id_kind: 'plain', rows: 1000, columns, label }],
      ...gate,
    },
    log: silentLogger,
    software: 'test',
  })
  agents.set(name, agent)
  await agent.connected
}

async function submit(): Promise<string> {
  const { jobs, federation: directory } = openCaller(federation, 'bank', coordinator.address)
  // The catalogs arrive after the greeting.
  for (;;) {
    const view = await answerOf<{ parties: { datasets: unknown[] }[] }>((done) => directory.Describe({}, done as never))
    if (view.parties.filter((party) => party.datasets.length > 0).length === PARTIES.length) break
    await pause()
  }
  const request = signedSpec(federation, ['tax', 'land'])
  await answerOf((done) => jobs.Submit(request, done as never))
  jobs.close()
  directory.close()
  return jobIdOf(request.job_spec)
}

async function viewWhen(job: string, holds: (view: JobView__Output) => boolean): Promise<JobView__Output> {
  const { jobs } = openCaller(federation, 'bank', coordinator.address)
  try {
    for (;;) {
      const view = await answerOf<JobView__Output>((done) => jobs.Get({ job }, done as never))
      if (holds(view)) return view
      await pause()
    }
  } finally {
    jobs.close()
  }
}

/** What each link took of each job, as gRPC serialises it: counted here, beside what the agents count themselves. */
const sent = new Map<string, number>()
const JOB_FRAMES = new Set(['chunk', 'ack', 'round_closed', 'task_failed', 'progress'])
const parties = new Map<CoordinatorLink, string>()
const send = CoordinatorLink.prototype.send
CoordinatorLink.prototype.send = async function (frame) {
  if (frame.chunk?.from !== undefined) parties.set(this, frame.chunk.from)
  const taken = await send.call(this, frame)
  const body = frame.body ?? ''
  if (!taken || !JOB_FRAMES.has(body)) return taken
  const { job } = frame[body as 'chunk'] as { job: string }
  const key = `${[...parties.entries()].find(([link]) => link === this)?.[1] ?? ''}/${job}`
  const bytes = loadService().tributary.v1.AgentLink.service.Connect.requestSerialize(frame as never).length
  sent.set(key, (sent.get(key) ?? 0) + bytes)
  return taken
}
const sentOf = (name: Name, job: string) => sent.get(`${name}/${job}`)

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))
const ended = (view: JobView__Output) => view.ended_at !== ''
const jobFile = (name: Name, job: string, file: string) => join(federation.folder, name, 'jobs', job, file)
const recordOf = (name: Name, job: string) =>
  readFileSync(jobFile(name, job, 'record.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordLine)

async function localStateOf(name: Name, job: string): Promise<string> {
  for (;;) {
    const { state } = JSON.parse(readFileSync(jobFile(name, job, 'job.json'), 'utf8')) as { state: string }
    if (state !== 'accepted' && state !== 'started') return state
    await pause()
  }
}

/** All rounds ran, everybody heard everybody, and both ends of every message recorded the same. */
async function expectWholeJob(job: string): Promise<void> {
  for (const name of PARTIES) {
    expect(outputs.get(`${name}/align`)).toEqual({ heard: 2 * 2 * MESSAGE_BYTES })
    expect(outputs.get(`${name}/train`)).toEqual({ heard: 4 * 2 * MESSAGE_BYTES })
    expect(await localStateOf(name, job)).toBe('succeeded')
  }
  const side = (name: Name, direction: string, peer: Name) =>
    recordOf(name, job)
      .filter((line) => line.direction === direction && (line.from === peer || line.to === peer))
      .map(({ direction: _, time: __, ...line }) => line)
  for (const from of PARTIES) {
    for (const to of PARTIES.filter((name) => name !== from)) {
      expect(side(from, 'sent', to)).toHaveLength(6)
      expect(side(from, 'sent', to)).toEqual(side(to, 'received', from))
    }
  }
}

/** The ledger of a party, class by class, against what its peers received, and in sum against all that the job sent. */
function expectLedgerEqualsTransport(name: Name, job: string): void {
  const ledger = readLedger(readFileSync(jobFile(name, job, 'disclosures.jsonl'), 'utf8'), name)
  const received: Partial<Record<MessageKind, number>> = {}
  for (const peer of PARTIES.filter((other) => other !== name))
    for (const { from, direction, kind, envelopeBytes } of recordOf(peer, job))
      if (from === name && direction === 'received')
        received[kind as MessageKind] = (received[kind as MessageKind] ?? 0) + envelopeBytes
  expect(
    reconcile(
      ledger.filter((line) => line.task !== ''),
      received,
    ),
  ).toEqual([])
  const frames = ledger.filter((line) => line.task === '')
  expect(new Set(frames.map((line) => line.class))).toEqual(new Set(['control']))
  const sum = ledger.reduce((bytes, line) => bytes + line.envelopeBytes, 0)
  expect(sum).toBe(sentOf(name, job))
  expect(ledger.filter((line) => line.task !== '').every((line) => line.decryptableBy.length === 1)).toBe(true)
}

/** Every party's copy of the log: whole, cosigned by all, and the same. The toy protocol has no approvals. */
async function expectCosignedLog(job: string): Promise<void> {
  const leavesOf = async (name: Name) => {
    const out = join(federation.folder, `${name}-${job}.tar`)
    const { report } = await exported(name, job, out)
    expect(report.problems.filter(({ code }) => code !== 'approval-missing')).toEqual([])
    expect(report.facts.cosigners.map((cosigner) => cosigner.name).sort()).toEqual(PARTIES.toSorted())
    const messages = PARTIES.map((party) => report.facts.sent.find((sent) => sent.party === party)?.messages)
    await using bundle = await openBundle(out)
    const leaves: string[] = []
    for await (const leaf of bundle.leaves()) leaves.push(Buffer.from(leaf).toString())
    return { messages, leaves }
  }
  const [first, ...others] = await Promise.all(PARTIES.map(leavesOf))
  for (const other of others) expect(other).toEqual(first)
  expect(first?.leaves.filter((leaf) => leaf.includes('tributary.job.closed.')).length).toBeGreaterThanOrEqual(3)
}

/** The end of a job is cosigned a moment after it is known. */
async function exported(name: Name, job: string, out: string): Promise<{ report: VerifyReport }> {
  const { trustBundle } = federation.config
  for (;;) {
    const made = await exportLog({ home: join(federation.folder, name), trustBundle, job, out, now: new Date() })
    const report = await verifyBundle(out, { workers: 0 })
    if (made.unsealed === 0 && report.facts.jobs.proposed === report.facts.jobs.closed) return { report }
    await pause()
  }
}

test('a job runs from its submission to its end, and leaves no secret behind', async () => {
  for (const name of PARTIES) await startToyAgent(name)
  const job = await submit()
  const view = await viewWhen(job, ended)
  expect(view).toMatchObject({ state: 'succeeded', failure_code: '' })
  await expectWholeJob(job)
  await expectCosignedLog(job)
  for (const agent of agents.values()) await agent[Symbol.asyncDispose]()
  for (const name of PARTIES) expectLedgerEqualsTransport(name, job)
  for (const name of PARTIES) {
    for (const gone of ['vault', 'checkpoints', 'mail']) expect(existsSync(jobFile(name, job, gone))).toBe(false)
    expect(readFileSync(jobFile(name, job, 'events.jsonl'), 'utf8')).toContain('"event":"loss"')
  }
})

test('an agent and then the coordinator go away in the middle of a round, come back, and the job goes on', async () => {
  const reached = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  beforeRound = async (self, round) => {
    if (self !== 'tax' || round !== 2) return
    reached.resolve()
    await goOn.promise
  }
  for (const name of PARTIES) await startToyAgent(name)
  const job = await submit()
  await reached.promise
  goOn.resolve()
  await agents.get('tax')?.[Symbol.asyncDispose]()
  const { address } = coordinator
  await coordinator.close()
  coordinator = await startTestCoordinator(federation, { listen: address })
  await startToyAgent('tax')
  expect(await viewWhen(job, ended)).toMatchObject({ state: 'succeeded' })
  await expectWholeJob(job)
  await expectCosignedLog(job)
})

test('what fails at one party ends the job at all of them, with its code and its party', async () => {
  beforeRound = async (self) => {
    if (self === 'land') throw new PlatformError('data.constant-column', { columns: ['land_a'] })
  }
  for (const name of PARTIES) await startToyAgent(name)
  const job = await submit()
  const view = await viewWhen(job, ended)
  expect(view).toMatchObject({ state: 'failed', failure_code: 'data.constant-column', failure_party: 'land' })
  for (const name of PARTIES) {
    expect(await localStateOf(name, job)).toBe('failed')
    const stored = JSON.parse(readFileSync(jobFile(name, job, 'job.json'), 'utf8'))
    expect(stored.failure).toEqual({ code: 'data.constant-column', party: 'land', detail: { columns: 'land_a' } })
  }
})

test('a party whose policy says no rejects the job', async () => {
  const admit = async () => {
    throw new PlatformError('policy.denied', { rule: 'guest' })
  }
  for (const name of PARTIES) await startToyAgent(name, name === 'tax' ? { admit } : {})
  const job = await submit()
  const view = await viewWhen(job, ended)
  expect(view).toMatchObject({ state: 'rejected', failure_code: 'policy.denied', failure_party: 'tax' })
})
