// The answers a key may give: 256 blocks of slots, 65,536 inner products, counted key by key.
import { expect, test } from 'vitest'
import { KeyUse } from './key-use.ts'
import { SLOTS, setNamed } from './params.ts'

const usedUp = expect.objectContaining({ code: 'he.key-used-up' })

test('the 257th answer of slots is refused, and only for its key', () => {
  const use = new KeyUse()
  for (let i = 0; i < 256; i++) use.take('a', setNamed('score'), SLOTS)
  expect(() => use.take('a', setNamed('score'), SLOTS)).toThrow(usedUp)
  use.take('b', setNamed('score'), SLOTS)
})

test('a refused booking takes nothing', () => {
  const use = new KeyUse()
  const set = setNamed('gradient')
  use.take('a', set, 65_535)
  expect(() => use.take('a', set, 2)).toThrow(usedUp)
  use.take('a', set, 1)
  expect(() => use.take('a', set, 1)).toThrow(usedUp)
})
