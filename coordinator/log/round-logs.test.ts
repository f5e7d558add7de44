// The coordinator's side of a log: one order, nothing taken that its author did not sign, everything there after a restart.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeSigningKey } from '#crypto/identity/signing.ts'
import { keyIdOf, openStatementSigner } from '#crypto/log/ed25519.ts'
import { cosign } from '#crypto/log/note.ts'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { type AuthorState, collaborationIdOf, firstState, makeRecord, type RecordBody } from '#protocols/log/records.ts'
import { silentLogger } from '#runtime/log.ts'
import { LogStore } from './log-store.ts'
import { RoundLogs } from './round-logs.ts'

const FEDERATION = 'test-federation'
const PARTIES = ['bank', 'tax']
const JOB = `job-${'0'.repeat(20)}`
const COLLABORATION = collaborationIdOf(FEDERATION, PARTIES)
const keys = new Map(PARTIES.map((party) => [party, makeSigningKey()]))
const keyOf = (party: string) => keys.get(party) as ReturnType<typeof makeSigningKey>
const logKey = makeSigningKey()
const bundle = {
  parties: PARTIES.map((party) => {
    return { party, rootPem: '', signingKey: Buffer.from(keyOf(party).publicKey).toString('base64') }
  }),
}

let folder: string
let store: LogStore
let logs: RoundLogs
let heard: { party: string; frame: CoordinatorFrame }[]
let authors: Map<string, AuthorState>
let sealed: number
let nowMs: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'round-logs-'))
  nowMs = 0
  authors = new Map(
    PARTIES.map((author) => {
      const { publicKey: signingKey, privateKey } = keyOf(author)
      const sign = openStatementSigner(privateKey, 'party')
      return [author, firstState({ collaboration: COLLABORATION, author, sign, signingKey })]
    }),
  )
  boot()
})
afterEach(() => {
  store[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

function boot(): void {
  store = new LogStore(join(folder, 'log.sqlite'))
  heard = []
  sealed = 0
  const key = { logKey: logKey.publicKey, sign: openStatementSigner(logKey.privateKey, 'log') }
  const send = (party: string, frame: CoordinatorFrame) => void heard.push({ party, frame })
  const trust = { bundle: bundle as never }
  logs = new RoundLogs({ store, federation: FEDERATION, trust, ...key, send, log: silentLogger, now: () => nowMs })
  logs.onSealed(() => {
    sealed += 1
  })
  for (const party of PARTIES) logs.sync(party, { collaboration: COLLABORATION, parties: PARTIES, size: 0 })
}

function record(author: string, body: RecordBody): Buffer {
  const { leaf, next } = makeRecord(authors.get(author) as AuthorState, body, new Date())
  authors.set(author, next)
  return Buffer.from(leaf)
}
const append = (party: string, ...leaves: Buffer[]) => logs.append(party, { collaboration: COLLABORATION, leaves })
const opened = { kind: 'collaboration.opened', job: '', federation: FEDERATION, bundleDigest: '0'.repeat(64) } as const
const participants = PARTIES.map((party) => ({ party, keyid: keyIdOf(keyOf(party).publicKey) }))
const opening = () => record('bank', { ...opened, participants })
const accepting = (party: string) => record(party, accept(JOB))

function lastEntries(party: string) {
  return heard.findLast((one) => one.party === party && one.frame.log_entries)?.frame.log_entries
}
function cosignAs(party: string): void {
  const checkpoint = lastEntries(party)?.checkpoint as Buffer
  const { publicKey, privateKey } = keyOf(party)
  const line = cosign(checkpoint, { name: party, publicKey }, openStatementSigner(privateKey, 'party'), new Date())
  const size = Number(checkpoint.toString().split('\n')[1])
  logs.cosign(party, { collaboration: COLLABORATION, size, line })
}

function accept(job: string): RecordBody {
  return { kind: 'job.accepted', job, specDigest: '0'.repeat(64), approval: '' }
}

test('a mark is passed when all have made it and cosigned it, and not before', () => {
  append('bank', opening())
  for (const party of PARTIES) cosignAs(party)
  expect(logs.owing(PARTIES, `accepted/${JOB}`)).toEqual(PARTIES)
  append('bank', accepting('bank'))
  expect(logs.owing(PARTIES, `accepted/${JOB}`)).toEqual(['tax'])
  append('tax', accepting('tax'))
  cosignAs('bank')
  expect(logs.owing(PARTIES, `accepted/${JOB}`)).toEqual(['tax'])
  store[Symbol.dispose]()
  boot() // a restart in the middle loses nothing
  expect(logs.owing(PARTIES, `accepted/${JOB}`)).toEqual(['tax'])
  expect(lastEntries('tax')).toMatchObject({ from: 0, leaves: { length: 3 } })
  cosignAs('tax')
  expect(logs.owing(PARTIES, `accepted/${JOB}`)).toEqual([])
  expect(sealed).toBe(1)
  expect(lastEntries('bank')).toMatchObject({ from: 3, leaves: [] })
})

test('checkpoints do not wait for a party that a job goes on without, and it cosigns the newest when it is back', () => {
  append('bank', opening())
  for (const party of PARTIES) cosignAs(party)
  const mark = `accepted/${JOB}`
  append('bank', accepting('bank'))
  nowMs += 2000
  logs.check()
  cosignAs('bank')
  // tax is away: it has not cosigned this head, and so there is no other, and nothing of the second job is published
  const second = {
    kind: 'job.accepted',
    job: `job-${'1'.repeat(20)}`,
    specDigest: '1'.repeat(64),
    approval: '',
  } as const
  append('bank', record('bank', second))
  nowMs += 2000
  logs.check()
  expect(lastEntries('bank')?.checkpoint?.toString().split('\n')[1]).toBe('2')
  logs.excuse(JOB, PARTIES, ['tax'])
  expect(lastEntries('bank')?.checkpoint?.toString().split('\n')[1]).toBe('3')
  expect(logs.owing(PARTIES, mark, ['bank'])).toEqual([])
  expect(logs.owing(PARTIES, mark)).toEqual(['tax'])
  cosignAs('bank')
  append('tax', accepting('tax'))
  // nobody is excused any more: the head that tax made complete waits for it
  logs.excuse(JOB, PARTIES, [])
  for (const party of PARTIES) cosignAs(party)
  expect(logs.owing(PARTIES, mark)).toEqual([])
})

test('cosignatures that a power failure took are asked for again', () => {
  append('bank', opening())
  for (const party of PARTIES) cosignAs(party)
  append('bank', accepting('bank'))
  append('tax', accepting('tax'))
  for (const party of PARTIES) cosignAs(party)
  store[Symbol.dispose]()
  {
    using file = new DatabaseSync(join(folder, 'log.sqlite'))
    file.exec('DELETE FROM cosignatures; UPDATE logs SET sealed_size = 1')
  }
  boot()
  expect(logs.owing(PARTIES, `accepted/${JOB}`)).toEqual(PARTIES)
  expect(lastEntries('tax')?.checkpoint?.toString()).not.toContain('— tax')
  for (const party of PARTIES) cosignAs(party)
  expect(logs.owing(PARTIES, `accepted/${JOB}`)).toEqual([])
  expect(sealed).toBe(1)
})

test('records without a checkpoint that a power failure took are taken again from their authors', () => {
  append('bank', opening())
  for (const party of PARTIES) cosignAs(party)
  store[Symbol.dispose]()
  const kept = readFileSync(join(folder, 'log.sqlite'))
  boot()
  const lost = accepting('bank')
  append('bank', lost)
  expect(store.logs()[0]).toMatchObject({ size: 2, head: { size: 1 } })
  store[Symbol.dispose]()
  writeFileSync(join(folder, 'log.sqlite'), kept)
  boot()
  append('tax', accepting('tax'))
  append('bank', lost)
  expect(lastEntries('bank')?.leaves?.at(-1)).toEqual(lost)
  for (const party of PARTIES) cosignAs(party)
  expect(logs.owing(PARTIES, `accepted/${JOB}`)).toEqual([])
})

test('nobody is first but who opens the log; the same record again does no harm', () => {
  const early = accepting('tax')
  append('tax', early)
  expect(heard).toEqual([])
  const first = opening()
  append('bank', first)
  append('bank', first)
  append('tax', early)
  append('tax', early)
  nowMs = 5000
  for (const party of PARTIES) cosignAs(party)
  logs.check()
  expect(lastEntries('bank')).toMatchObject({ from: 1, leaves: [early] })
})

test('records of others, other collaborations, out of order and twice with one number are refused', () => {
  append('bank', opening())
  const before = authors.get('tax') as AuthorState
  const own = accepting('tax')
  expect(() => append('bank', own)).toThrowError(/^log\.unknown-key/)
  append('tax', own)
  authors.set('tax', before)
  const anomaly = { kind: 'anomaly', job: '', task: '', round: 0, code: 'made.up', peer: '' } as const
  expect(() => append('tax', record('tax', anomaly))).toThrowError(/^log\.equivocation/)
  authors.set('tax', { ...before, seq: 7 })
  expect(() => append('tax', record('tax', anomaly))).toThrowError(/^protocol\.out-of-order/)
  authors.set('tax', { ...before, seq: 2 })
  expect(() => append('tax', record('tax', anomaly))).toThrowError(/^log\.equivocation/)
  authors.set('tax', { ...before, collaboration: `c-${'0'.repeat(20)}` })
  expect(() => append('tax', record('tax', anomaly))).toThrowError(/^log\.signature/)
})

test('a cosignature of another key, and a log of other participants, are refused', () => {
  append('bank', opening())
  const checkpoint = lastEntries('tax')?.checkpoint as Buffer
  const { publicKey, privateKey } = keyOf('bank')
  const line = cosign(checkpoint, { name: 'tax', publicKey }, openStatementSigner(privateKey, 'party'), new Date())
  expect(() => logs.cosign('tax', { collaboration: COLLABORATION, size: 1, line })).toThrowError(/^log\.signature/)
  const strangers = { collaboration: COLLABORATION, parties: ['tax', 'zoo'], size: 0 }
  expect(() => logs.sync('zoo', { ...strangers })).toThrowError(/^log\.signature/)
  const unknown = { ...strangers, collaboration: collaborationIdOf(FEDERATION, strangers.parties) }
  expect(() => logs.sync('tax', unknown)).toThrowError(/^protocol\.malformed/)
})

function refusalOf(ask: () => void): unknown {
  try {
    ask()
  } catch (error) {
    return error
  }
  return undefined
}

const at = { job: JOB, task: 'align', round: 0 }
const specBytes = Buffer.from('{}')
const specDigest = createHash('sha256').update(specBytes).digest('hex')
const proposal = {
  kind: 'job.proposed' as const,
  job: `job-${specDigest.slice(0, 20)}`,
  specDigest,
  spec: specBytes.toString('base64'),
  parties: ['bank', 'tax'],
} satisfies RecordBody

test.each<[string, string, RecordBody]>([
  ['a log opened twice', 'job-order', { ...opened, participants }],
  ['a round before the proposal', 'job-order', { kind: 'round.opened', ...at }],
  ['a round closed that is not open', 'round-order', { kind: 'round.closed', ...at, recordDigest: '0'.repeat(64) }],
  ['an acceptance of another specification', 'job-order', accept('job-11111111111111111111')],
  ['an acceptance twice', 'job-order', accept(JOB)],
  ['a proposal under another id', 'leaf-malformed', { ...proposal, job: JOB }],
  ['a proposal by a party that is not its guest', 'job-order', { ...proposal, parties: ['tax', 'bank'] }],
  ['a party that takes no part', 'author-unknown', { ...proposal, parties: ['bank', 'zoo'] }],
  [
    'a digest of a job that is not accepted',
    'job-order',
    { kind: 'model.digest', ...at, job: 'job-x', digest: specDigest },
  ],
])('%s is refused as %s, and the log stays as it was', (_, problem, body) => {
  append('bank', opening(), accepting('bank'))
  for (const party of PARTIES) cosignAs(party)
  nowMs = 5000
  logs.check()
  for (const party of PARTIES) cosignAs(party)
  const before = store.logs()
  const state = authors.get('bank') as AuthorState
  const leaf = record('bank', body)
  const asked = () => append('bank', leaf)
  for (let times = 0; times < 2; times++)
    expect(refusalOf(asked)).toMatchObject({ code: 'log.rule-broken', detail: { party: 'bank', problem } })
  expect(store.logs()).toEqual(before)
  // who writes what is in order goes on, the same party too
  authors.set('bank', state)
  append('bank', record('bank', { kind: 'anomaly', job: '', task: '', round: 0, code: 'made.up', peer: '' }))
  append('tax', accepting('tax'))
  expect(store.logs()[0]).toMatchObject({ size: (before[0]?.size ?? 0) + 2 })
})

test('of records in one frame all are taken or none', () => {
  append('bank', opening())
  const before = store.logs()
  expect(() => append('bank', accepting('bank'), accepting('bank'))).toThrowError(/^log\.rule-broken/)
  expect(store.logs()).toEqual(before)
})

test('a party that goes on with records out of place is not listened to any more', () => {
  append('bank', opening())
  const state = authors.get('bank') as AuthorState
  const anomaly = { kind: 'anomaly', job: '', task: '', round: 0, code: 'made.up', peer: '' } as const
  for (let round = 0; round < 8; round++) {
    authors.set('bank', state)
    expect(() => append('bank', record('bank', { kind: 'round.opened', ...at, round }))).toThrowError(
      /^log\.rule-broken/,
    )
  }
  authors.set('bank', state)
  expect(() => append('bank', record('bank', anomaly))).toThrowError(/^log\.rule-broken/)
  append('tax', accepting('tax'))
  expect(store.logs()[0]?.size).toBe(2)
})
