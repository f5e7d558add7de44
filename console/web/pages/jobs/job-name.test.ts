import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { nameIn, withName } from './job-name.ts'

test('a name is read and written where it stands', () => {
  const text = 'version: 1\nname: 联合评分卡  # shown to all\npurpose: x\n'
  expect(nameIn(text)).toBe('联合评分卡')
  expect(withName(text, 'Q3, second try')).toBe('version: 1\nname: Q3, second try\npurpose: x\n')
  expect(withName('version: 1\n', 'a')).toBe('name: a\nversion: 1\n')
})

test.each(['a #b', '"', 'x\u2028y', '1e5', '0x1f', '0o17', '12.5', '2026-11-22', '3 parks', 'a  b', ' '])(
  'the name %j is text for YAML, and is read as it was typed',
  (name) => {
    const text = withName('name: x\n', name)
    expect(parse(text)).toEqual({ name })
    expect(nameIn(text)).toBe(name)
    expect(withName(text, 'x')).toBe('name: x\n')
  },
)

test('whatever somebody types comes back, and YAML reads the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (typed) => {
      const text = withName('version: 1\nname: x\npurpose: y\n', typed)
      expect((parse(text) as { name: unknown; purpose: unknown }).purpose).toBe('y')
      expect((parse(text) as { name: unknown }).name).toBe(typed)
      expect(nameIn(text)).toBe(typed)
    }),
    { numRuns: 300 },
  )
})
