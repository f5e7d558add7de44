// What people at a coordinator see of a round log: its course, and nothing of what the parties say to each other in it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CoordinatorIdentity } from '#crypto/identity/coordinator-home.ts'
import { makeSigningKey } from '#crypto/identity/signing.ts'
import { openStatementSigner } from '#crypto/log/ed25519.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { parseNote, parseTreeHead, signCheckpoint } from '#crypto/log/note.ts'
import { readTiles } from '#crypto/log/tiles.ts'
import {
  collaborationIdOf,
  firstState,
  leafDigest,
  makeRecord,
  originOf,
  RECORD_KINDS,
  type RecordBody,
} from '#protocols/log/records.ts'
import { silentLogger } from '#runtime/log.ts'
import { LogStore } from '../log/log-store.ts'
import { RoundLogs } from '../log/round-logs.ts'
import { logDetail, logLines, recordPage, tileOf } from './log-views.ts'
import type { CoordinatorParts } from './parts.ts'

const FEDERATION = 'credit'
const PARTIES = ['bank', 'tax']
const CANARY = 'zz canary: revenue of the park 2025'
const COLLABORATION = collaborationIdOf(FEDERATION, PARTIES)
const hash = 'ab'.repeat(32)
const job = 'job-1'
const at = { task: 'train', round: 3 }
const message = {
  ...at,
  step: 'host-gradient',
  from: 'bank',
  to: 'tax',
  class: 'ciphertext' as const,
  messages: 2,
  bytes: 99,
  digest: hash,
  keyId: 'ab'.repeat(8),
  decryptableBy: ['tax'],
  approval: hash,
  decision: 'allowed',
}

/** Each kind once, with the canary wherever free text fits. */
const BODIES: { readonly [K in (typeof RECORD_KINDS)[number]]?: RecordBody } = {
  'collaboration.opened': {
    kind: 'collaboration.opened',
    job: '',
    federation: FEDERATION,
    participants: PARTIES.map((party) => ({ party, keyid: 'ab'.repeat(8) })),
    bundleDigest: hash,
  },
  'job.proposed': {
    kind: 'job.proposed',
    job,
    specDigest: hash,
    spec: Buffer.from(JSON.stringify({ columns: [CANARY] })).toString('base64'),
    parties: PARTIES,
  },
  'job.accepted': { kind: 'job.accepted', job, specDigest: hash, approval: hash },
  'approval.revoked': { kind: 'approval.revoked', job, approval: hash, person: CANARY, code: 'revoked' },
  'policy.refused': {
    kind: 'policy.refused',
    job,
    ...at,
    step: 'align',
    code: 'policy.purpose',
    approval: '',
    decision: 'refused',
  },
  'key.published': {
    kind: 'key.published',
    job,
    ...at,
    keyId: 'ab'.repeat(8),
    purpose: 'he',
    set: CANARY,
    publicDigest: hash,
  },
  'round.opened': { kind: 'round.opened', job, ...at },
  'msg.sent': { kind: 'msg.sent', job, ...message },
  'msg.received': { kind: 'msg.received', job, ...message },
  'cell.released': {
    kind: 'cell.released',
    job,
    ...at,
    step: 'woe',
    what: CANARY,
    count: '1000-1999',
    threshold: 50,
    check: 'passed',
  },
  'metric.released': { kind: 'metric.released', job, ...at, step: 'auc', name: CANARY, value: '0.987654321' },
  'model.digest': { kind: 'model.digest', job, ...at, digest: hash },
  'round.closed': { kind: 'round.closed', job, ...at, recordDigest: hash },
  'job.closed': { kind: 'job.closed', job, state: 'failed', code: 'data.changed' },
  anomaly: { kind: 'anomaly', job, ...at, code: 'envelope.out-of-order', peer: 'tax' },
  access: { kind: 'access', job, actor: CANARY, role: 'auditor', object: CANARY, purpose: CANARY, decision: 'allowed' },
  'export.made': { kind: 'export.made', job, actor: CANARY, size: 3, root: hash },
}

const folder = mkdtempSync(join(tmpdir(), 'log-views-'))
const keys = new Map(PARTIES.map((party) => [party, makeSigningKey()]))
const logKey = makeSigningKey()
let store: LogStore
let parts: CoordinatorParts
let leaves: Uint8Array[]

