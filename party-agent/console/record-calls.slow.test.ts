// What the console tells of the record, over a real log: to whom, stated when, and refused with which code.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import Value from 'typebox/value'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { recordCalls as table } from '#console/api/record.ts'
import type { Download } from '#console/server/calls.ts'
import type { Visit } from '#console/server/visitor.ts'
import { createPartyHome, openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { addLocalPerson, localPeople } from '#crypto/people/local-people.ts'
import { type PersonRole, type PersonSigner, ROLES } from '#crypto/people/people.ts'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'
import { openDispute, disputeId } from '../disputes/dispute.ts'
import { keepRequest } from '../disputes/kept-requests.ts'
import { JOB, keys, LogBench, NAMES, SPEC } from '../log/log-bench.ts'
import { mayRead, type Readable } from '../people/permissions.ts'
import type { AgentParts } from './parts.ts'
import { recordCalls } from './record-calls.ts'

const PASSPHRASE = 'a long passphrase'
const bench = new LogBench()
const home = join(bench.folder, 'tax')
let identity: PartyIdentity
let parts: AgentParts
let calls: ReturnType<typeof recordCalls>['handlers']
let session = 0

beforeAll(async () => {
  bench.accept()
  bench.accept()
  bench.hub.seal()
  for (const round of [0, 1]) await bench.honestRound(round)
  for (const name of NAMES) bench.of(name).ended(JOB, SPEC, 'succeeded', '', new Map())
  bench.hub.publish()
  bench.hub.seal()
  await createPartyHome(home, { federation: 'test-federation', party: 'tax', passphrase: PASSPHRASE })
  identity = await openPartyHome(home, PASSPHRASE)
  for (const role of ['compliance', 'modeler'] as const)
    await addLocalPerson(home, identity, { id: role, name: `The ${role}`, role, passphrase: `${role} blossom` })
  const people = localPeople(home, identity)
  const config = { home, trustBundle: join(bench.folder, 'trust.yaml') }
  await writeFile(config.trustBundle, JSON.stringify(keys.bundle))
  // the party of this test signs as the guest too
  const signingKey = Buffer.from(identity.signingPublicKey).toString('base64')
  const parties = keys.bundle.parties.map((one) => (one.party === 'bank' ? { ...one, signingKey } : one))
  const trust = { bundle: { ...keys.bundle, parties } }
  parts = { config, identity, people, trust, now: () => new Date() } as unknown as AgentParts
  const event = { time: '2026-11-22T08:00:00.000Z', event: 'policy.refused', job: `job-${'0'.repeat(20)}` }
  const refused = { ...event, code: 'policy.purpose', reasons: ['another purpose'] }
  await writeFile(join(home, 'governance.jsonl'), `${JSON.stringify(refused)}\n`)
})
afterAll(() => bench[Symbol.dispose]())
beforeEach(() => {
  calls = recordCalls(parts).handlers
  session += 1
})

const signers = new Map<string, Promise<PersonSigner>>()

async function visitOf(id: 'compliance' | 'modeler'): Promise<Visit> {
  if (!signers.has(id)) signers.set(id, parts.people.authenticate(id, `${id} blossom`))
  const { person, sign } = (await signers.get(id)) as PersonSigner
  const reader = { publicKey: person.publicKey, sign, [Symbol.dispose]() {} }
  const visitor = { person, how: 'passphrase', reader } as const
  return { visitor, session: `session-${session}`, signal: new AbortController().signal } as unknown as Visit
}

type Name = keyof typeof table
/** Asks, and holds the answer against the contract. */
async function ask(name: Name, asked: object, visit: Visit): Promise<never> {
  const answer = await calls[name]?.(asked as never, visit as never)
  const { reply } = table[name] as { reply?: Parameters<typeof Value.Check>[0] }
  if (reply !== undefined) expect([...Value.Errors(reply, answer)], name).toEqual([])
  return answer as never
}
const ofJob = { params: { job: JOB }, query: {} }

test('a run is told with the status of its log', async () => {
  const visit = await visitOf('compliance')
  const { items } = await ask('loggedRuns', { query: {} }, visit)
  const run = { job: JOB, name: 'x', guest: 'bank', state: 'succeeded', rounds: 2, refusals: 0, disputes: 0 }
  expect(items).toMatchObject([{ ...run, log: { state: 'sealed', incidents: [] } }])
  const { log } = await ask('loggedRun', ofJob, visit)
  expect((log as { cosigned: { party: string }[] }).cosigned.map(({ party }) => party).toSorted()).toEqual(NAMES)
  expect(await ask('loggedRuns', { query: { log: 'open' } }, visit)).toEqual({ items: [] })
  expect(await ask('loggedRuns', { query: { isOdd: true } }, visit)).toEqual({ items: [] })
})

test('the time line has every party in every round, and a part of the axis', async () => {
  const visit = await visitOf('compliance')
  const whole = await ask('runTimeline', ofJob, visit)
  expect(whole).toMatchObject({
    parties: ['bank', 'tax', 'land'],
    size: 4,
    columns: [
      { kind: 'agreement' },
      { task: 'align', lastRound: 0 },
      { task: 'align', firstRound: 1 },
      { kind: 'end' },
    ],
  })
  const part = await ask('runTimeline', { ...ofJob, query: { from: 2, to: 2 } }, visit)
  const { columns, cells } = part as { columns: object[]; cells: object[] }
  expect(columns).toMatchObject([{ task: 'align', firstRound: 1, lastRound: 1, from: 2, to: 2 }])
  expect(cells).toHaveLength(3)
  for (const cell of cells) expect(cell).toMatchObject({ sent: { control: 2 }, bytes: 200, marks: {} })
})

test('records come in the order of the log, page by page, and each opens with both its ends', async () => {
  const visit = await visitOf('modeler')
  type Lines = { items: { number: number; kind: string; collaboration: string }[]; next?: string }
  const numbers: number[] = []
  let after: string | undefined
  do {
    const query = { limit: 7, ...(after === undefined ? {} : { after }) }
    const page: Lines = await ask('runRecords', { ...ofJob, query }, visit)
    numbers.push(...page.items.map(({ number }) => number))
    after = page.next
  } while (after !== undefined)
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  const { items }: Lines = await ask(
    'runRecords',
    { ...ofJob, query: { kind: 'msg.sent', from: 2, party: 'tax' } },
    visit,
  )
  expect(items).toMatchObject([
    { author: 'tax', gist: { step: 'hello', to: 'bank', round: 1 } },
    { author: 'tax', gist: { to: 'land' } },
  ])
  const [{ collaboration, number }] = items as [Lines['items'][0]]
  const sent = await ask('logRecord', { params: { collaboration, number } }, visit)
  const { otherEnd } = sent as { otherEnd: number }
  const received = await ask('logRecord', { params: { collaboration, number: otherEnd } }, visit)
  expect(received).toMatchObject({ kind: 'msg.received', otherEnd: number, record: { from: 'tax', author: 'bank' } })
})

test('nobody is told anything before it is stated, and one sitting is stated once', async () => {
  const visit = await visitOf('compliance')
  const before = await ask('accessRecords', { query: { limit: 200 } }, visit)
  const { items } = before as { items: { seq: number }[] }
  // the answer holds the record of its own reading
  expect(items[0]).toMatchObject({ kind: 'access', actor: 'The compliance', object: 'access', decision: 'allowed' })
  for (const name of ['loggedRun', 'runTimeline', 'runRecords'] as const) await ask(name, ofJob, visit)
  const { items: after, checked } = (await ask('accessRecords', { query: { job: JOB } }, visit)) as {
    items: { object: string }[]
    checked: number
  }
  expect(after.slice(0, 2).map(({ object }) => object)).toEqual(['access', 'log'])
  expect(checked).toBe((items[0]?.seq ?? 0) + 2)
})

test('who may not read is refused, with a record of it', async () => {
  const visit = await visitOf('modeler')
  for (const [name, asked] of [
    ['accessRecords', { query: {} }],
    ['governance', { query: {} }],
    ['startExport', { params: { job: JOB }, body: { what: 'evidence', language: 'en' } }],
  ] as const)
    await expect(ask(name, asked, visit), name).rejects.toMatchObject({ code: 'person.wrong-role' })
  const { items } = await ask(
    'accessRecords',
    { query: { decision: 'refused', actor: 'modeler' } },
    await visitOf('compliance'),
  )
  expect((items as { object: string }[]).map(({ object }) => object)).toEqual(['export', 'ledger', 'access'])
})

test('the table of calls lets in who may read it', () => {
  const needs: Record<Name, Readable> = {
    loggedRuns: 'log',
    loggedRun: 'log',
    runTimeline: 'log',
    runRecords: 'log',
    logRecord: 'log',
    governance: 'ledger',
    disclosureSums: 'ledger',
    accessRecords: 'access',
    startExport: 'export',
    exportProgress: 'export',
    exportedEvidence: 'export',
    exportedDossier: 'export',
    disputes: 'update',
  }
  for (const [name, what] of Object.entries(needs) as [Name, Readable][]) {
    const who = table[name].who as readonly PersonRole[]
    expect([...who].toSorted(), name).toEqual(ROLES.filter((role) => mayRead({ role }, what)).toSorted())
  }
})

test('unknown jobs, records and exports are refused by their codes', async () => {
  const visit = await visitOf('compliance')
  const unknown = { params: { job: `job-${'f'.repeat(20)}` }, query: {} }
  await expect(ask('loggedRun', unknown, visit)).rejects.toMatchObject({ code: 'job.unknown' })
  const nowhere = { params: { collaboration: `c-${'0'.repeat(20)}`, number: 0 } }
  await expect(ask('logRecord', nowhere, visit)).rejects.toMatchObject({ code: 'console.unknown' })
  const nothing = { params: { id: '0'.repeat(32) } }
  await expect(ask('exportedEvidence', nothing, visit)).rejects.toMatchObject({ code: 'console.unknown' })
})

/** Follows an export to its end. */
async function exported(visit: Visit, what: 'evidence' | 'dossier'): Promise<{ made: object; bytes: Buffer }> {
  const { id } = await ask('startExport', { params: { job: JOB }, body: { what, language: 'zh' } }, visit)
  const follow = calls['exportProgress'] as (asked: object, visit: Visit) => AsyncIterable<{ made?: object }>
  let made: object | undefined
  for await (const step of follow({ params: { id } }, visit)) made = step.made
  const name = what === 'evidence' ? 'exportedEvidence' : 'exportedDossier'
  const { content }: Download = await ask(name, { params: { id } }, visit)
  await expect(ask(name, { params: { id } }, { ...visit, session: 'another' })).rejects.toMatchObject({
    code: 'console.unknown',
  })
  return { made: made as object, bytes: await buffer(content as never) }
}

test('evidence is made, stated with its size and root, and verifies', async () => {
  const visit = await visitOf('compliance')
  const { made, bytes } = await exported(visit, 'evidence')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(made).toMatchObject({ name: `${JOB}.tar`, bytes: bytes.length, sha256, unsealed: 0 })
  const report = await verifyBundle(bytes, { workers: 0 })
  expect(report.ok).toBe(true)
  const { items } = await ask('accessRecords', { query: { object: 'export', limit: 1 } }, visit)
  expect(items).toMatchObject([{ kind: 'export.made', job: JOB, size: report.facts.size, root: report.facts.root }])
})

test('a dossier is the page that the command makes', async () => {
  const { made, bytes } = await exported(await visitOf('compliance'), 'dossier')
  expect(made).toMatchObject({ name: `${JOB}.zh.html`, verified: true })
  expect(bytes.toString('utf8')).toMatch(/^<!doctype html>\n<html lang="zh-CN">/)
})

test('what was refused without a job of a log is told beside the log, and sums of what left', async () => {
  const visit = await visitOf('compliance')
  const { items } = await ask('governance', { query: { kind: 'policy.refused' } }, visit)
  expect(items).toMatchObject([
    { source: 'party', party: 'tax', gist: { code: 'policy.purpose', reasons: 'another purpose' } },
  ])
  expect(await ask('governance', { query: { from: '2026-11-23' } }, visit)).toMatchObject({ items: [] })
  const sums = await ask('disclosureSums', { query: { party: 'tax' } }, visit)
  expect(sums).toMatchObject({ items: [{ job: JOB, class: 'control', records: 4, messages: 4, bytes: 400 }] })
})

test('a dispute is told with whether its guest signed it', async () => {
  const bank = { party: 'bank', sign: identity.sign.bind(identity) }
  const asked = { job: JOB, round: 1, by: 'Li Wei', reason: 'the loss rose' }
  const { signed } = openDispute(bank, asked, new Date())
  const id = disputeId(signed.request)
  await keepRequest(home, { id, side: 'shown', ...signed })
  const visit = await visitOf('compliance')
  expect(await ask('disputes', { query: {} }, visit)).toMatchObject({ items: [{ id, ...asked, isSigned: true }] })
  expect(await ask('loggedRun', ofJob, visit)).toMatchObject({ disputes: 1 })
  const file = join(home, 'disputes', `${id}.json`)
  await writeFile(file, (await readFile(file, 'utf8')).replace('the loss rose', 'no reason'))
  expect(await ask('disputes', { query: {} }, visit)).toMatchObject({ items: [{ isSigned: false }] })
})
