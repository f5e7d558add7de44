import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MessageHeader } from '#protocols/core/contract.ts'
import { encodeTaskMessage, MAX_MESSAGE_BYTES } from '#protocols/core/task-message.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import type { CoordinatorFrame__Output } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import type { FrameWriter } from './frame-log.ts'
import { Mailbox, type MailMarks } from './mailbox.ts'
import { RoundLedger } from './record.ts'
import { pairOf, TEST_JOB, TEST_TIMES, TestRelay, testKeys, until } from './relay-fixture.ts'

const keys = { bank: testKeys(), tax: testKeys() }
let home: string
let relay: TestRelay
let abort: AbortController
let failures: unknown[]
const opened: Mailbox[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mailbox-'))
  relay = new TestRelay()
  abort = new AbortController()
  failures = []
})
afterEach(async () => {
  abort.abort(new PlatformError('job.cancelled'))
  for (const mailbox of opened.splice(0)) await mailbox.close()
  await rm(home, { recursive: true, force: true })
})

type Name = 'bank' | 'tax'
const other = (self: Name): Name => (self === 'bank' ? 'tax' : 'bank')

async function openMailbox(self: Name, write?: FrameWriter, times = TEST_TIMES): Promise<Mailbox> {
  const mailbox = await Mailbox.open({
    job: TEST_JOB,
    self,
    folder: join(home, self),
    peers: new Map([[other(self), pairOf(keys, self, other(self))]]),
    wire: relay.wireOf(),
    log: silentLogger,
    signal: abort.signal,
    fail: (error) => failures.push(error),
    times,
    ...(write === undefined ? {} : { write }),
  })
  opened.push(mailbox)
  relay.attach(self, mailbox)
  mailbox.connected()
  return mailbox
}

const header = (part: number): MessageHeader => ({ round: 1, step: 'points', part, kind: 'psi-points' })
const NO_MARKS: MailMarks = {}
const MEBIBYTE = 2 ** 20

async function sendAll(from: Mailbox, to: Name, messages: readonly Uint8Array[]): Promise<void> {
  const channel = from.openTask('align', NO_MARKS).channel(to)
  for (const [part, message] of messages.entries()) await channel.send(header(part), () => message)
}

async function receiveAll(at: Mailbox, from: Name, count: number): Promise<Uint8Array[]> {
  const channel = at.openTask('align', NO_MARKS).channel(from)
  const got: Uint8Array[] = []
  for (let part = 0; part < count; part++) got.push(await channel.receive(header(part)))
  return got
}

const messages = (count: number, bytes = 50) => Array.from({ length: count }, () => new Uint8Array(randomBytes(bytes)))
const chunkOf = (frame: CoordinatorFrame__Output): Chunk__Output | undefined => frame.chunk ?? undefined

test('messages arrive in order, unchanged, cut into chunks of at most 256 KiB', async () => {
  let largest = 0
  relay.tap = (frame) => {
    largest = Math.max(largest, chunkOf(frame)?.data.length ?? 0)
    return [frame]
  }
  const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax')]
  const sent = [new Uint8Array(0), ...messages(3), ...messages(2, 700_000)]
  await sendAll(bank, 'tax', sent)
  const got = await receiveAll(tax, 'bank', sent.length)
  expect(got.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
    sent.map((bytes) => Buffer.from(bytes).toString('hex')),
  )
  expect(largest).toBe(256 * 1024)
  expect(failures).toEqual([])
})

test('a lost connection that is heard of only when the next one is there stops nothing', async () => {
  const [late, wire] = [Promise.withResolvers<boolean>(), relay.wireOf()]
  let sends = 0
  relay.wireOf = () => ({ send: (frame) => (sends++ === 0 ? late.promise : wire.send(frame)) })
  const bank = await openMailbox('bank')
  relay.wireOf = () => wire
  const tax = await openMailbox('tax')
  const sent = messages(2)
  await sendAll(bank, 'tax', sent)
  await until(() => sends > 0)
  bank.disconnected()
  bank.connected()
  late.resolve(false)
  expect(await receiveAll(tax, 'bank', 2)).toEqual(sent.map((bytes) => Buffer.from(bytes)))
  expect(failures).toEqual([])
})

