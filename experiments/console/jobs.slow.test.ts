// The modeler's road over HTTP against a real coordinator: templates, check, submission, watching and cancelling, and what
// is refused. The other parties are agents reduced to their streams, so that the test says when each of them acts.
import { appendFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobProgress } from '#console/api/job-progress.ts'
import { catalogueCalls } from '#console/api/catalogue.ts'
import { jobCalls, MAX_JOB_TEXT } from '#console/api/jobs.ts'
import { sessionCalls } from '#console/api/session.ts'
import { connect } from '#console/sdk/client.ts'
import { Entrance } from '#console/server/entrance.ts'
import { type RunningConsole, startConsole } from '#console/server/serve.ts'
import type { RunningCoordinator } from '#coordinator/coordinator.ts'
import {
  connectAgent,
  identityOf,
  makeFederation,
  type RawAgent,
  startTestCoordinator,
  type TestFederation,
} from '#coordinator/test-federation.ts'
import { addLocalPerson, localPeople } from '#crypto/people/local-people.ts'
import { ApprovalStore } from '#party-agent/approvals/store.ts'
import { catalogueServed } from '#party-agent/console/catalogue-calls.ts'
import { jobsServed } from '#party-agent/console/jobs-calls.ts'
import { openGate } from '#party-agent/gate.ts'
import { type CoordinatorClient, connectCoordinator } from '#party-agent/link/coordinator-client.ts'
import { partyOf } from '#party-agent/log/reading.ts'
import { AccessLog } from '#protocols/log/access-log.ts'
import { silentLogger } from '#runtime/log.ts'

const PARTIES = ['bank', 'tax', 'social', 'land']
const TABLE = { ...sessionCalls, ...catalogueCalls, ...jobCalls }
const PASSPHRASE = 'plum blossom'

let federation: TestFederation
let coordinator: RunningCoordinator
const agents = new Map<string, RawAgent>()
const opened: { running: RunningConsole; client: CoordinatorClient }[] = []
let bank: Console
let land: Console
type Console = Awaited<ReturnType<typeof openConsole>>

beforeAll(async () => {
  federation = await makeFederation(PARTIES)
  coordinator = await startTestCoordinator(federation)
  for (const party of PARTIES) agents.set(party, await connectAgent(federation, party, coordinator.address))
  bank = await openConsole('bank')
  land = await openConsole('land')
})
afterAll(async () => {
  for (const { running, client } of opened) {
    await running.close()
    client[Symbol.dispose]()
  }
  for (const agent of agents.values()) agent.leave()
  await coordinator.close()
  await rm(federation.folder, { recursive: true, force: true })
})

/** The console of a party with a modeler and a steward, and their clients. */
async function openConsole(party: string) {
  const identity = identityOf(federation, party)
  const home = join(federation.folder, party)
  for (const role of ['modeler', 'steward', 'operator'] as const)
    await addLocalPerson(home, identity, { id: role, name: role, role, passphrase: PASSPHRASE })
  const known = localPeople(home, identity)
  const { storageKey } = identity
  const at = { home, key: identity, federation: identity.federation, storageKey, people: known }
  const entrance = new Entrance({ ...at, log: silentLogger, refusalMs: 0 })
  const config = { home, datasets: {} } as never
  const client = connectCoordinator(coordinator.address, identity, federation.rootPem)
  const parts = {
    config,
    identity,
    people: entrance.people,
    gate: await openGate({ datasets: {}, policy: { jobs: [] } } as never, party, silentLogger),
    store: new ApprovalStore(home, party, known),
    coordinator: async () => client,
    log: silentLogger,
    now: () => new Date(),
  }
  const running = await startConsole({
    config: { listen: '127.0.0.1:0' },
    about: { kind: 'agent', federation: identity.federation, party, software: 'test' },
    entrance,
    served: [catalogueServed(parts), jobsServed(parts)],
    log: silentLogger,
  })
  opened.push({ running, client })
  return { home, as: (person: string) => signIn(running.origin, person) }
}

async function signIn(origin: string, person: string) {
  let [cookie, csrf] = ['', '']
  const send: typeof fetch = async (url, init = {}) => {
    const headers = { origin, cookie, ...(init.headers as Record<string, string>) }
    const answer = await fetch(url, { ...init, headers })
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return answer
  }
  const client = connect(TABLE, { origin, csrf: () => csrf, fetch: send })
  csrf = (await client.signIn({ body: { person, passphrase: PASSPHRASE } })).csrf
  return Object.assign(client, {
    /** The events of a job, as a page reads them. */
    async *events(job: string) {
      const answer = await send(`${origin}/api/jobs/${job}/events`)
      const decoder = new TextDecoder()
      let text = ''
      for await (const part of answer.body as AsyncIterable<Uint8Array>) {
        text += decoder.decode(part, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const [, event = 'message'] = /^event: (.*)$/m.exec(block) ?? []
          const [, data] = /^data: (.*)$/m.exec(block) ?? []
          if (data !== undefined) yield { event, data: JSON.parse(data) as Event }
        }
      }
    },
  })
}
type Event = { kind: string; code?: string; job?: JobProgress; points?: { round: number; loss: number }[] }

