import { expect, test } from 'vitest'
import { Tokens } from './tokens.ts'

test('what is sealed opens once, in time, for its purpose and in this process', () => {
  let now = 0
  const tokens = new Tokens(() => now)
  const seal = () => tokens.seal('flow', { state: 'a', owner: '' }, 60)
  const first = seal()
  expect(tokens.spend('flow', first)).toEqual({ state: 'a', owner: '' })
  expect(tokens.spend('flow', first)).toBeUndefined()
  expect(tokens.spend('link', seal())).toBeUndefined()
  expect(new Tokens(() => now).spend('flow', seal())).toBeUndefined()
  const late = seal()
  now = 60_000
  expect(tokens.spend('flow', late)).toBeUndefined()
})

test('every changed or cut token is nothing', () => {
  const tokens = new Tokens()
  const bytes = Buffer.from(tokens.seal('flow', { state: 'a' }, 60), 'base64url')
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes)
    changed[i] = (changed[i] ?? 0) ^ 1
    expect(tokens.spend('flow', changed.toString('base64url'))).toBeUndefined()
    expect(tokens.spend('flow', bytes.subarray(0, i).toString('base64url'))).toBeUndefined()
  }
  expect(tokens.spend('flow', 'no token')).toBeUndefined()
  expect(tokens.spend('flow', bytes.toString('base64url'))).toEqual({ state: 'a' })
})
