// The console of a real coordinator, asked over HTTP by its three people: every call × every role × signed out, what the
// answers say, what they never say, and that each reading is stated.
import { readFileSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Call } from '#console/api/contract.ts'
import { coordinatorCalls } from '#console/api/coordinator.ts'
import { sessionCalls } from '#console/api/session.ts'
import { connect, urlOf } from '#console/sdk/client.ts'
import { openCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { makeInvitation } from '#crypto/identity/invitation.ts'
import { coordinatorCardSigner } from '#crypto/people/coordinator-people.ts'
import { addLocalPerson } from '#crypto/people/local-people.ts'
import { COORDINATOR_ROLES, type PersonRole } from '#crypto/people/people.ts'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import type { RunningCoordinator } from '../coordinator.ts'
import { recordInvitation } from '../membership/invitations.ts'
import {
  answerOf,
  connectAgent,
  makeFederation,
  openCaller,
  PASSPHRASE,
  type RawAgent,
  signedSpec,
  startTestCoordinator,
  type TestFederation,
} from '../test-federation.ts'

const CANARY = 'zz-canary'
const COLUMN = 'zz_canary_column'
const PERSON_PASSPHRASE = 'plum blossom'
let federation: TestFederation
let coordinator: RunningCoordinator
let caller: ReturnType<typeof openCaller>
let token = ''
const agents: RawAgent[] = []
let running = ''
let failed = ''
let collaboration = ''

beforeAll(async () => {
  federation = await makeFederation(['bank', 'tax'])
  const { home } = federation.config
  const signer = coordinatorCardSigner(await openCoordinatorHome(home, PASSPHRASE))
  for (const role of COORDINATOR_ROLES)
    await addLocalPerson(home, signer, { id: role, name: `The ${role}`, role, passphrase: PERSON_PASSPHRASE })
  const invited = makeInvitation({
    federation: 'test-federation',
    party: 'land',
    coordinator: '127.0.0.1:7443',
    rootPem: federation.rootPem,
    hours: 1,
    now: new Date(),
  })
  token = invited.token
  await recordInvitation(join(home, 'enrolment'), invited)
  coordinator = await startTestCoordinator(
    federation,
    { console: { listen: '127.0.0.1:0', origins: ['https://fed.example'] } },
    { pages: null },
  )
  caller = openCaller(federation, 'bank', coordinator.address)
  for (const party of ['bank', 'tax']) agents.push(await connectAgent(federation, party, coordinator.address))
  const offered = { name: 'rows', id_kind: 'plain', rows: 10, columns: [COLUMN], label: '' }
  agents[1]?.say({ catalog: { datasets: [{ ...offered, name: 'tax_rows', columns: ['tax_a', COLUMN] }] } })
  running = await start()
  failed = await start()
  const detail = { column: COLUMN, text: CANARY }
  const failure = { code: 'data.constant-column', party: 'tax', detail }
  agents[1]?.say({ task_failed: { job: failed, task: 'align', round: 0, failure } })
  await agents[0]?.heard('job_ended', { job: failed })
  const lines = await as('operator', (client) => client.logs({ query: {} }))
  collaboration = lines.items[0]?.collaboration ?? ''
})

afterAll(async () => {
  for (const agent of agents) agent.leave()
  caller.jobs.close()
  caller.federation.close()
  await coordinator.close()
  rmSync(federation.folder, { recursive: true })
})

/** A job in its first round. */
async function start(): Promise<string> {
  const spec = signedSpec(federation, ['tax'], { purpose: CANARY })
  const { job } = await answerOf<JobView__Output>((done) => caller.jobs.Submit(spec, done as never))
  for (const agent of agents) {
    await agent.heard('invite', { job })
    const sealed = { sealing_key: Buffer.alloc(32), sealing_signature: Buffer.alloc(64) }
    agent.say({ invite_answer: { job, accepted: true, ...sealed } })
  }
  for (const agent of agents) await agent.heard('round_opened', { job, task: 'align', round: 0 })
  return job
}

const table = { ...sessionCalls, ...coordinatorCalls }
const cookies = new Map<PersonRole, Promise<string>>()

function cookieOf(role: PersonRole): Promise<string> {
  let cookie = cookies.get(role)
  if (cookie === undefined) {
    cookie = fetch(`${coordinator.console}/api/session`, {
      method: 'POST',
      headers: { origin: String(coordinator.console), 'content-type': 'application/json' },
      body: JSON.stringify({ person: role, passphrase: PERSON_PASSPHRASE }),
    }).then(async (answer) => {
      expect([answer.status, await answer.json()]).toMatchObject([200, { person: { role } }])
      return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    })
    cookies.set(role, cookie)
  }
  return cookie
}

async function as<T>(role: PersonRole, ask: (client: ReturnType<typeof clientOf>) => Promise<T>): Promise<T> {
  return await ask(clientOf(await cookieOf(role)))
}

function clientOf(cookie: string) {
  const send = (url: string | URL | Request, init: RequestInit = {}) =>
    fetch(url as string, { ...init, headers: { ...(init.headers as object), cookie } })
  return connect(table, { origin: String(coordinator.console), fetch: send })
}

/** The first event of a stream, or the whole answer: status, code of a refusal, text. */
async function ask(call: Call, given: object, cookie: string) {
  const gone = new AbortController()
  const answer = await fetch(`${coordinator.console}${urlOf(call, given)}`, {
    headers: { cookie },
    signal: gone.signal,
  })
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json') === true
  let text = ''
  if (call.events !== undefined && !isProblem) {
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString('utf8')
      if (text.includes('data: {')) break
    }
    gone.abort()
  } else text = await answer.text()
  return { status: answer.status, code: isProblem ? (JSON.parse(text) as { code: string }).code : '', text }
}

