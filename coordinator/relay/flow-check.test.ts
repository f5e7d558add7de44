import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { MAX_CHUNK_BYTES } from '#runtime/grpc-options.ts'
import { advanceFlow, emptyFlow, type Flow, giveUpEnvelope, MAX_ENVELOPE_BYTES } from './flow-check.ts'

function chunk(seq: number, index: number, count: number, bytes = 10, total = count * bytes): Chunk__Output {
  const address = { job: 'job-1', from: 'bank', to: 'tax', copies: [] }
  return { ...address, seq, index, count, total_bytes: total, data: Buffer.alloc(bytes) }
}
function flowOf(...chunks: Chunk__Output[]): Flow {
  const flow = emptyFlow()
  for (const one of chunks) advanceFlow(flow, one)
  return flow
}
const refused = (flow: Flow, one: Chunk__Output) => {
  const before = { ...flow }
  try {
    advanceFlow(flow, one)
  } catch (error) {
    expect(flow).toEqual(before)
    return (error as { code: string }).code
  }
  return 'accepted'
}

test('envelopes cut in pieces pass one after the other, whatever their sizes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 20 }), (sizes) => {
      const flow = emptyFlow()
      for (const [i, total] of sizes.entries()) {
        const count = Math.ceil(total / 100)
        for (let index = 0; index < count; index++) {
          advanceFlow(flow, chunk(i + 1, index, count, Math.min(100, total - index * 100), total))
        }
      }
      expect(flow.seq).toBe(sizes.length)
      expect(flow.next).toBe(0)
    }),
  )
})

test('a flow may begin anywhere: the sender may have been here before a restart', () => {
  expect(refused(emptyFlow(), chunk(42, 0, 2))).toBe('accepted')
})

test('a resend from an earlier envelope, or of the one under way, passes', () => {
  expect(refused(flowOf(chunk(5, 0, 1), chunk(6, 0, 1)), chunk(3, 0, 1))).toBe('accepted')
  expect(refused(flowOf(chunk(5, 0, 3), chunk(5, 1, 3)), chunk(5, 0, 3))).toBe('accepted')
})

test('a number that jumps ahead is refused', () => {
  expect(refused(flowOf(chunk(5, 0, 1)), chunk(7, 0, 1))).toBe('envelope.out-of-order')
})

test('a resend may start behind what the receiver acknowledged, also in the middle of an envelope', () => {
  const flow = flowOf(chunk(5, 0, 2))
  flow.acknowledged = 9
  expect(refused({ ...flow }, chunk(11, 0, 1))).toBe('envelope.out-of-order')
  expect(refused(flow, chunk(10, 0, 1))).toBe('accepted')
})

test('a piece out of turn is refused', () => {
  expect(refused(emptyFlow(), chunk(1, 1, 2))).toBe('envelope.out-of-order')
  expect(refused(flowOf(chunk(1, 0, 3)), chunk(1, 2, 3))).toBe('envelope.out-of-order')
  expect(refused(flowOf(chunk(1, 0, 3), chunk(1, 1, 3)), chunk(1, 1, 3))).toBe('envelope.out-of-order')
  expect(refused(flowOf(chunk(1, 0, 3)), chunk(2, 1, 3))).toBe('envelope.out-of-order')
})

test('the next envelope does not start in the middle of the one before', () => {
  const flow = flowOf(chunk(5, 0, 2))
  expect(refused(flow, chunk(6, 0, 1))).toBe('envelope.out-of-order')
  giveUpEnvelope(flow)
  expect(refused(flow, chunk(6, 0, 1))).toBe('envelope.out-of-order')
  expect(refused(flow, chunk(5, 0, 2))).toBe('accepted')
})

test('pieces that contradict the first, or do not add up, are refused', () => {
  const begun = () => flowOf(chunk(1, 0, 2, 10, 20))
  expect(refused(begun(), chunk(1, 1, 3, 10, 20))).toBe('protocol.malformed')
  expect(refused(begun(), chunk(1, 1, 2, 10, 21))).toBe('protocol.malformed')
  expect(refused(begun(), chunk(1, 1, 2, 9, 20))).toBe('protocol.malformed')
  expect(refused(begun(), chunk(1, 1, 2, 11, 20))).toBe('protocol.malformed')
  expect(refused(emptyFlow(), chunk(1, 0, 2, 20, 20))).toBe('protocol.malformed')
})

test('a shape out of bounds is refused', () => {
  expect(refused(emptyFlow(), chunk(0, 0, 1))).toBe('protocol.malformed')
  expect(refused(emptyFlow(), chunk(1, 1, 1))).toBe('protocol.malformed')
  expect(refused(emptyFlow(), chunk(1, 0, 0, 10, 10))).toBe('protocol.malformed')
  expect(refused(emptyFlow(), chunk(1, 0, 1, 0))).toBe('protocol.malformed')
  expect(refused(emptyFlow(), chunk(1, 0, 30, 10, 20))).toBe('protocol.malformed')
  expect(refused(emptyFlow(), chunk(1, 0, 1, 10, 2 * MAX_CHUNK_BYTES))).toBe('protocol.malformed')
  expect(refused(emptyFlow(), chunk(1, 0, 1, MAX_CHUNK_BYTES))).toBe('accepted')
  expect(refused(emptyFlow(), chunk(1, 0, 1, MAX_CHUNK_BYTES + 1))).toBe('transport.too-large')
  expect(refused(emptyFlow(), chunk(1, 0, 9000, 10, MAX_ENVELOPE_BYTES + 1))).toBe('transport.too-large')
})
