import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Sessions } from './sessions.ts'
import type { Visitor } from './visitor.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a session that nobody calls in any more ends by itself, with its stream of events and its key', () => {
  using sessions = new Sessions(() => Date.now())
  const dispose = vi.fn()
  const reader = { publicKey: new Uint8Array(32), sign: () => new Uint8Array(64), [Symbol.dispose]: dispose }
  const person = { id: 'li-wei', name: 'Li Wei', role: 'steward' } as Visitor['person']
  const { session } = sessions.open({ person, how: 'passphrase', reader }, 'browser', '127.0.0.1')
  vi.advanceTimersByTime(29 * 60_000)
  expect(session.ended.signal.aborted).toBe(false)
  vi.advanceTimersByTime(2 * 60_000)
  expect(session.ended.signal.aborted).toBe(true)
  expect(dispose).toHaveBeenCalledOnce()
  expect(sessions.of('li-wei')).toEqual([])
})
