// Real agents and a real coordinator: a job waits for two people of the owner, and stops when one of them withdraws.
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
import { addPeople } from '#party-agent/approvals/approval-fixtures.ts'
import { cardDigests } from '#party-agent/approvals/cards.ts'
import { draftApproval } from '#party-agent/approvals/draft.ts'
import { type ApprovalGate, openApprovalGate } from '#party-agent/approvals/gate.ts'
import { digestOf } from '#party-agent/approvals/statements.ts'
import { ApprovalStore } from '#party-agent/approvals/store.ts'
import { fileGovernanceRecord } from '#party-agent/governance.ts'
import { AgentTrust } from '#party-agent/membership/agent-trust.ts'
import { localPeople } from '#crypto/people/local-people.ts'
import type { PersonDirectory, PersonSigner } from '#crypto/people/people.ts'
import type { Approval } from '#protocols/core/approval.ts'
import { makeCard } from '#protocols/core/card.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { jobIdOf, parseJobSpec } from '#protocols/core/job-spec.ts'
import { step } from '#protocols/core/schedule.ts'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import { silentLogger } from '#runtime/log.ts'

const ROUNDS = 400
const bytes = { encode: (body: Uint8Array) => body, decode: (body: Uint8Array) => body }
const PING = step({
  name: 'ping',
  from: 'any',
  to: 'peer',
  kind: 'control',
  arity: 'parts',
  codec: bytes,
  reveals: 'that the other is there',
})
/** The cards of a protocol of one message, under the names of the real ones. */
const CARDS = ['psi', 'vertical-lr'].map((protocol) =>
  makeCard({
    protocol,
    version: 1,
    title: { en: 'ping', zh: '乒乓' },
    schedules: { PINGS: [PING] },
    chinese: { ping: '对方在线' },
    atTheEnd: [],
  }),
)

let federation: TestFederation
let coordinator: RunningCoordinator
let people: PersonDirectory
const agents: Agent[] = []
const gates: ApprovalGate[] = []
/** when each party handed each message to its mailbox, in milliseconds */
let sends: { party: string; at: number }[]
/** parts that a round of training sends; many make it long */
let parts: number
/** how far the clock of the coordinator is ahead: a deadline passes when a test says so */
let coordinatorAheadMs = 0
/** the clock by which an approval ends at tax */
let clockOfTax: () => Date

beforeAll(async () => {
  federation = await makeFederation(['bank', 'tax'])
  coordinator = await startTestCoordinator(federation, {}, { now: () => Date.now() + coordinatorAheadMs })
  const identity = identityOf(federation, 'tax')
  await addPeople(homeOf('tax'), identity)
  people = localPeople(homeOf('tax'), identity)
})
afterAll(async () => {
  await coordinator.close()
  await rm(federation.folder, { recursive: true, force: true })
})
beforeEach(async () => {
  sends = []
  parts = 1
  clockOfTax = () => new Date()
  await rm(join(homeOf('tax'), 'approvals'), { recursive: true, force: true })
  for (const party of ['bank', 'tax']) await start(party)
})
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent[Symbol.asyncDispose]()
  for (const gate of gates.splice(0)) gate[Symbol.dispose]()
})

const homeOf = (party: string) => join(federation.folder, party)
const storeOf = () => new ApprovalStore(homeOf('tax'), 'tax', people)
const pause = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms))

const pings: RoleProgram<undefined, number, number> = {
  setup: (task) => ping(task, 0, 1),
  async round(task, _, __, round) {
    const all = await ping(task, round, task.taskId === 'train' ? parts : 1)
    return { state: all, finished: task.taskId === 'align' || round === 2 }
  },
  finish: async (_, __, state) => state,
}

async function ping(task: TaskContext, round: number, count: number): Promise<number> {
  const channel = task.channel(task.self === 'bank' ? 'tax' : 'bank')
  for (let part = 0; part < count; part++) {
    const header = { round, step: 'ping', kind: 'control' as const, part }
    await channel.send(header, () => Uint8Array.of(part & 255))
    sends.push({ party: task.self, at: Date.now() })
    await channel.receive(header)
    if (count > 1) await pause(10)
  }
  return count
}