test('a relay that drops, repeats and swaps frames loses nothing and changes no order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('pass', 'drop', 'twice', 'hold'), { maxLength: 60 }), async (faults) => {
      await rm(home, { recursive: true, force: true })
      relay = new TestRelay()
      let at = 0
      let held: CoordinatorFrame__Output | undefined
      relay.tap = (frame) => {
        const fault = faults[at++] ?? 'pass'
        if (fault === 'drop') return []
        if (fault === 'twice') return [frame, frame]
        if (fault === 'hold' && held === undefined) {
          held = frame
          return []
        }
        const released = held === undefined ? [frame] : [frame, held]
        held = undefined
        return released
      }
      const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax')]
      const sent = messages(12)
      const [got] = await Promise.all([receiveAll(tax, 'bank', sent.length), sendAll(bank, 'tax', sent)])
      expect(got.map((bytes) => Buffer.from(bytes))).toEqual(sent.map((bytes) => Buffer.from(bytes)))
      expect([...tax.refusals().keys()].filter((code) => code === 'envelope.equivocation')).toEqual([])
      await bank.close()
      await tax.close()
    }),
    { numRuns: 25 },
  )
})

describe('a relay that plays foul', () => {
  /** Sends three messages through `tap`, once; then the relay is honest. Returns what the receiver refused. */
  async function refusalsOf(foul: (chunk: Chunk__Output) => readonly Chunk__Output[]): Promise<string[]> {
    const done = new Set<number>()
    relay.tap = (frame) => {
      const chunk = chunkOf(frame)
      if (chunk === undefined || chunk.from !== 'bank' || done.has(chunk.seq)) return [frame]
      done.add(chunk.seq)
      return foul(chunk).map((changed) => ({ body: 'chunk', chunk: changed }))
    }
    const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax')]
    const sent = messages(3)
    const [got] = await Promise.all([receiveAll(tax, 'bank', 3), sendAll(bank, 'tax', sent)])
    expect(got.map((bytes) => Buffer.from(bytes))).toEqual(sent.map((bytes) => Buffer.from(bytes)))
    expect(failures).toEqual([])
    return [...tax.refusals().keys()]
  }
  const withData = (chunk: Chunk__Output, data: Buffer) => ({ ...chunk, data, total_bytes: data.length })

  test('a changed byte is envelope.tampered', async () => {
    const codes = await refusalsOf((chunk) => {
      const data = Buffer.from(chunk.data)
      data[data.length - 100] = (data[data.length - 100] as number) ^ 1
      return [{ ...chunk, data }]
    })
    expect(codes).toContain('envelope.tampered')
  })

  test('an envelope shown under the next number is envelope.duplicate', async () => {
    let before: Chunk__Output | undefined
    const codes = await refusalsOf((chunk) => {
      const shown = before === undefined ? chunk : { ...chunk, data: before.data, total_bytes: before.total_bytes }
      before ??= chunk
      return [shown]
    })
    expect(codes).toContain('envelope.duplicate')
  })

  test('an envelope sent twice is envelope.duplicate', async () => {
    expect(await refusalsOf((chunk) => [chunk, chunk])).toEqual(['envelope.duplicate'])
  })

  test('an envelope ahead of its turn is envelope.out-of-order', async () => {
    expect(await refusalsOf((chunk) => (chunk.seq === 1 ? [] : [chunk]))).toContain('envelope.out-of-order')
  })

  test('an envelope sent back to its sender is envelope.wrong-recipient', async () => {
    const bounced = (chunk: Chunk__Output) => [chunk, { ...chunk, from: 'tax', to: 'bank' }]
    relay.tap = (frame) => {
      const chunk = chunkOf(frame)
      return chunk?.from === 'bank' ? bounced(chunk).map((changed) => ({ body: 'chunk', chunk: changed })) : [frame]
    }
    const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax')]
    await sendAll(bank, 'tax', messages(1))
    await receiveAll(tax, 'bank', 1)
    await until(() => bank.refusals().size > 0)
    expect([...bank.refusals().keys()]).toEqual(['envelope.wrong-recipient'])
  })

  test('an envelope of another job with the same keys is envelope.wrong-recipient', async () => {
    const foreign = pairOf(keys, 'bank', 'tax', 'job-ffffffffffffffffffff').seal(1, new Uint8Array(5))
    expect(await refusalsOf((chunk) => [withData(chunk, Buffer.from(foreign))])).toContain('envelope.wrong-recipient')
  })

  test('an envelope under other job keys of the sender is envelope.replayed', async () => {
    const renewed = { bank: { ...testKeys(), signer: keys.bank.signer }, tax: keys.tax }
    const replayed = pairOf(renewed, 'bank', 'tax')
    const codes = await refusalsOf((chunk) => [
      withData(chunk, Buffer.from(replayed.seal(chunk.seq, new Uint8Array(5)))),
    ])
    expect(codes).toContain('envelope.replayed')
  })

  test.each([
    ['bytes that are no envelope', (chunk: Chunk__Output) => withData(chunk, Buffer.alloc(400, 1))],
    ['an empty chunk', (chunk: Chunk__Output) => ({ ...chunk, data: Buffer.alloc(0) })],
    ['an index outside the count', (chunk: Chunk__Output) => ({ ...chunk, index: 1 })],
    ['more bytes than announced', (chunk: Chunk__Output) => ({ ...chunk, total_bytes: 10 })],
    ['fewer bytes than announced', (chunk: Chunk__Output) => ({ ...chunk, total_bytes: 5000 })],
  ])('%s: envelope.malformed', async (_, change) => {
    expect(await refusalsOf((chunk) => [change(chunk)])).toContain('envelope.malformed')
  })

  test('an announced size above the limit is transport.too-large', async () => {
    expect(await refusalsOf((chunk) => [{ ...chunk, total_bytes: 2 ** 40 }])).toContain('transport.too-large')
  })
})

