// Real agents and a real coordinator over loopback with mutual TLS, which adds up their encrypted updates: a small
// protocol of nothing else, with real ciphertexts, while processes come and go.
import { readFileSync } from 'node:fs'
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
import { encryptAll, openAll, type SampleRound, sampleRound } from '#crypto/aggregate/sample-round.ts'
import { parseTrustBundle } from '#crypto/identity/trust.ts'
import { bothVerdicts } from '#experiments/log/two-verifiers.ts'
import { type Agent, startAgent } from '#party-agent/agent.ts'
import { readLedger } from '#party-agent/ledger/disclosures.ts'
import { exportLog } from '#party-agent/log/export.ts'
import { AgentTrust } from '#party-agent/membership/agent-trust.ts'
import { openRound } from '#protocols/core/channel.ts'
import { ADDER, type RoleProgram, type TaskContext } from '#protocols/core/contract.ts'
import { jobIdOf } from '#protocols/core/job-spec.ts'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'
import { AVERAGING } from '#protocols/fedavg/messages.ts'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import { silentLogger } from '#runtime/log.ts'

const PARTIES = ['bank', 'tax', 'land'] as const
type Name = (typeof PARTIES)[number]
const VALUES = 80_000
const PATIENT = { timeout: 60_000 }
/** of both tasks, in order */
const ROUNDS = ['statistics/1', 'statistics/2', 'average/1', 'average/2', 'average/3']

let federation: TestFederation
let coordinator: RunningCoordinator
const agents = new Map<Name, Agent>()
/** what each opener read, by round */
let sums: Map<string, Uint32Array>
/** called by each party before it sends its update */
let beforeUpdate: (self: string, place: string) => Promise<void>
/** numbers of sums as this party counts them */
let numberAt: (self: string, place: string) => number

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
  sums = new Map()
  beforeUpdate = async () => undefined
  numberAt = (_, place) => rightNumber(place)
})
afterEach(async () => {
  for (const agent of agents.values()) await agent[Symbol.asyncDispose]()
  agents.clear()
})

const openerOf = (place: string): Name => PARTIES[ROUNDS.indexOf(place) % 2] as Name
const rightNumber = (place: string) => Math.floor(ROUNDS.indexOf(place) / 2) + 1
const rounds = new Map<string, SampleRound>(ROUNDS.map((place, round) => [place, sampleRound(3, { round })]))
const roundAt = (place: string) => rounds.get(place) as SampleRound
const valuesOf = (party: number, round: SampleRound) =>
  Uint32Array.from({ length: VALUES }, (_, i) => (i * 31 + party * 977) % round.fields.levels)

const adding: RoleProgram<undefined, null, null> = {
  setup: async () => null,
  async round(task, _, __, number) {
    const place = `${task.taskId}/${number}`
    await beforeUpdate(task.self, place)
    await update(task, place, number)
    if (openerOf(place) === task.self) sums.set(place, await openSum(task, place, number))
    return { state: null, finished: !ROUNDS.includes(`${task.taskId}/${number + 1}`) }
  },
  finish: async () => null,
}

async function update(task: TaskContext, place: string, number: number): Promise<void> {
  const round = roundAt(place)
  const self = PARTIES.indexOf(task.self as Name)
  const header = { label: round.label, opener: openerOf(place), participants: PARTIES, parameters: VALUES }
  const chunks = () => encryptAll(round, self, valuesOf(self, round))
  const channel = openRound(AVERAGING, 'party', 'adder', task.channel(ADDER), number)
  const body = () => ({ ...header, number: numberAt(task.self, place), chunks: chunks() })
  await channel.send('update', body, { keyId: Buffer.from(round.label).toString('hex') })
}

async function openSum(task: TaskContext, place: string, number: number): Promise<Uint32Array> {
  const channel = openRound(AVERAGING, 'opener', 'adder', task.channel(ADDER), number)
  const { chunks } = await channel.receive('sum')
  return openAll(roundAt(place), chunks, VALUES)
}

async function start(name: Name): Promise<void> {
  const agent = await startAgent({
    config: { home: join(federation.folder, name), coordinator: coordinator.address },
    identity: identityOf(federation, name),
    trust: new AgentTrust(parseTrustBundle(readFileSync(federation.config.trustBundle, 'utf8'))),
    programs: {
      open: async () => ({
        program: adding as never,
        input: undefined,
        schedule: AVERAGING,
        onOutput: async () => undefined,
      }),
    },
    gate: {
      admit: async () => undefined,
      catalog: async () => [{ name: `${name}_rows`, id_kind: 'plain', rows: 1000, columns: ['a', 'b'], label: 'bad' }],
    },
    log: silentLogger,
    software: 'test',
  })
  agents.set(name, agent)
  await agent.connected
}

async function stop(name: Name): Promise<void> {
  await agents.get(name)?.[Symbol.asyncDispose]()
  agents.delete(name)
}

async function restartCoordinator(): Promise<void> {
  const { address } = coordinator
  await coordinator.close()
  coordinator = await startTestCoordinator(federation, { listen: address })
}