async function start(party: string): Promise<void> {
  const home = homeOf(party)
  const asked = async () => ({
    self: party,
    dataset: `${party}_rows`,
    datasetVersion: 'schema-0123456789abcdef',
    columns: [`${party}_a`, `${party}_b`],
  })
  const governance = fileGovernanceRecord(home, silentLogger)
  const rules = { ownJobs: 'approved' as const, waitSeconds: 600 }
  const looking = { cards: CARDS, now: () => clockOfTax(), log: silentLogger }
  const approving = { self: party, store: storeOf(), rules, asked, record: governance, ...looking }
  const approvals = party === 'tax' ? await openApprovalGate(approving) : undefined
  if (approvals !== undefined) gates.push(approvals)
  const dataset = { name: `${party}_rows`, id_kind: 'plain', rows: 1000, columns: [`${party}_a`, `${party}_b`] }
  const agent = await startAgent({
    config: { home, coordinator: coordinator.address },
    identity: identityOf(federation, party),
    trust: new AgentTrust(parseTrustBundle(readFileSync(federation.config.trustBundle, 'utf8'))),
    programs: {
      open: async () => ({
        program: pings as never,
        input: undefined,
        schedule: [PING],
        onOutput: async () => undefined,
      }),
    },
    gate: {
      admit: async () => undefined,
      catalog: async () => [{ ...dataset, label: party === 'bank' ? 'bad' : '' }],
    },
    ...(approvals === undefined ? {} : { approvals }),
    governance,
    log: silentLogger,
    software: 'test',
  })
  agents.push(agent)
  await agent.connected
}

