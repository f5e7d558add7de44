import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import { loadService } from '#protos/load.ts'
import { frameBytes, framesOf, Meter } from './meter.ts'

const chunk = (seq: number, index: number, bytes: number): AgentFrame => ({
  body: 'chunk',
  chunk: { job: 'job-1', from: 'tax', to: 'bank', seq, index, count: 3, total_bytes: 900, data: randomBytes(bytes) },
})
const wireSize = (frame: AgentFrame) =>
  loadService().tributary.v1.AgentLink.service.Connect.requestSerialize(frame as never).length

test.each([1, 127, 128, 16_000, 16_384, 262_144])('a chunk of %d bytes is as long as gRPC makes it', (bytes) => {
  for (const index of [0, 1, 300]) expect(frameBytes(chunk(5, index, bytes))).toBe(wireSize(chunk(5, index, bytes)))
})

test('control frames are as long as gRPC makes them', () => {
  const frames: AgentFrame[] = [
    ...[0, 7, 127, 128, 16_384, 2 ** 40].map(
      (seq): AgentFrame => ({ body: 'ack', ack: { job: 'job-1', from: 'bank', to: 'tax', seq } }),
    ),
    { body: 'ack', ack: { job: `job-${'0'.repeat(60)}`, from: 'b'.repeat(32), to: 't'.repeat(32), seq: 1 } },
    { body: 'ack', ack: { job: 'job-1', from: 'bank' } },
    { body: 'ack', ack: { job: 'j'.repeat(130), from: 'bank', to: 'tax', seq: 9 } },
    { body: 'beat', beat: { number: 1 } },
  ]
  for (const frame of frames) expect(frameBytes(frame)).toBe(wireSize(frame))
})

test('what goes out again is counted apart, and what was not taken is not counted', async () => {
  let taken = true
  const meter = new Meter({ send: async () => taken })
  for (const frame of [chunk(1, 0, 300), chunk(1, 1, 300), chunk(1, 0, 300), chunk(1, 1, 300), chunk(1, 2, 50)])
    await meter.send(frame)
  taken = false
  await meter.send(chunk(2, 0, 300))
  const reading = meter.read()
  expect(reading).toMatchObject({ frames: 5, envelopeBytes: 1250, repeatedBytes: 600 })
  const lines = framesOf(reading, 'job-1', new Date(0))
  expect(lines.map((line) => [line.step, line.envelopeBytes])).toEqual([
    ['frames', reading.frameBytes - 1250],
    ['sent-again', 600],
  ])
})

test('the last reading waits for frames that are under way, and not for a connection that is stuck', async () => {
  const gate = Promise.withResolvers<boolean>()
  const meter = new Meter({ send: () => gate.promise })
  const sending = meter.send(chunk(1, 0, 300))
  await meter.settled(1)
  expect(meter.read().frames).toBe(1)
  const settled = meter.settled()
  gate.resolve(false)
  await settled
  expect(meter.take()).toEqual({ frames: 0, frameBytes: 0, envelopeBytes: 0, repeatedBytes: 0 })
  expect(await sending).toBe(false)
})
