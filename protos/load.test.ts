import fc from 'fast-check'
import { expect, test } from 'vitest'
import { staleFiles } from './check-generated.ts'
import type { AgentFrame__Output } from './gen/tributary/v1/AgentFrame.ts'
import type { Chunk__Output } from './gen/tributary/v1/Chunk.ts'
import { loadService, messageType } from './load.ts'

const chunks = messageType<Chunk__Output>('tributary.v1.Chunk')
const address = { job: 'job-1', from: 'bank', to: 'tax' }

test('generated types are those of the .proto files', () => {
  expect(staleFiles()).toEqual([])
})

test('services of every file are loaded', () => {
  const { v1 } = loadService().tributary
  expect(Object.keys(v1.AgentLink.service)).toEqual(['Connect'])
  expect(Object.keys(v1.Jobs.service)).toEqual(['Submit', 'Get', 'List', 'Watch', 'Cancel'])
})

test('a message comes back as it went', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.maxSafeNat(), (data, seq) => {
      const sent = {
        ...address,
        seq,
        index: 1,
        count: 2,
        total_bytes: data.length,
        data: Buffer.from(data),
        copies: [{ to: 'park', seq }],
      }
      expect(chunks.decode(chunks.encode(sent))).toEqual(sent)
    }),
  )
})

test('absent fields get their defaults, and a oneof names its member', () => {
  expect(chunks.decode(new Uint8Array())).toMatchObject({ job: '', seq: 0, data: expect.any(Uint8Array) })
  const frames = messageType<AgentFrame__Output>('tributary.v1.AgentFrame')
  expect(frames.decode(frames.encode({ body: 'beat', beat: { number: 7 } }))).toEqual({
    body: 'beat',
    beat: { number: 7 },
  })
})

test('bytes that are no message are refused', () => {
  for (const bytes of [[0x0a, 0x05, 0x61], [0xff], [0x42, 0xff, 0xff, 0xff, 0xff, 0x0f]]) {
    expect(() => chunks.decode(Uint8Array.from(bytes))).toThrowError(/^protocol\.malformed/)
  }
})

test('a 64-bit number that a JavaScript number cannot hold is refused', () => {
  const seq = [0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
  expect(() => chunks.decode(Uint8Array.from(seq))).toThrowError(/^protocol\.malformed.*seq/)
})

test('decoding arbitrary bytes gives a message or protocol.malformed, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        chunks.decode(bytes)
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol.malformed' })
      }
    }),
  )
})