const agent = (party: string) => agents.get(party) as RawAgent
const accept = (party: string, job: string) =>
  agent(party).say({
    invite_answer: { job, accepted: true, sealing_key: Buffer.alloc(32, 1), sealing_signature: Buffer.alloc(64) },
  })

/** A job file of the bank with tax and social, with a name of its own. */
const fileOf = (name: string, guest = 'bank') => `version: 1
name: ${name}
guest: { party: ${guest}, dataset: ${guest}_rows }
hosts: [{ party: tax, dataset: tax_rows }, { party: social, dataset: social_rows }]
align: { minIntersection: 100 }
train: { rounds: 2 }
`

describe('before a job', () => {
  test('the catalogue has every party with what it offers', async () => {
    const { parties } = await (await bank.as('operator')).catalogue()
    expect(parties.map(({ party, isOwn }) => [party, isOwn])).toEqual(PARTIES.map((name) => [name, name === 'bank']))
    expect(parties[1]).toMatchObject({ connected: true, data: [{ name: 'tax_rows', rows: 1000, ids: ['plain'] }] })
  })

  test('a template is filled with the parties that offer fitting data, and its text can be submitted as it is', async () => {
    const modeler = await bank.as('modeler')
    const templates = await modeler.templates()
    expect(templates.map(({ name }) => name)).toContain('scorecard')
    expect(templates.find(({ name }) => name === 'parks')?.lacking?.en).toMatch(/^it takes two/)
    const { text, partners, chosen } = await modeler.draftJob({ params: { template: 'scorecard' }, query: {} })
    expect([partners, chosen]).toEqual([
      ['tax', 'social', 'land'],
      ['tax', 'social', 'land'],
    ])
    const checked = await modeler.check({ body: { text } })
    expect(checked.problems).toEqual([])
    expect(checked.preflight?.checks.map(({ state }) => state)).not.toContain('problem')
    expect(checked.preflight?.estimate.map(({ task }) => task)).toEqual(['align', 'bin', 'select', 'train', 'value'])
    const query = { partners: 'social', language: 'zh' } as const
    const one = await modeler.draftJob({ params: { template: 'scorecard' }, query })
    expect(one.text).toContain('name: 联合评分卡')
    expect(one.chosen).toEqual(['social'])
  })

  test('mistakes come with their places, and a job of another party is one', async () => {
    const modeler = await bank.as('modeler')
    const wrong = await modeler.check({ body: { text: fileOf('x').replace('rounds: 2', 'rounds: 0') } })
    expect(wrong.problems).toMatchObject([{ line: 6, column: 10, key: 'train.rounds' }])
    expect(wrong.preflight).toBeUndefined()
    const other = await modeler.check({ body: { text: fileOf('x', 'land') } })
    expect(other.problems).toMatchObject([{ line: 3, key: 'guest.party' }])
    const away = await modeler.check({ body: { text: fileOf('x').replace('tax_rows', 'gone') } })
    expect(away.preflight?.checks.find(({ name }) => name === 'datasets')?.state).toBe('problem')
    expect(away.preflight?.estimate).toEqual([])
  })

  test('what cannot be is refused by code', async () => {
    const [modeler, steward] = [await bank.as('modeler'), await bank.as('steward')]
    const submit = (text: string) => modeler.submit({ body: { text } })
    await expect(submit('name: [')).rejects.toMatchObject({ code: 'job.invalid', problem: { status: 400 } })
    await expect(submit(fileOf('x').replace('train', 'trian'))).rejects.toMatchObject({ code: 'job.invalid' })
    await expect(submit(fileOf('x', 'land'))).rejects.toMatchObject({ code: 'identity.wrong-party' })
    await expect(submit(fileOf('x').replace('tax_rows', 'gone'))).rejects.toMatchObject({ code: 'job.unknown-dataset' })
    await expect(submit('a'.repeat(MAX_JOB_TEXT + 1))).rejects.toMatchObject({ code: 'console.request' })
    await expect(submit('a'.repeat(5 * MAX_JOB_TEXT))).rejects.toMatchObject({ code: 'console.request' })
    const unknown = modeler.draftJob({ params: { template: 'nothing' }, query: {} })
    await expect(unknown).rejects.toMatchObject({ code: 'job.unknown-template', problem: { status: 404 } })
    for (const call of [
      () => steward.submit({ body: { text: fileOf('x') } }),
      () => steward.check({ body: { text: '' } }),
      () => steward.templates(),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'person.wrong-role', problem: { status: 403 } })
  })
})

