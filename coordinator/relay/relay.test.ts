import { beforeEach, expect, test } from 'vitest'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { MAX_CHUNK_BYTES } from '#runtime/grpc-options.ts'
import { MAX_QUEUED_BYTES, Outlet } from './outlet.ts'
import { Relay } from './relay.ts'

const JOB_BYTES = 64 * 1024 * 1024

/** An agent's end of the wire, which takes frames only as fast as it is told to. */
class Wire {
  readonly frames: CoordinatorFrame[] = []
  readonly #held: (() => void)[] = []
  flowing = true

  write(frame: CoordinatorFrame, flushed: () => void): void {
    const take = () => {
      this.frames.push(frame)
      flushed()
    }
    if (this.flowing) take()
    else this.#held.push(take)
  }

  /** Takes so many of the frames that are held. */
  take(count: number): void {
    for (const take of this.#held.splice(0, count)) take()
  }

  get chunks(): string[] {
    return this.frames.flatMap(({ chunk }) => (chunk ? [`${chunk.from} ${chunk.seq}/${chunk.index}`] : []))
  }
}

function chunk(change: Partial<Chunk__Output> = {}): Chunk__Output {
  const data = change.data ?? Buffer.alloc(10)
  const address = { job: 'job-1', from: 'bank', to: 'tax', copies: [] }
  return { ...address, seq: 1, index: 0, count: 1, total_bytes: data.length, data, ...change }
}

let relay: Relay
let wires: Map<string, Wire>
let cutOff: string[]

/** @param stallMs for ever, where a test does not wait for it: a busy machine stalls too */
function connect(party: string, stallMs = 600_000): { wire: Wire; outlet: Outlet } {
  const wire = new Wire()
  const outlet = new Outlet(party, wire, (error) => cutOff.push(`${party} ${error.code}`), stallMs)
  relay.connect(outlet)
  wires.set(party, wire)
  return { wire, outlet }
}

beforeEach(() => {
  relay = new Relay({ jobBytes: JOB_BYTES, now: () => 7 })
  wires = new Map()
  cutOff = []
  relay.openJob('job-1', ['bank', 'tax', 'social'])
})

const refused = (sender: string, one: Chunk__Output) =>
  relay.forwardChunk(sender, one).then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  )

test('chunks arrive in order, each at its destination, and are counted', async () => {
  const tax = connect('tax').wire
  const social = connect('social').wire
  for (const seq of [1, 2, 3]) {
    await relay.forwardChunk('bank', chunk({ seq }))
    await relay.forwardChunk('bank', chunk({ seq, to: 'social' }))
    await relay.forwardChunk('tax', chunk({ seq, from: 'tax', to: 'social' }))
  }
  expect(tax.chunks).toEqual(['bank 1/0', 'bank 2/0', 'bank 3/0'])
  expect(social.chunks).toEqual(['bank 1/0', 'tax 1/0', 'bank 2/0', 'tax 2/0', 'bank 3/0', 'tax 3/0'])
  expect(relay.trafficOf('job-1')).toContainEqual({ job: 'job-1', from: 'bank', to: 'tax', bytes: 30, chunks: 3 })
  expect(relay.record.at(-1)).toMatchObject({ from: 'tax', to: 'social', seq: 3, bytes: 10, delivered: true, atMs: 7 })
})

test('one chunk for several receivers reaches each under its own number, and counts for each', async () => {
  const [tax, social] = [connect('tax').wire, connect('social').wire]
  await relay.forwardChunk('bank', chunk({ seq: 1, to: 'social' }))
  await relay.forwardChunk('bank', chunk({ copies: [{ to: 'social', seq: 2 }] }))
  expect(tax.chunks).toEqual(['bank 1/0'])
  expect(social.chunks).toEqual(['bank 1/0', 'bank 2/0'])
  for (const { chunk: passed } of [...tax.frames, ...social.frames]) expect(passed?.copies).toEqual([])
  expect(relay.trafficOf('job-1')).toContainEqual({ job: 'job-1', from: 'bank', to: 'social', bytes: 20, chunks: 2 })
  // what one may not have goes to nobody; what is out of order at one reaches the others
  expect(await refused('bank', chunk({ seq: 2, copies: [{ to: 'stranger', seq: 1 }] }))).toBe('identity.wrong-party')
  expect(await refused('bank', chunk({ seq: 2, copies: [{ to: 'tax', seq: 3 }] }))).toBe('protocol.malformed')
  expect(tax.chunks).toEqual(['bank 1/0'])
  expect(await refused('bank', chunk({ seq: 2, copies: [{ to: 'social', seq: 9 }] }))).toBe('envelope.out-of-order')
  expect(tax.chunks).toEqual(['bank 1/0', 'bank 2/0'])
})

