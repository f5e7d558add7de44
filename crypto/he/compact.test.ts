import { expect, test } from 'vitest'
import { compact } from './compact.ts'

test('a part of a message has a buffer of its own', () => {
  const message = Buffer.from(Uint8Array.from({ length: 1000 }, (_, i) => i))
  const part = compact(message.subarray(10, 20))
  expect([...part]).toEqual([...message.subarray(10, 20)])
  expect(part.buffer.byteLength).toBe(10)
  const words = compact(Int32Array.of(1, 2, 3).subarray(1))
  expect([...words]).toEqual([2, 3])
  expect(words.buffer.byteLength).toBe(8)
})

test('a view of its whole buffer, or of shared memory, is not copied', () => {
  const whole = new Uint8Array(8)
  const shared = new Uint8Array(new SharedArrayBuffer(8), 4)
  expect(compact(whole)).toBe(whole)
  expect(compact(shared)).toBe(shared)
})