test('two messages of a peer under one number: the first counts, the second is envelope.equivocation', async () => {
  const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax')]
  const [first, second] = messages(2) as [Uint8Array, Uint8Array]
  await sendAll(bank, 'tax', [first])
  await until(() => relay.delivered >= 2)
  const body = encodeTaskMessage({ task: 'align', header: header(0), payload: second })
  const data = Buffer.from(pairOf(keys, 'bank', 'tax').seal(1, body))
  const address = { job: TEST_JOB, from: 'bank', to: 'tax', seq: 1, index: 0, count: 1, copies: [] }
  relay.inject({ body: 'chunk', chunk: { ...address, total_bytes: data.length, data } })
  await until(() => tax.refusals().size > 0)
  expect([...tax.refusals().keys()]).toEqual(['envelope.equivocation'])
  expect(await receiveAll(tax, 'bank', 1)).toEqual([Buffer.from(first)])
})

test('a verified message that does not decode ends the job with protocol.malformed', async () => {
  const tax = await openMailbox('tax')
  const data = Buffer.from(pairOf(keys, 'bank', 'tax').seal(1, Buffer.from([0xff, 0xff])))
  const address = { job: TEST_JOB, from: 'bank', to: 'tax', seq: 1, index: 0, count: 1, copies: [] }
  tax.chunkArrived({ ...address, total_bytes: data.length, data })
  expect(failures).toMatchObject([{ code: 'protocol.malformed' }])
})

test('a message for another step is protocol.out-of-order and stays where it is', async () => {
  const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax')]
  await sendAll(bank, 'tax', messages(1))
  const channel = tax.openTask('align', NO_MARKS).channel('bank')
  await expect(channel.receive({ ...header(0), step: 'commitment' })).rejects.toMatchObject({
    code: 'protocol.out-of-order',
  })
  await expect(channel.receive(header(0))).resolves.toHaveLength(50)
})

test('a message above 64 MiB is transport.too-large and is not numbered', async () => {
  const bank = await openMailbox('bank')
  const channel = bank.openTask('align', NO_MARKS).channel('tax')
  const sending = channel.send(header(0), () => new Uint8Array(MAX_MESSAGE_BYTES + 1))
  await expect(sending).rejects.toMatchObject({ code: 'transport.too-large' })
  const tax = await openMailbox('tax')
  await channel.send(header(0), () => new Uint8Array(3))
  expect(await receiveAll(tax, 'bank', 1)).toEqual([Buffer.alloc(3)])
})

test('a full disk at the sender: nothing leaves before it is stored, then the job goes on', async () => {
  let full = true
  const write: FrameWriter = async (file, buffers) => {
    if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    await file.writev(buffers)
  }
  let chunks = 0
  relay.tap = (frame) => {
    if (frame.chunk) chunks += 1
    return [frame]
  }
  const [bank, tax] = [await openMailbox('bank', write), await openMailbox('tax')]
  await sendAll(bank, 'tax', messages(2))
  const receiving = receiveAll(tax, 'bank', 2)
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(chunks).toBe(0)
  full = false
  expect(await receiving).toHaveLength(2)
  expect(failures).toEqual([])
})