beforeAll(() => {
  store = new LogStore(join(folder, 'log.sqlite'))
  const { privateKey, publicKey } = keys.get('bank') as ReturnType<typeof makeSigningKey>
  const sign = openStatementSigner(privateKey, 'party')
  let state = firstState({ collaboration: COLLABORATION, author: 'bank', sign, signingKey: publicKey })
  leaves = Object.values(BODIES).map((body) => {
    const { leaf, next } = makeRecord(state, body, new Date('2026-05-01T12:00:00.000Z'))
    state = next
    return leaf
  })
  const tree = new CompactRange()
  for (const leaf of leaves) tree.append(leafHash(leaf))
  store.create(COLLABORATION, PARTIES)
  const origin = originOf(FEDERATION, PARTIES)
  const size = leaves.length
  const note = signCheckpoint(
    { origin, size, root: tree.root() },
    { name: origin, publicKey: logKey.publicKey },
    openStatementSigner(logKey.privateKey, 'log'),
  )
  const fresh = leaves.map((leaf, i) => ({ author: 'bank', seq: i + 1, mark: '', leaf }))
  store.append(COLLABORATION, 0, fresh, tree.frontier().hashes, { size, note })
  const bundle = {
    parties: PARTIES.map((party) => ({
      party,
      signingKey: Buffer.from(keys.get(party)?.publicKey ?? []).toString('base64'),
    })),
  }
  const trust = { bundle } as unknown as CoordinatorParts['trust']
  const logs = new RoundLogs({
    store,
    federation: FEDERATION,
    trust,
    logKey: logKey.publicKey,
    sign: openStatementSigner(logKey.privateKey, 'log'),
    send: () => undefined,
    log: silentLogger,
    now: Date.now,
  })
  const identity = () => ({ logKey: Buffer.from(logKey.publicKey).toString('base64') }) as CoordinatorIdentity
  // the other parts of a coordinator are not asked by these views
  parts = { logs, logStore: store, trust, identity } as unknown as CoordinatorParts
})
afterAll(() => {
  store[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

test('every kind of record is looked at here, but for the approval, whose document is a type of its own', () => {
  expect(RECORD_KINDS.filter((kind) => BODIES[kind] === undefined)).toEqual(['approval.granted'])
})

test('records are told newest first, as digests and the fields of their course', async () => {
  const { items } = await recordPage(parts, COLLABORATION, { limit: 200 })
  expect(items.map(({ number, leaf }) => [number, leaf])).toEqual(
    leaves.map((leaf, number) => [number, leafDigest(leaf)]).toReversed(),
  )
  const factsOf = (kind: string) => items.find((item) => item.kind === kind)?.facts
  expect(factsOf('msg.sent')).toEqual({
    ...at,
    step: 'host-gradient',
    from: 'bank',
    to: 'tax',
    class: 'ciphertext',
    messages: 2,
    bytes: 99,
    digest: hash,
  })
  expect(factsOf('cell.released')).toEqual({ ...at, step: 'woe', check: 'passed' })
  expect(factsOf('approval.revoked')).toEqual({})
})

test('nothing that a party wrote in free words, and no released value, is in any answer', async () => {
  const said = JSON.stringify([
    await recordPage(parts, COLLABORATION, { limit: 200 }),
    logLines(parts),
    logDetail(parts, COLLABORATION),
  ])
  const spec = Buffer.from(JSON.stringify({ columns: [CANARY] })).toString('base64')
  for (const secret of [CANARY, spec, '0.987654321', '1000-1999']) expect(said).not.toContain(secret)
})

test('pages follow each other without a gap, with and without a filter', async () => {
  const all: number[] = []
  let after: string | undefined
  do {
    const page = await recordPage(parts, COLLABORATION, { limit: 5, ...(after === undefined ? {} : { after }) })
    all.push(...page.items.map(({ number }) => number))
    after = page.next
  } while (after !== undefined)
  expect(all).toEqual(leaves.map((_, number) => number).toReversed())
  const { items } = await recordPage(parts, COLLABORATION, { kind: 'round.opened' })
  expect(items).toHaveLength(1)
  expect((await recordPage(parts, COLLABORATION, { author: 'tax' })).items).toEqual([])
  expect((await recordPage(parts, COLLABORATION, { job: 'job-2' })).items).toEqual([])
})

test('who has not cosigned is named; the checkpoint is the note itself', () => {
  const detail = logDetail(parts, COLLABORATION)
  expect(detail.cosigners).toEqual(PARTIES.map((party) => ({ party, size: 0, time: '', waitedFor: true })))
  const head = parseTreeHead(parseNote(Buffer.from(detail.checkpoint)).text)
  expect(head).toMatchObject({ size: leaves.length, origin: detail.origin })
  expect(Buffer.from(head.root).toString('hex')).toBe(detail.root)
})

test('tiles of the second level are made of those below', async () => {
  using many = new LogStore(join(folder, 'many.sqlite'))
  const tree = new CompactRange()
  const fresh = Array.from({ length: 520 }, (_, i) => ({
    author: 'bank',
    seq: i + 1,
    mark: '',
    leaf: Buffer.from([i, i >> 8]),
  }))
  for (const { leaf } of fresh) tree.append(leafHash(leaf))
  many.create(COLLABORATION, PARTIES)
  many.append(COLLABORATION, 0, fresh, tree.frontier().hashes)
  const logs = { view: () => ({ headSize: fresh.length }) } as unknown as RoundLogs
  const { root } = await readTiles(fresh.length, (path) => tileOf({ logs, logStore: many }, COLLABORATION, path))
  expect(Buffer.from(root)).toEqual(Buffer.from(tree.root()))
})

test('the tiles give the root of the checkpoint', async () => {
  const read = async (path: string) => tileOf(parts, COLLABORATION, path)
  const { root } = await readTiles(leaves.length, read)
  expect(Buffer.from(root).toString('hex')).toBe(logDetail(parts, COLLABORATION).root)
})

test('a log that is not there is refused', () => {
  const ask = () => logDetail(parts, `c-${'0'.repeat(20)}`)
  expect(ask).toThrow(expect.objectContaining({ code: 'console.unknown' }))
})

test.each([
  ['a tile beyond the tree', () => tileOf(parts, COLLABORATION, 'tile/0/001'), 'console.unknown'],
  ['a tile of a level that is not made here', () => tileOf(parts, COLLABORATION, 'tile/2/000'), 'console.unknown'],
  ['a path that is none', () => tileOf(parts, COLLABORATION, 'tile/0/../1'), 'log.malformed'],
])('%s is refused', async (_, ask, code) => {
  await expect(ask()).rejects.toMatchObject({ code })
})

test('a cursor that is none is refused', async () => {
  await expect(recordPage(parts, COLLABORATION, { after: '-1' })).rejects.toMatchObject({ code: 'console.request' })
})
