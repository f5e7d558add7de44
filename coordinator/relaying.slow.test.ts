import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import { MAX_CHUNK_BYTES } from '#runtime/grpc-options.ts'
import type { RunningCoordinator } from './coordinator.ts'
import { MAX_QUEUED_BYTES } from './relay/outlet.ts'
import {
  answerOf,
  connectAgent,
  makeFederation,
  openCaller,
  type RawAgent,
  signedSpec,
  startTestCoordinator,
  type TestFederation,
} from './test-federation.ts'

const MIB = 1024 * 1024
const PATIENT = { timeout: 15_000 }
const JOB_BYTES = 44 * MIB
let federation: TestFederation
let coordinator: RunningCoordinator
let bank: RawAgent
let tax: RawAgent

beforeAll(async () => {
  federation = await makeFederation(['bank', 'tax'])
  coordinator = await startTestCoordinator(federation, { quotas: { ...federation.config.quotas, jobBytes: JOB_BYTES } })
  bank = await connectAgent(federation, 'bank', coordinator.address)
  tax = await connectAgent(federation, 'tax', coordinator.address)
})
afterAll(async () => {
  bank.leave()
  tax.leave()
  await coordinator.close()
})

async function startJob(): Promise<string> {
  const caller = openCaller(federation, 'bank', coordinator.address)
  const spec = signedSpec(federation, ['tax'])
  const { job } = await answerOf<JobView__Output>((done) => caller.jobs.Submit(spec, done as never))
  for (const agent of [bank, tax]) {
    await agent.heard('invite', { job })
    const answer = { job, accepted: true, sealing_key: Buffer.alloc(32), sealing_signature: Buffer.alloc(64) }
    agent.say({ invite_answer: answer })
  }
  for (const agent of [bank, tax]) await agent.heard('round_opened', { job })
  caller.jobs.close()
  return job
}

function chunk(job: string, seq: number, data: Buffer, change: object = {}) {
  const address = { job, from: 'bank', to: 'tax' }
  return { chunk: { ...address, seq, index: 0, count: 1, total_bytes: data.length, data, ...change } }
}

const chunksOf = (agent: RawAgent, job: string) =>
  agent.frames.flatMap(({ chunk: heard }) => (heard?.job === job ? [heard] : []))