async function submit(change: object = {}): Promise<string> {
  const { jobs, federation: directory } = openCaller(federation, 'bank', coordinator.address)
  for (;;) {
    const view = await answerOf<{ parties: { datasets: unknown[] }[] }>((done) => directory.Describe({}, done as never))
    if (view.parties.every((party) => party.datasets.length > 0)) break
    await pause()
  }
  const request = signedSpec(federation, ['tax'], { train: { rounds: ROUNDS }, ...change })
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
const ended = (view: JobView__Output) => view.ended_at !== ''
/** The bank has accepted, and tax says how many of two have signed. */
const waits = (signed: number) => (view: JobView__Output) => {
  const [bank, tax] = view.parties
  return bank?.phase === 'accepted' && tax?.phase === 'awaiting approval' && tax.done === signed
}

/** Drafts from the request of the waiting job, as `tributary approve JOB` does, and signs with these people. */
async function approve(
  job: string,
  change: Partial<Approval> = {},
  signers = ['li-wei', 'wang-fang'],
): Promise<string> {
  const store = storeOf()
  for (;;) {
    const request = (await store.requests()).find((candidate) => candidate.job === job)
    if (request === undefined) await pause()
    else {
      const options = { template: 'pilot' as const, cards: cardDigests(CARDS), now: new Date() }
      const document = { ...draftApproval(request.spec, request.asked, options), ...change }
      await store.propose(document)
      const digest = digestOf((await store.intact(document.id)).bytes)
      for (const id of signers) await store.sign(document.id, await signer(id), digest)
      return document.id
    }
  }
}
/** More has been sent than before the first round of training. */
async function trains(): Promise<void> {
  while (sends.filter(({ party }) => party === 'tax').length < 20) await pause()
}
const signer = (id: string): Promise<PersonSigner> => people.authenticate(id, `passphrase of ${id}`)
const eventsOf = (party: string, job: string) => readFileSync(join(homeOf(party), 'jobs', job, 'events.jsonl'), 'utf8')

test('a job waits for its approval, does not start on one signature, and runs to its end on two', async () => {
  const job = await submit()
  const id = await approve(job, {}, ['li-wei'])
  const waiting = await viewWhen(job, waits(1))
  expect(waiting).toMatchObject({ state: 'inviting' })
  expect(waiting.parties).toMatchObject([
    { party: 'bank', phase: 'accepted' },
    { party: 'tax', phase: 'awaiting approval', done: 1, total: 2, unit: 'compliance' },
  ])
  expect(sends).toEqual([])
  expect(eventsOf('tax', job)).toContain('approval.awaited')
  const store = storeOf()
  await store.sign(id, await signer('wang-fang'), digestOf((await store.intact(id)).bytes))
  expect(await viewWhen(job, ended)).toMatchObject({ state: 'succeeded' })
  expect((await store.intact(id)).runs).toEqual([job])
  expect(await store.requests()).toEqual([])
})

test('nobody decides: the coordinator ends it at the deadline of its invitation, and nothing has left', async () => {
  const job = await submit({ deadlines: { inviteSeconds: 60 } })
  await viewWhen(job, waits(0))
  coordinatorAheadMs += 61_000
  const view = await viewWhen(job, ended)
  expect(view).toMatchObject({ state: 'failed', failure_code: 'peer.timeout', failure_party: 'tax' })
  expect(sends).toEqual([])
  const file = join(homeOf('tax'), 'approvals', 'requests', `${job}.json`)
  while (existsSync(file)) await pause()
})

test('an approval narrower than the job stops it with a message that names column and owner', async () => {
  const waiting = await submit()
  await approve(waiting, { columns: ['tax_a'] })
  const view = await viewWhen(waiting, ended)
  expect(view).toMatchObject({ state: 'rejected', failure_code: 'approval.narrower', failure_party: 'tax' })
  expect(view.failure_detail['missing']).toContain('column tax_b of tax_rows: not approved by tax')
  expect(readFileSync(join(homeOf('tax'), 'governance.jsonl'), 'utf8')).toContain('approval.narrower')
})

test('a refusal by a person ends the job with its reason', async () => {
  const job = await submit()
  const store = storeOf()
  while ((await store.requests()).length === 0) await pause()
  await store.refuse(job, await signer('wang-fang'), 'no contract with this bank')
  const failure = {
    failure_code: 'approval.refused',
    failure_party: 'tax',
    failure_detail: { by: 'wang-fang', reason: 'no contract with this bank' },
  }
  expect(await viewWhen(job, ended)).toMatchObject({ state: 'rejected', ...failure })
})

test('a withdrawal during training stops the next message within five seconds', async () => {
  parts = 5000
  const job = await submit()
  const id = await approve(job)
  await trains()
  const withdrawnAt = Date.now()
  await storeOf().revoke(id, await signer('li-wei'), 'contract ended')
  const view = await viewWhen(job, ended)
  expect(view).toMatchObject({ state: 'failed', failure_code: 'approval.withdrawn', failure_party: 'tax' })
  expect(view.failure_detail['reason']).toContain('contract ended')
  await pause(300)
  const last = sends.filter(({ party }) => party === 'tax').at(-1)?.at ?? 0
  expect(last).toBeLessThan(withdrawnAt + 5000)
  expect(eventsOf('tax', job)).toContain('policy.refused')
  const facts = readFileSync(join(homeOf('tax'), 'governance.jsonl'), 'utf8')
  for (const event of ['approval.granted', 'approval.used', 'approval.revoked', 'approval.withdrawn'])
    expect(facts).toContain(event)
})

test('an approval that ends during training stops it too', async () => {
  parts = 5000
  const job = await submit()
  const validTo = new Date(Date.now() + 3_600_000)
  await approve(job, { validTo: validTo.toISOString() })
  await trains()
  clockOfTax = () => validTo
  const view = await viewWhen(job, ended)
  expect(view).toMatchObject({ state: 'failed', failure_code: 'approval.withdrawn', failure_party: 'tax' })
  expect(parseJobSpec(readFileSync(join(homeOf('tax'), 'jobs', job, 'spec.json'))).name).toContain('test job')
})
