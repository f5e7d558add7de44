import { expect, test } from 'vitest'
import { Ticker } from './ticker.ts'

const NEVER_MS = 60_000

test('what was raised before is heard at once, and once', async () => {
  const over = new AbortController()
  using ticker = new Ticker({ atMostEveryMs: 0, atLeastEveryMs: NEVER_MS, signal: over.signal })
  ticker.raise()
  ticker.raise()
  expect(await ticker.next()).toBe(true)
  const second = ticker.next()
  const first = await Promise.race([second, new Promise((resolve) => setTimeout(() => resolve('waits'), 20))])
  expect(first).toBe('waits')
  ticker.raise()
  expect(await second).toBe(true)
})

test('it looks again by itself, and ends with its signal, also while it waits', async () => {
  const over = new AbortController()
  using ticker = new Ticker({ atMostEveryMs: 0, atLeastEveryMs: 5, signal: over.signal })
  expect(await ticker.next()).toBe(true)
  using patient = new Ticker({ atMostEveryMs: NEVER_MS, atLeastEveryMs: NEVER_MS, signal: over.signal })
  patient.raise()
  expect(await patient.next()).toBe(true)
  patient.raise()
  const waiting = patient.next() // raised again, but too early
  over.abort()
  expect(await waiting).toBe(false)
  expect(await ticker.next()).toBe(false)
})