test('addresses are checked against the authenticated party and the job', async () => {
  connect('tax')
  expect(await refused('tax', chunk())).toBe('identity.wrong-party')
  expect(await refused('bank', chunk({ to: 'stranger' }))).toBe('identity.wrong-party')
  expect(await refused('stranger', chunk({ from: 'stranger' }))).toBe('identity.wrong-party')
  expect(await refused('bank', chunk({ to: 'bank' }))).toBe('identity.wrong-party')
  expect(await refused('bank', chunk({ job: 'job-2' }))).toBe('job.bad-state')
  relay.closeJob('job-1')
  expect(await refused('bank', chunk())).toBe('job.bad-state')
})

test('a party in this process gets what is addressed to it, and its source waits until it took that', async () => {
  const { wire } = connect('tax')
  const taken: string[] = []
  let free: () => void = () => undefined
  const local = {
    party: 'coordinator',
    chunk: (one: Chunk__Output) => {
      taken.push(`${one.from} ${one.seq}`)
      return new Promise<void>((resolve) => (free = resolve))
    },
    ack: ({ from, seq }: { from: string; seq: number }) => void taken.push(`${from} has ${seq}`),
  }
  relay.openJob('job-2', ['tax', 'social'], [], local)
  const forJob = { job: 'job-2', from: 'tax', to: 'coordinator' }
  let passed = false
  const sending = relay.forwardChunk('tax', chunk(forJob)).then(() => (passed = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect([taken, passed]).toEqual([['tax 1'], false])
  free()
  await sending
  await relay.forwardChunk('coordinator', chunk({ job: 'job-2', from: 'coordinator' }))
  await relay.forwardAck('coordinator', { job: 'job-2', from: 'coordinator', to: 'tax', seq: 0, held: 1 })
  await relay.forwardAck('tax', { ...forJob, seq: 1, held: 0 })
  expect(wire.chunks).toEqual(['coordinator 1/0'])
  expect(wire.frames.at(-1)?.ack).toMatchObject({ from: 'coordinator', held: 1 })
  expect(taken).toEqual(['tax 1', 'tax has 1'])
  // where a job has no such party nobody has the name
  expect(await refused('bank', chunk({ to: 'coordinator' }))).toBe('identity.wrong-party')
})

test('a source waits while its destination is slow, and the queue stays within its bound', async () => {
  const { wire, outlet } = connect('tax')
  wire.flowing = false
  const data = Buffer.alloc(MAX_CHUNK_BYTES)
  let sent = 0
  const sending = (async () => {
    for (let seq = 1; seq <= 40; seq++) {
      await relay.forwardChunk('bank', chunk({ seq, data }))
      sent = seq
    }
  })()
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent).toBe(15) // with their overhead, 16 chunks are a little more than 4 MiB
  while (sent < 40) {
    wire.take(1)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await sending
  expect(outlet.highestQueuedBytes).toBeLessThanOrEqual(MAX_QUEUED_BYTES)
  wire.take(100)
  wire.take(100)
  for (let i = 0; i < 40; i++) wire.take(10)
  expect(wire.chunks).toEqual(Array.from({ length: 40 }, (_, i) => `bank ${i + 1}/0`))
  expect(outlet.queuedBytes).toBe(0)
})

test('several sources share the room of a slow destination, each in its order', async () => {
  const { wire, outlet } = connect('tax')
  wire.flowing = false
  const data = Buffer.alloc(MAX_CHUNK_BYTES)
  const send = async (from: string) => {
    for (let seq = 1; seq <= 12; seq++) await relay.forwardChunk(from, chunk({ from, seq, data }))
  }
  let done = false
  const all = Promise.all(['bank', 'social'].map(send)).then(() => {
    done = true
  })
  while (!done) {
    wire.take(1)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await all
  for (let i = 0; i < 24; i++) wire.take(4)
  expect(outlet.highestQueuedBytes).toBeLessThanOrEqual(MAX_QUEUED_BYTES)
  for (const from of ['bank', 'social']) {
    const own = wire.chunks.filter((label) => label.startsWith(from))
    expect(own).toEqual(Array.from({ length: 12 }, (_, i) => `${from} ${i + 1}/0`))
  }
})

test('a destination that goes away lets its waiting sources go on', async () => {
  const { wire, outlet } = connect('tax')
  wire.flowing = false
  const data = Buffer.alloc(MAX_CHUNK_BYTES)
  const sending = (async () => {
    for (let seq = 1; seq <= 30; seq++) await relay.forwardChunk('bank', chunk({ seq, data }))
  })()
  await new Promise((resolve) => setImmediate(resolve))
  relay.disconnect(outlet)
  await sending
  expect(relay.record.at(-1)).toMatchObject({ seq: 30, delivered: false })
})

test('a destination that takes nothing for too long is cut off', async () => {
  const { wire } = connect('tax', 50)
  wire.flowing = false
  await relay.forwardChunk('bank', chunk())
  await expect.poll(() => cutOff, { timeout: 15_000 }).toEqual(['tax transport.unavailable'])
})

test('after its destination came back an envelope is passed on from its first chunk only', async () => {
  await relay.forwardChunk('bank', chunk({ count: 3, total_bytes: 30 }))
  const { wire } = connect('tax')
  await relay.forwardChunk('bank', chunk({ index: 1, count: 3, total_bytes: 30 }))
  await relay.forwardChunk('bank', chunk({ index: 2, count: 3, total_bytes: 30 }))
  expect(wire.chunks).toEqual([])
  for (const index of [0, 1, 2]) await relay.forwardChunk('bank', chunk({ index, count: 3, total_bytes: 30 }))
  expect(wire.chunks).toEqual(['bank 1/0', 'bank 1/1', 'bank 1/2'])
})

test('a sender that connects anew begins its envelope again', async () => {
  connect('tax')
  connect('bank')
  await relay.forwardChunk('bank', chunk({ seq: 4, count: 2, total_bytes: 20 }))
  connect('bank')
  expect(await refused('bank', chunk({ seq: 4, index: 1, count: 2, total_bytes: 20 }))).toBe('envelope.out-of-order')
  expect(await refused('bank', chunk({ seq: 4, count: 2, total_bytes: 20 }))).toBe('accepted')
})

test('a job that passes its quota is refused, counting what it sent before a restart', async () => {
  connect('tax')
  const before = { job: 'job-9', from: 'bank', to: 'tax', bytes: JOB_BYTES - 15, chunks: 1 }
  relay.openJob('job-9', ['bank', 'tax'], [before])
  expect(await refused('bank', chunk({ job: 'job-9' }))).toBe('accepted')
  expect(await refused('bank', chunk({ job: 'job-9', seq: 2 }))).toBe('transport.quota')
})

test('acknowledgements go to the sender of the envelopes, and are dropped when it is away', async () => {
  const ack = { job: 'job-1', from: 'tax', to: 'bank', seq: 3, held: 0 }
  await relay.forwardAck('tax', ack)
  const { wire } = connect('bank')
  await relay.forwardAck('tax', { ...ack, seq: 4 })
  expect(wire.frames).toEqual([{ body: 'ack', ack: { ...ack, seq: 4 } }])
  await expect(relay.forwardAck('bank', ack)).rejects.toMatchObject({ code: 'identity.wrong-party' })
})
