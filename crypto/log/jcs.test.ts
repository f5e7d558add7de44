import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, MAX_CANONICAL_BYTES, MAX_CANONICAL_DEPTH, parseCanonicalJson } from './jcs.ts'

const text = (value: unknown) => Buffer.from(canonicalJson(value)).toString('utf8')
const codeOf = (call: () => unknown): string => {
  try {
    call()
  } catch (thrown) {
    return (thrown as { code: string }).code
  }
  return 'no error'
}
const parsing = (bytes: string | Uint8Array) => codeOf(() => parseCanonicalJson(Buffer.from(bytes)))

describe('RFC 8785', () => {
  test('3.2.3: names are sorted by UTF-16 code units', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '1': 'One',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    // the vector's seventh name, U+FB33, is not NFC and is refused below
    expect(
      Object.values(
        JSON.parse(
          `[${text(value)
            .slice(1, -1)
            .replaceAll(/"[^"]*":/g, '')}]`,
        ) as string[],
      ),
    ).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
    ])
    expect(text(value).startsWith('{"\\r":"Carriage Return","1":"One","\u0080"')).toBe(true)
    expect(codeOf(() => canonicalJson({ '\ufb33': 'Hebrew Letter Dalet With Dagesh' }))).toBe('log.not-canonical')
  })

  test('3.2.2: strings and literals of the example', () => {
    const string = '\u20ac$\u000f\u000aA\u0027\u0042\u0022\u005c\\"/'
    expect(text({ string, literals: [true, false] })).toBe(
      '{"literals":[true,false],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
    expect(text('\b\t\n\f\r\u001f\u007f/')).toBe('"\\b\\t\\n\\f\\r\\u001f\u007f/"')
  })

  test('empty and nested values', () => {
    expect(text({ b: [], a: {}, '': [[{ z: 1, y: -2 }]] })).toBe('{"":[[{"y":-2,"z":1}]],"a":{},"b":[]}')
    expect(text(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991')
  })
})

const name = fc
  .string({ unit: 'grapheme' })
  .map((s) => s.normalize('NFC'))
  .filter((s) => s.isWellFormed())
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    name,
    fc.boolean(),
    fc.maxSafeInteger().map((n) => n + 0),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

test('what is written is read back, and written again as the same bytes', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = canonicalJson(value)
      expect(parseCanonicalJson(bytes)).toEqual(value)
      expect(Buffer.from(canonicalJson(parseCanonicalJson(bytes)))).toEqual(bytes)
    }),
  )
})

test('any other text that means the same is refused', () => {
  fc.assert(
    fc.property(anyValue, fc.nat(), fc.constantFrom(' ', '\n', '\t', '\ufeff'), (value, at, extra) => {
      const whole = Buffer.from(canonicalJson(value)).toString('utf8')
      const points = [...whole]
      const other = [...points.slice(0, at % points.length), extra, ...points.slice(at % points.length)].join('')
      let same: unknown
      try {
        same = parseCanonicalJson(Buffer.from(other))
      } catch {
        return
      }
      expect(same).not.toEqual(value) // the mark fell inside a string: another value, canonical again
    }),
  )
})

test.each([
  ['1.5', 'log.not-canonical'],
  ['1.0', 'log.not-canonical'],
  ['1e2', 'log.not-canonical'],
  ['-0', 'log.not-canonical'],
  ['9007199254740992', 'log.not-canonical'],
  ['null', 'log.not-canonical'],
  ['{"a":null}', 'log.not-canonical'],
  ['{"b":1,"a":2}', 'log.not-canonical'],
  ['{"a":1,"a":1}', 'log.not-canonical'],
  ['{"a":1,"a":2}', 'log.not-canonical'],
  ['{"__proto__":1,"__proto__":1}', 'log.not-canonical'],
  ['"\\u0041"', 'log.not-canonical'],
  ['"\\/"', 'log.not-canonical'],
  ['"\\u001F"', 'log.not-canonical'],
  ['"\\ud800"', 'log.not-canonical'],
  ['"e\u0301"', 'log.not-canonical'],
  [' 1', 'log.not-canonical'],
  ['\ufeff1', 'log.malformed'],
  ['', 'log.malformed'],
  ['{', 'log.malformed'],
  ['{"a":1}x', 'log.malformed'],
  ['NaN', 'log.malformed'],
])('%s is refused', (bytes, code) => {
  expect(parsing(bytes)).toBe(code)
})

test('bytes that are no UTF-8, too many or too deep are refused', () => {
  expect(parsing(Buffer.from([0x22, 0xff, 0x22]))).toBe('log.malformed')
  expect(parsing(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('log.malformed') // a surrogate in UTF-8
  expect(parsing('['.repeat(MAX_CANONICAL_BYTES + 1))).toBe('log.malformed')
  expect(codeOf(() => canonicalJson('a'.repeat(MAX_CANONICAL_BYTES)))).toBe('log.not-canonical')
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  expect(parsing(nested(MAX_CANONICAL_DEPTH))).toBe('no error')
  expect(parsing(nested(MAX_CANONICAL_DEPTH + 1))).toBe('log.not-canonical')
  expect(parsing(nested(200_000))).toBe('log.not-canonical')
})

test.each([
  ['a float', 0.5],
  ['minus zero', -0],
  ['an unsafe integer', 2 ** 53],
  ['not a number', Number.NaN],
  ['null', null],
  ['undefined', undefined],
  ['a member that is undefined', { a: undefined }],
  ['a hole', [1, , 2]], // oxlint-disable-line no-sparse-arrays
  ['a lone surrogate', '\udc00'],
  ['a string that is not NFC', 'A\u030a'],
  ['a name that is not NFC', { 'A\u030a': 1 }],
  ['a date', new Date(0)],
  ['a map', new Map()],
  ['a big integer', 1n],
  ['a function', () => 1],
])('%s has no canonical form', (_, value) => {
  expect(codeOf(() => canonicalJson(value))).toBe('log.not-canonical')
})