/** What each call is asked with: a new call does not compile before it is here. */
const givenOf = (): Readonly<Record<keyof typeof coordinatorCalls, object>> => {
  const ofJob = { params: { job: running } }
  const ofLog = { params: { collaboration } }
  return {
    overview: {},
    overviewEvents: {},
    parties: {},
    trust: {},
    certificates: {},
    queue: {},
    job: { params: { job: failed } },
    jobEvents: ofJob,
    logs: {},
    log: ofLog,
    records: { ...ofLog, query: { limit: 200 } },
    tile: { ...ofLog, query: { path: 'tile/0/000.p/1' } },
    resources: {},
    checks: {},
    access: {},
  }
}

const NAMES = Object.keys(coordinatorCalls) as (keyof typeof coordinatorCalls)[]

describe('who may call what', () => {
  test.each(NAMES.flatMap((name) => [...COORDINATOR_ROLES, 'nobody' as const].map((role) => [name, role] as const)))(
    '%s as %s',
    async (name, role) => {
      const call: Call = coordinatorCalls[name]
      const { status, code } = await ask(call, givenOf()[name], role === 'nobody' ? '' : await cookieOf(role))
      if (role === 'nobody') expect([status, code]).toEqual([401, 'console.signed-out'])
      else if ((call.who as readonly string[]).includes(role)) expect([status, code]).toEqual([200, ''])
      else expect([status, code]).toEqual([403, 'person.wrong-role'])
    },
  )

  test('no call is open to anybody, to every role, or to a role that only a party has; none changes anything', () => {
    for (const [name, { who, method }] of Object.entries<Call>(coordinatorCalls)) {
      expect([name, Array.isArray(who), method]).toEqual([name, true, 'GET'])
      for (const role of who) expect(COORDINATOR_ROLES).toContain(role)
    }
  })

  test('what belongs to a party is not here under any name', async () => {
    const cookie = await cookieOf('operator')
    for (const path of ['approvals', 'ledger', 'datasets', 'bins', 'results', 'models', 'runs']) {
      const answer = await fetch(`${coordinator.console}/api/${path}`, { headers: { cookie } })
      expect([path, answer.status]).toEqual([path, 404])
    }
  })
})

test('no answer tells a column, a purpose, the details of a failure, or a token', async () => {
  for (const name of NAMES)
    for (const role of COORDINATOR_ROLES) {
      const { text } = await ask(coordinatorCalls[name], givenOf()[name], await cookieOf(role))
      for (const secret of [CANARY, COLUMN, 'tax_rows', 'bank_rows', token])
        expect([name, text.includes(secret)]).toEqual([name, false])
    }
})

test('behind a proxy that ends TLS the cookie is for TLS, and another name is refused', async () => {
  const body = JSON.stringify({ person: 'auditor', passphrase: PERSON_PASSPHRASE })
  const signIn = (host: string) =>
    new Promise<IncomingMessage>((resolve) => {
      const headers = { host, origin: `https://${host}`, 'content-type': 'application/json' }
      request(`${coordinator.console}/api/session`, { method: 'POST', headers }, resolve).end(body)
    })
  const answer = await signIn('fed.example')
  expect([answer.statusCode, answer.headers['set-cookie']?.[0]]).toEqual([200, expect.stringContaining('; Secure')])
  const foreign = await signIn('evil.example')
  expect(foreign.statusCode).toBe(403)
  for (const one of [answer, foreign]) one.resume()
})

