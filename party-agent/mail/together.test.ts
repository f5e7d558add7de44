// A message to several peers: one body on the wire, and towards each of them as durable as any other.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MessageHeader } from '#protocols/core/contract.ts'
import type { Chunk } from '#protos/gen/tributary/v1/Chunk.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { Mailbox, type MailMarks } from './mailbox.ts'
import { RoundLedger } from './record.ts'
import { pairOf, TEST_JOB, TestRelay, testKeys, until } from './relay-fixture.ts'

const NAMES = ['bank', 'tax', 'park', 'land'] as const
type Name = (typeof NAMES)[number]
const keys = Object.fromEntries(NAMES.map((name) => [name, testKeys()]))
const NO_MARKS: MailMarks = {}
/** nothing comes twice because a machine is slow */
const TIMES = { diskRetryMs: 5, gapMs: 10_000, stallMs: 10_000, gatherMs: 10_000 }
const BYTES = 600_000
const header = (part: number): MessageHeader => ({ round: 1, step: 'mean', part, kind: 'released-aggregate' })

let home: string
let relay: TestRelay
let abort: AbortController
let failures: unknown[]
const opened: Mailbox[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'together-'))
  relay = new TestRelay()
  abort = new AbortController()
  failures = []
})
afterEach(async () => {
  abort.abort(new PlatformError('job.cancelled'))
  for (const mailbox of opened.splice(0)) await mailbox.close()
  await rm(home, { recursive: true, force: true })
})

const others = (self: Name) => NAMES.filter((name) => name !== self)

async function openMailbox(self: Name): Promise<Mailbox> {
  const mailbox = await Mailbox.open({
    job: TEST_JOB,
    self,
    folder: join(home, self),
    peers: new Map(others(self).map((peer) => [peer, pairOf(keys, self, peer)])),
    wire: relay.wireOf(),
    log: silentLogger,
    signal: abort.signal,
    fail: (error) => failures.push(error),
    times: TIMES,
  })
  opened.push(mailbox)
  relay.attach(self, mailbox)
  mailbox.connected()
  return mailbox
}

const openOthers = async () =>
  new Map(await Promise.all(others('bank').map(async (name) => [name, await openMailbox(name)] as const)))

function receive(mailbox: Mailbox, part = 0): Promise<Uint8Array> {
  return mailbox
    .openTask('average', part === 0 ? NO_MARKS : { bank: { sent: 0, received: part } })
    .channel('bank')
    .receive(header(part))
}

const chunksSent = () => relay.sent.flatMap(({ chunk }) => (chunk ? [chunk as Chunk] : []))
const bytesSent = () => chunksSent().reduce((sum, { data }) => sum + (data as Buffer).length, 0)
const body = () => new Uint8Array(randomBytes(BYTES))

test('all get it, its body leaves once, and the round has a record of it for each', async () => {
  const [bank, peers] = [await openMailbox('bank'), await openOthers()]
  const mail = bank.openTask('average', NO_MARKS)
  const ledger = new RoundLedger({ job: TEST_JOB, self: 'bank', task: 'average', round: 1 })
  mail.startRound(ledger)
  const messages = [body(), body()]
  // a message before them to one of them: numbers differ
  await mail.channel('tax').send({ ...header(0), step: 'rows' }, () => new Uint8Array(3))
  const audience = mail.audience(others('bank'))
  for (const [part, message] of messages.entries()) await audience.send(header(part), () => message)
  for (const [name, mailbox] of peers) {
    const channel = mailbox.openTask('average', NO_MARKS).channel('bank')
    if (name === 'tax') await channel.receive({ ...header(0), step: 'rows' })
    for (const [part, message] of messages.entries())
      expect(Buffer.compare(await channel.receive(header(part)), message)).toBe(0)
  }
  expect(bytesSent()).toBeLessThan(2 * BYTES + 4000)
  const lines = ledger.lines('now').filter(({ step }) => step === 'mean')
  expect(lines.map(({ to, bytes }) => [to, bytes])).toEqual(
    others('bank')
      .toSorted()
      .map((to) => [to, 2 * BYTES]),
  )
  expect(new Set(lines.map(({ sha256 }) => sha256)).size).toBe(3)
  expect(failures).toEqual([])
})

test('a peer that is away gets it by itself when it is back; the others do not wait for it', async () => {
  const [bank, tax, park] = [await openMailbox('bank'), await openMailbox('tax'), await openMailbox('park')]
  const message = body()
  await bank
    .openTask('average', NO_MARKS)
    .audience(others('bank'))
    .send(header(0), () => message)
  for (const mailbox of [tax, park]) expect(Buffer.compare(await receive(mailbox), message)).toBe(0)
  const land = await openMailbox('land')
  bank.peerUp('land')
  expect(Buffer.compare(await receive(land), message)).toBe(0)
  expect(failures).toEqual([])
})

test('a sender that dies sends the stored bytes again, to each of them, and makes nothing', async () => {
  const bank = await openMailbox('bank')
  const chunks = new Map<string, Set<string>>()
  let isDead = true
  relay.tap = (frame) => {
    const { chunk } = frame
    if (chunk?.from !== 'bank') return [frame]
    const seen = chunks.get(chunk.to) ?? new Set()
    chunks.set(chunk.to, seen.add(`${chunk.seq} ${chunk.total_bytes}`))
    return isDead ? [] : [frame]
  }
  const message = body()
  const mail = bank.openTask('average', NO_MARKS)
  await mail.audience(others('bank')).send(header(0), () => message)
  await until(() => chunks.size === 3)
  await bank.close()
  isDead = false
  // the others first: what goes out before they are there comes again only after a while
  const [peers, again] = [await openOthers(), await openMailbox('bank')]
  let made = 0
  await again
    .openTask('average', NO_MARKS)
    .audience(others('bank'))
    .send(header(0), () => {
      made += 1
      return message
    })
  for (const mailbox of peers.values()) expect(Buffer.compare(await receive(mailbox), message)).toBe(0)
  expect([made, ...[...chunks.values()].map((seen) => seen.size), failures]).toEqual([0, 1, 1, 1, []])
})

test('where a crash left it with some of them, the others get the same', async () => {
  const [bank, peers] = [await openMailbox('bank'), await openOthers()]
  const message = body()
  const mail = bank.openTask('average', NO_MARKS)
  await mail.channel('tax').send(header(0), () => message)
  await mail.audience(others('bank')).send(header(0), () => message)
  for (const mailbox of peers.values()) expect(Buffer.compare(await receive(mailbox), message)).toBe(0)
  expect(bytesSent()).toBeLessThan(2 * BYTES + 3000)
})

test('a resend to one of them while it leaves: that one gets it anew, the others as it was', async () => {
  const [bank, peers] = [await openMailbox('bank'), await openOthers()]
  let isFirst = true
  relay.tap = (frame) => {
    if (frame.chunk?.to === 'park' && frame.chunk.index === 1 && isFirst) {
      isFirst = false
      bank.peerUp('park')
      return []
    }
    return [frame]
  }
  const message = body()
  await bank
    .openTask('average', NO_MARKS)
    .audience(others('bank'))
    .send(header(0), () => message)
  for (const mailbox of peers.values()) expect(Buffer.compare(await receive(mailbox), message)).toBe(0)
  expect(bytesSent()).toBeLessThan(2 * BYTES + 3000)
  expect(failures).toEqual([])
})