describe('a job', () => {
  test('is submitted under the key of the party, and the access log says who had it signed', async () => {
    const modeler = await bank.as('modeler')
    const { job } = await modeler.submit({ body: { text: fileOf('stated') } })
    const { items } = await modeler.jobs({ query: { limit: 1 } })
    expect(items).toMatchObject([{ job, name: 'stated', guest: 'bank', isOwn: true }])
    const { federation: name, party, people, signingPublicKey } = await partyOf(bank.home)
    using log = new AccessLog(bank.home, { federation: name, party })
    const known = [{ name: party, role: 'party', publicKey: signingPublicKey }, ...(await people.list())]
    const stated = log.leaves().map((leaf) => Buffer.from(leaf).toString())
    expect(stated.length).toBeGreaterThan(0)
    expect(known.map((person) => person.name)).toContain('modeler')
    const decoded = stated.map((leaf) =>
      Buffer.from((JSON.parse(leaf) as { payload: string }).payload, 'base64').toString(),
    )
    expect(decoded.filter((record) => record.includes(job))).toEqual([expect.stringContaining('"submission"')])
    await modeler.cancelJob({ params: { job } })
  })

  test('is watched by several over one line: waits, tasks, loss and end, and again at once after a reconnect', async () => {
    const [modeler, operator] = [await bank.as('modeler'), await bank.as('operator')]
    const { job } = await modeler.submit({ body: { text: fileOf('watched') } })
    const first = modeler.events(job)
    const next = async (events: typeof first, holds: (event: Event) => boolean) => {
      for (let one = await events.next(); !one.done; one = await events.next())
        if (holds(one.value.data)) return one.value.data
      throw new Error('the events ended')
    }
    const inviting = await next(first, ({ job: seen }) => (seen?.waits.length ?? 0) > 0)
    expect(inviting.job).toMatchObject({ state: 'inviting', isOwn: true })
    const second = operator.events(job)
    expect((await next(second, () => true)).job?.job).toBe(job)
    for (const party of ['bank', 'tax', 'social']) {
      await agent(party).heard('invite', { job })
      accept(party, job)
    }
    await next(first, ({ job: seen }) => seen?.state === 'running')
    await mkdir(join(bank.home, 'jobs', job), { recursive: true })
    const line = JSON.stringify({ time: '', event: 'loss', task: 'train', round: 1, loss: 0.5 })
    await appendFile(join(bank.home, 'jobs', job, 'events.jsonl'), `${line}\n`)
    const progress = { job, task: 'align', round: 0, phase: 'hashing ids', done: 5, total: 10, unit: 'ids' }
    agent('tax').say({ progress })
    expect((await next(first, ({ kind }) => kind === 'loss')).points).toEqual([{ round: 1, loss: 0.5 }])
    const working = await next(
      second,
      ({ job: seen }) => seen?.parties.some(({ phase }) => phase === 'hashing ids') === true,
    )
    expect(working.job?.parties.find(({ party }) => party === 'tax')).toMatchObject({ stage: 'working', done: 5 })
    const again = modeler.events(job)
    expect((await next(again, () => true)).job?.state).toBe('running')
    expect((await modeler.cancelJob({ params: { job } })).state).toBe('cancelled')
    for (const events of [first, second, again]) {
      const seen: string[] = []
      for await (const { event, data } of events) seen.push(event === 'end' ? 'end' : (data.job?.state ?? data.kind))
      expect(seen.slice(-2)).toEqual(['cancelled', 'end'])
      // an operator may not read results, so no loss either
      if (events === second) expect(seen).not.toContain('loss')
    }
  })

  test('of others is as unknown as one that never was', async () => {
    const { job } = await (await bank.as('modeler')).submit({ body: { text: fileOf('of others') } })
    const stranger = await land.as('modeler')
    for (const call of [
      () => stranger.job({ params: { job } }),
      () => stranger.jobText({ params: { job } }),
      () => stranger.cancelJob({ params: { job } }),
      () => stranger.job({ params: { job: 'job-00000000000000000000' } }),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'job.unknown', problem: { status: 404 } })
    expect((await stranger.events(job).next()).value).toMatchObject({ event: 'problem', data: { code: 'job.unknown' } })
    expect((await stranger.jobs({ query: {} })).items).toEqual([])
    await (await bank.as('modeler')).cancelJob({ params: { job } })
  })

  test('is listed by pages and by state', async () => {
    const modeler = await bank.as('modeler')
    for (const name of ['one', 'two', 'three']) await modeler.submit({ body: { text: fileOf(name) } })
    await sleep(10)
    const first = await modeler.jobs({ query: { limit: 2 } })
    expect(first.items.map(({ name }) => name)).toEqual(['three', 'two'])
    const second = await modeler.jobs({ query: { limit: 2, after: first.next ?? '' } })
    expect(second.items[0]?.name).toBe('one')
    const cancelled = await modeler.jobs({ query: { state: 'cancelled' } })
    expect(new Set(cancelled.items.map(({ state }) => state))).toEqual(new Set(['cancelled']))
  })
})