test('what the peer says it holds is not sent again on this connection, and is on the next', async () => {
  // longer than a slow disk takes for the second message: the first must not come twice before
  const stallMs = 400
  const bank = await openMailbox('bank', undefined, { ...TEST_TIMES, stallMs })
  let sent = 0
  relay.tap = (frame) => {
    if (frame.chunk) sent += 1
    return []
  }
  const tell = (seq: number, held: number) => bank.ackArrived({ job: TEST_JOB, from: 'tax', to: 'bank', seq, held })
  await sendAll(bank, 'tax', messages(2))
  await until(() => sent === 2)
  tell(0, 2)
  await new Promise((resolve) => setTimeout(resolve, 3 * stallMs))
  expect(sent).toBe(2)
  tell(0, 1) // the second was lost: both come again
  await until(() => sent === 4)
  tell(0, 2)
  bank.disconnected()
  bank.connected()
  await until(() => sent === 6)
  tell(2, 2)
  await new Promise((resolve) => setTimeout(resolve, 2 * stallMs))
  expect(sent).toBe(6)
})

test('a full disk at the receiver: nothing is acknowledged before it is stored, then the job goes on', async () => {
  let full = true
  const write: FrameWriter = async (file, buffers) => {
    if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    await file.writev(buffers)
  }
  let acknowledged = 0
  relay.tap = (frame) => {
    acknowledged = Math.max(acknowledged, frame.ack?.seq ?? 0)
    return [frame]
  }
  const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax', write)]
  await sendAll(bank, 'tax', messages(2))
  await until(() => relay.delivered >= 2)
  expect(acknowledged).toBe(0)
  full = false
  expect(await receiveAll(tax, 'bank', 2)).toHaveLength(2)
})

test('what ends the job ends a pending receive with its reason', async () => {
  const bank = await openMailbox('bank')
  const receiving = receiveAll(bank, 'tax', 1)
  abort.abort(new PlatformError('peer.failed', { party: 'tax' }))
  await expect(receiving).rejects.toMatchObject({ code: 'peer.failed' })
})

test('a restarted sender sends the stored bytes and does not make them again', async () => {
  const before = await openMailbox('bank')
  relay.detach('bank')
  const [first] = messages(1) as [Uint8Array]
  await sendAll(before, 'tax', [first])
  const task = before.openTask('align', NO_MARKS)
  await task.settle()
  await before.close()
  const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax')]
  let made = 0
  await bank
    .openTask('align', NO_MARKS)
    .channel('tax')
    .send(header(0), () => {
      made += 1
      return new Uint8Array(1)
    })
  expect(await receiveAll(tax, 'bank', 1)).toEqual([Buffer.from(first)])
  expect(made).toBe(0)
})

test('closed rounds leave the disk, and both sides record the same sums', async () => {
  const [bank, tax] = [await openMailbox('bank'), await openMailbox('tax')]
  const [out, into] = [bank.openTask('align', NO_MARKS), tax.openTask('align', NO_MARKS)]
  const files = async () =>
    (await readdir(join(home, 'bank/mail/tax/out'))).length + (await readdir(join(home, 'tax/mail/bank/in'))).length
  const counts: number[] = []
  for (let round = 1; round <= 4; round++) {
    const at = { job: TEST_JOB, task: 'align', round }
    const ledgers = [new RoundLedger({ ...at, self: 'bank' }), new RoundLedger({ ...at, self: 'tax' })] as const
    out.startRound(ledgers[0])
    into.startRound(ledgers[1])
    for (let part = 0; part < 3; part++) {
      await out
        .channel('tax')
        .send({ ...header(part), round, keyId: 'k1' }, () => new Uint8Array(MEBIBYTE * (part + 1)))
      await into.channel('bank').receive({ ...header(part), round })
    }
    const [sent, received] = ledgers.map((ledger) => ledger.lines('now').map(({ direction: _, ...line }) => line))
    expect(sent).toEqual(received)
    expect(sent).toMatchObject([
      { step: 'points', messages: 3, bytes: 6 * MEBIBYTE, keyId: 'k1', from: 'bank', to: 'tax' },
    ])
    await bank.release(await out.settle())
    await tax.release(await into.settle())
    counts.push(await files())
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(6)
})