test('envelopes and acknowledgements cross in order and unchanged', async () => {
  const job = await startJob()
  const payload = (seq: number) => Buffer.alloc(1000, seq)
  for (let seq = 1; seq <= 50; seq++) bank.say(chunk(job, seq, payload(seq)))
  await tax.until(() => chunksOf(tax, job).length === 50)
  expect(chunksOf(tax, job).map((heard) => heard.seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  expect(chunksOf(tax, job).every((heard) => heard.data.equals(payload(heard.seq)))).toBe(true)
  tax.say({ ack: { job, from: 'tax', to: 'bank', seq: 50 } })
  expect(await bank.heard('ack', { job })).toEqual({ job, from: 'tax', to: 'bank', seq: 50, held: 0 })
  expect(coordinator.relay.trafficOf(job)).toEqual([{ job, from: 'bank', to: 'tax', bytes: 50_000, chunks: 50 }])
})

test('a slow reader pauses its source: the queue stays within its bound and nothing is lost', async () => {
  const job = await startJob()
  const data = Buffer.alloc(MAX_CHUNK_BYTES, 7)
  tax.stream.pause()
  let flushed = 0
  const sending = (async () => {
    for (let seq = 1; seq <= 160; seq++) {
      await bank.sayAndFlush(chunk(job, seq, data))
      flushed = seq
    }
  })()
  await expect
    .poll(() => coordinator.relay.outletOf('tax')?.queuedBytes, PATIENT)
    .toBeGreaterThan(MAX_QUEUED_BYTES - 2 * MAX_CHUNK_BYTES)
  // what the windows, the queue and the streams on both sides hold is less than the whole
  expect(flushed).toBeLessThan(160)
  tax.stream.resume()
  await sending
  await tax.until(() => chunksOf(tax, job).length === 160, 'all chunks')
  expect(chunksOf(tax, job).map((heard) => heard.seq)).toEqual(Array.from({ length: 160 }, (_, i) => i + 1))
  expect(coordinator.relay.outletOf('tax')?.highestQueuedBytes).toBeLessThanOrEqual(MAX_QUEUED_BYTES + 10_000)
  tax.frames.length = 0
})

test('a job that passes its quota ends for all', async () => {
  const job = await startJob()
  const data = Buffer.alloc(MAX_CHUNK_BYTES)
  for (let seq = 1; seq <= JOB_BYTES / MAX_CHUNK_BYTES + 1; seq++) await bank.sayAndFlush(chunk(job, seq, data))
  expect(await bank.heard('refusal', { job })).toMatchObject({ code: 'transport.quota', fatal: false })
  for (const agent of [bank, tax]) {
    const ended = await agent.heard('job_ended', { job })
    expect(ended).toMatchObject({ state: 'failed', failure: { code: 'transport.quota', party: 'bank' } })
  }
  tax.frames.length = 0
})

test('chunks of a job that ended are refused once, and the stream stays open', async () => {
  const job = 'job-that-never-was'
  for (const seq of [1, 2, 3]) bank.say(chunk(job, seq, Buffer.alloc(5)))
  bank.say({ beat: { number: 77 } })
  await bank.heard('beat', { number: 77 })
  const refusals = bank.frames.flatMap(({ refusal }) => (refusal?.job === job ? [refusal.code] : []))
  expect(refusals).toEqual(['job.bad-state'])
})

test('peers of a running job hear of each other when one comes back, and resends pass', async () => {
  const job = await startJob()
  bank.say(chunk(job, 1, Buffer.from('first'), { count: 2, total_bytes: 10 }))
  await tax.until(() => chunksOf(tax, job).length === 1)
  tax.leave()
  await expect.poll(() => coordinator.relay.outletOf('tax'), PATIENT).toBeUndefined()
  bank.say(chunk(job, 1, Buffer.from('lost!'), { index: 1, count: 2, total_bytes: 10 }))
  tax = await connectAgent(federation, 'tax', coordinator.address, [job])
  await bank.heard('peer_up', { job, party: 'tax' })
  await tax.heard('peer_up', { job, party: 'bank' })
  const order = tax.frames.filter((frame) => frame.body !== 'beat').map((frame) => frame.body)
  expect(order.slice(0, 4)).toEqual(['welcome', 'job_started', 'round_opened', 'peer_up'])
  for (const index of [0, 1]) {
    bank.say(chunk(job, 1, Buffer.from('again'), { index, count: 2, total_bytes: 10 }))
  }
  await tax.until(() => chunksOf(tax, job).length === 2)
  expect(chunksOf(tax, job).map((heard) => `${heard.index} ${heard.data}`)).toEqual(['0 again', '1 again'])
})

test('speaking for another party is refused and ends the connection', async () => {
  const job = await startJob()
  tax.say(chunk(job, 1, Buffer.from('x')))
  expect(await tax.heard('refusal', { job })).toMatchObject({ code: 'identity.wrong-party', fatal: true })
  expect((await tax.failed()).metadata.get('tributary-code')).toEqual(['identity.wrong-party'])
  tax = await connectAgent(federation, 'tax', coordinator.address, [job])
})

test('a chunk above its limit is refused and ends the connection', async () => {
  const job = await startJob()
  bank.say(chunk(job, 1, Buffer.alloc(MAX_CHUNK_BYTES + 1)))
  expect(await bank.heard('refusal', { job })).toMatchObject({ code: 'transport.too-large', fatal: true })
  expect((await bank.failed()).metadata.get('tributary-code')).toEqual(['transport.too-large'])
  bank = await connectAgent(federation, 'bank', coordinator.address)
})

test('an agent that does not read for too long is cut off, and its peers go on', async () => {
  for (const agent of [bank, tax]) agent.leave()
  await coordinator.close()
  coordinator = await startTestCoordinator(federation, {}, { stallMs: 500 })
  bank = await connectAgent(federation, 'bank', coordinator.address)
  tax = await connectAgent(federation, 'tax', coordinator.address)
  const job = await startJob()
  tax.stream.pause()
  const data = Buffer.alloc(MAX_CHUNK_BYTES)
  for (let seq = 1; seq <= 128; seq++) await bank.sayAndFlush(chunk(job, seq, data))
  await expect.poll(() => coordinator.relay.outletOf('tax'), PATIENT).toBeUndefined()
  bank.say({ beat: { number: 5 } })
  await bank.heard('beat', { number: 5 })
})