async function submit(): Promise<string> {
  const { jobs, federation: directory } = openCaller(federation, 'bank', coordinator.address)
  for (;;) {
    const view = await answerOf<{ parties: { datasets: unknown[] }[] }>((done) => directory.Describe({}, done as never))
    if (view.parties.filter((party) => party.datasets.length > 0).length === PARTIES.length) break
    await pause()
  }
  const request = signedSpec(federation, ['tax', 'land'], { train: undefined, average: { rounds: 3 } })
  await answerOf((done) => jobs.Submit(request, done as never))
  jobs.close()
  directory.close()
  return jobIdOf(request.job_spec)
}

async function endOf(job: string): Promise<JobView__Output> {
  for (;;) {
    const { jobs } = openCaller(federation, 'bank', coordinator.address)
    const view = await answerOf<JobView__Output>((done) => jobs.Get({ job }, done as never)).catch(() => undefined)
    jobs.close()
    if (view !== undefined && view.ended_at !== '') return view
    await pause()
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

/** Every sum was read by its opener, and is exactly what all had. */
function expectExactSums(): void {
  expect([...sums.keys()].toSorted()).toEqual(ROUNDS.toSorted())
  for (const [place, sum] of sums) {
    const parts = PARTIES.map((_, party) => valuesOf(party, roundAt(place)))
    const expected = Uint32Array.from({ length: VALUES }, (_, i) =>
      parts.reduce((acc, own) => acc + (own[i] as number), 0),
    )
    expect(Buffer.compare(Buffer.from(sum.buffer), Buffer.from(expected.buffer)), place).toBe(0)
  }
}

const ledgerOf = (name: Name, job: string) => {
  const file = join(federation.folder, name, 'jobs', job, 'disclosures.jsonl')
  return readLedger(readFileSync(file, 'utf8'), name)
}

/** The end of a job is cosigned a moment after it is known. */
async function evidenceOf(name: Name, job: string): Promise<Uint8Array> {
  const { trustBundle } = federation.config
  const out = join(federation.folder, `${name}-${job}.tar`)
  for (;;) {
    const made = await exportLog({ home: join(federation.folder, name), trustBundle, job, out, now: new Date() })
    const { jobs } = (await verifyBundle(out, { workers: 0 })).facts
    if (made.unsealed === 0 && jobs.proposed === jobs.closed) return readFileSync(out)
    await pause()
  }
}

test('sums are exact, nothing is sent twice, and ledgers and log say who could open what', async () => {
  for (const name of PARTIES) await start(name)
  const job = await submit()
  expect(await endOf(job)).toMatchObject({ state: 'succeeded', failure_code: '' })
  expectExactSums()
  expect(coordinator.adder.budget.used).toBe(0)
  for (const name of PARTIES) await stop(name)
  for (const name of PARTIES) {
    const lines = ledgerOf(name, job).filter(({ step }) => step !== 'frames')
    const others = PARTIES.filter((party) => party !== name).toSorted()
    expect(lines.map(({ task, round }) => `${task}/${round}`)).toEqual(ROUNDS)
    for (const line of lines)
      expect(line).toMatchObject({ step: 'update', to: ADDER, class: 'ciphertext', messages: 1, decryptableBy: others })
  }
})

test('a coordinator, and then everything, dies in the middle of a round, and every sum is the same', async () => {
  const places = new Map([
    ['statistics/2', Promise.withResolvers<void>()],
    ['average/2', Promise.withResolvers<void>()],
  ])
  const goOn = new Map([...places.keys()].map((place) => [place, Promise.withResolvers<void>()]))
  beforeUpdate = async (self, place) => {
    if (self !== 'land') return
    places.get(place)?.resolve()
    await goOn.get(place)?.promise
  }
  for (const name of PARTIES) await start(name)
  const job = await submit()
  // two updates are held at the coordinator, the third is not sent
  await places.get('statistics/2')?.promise
  await expect.poll(() => coordinator.adder.budget.used, PATIENT).toBeGreaterThan(0)
  await restartCoordinator()
  expect(coordinator.adder.budget.used).toBe(0)
  goOn.get('statistics/2')?.resolve()
  await places.get('average/2')?.promise
  await expect.poll(() => coordinator.adder.budget.used, PATIENT).toBeGreaterThan(0)
  // now everything at once: agents send all that they still have, also what is long done
  await stop('tax')
  await stop('bank')
  goOn.get('average/2')?.resolve()
  await stop('land')
  await restartCoordinator()
  await start('land')
  await start('bank')
  await start('tax')
  expect(await endOf(job)).toMatchObject({ state: 'succeeded', failure_code: '' })
  expectExactSums()
  const { own, page } = await bothVerdicts(await evidenceOf('land', job))
  // the small protocol runs without approvals
  expect([own.codes, page.codes]).toEqual([['approval-missing'], ['approval-missing']])
})

test('an update that belongs to another sum ends the job at all parties, with its code', async () => {
  numberAt = (self, place) => rightNumber(place) + (self === 'land' ? 1 : 0)
  beforeUpdate = async (self) => {
    if (self === 'land') await expect.poll(() => coordinator.adder.budget.used, PATIENT).toBeGreaterThan(0)
  }
  for (const name of PARTIES) await start(name)
  const job = await submit()
  const view = await endOf(job)
  expect(view).toMatchObject({ state: 'failed', failure_code: 'average.other-round', failure_party: 'land' })
  expect(coordinator.adder.budget.used).toBe(0)
})
