import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

let words: typeof import('./words.ts')
let format: typeof import('./components/format.tsx')

beforeAll(async () => {
  // what a browser has and Node has not
  vi.stubGlobal('localStorage', { getItem: () => 'en', setItem: () => undefined })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }))
  words = await import('./words.ts')
  format = await import('./components/format.tsx')
})
afterAll(() => vi.unstubAllGlobals())

describe('words', () => {
  const table = { rows: ['{n} {n|row|rows} of {party}', '{party} 的 {n} 行'] } as const

  test('take values and the form that fits the number', () => {
    expect(words.told(table, 'rows', 'en', { n: 1, party: 'bank' })).toBe('1 row of bank')
    expect(words.told(table, 'rows', 'en', { n: 12_345, party: 'bank' })).toBe('12,345 rows of bank')
    expect(words.told(table, 'rows', 'zh', { n: 2, party: '银行' })).toBe('银行 的 2 行')
  })

  test('leave out what has no value, and show a key without words', () => {
    expect(words.told(table, 'rows', 'en', { n: 0 })).toBe('0 rows of ')
    expect(words.told(table, 'other', 'en')).toBe('other')
  })

  test('take what comes in a value as text, not as another place', () => {
    expect(words.told(table, 'rows', 'en', { n: 1, party: '{n}' })).toBe('1 row of {n}')
  })
})

describe('numbers with their units', () => {
  test('sizes', () => {
    expect([0, 1023, 1024, 1536, 150 * 1024, 5 * 1024 ** 3].map(format.bytesText)).toEqual([
      '0 B',
      '1,023 B',
      '1 KiB',
      '1.5 KiB',
      '150 KiB',
      '5 GiB',
    ])
  })

  test('durations, in their two largest units', () => {
    expect([0.25, 59, 60, 200, 3600, 90_061].map(format.durationText)).toEqual([
      '0.3 s',
      '59 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '1 d 1 h',
    ])
  })

  test('figures of one width, shares, times in UTC', () => {
    expect(format.figureText(0.5)).toBe('0.5000')
    expect(format.shareText(0.1234)).toBe('12.3%')
    expect(format.timeText('2026-11-22T13:38:40Z', 'utc')).toBe('2026-11-22 13:38:40 UTC')
    expect(format.timeText('never')).toBe('never')
  })
})