test('parties are told with what connected them', async () => {
  const { items } = await as('operator', (client) => client.parties({ query: {} }))
  expect(items).toMatchObject([
    { party: 'bank', connected: true, software: 'test', datasets: 1, runningJobs: 1, revoked: false },
    { party: 'tax', connected: true, certificate: { holder: 'tax', what: 'agent', state: 'good', renewsItself: true } },
  ])
  agents.find(({ party }) => party === 'tax')?.leave()
  await expect
    .poll(async () => (await as('operator', (client) => client.parties({ query: {} }))).items[1], { timeout: 15_000 })
    .toMatchObject({ connected: false, software: 'test', certificate: { serial: items[1]?.certificate?.serial } })
  const { checks, ok } = await as('operator', (client) => client.checks())
  expect(ok).toBe(false)
  expect(checks.find(({ check }) => check === 'connections')).toMatchObject({
    state: 'red',
    found: { en: 'not connected: tax' },
  })
  agents[1] = await connectAgent(federation, 'tax', coordinator.address, [running])
})

test('trust names editions, signers and the invitation, and certificates come in the order of their end', async () => {
  const trust = await as('operator', (client) => client.trust())
  expect(trust).toMatchObject({ edition: 1, parties: ['bank', 'tax'], revocations: [], waitingFor: [] })
  expect(trust.invitations).toMatchObject([{ party: 'land', state: 'open', tries: 0 }])
  const { items } = await as('operator', (client) => client.certificates({ query: {} }))
  expect(
    items
      .map(({ holder, what }) => `${holder} ${what}`)
      .slice(0, 3)
      .toSorted(),
  ).toEqual(['bank agent', 'coordinator server', 'tax agent'])
  const ends = items.map(({ validTo }) => validTo)
  expect(ends).toEqual(ends.toSorted())
})

test('the queue is paged and filtered', async () => {
  const first = await as('auditor', (client) => client.queue({ query: { limit: 1 } }))
  expect(first.items).toMatchObject([
    { job: failed, state: 'failed', failure: { code: 'data.constant-column', party: 'tax' } },
  ])
  const second = await as('auditor', (client) => client.queue({ query: { limit: 1, after: first.next as string } }))
  expect(second).toMatchObject({ items: [{ job: running, state: 'running', task: { task: 'align', round: 0 } }] })
  expect(second.next).toBeUndefined()
  const { items } = await as('auditor', (client) => client.queue({ query: { state: 'running' } }))
  expect(items.map(({ job }) => job)).toEqual([running])
})

test('a job is told live, and what is unknown is refused by name', async () => {
  const events = fetch(`${coordinator.console}${urlOf(coordinatorCalls.jobEvents, { params: { job: running } })}`, {
    headers: { cookie: await cookieOf('compliance') },
  })
  let text = ''
  for await (const chunk of (await events).body ?? []) {
    text += Buffer.from(chunk).toString('utf8')
    if (text.includes('"phase":"counting"')) break
    agents[1]?.say({
      progress: { job: running, task: 'align', round: 0, phase: 'counting', done: 3, total: 9, unit: 'rows' },
    })
  }
  expect(text).toContain('"done":3,"total":9')
  await expect(as('operator', (client) => client.job({ params: { job: 'job-none' } }))).rejects.toMatchObject({
    code: 'job.unknown',
  })
})

test('the log has the records of the jobs, and who cosigned', async () => {
  const { items } = await as('compliance', (client) =>
    client.records({ params: { collaboration }, query: { job: running } }),
  )
  expect(items.map(({ kind }) => kind)).toContain('job.accepted')
  const detail = await as('compliance', (client) => client.log({ params: { collaboration } }))
  expect(detail.cosigners.map(({ party }) => party)).toEqual(['bank', 'tax'])
  expect(detail.checkpoint).toContain(collaboration)
})

test('the machine is told: memory, disk, files of the home, the limit of the adder', async () => {
  const { machine, adder, relay, files } = await as('operator', (client) => client.resources())
  expect(machine.memory.process).toBeGreaterThan(2 ** 20)
  expect(machine.disk.total).toBeGreaterThan(machine.disk.free)
  expect(adder.limit).toBe(federation.config.quotas.adderBytes)
  expect(relay.jobs).toMatchObject([{ job: running }])
  expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining(['coordinator.sqlite', 'log.sqlite']))
})

test('every reading is stated once in ten minutes, signed by whoever read, and compliance reads it', async () => {
  await as('operator', (client) => client.trust())
  await as('operator', (client) => client.trust())
  const { items } = await as('auditor', (client) => client.access({ query: { limit: 200 } }))
  const of = (person: string, object: string) =>
    items.filter((line) => line.person === person && line.object === object).length
  expect(of('The operator', 'trust')).toBe(1)
  expect(of('The compliance', `log ${collaboration}`)).toBe(1)
  expect(of('The auditor', 'access')).toBe(1)
  expect(items.filter(({ person, role }) => person !== `The ${role}`)).toEqual([])
  expect(readFileSync(join(federation.config.home, 'access.sqlite')).length).toBeGreaterThan(0)
})
