import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TaskMessage__Output } from '#protos/gen/tributary/v1/TaskMessage.ts'
import { messageType } from '#protos/load.ts'
import { chunksOf, Reassembly } from './reassembly.ts'
import { decodeTaskMessage, encodeTaskMessage, MAX_MESSAGE_BYTES } from './task-message.ts'

const MAX_BYTES = MAX_MESSAGE_BYTES + 16 * 1024
const wire = messageType<TaskMessage__Output>('tributary.v1.TaskMessage')
const whole: TaskMessage__Output = {
  version: 1,
  task: 'align',
  round: 1,
  step: 'points',
  part: 0,
  kind: 'psi-points',
  key_id: '',
  payload: Buffer.from('abc'),
}

test('a message comes back as it went', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/)
  const message = fc.record({
    task: name,
    header: fc.record(
      {
        round: fc.nat(1000),
        step: name,
        part: fc.nat(100_000),
        kind: fc.constantFrom('ciphertext' as const, 'control' as const, 'masked-share' as const),
        keyId: fc.string({ minLength: 1, maxLength: 64 }),
      },
      { requiredKeys: ['round', 'step', 'part', 'kind'] },
    ),
    payload: fc.uint8Array({ maxLength: 300 }),
  })
  fc.assert(
    fc.property(message, ({ task, header, payload }) => {
      const { keyId, ...rest } = header
      const sent = { task, header: keyId === undefined ? rest : { ...rest, keyId }, payload }
      const got = decodeTaskMessage(encodeTaskMessage(sent))
      expect({ ...got, payload: Uint8Array.from(got.payload) }).toEqual(sent)
    }),
  )
})

test.each([
  [{ version: 2 }, 'protocol.version'],
  [{ task: '../align' }, 'protocol.malformed'],
  [{ step: '' }, 'protocol.malformed'],
  [{ step: 'Points' }, 'protocol.malformed'],
  [{ kind: 'rows' }, 'protocol.malformed'],
  [{ round: 4_000_000_000 }, 'protocol.malformed'],
  [{ key_id: 'k'.repeat(129) }, 'protocol.malformed'],
])('%o is %s', (change, code) => {
  expect(() => decodeTaskMessage(wire.encode({ ...whole, ...change }))).toThrowError(expect.objectContaining({ code }))
})

test('arbitrary bytes are a message or refused with a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeTaskMessage(bytes)
      } catch (error) {
        expect(['protocol.malformed', 'protocol.version']).toContain((error as { code: string }).code)
      }
    }),
  )
})

test('an envelope cut in chunks is put together again, and only its last chunk gives it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900_000 }), (bytes) => {
      const envelope = Buffer.alloc(bytes, 5)
      const chunks = [...chunksOf(envelope, { job: 'job-1', from: 'bank', to: 'tax', seq: 1 })]
      const reassembly = new Reassembly(MAX_BYTES)
      const results = chunks.map((chunk) => reassembly.add(chunk))
      expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true)
      expect(Buffer.compare(Buffer.from(results.at(-1) ?? []), envelope)).toBe(0)
    }),
    { numRuns: 30 },
  )
})

test('an envelope whose chunks change their count or total in the middle is envelope.malformed', () => {
  const chunks = [...chunksOf(Buffer.alloc(600_000), { job: 'job-1', from: 'bank', to: 'tax', seq: 1 })]
  const [first, second] = chunks as [(typeof chunks)[0], (typeof chunks)[0]]
  for (const change of [{ count: 4 }, { total_bytes: 600_001 }]) {
    const reassembly = new Reassembly(MAX_BYTES)
    reassembly.add(first)
    expect(() => reassembly.add({ ...second, ...change })).toThrowError(/^envelope\.malformed/)
    expect(reassembly.add(second)).toBeUndefined()
  }
})

test('a lost chunk gives no envelope, and the envelope sent again does', () => {
  const chunks = [...chunksOf(Buffer.alloc(600_000, 3), { job: 'job-1', from: 'bank', to: 'tax', seq: 1 })]
  const reassembly = new Reassembly(MAX_BYTES)
  expect([chunks[0], chunks[2]].map((chunk) => reassembly.add(chunk as (typeof chunks)[0]))).toEqual([
    undefined,
    undefined,
  ])
  expect(chunks.map((chunk) => reassembly.add(chunk)).at(-1)).toHaveLength(600_000)
})
