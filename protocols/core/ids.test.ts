import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ID_KINDS,
  IdTally,
  idCardCheckCharacter,
  type IdKind,
  normaliseId,
  shapeOf,
  usccCheckCharacter,
} from './ids.ts'

const toFullWidth = (text: string) =>
  text.replaceAll(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))

describe('USCC', () => {
  // domain.md 3.5; the first is the example of GB 32100-2015
  test.each([
    '91350100M000100Y43',
    '91320594MA1N00018T',
    '91320214MA1P00K76X',
    '91320115MA1X9YQ30T',
    '92320594MA1N00018P',
  ])('the published vector %s passes', (id) => expect(normaliseId('uscc', id)).toEqual({ id }))

  test.each([
    ['lower case', '91320594ma1n00018t'],
    ['spaces and hyphens', ' 9132-0594 MA1N\u00a00001‐8T\t'],
    ['full width', toFullWidth('91320594MA1N00018T')],
    ['a byte order mark', '\ufeff91320594MA1N00018T'],
  ])('%s comes to the same id', (_, raw) => expect(normaliseId('uscc', raw)).toEqual({ id: '91320594MA1N00018T' }))

  test('a wrong check character, an old registration number, a forbidden letter and nothing are told apart', () => {
    expect(normaliseId('uscc', '91320594MA1N00018X')).toEqual({ refused: 'check' })
    expect(normaliseId('uscc', '320594000012345')).toEqual({ refused: 'format' })
    expect(normaliseId('uscc', '91320594MA1N0001IT')).toEqual({ refused: 'format' })
    expect(normaliseId('uscc', ' - ')).toEqual({ refused: 'empty' })
    expect(normaliseId('uscc', null)).toEqual({ refused: 'empty' })
    expect(normaliseId('uscc', '9'.repeat(1_000_000))).toEqual({ refused: 'format' })
  })

  const alphabet = [...'0123456789ABCDEFGHJKLMNPQRTUWXY']
  const body = fc
    .tuple(
      fc.array(fc.constantFrom(...alphabet), { minLength: 2, maxLength: 2 }),
      fc.array(fc.constantFrom(...alphabet.slice(0, 10)), { minLength: 6, maxLength: 6 }),
      fc.array(fc.constantFrom(...alphabet), { minLength: 9, maxLength: 9 }),
    )
    .map((parts) => parts.flat().join(''))

  test('each id with its check character passes, and every change of one character is refused', () => {
    fc.assert(
      fc.property(body, fc.nat(17), fc.constantFrom(...alphabet), (first, at, other) => {
        const id = first + usccCheckCharacter(first)
        expect(normaliseId('uscc', id)).toEqual({ id })
        if (id.charAt(at) === other) return
        expect(normaliseId('uscc', id.slice(0, at) + other + id.slice(at + 1))).toHaveProperty('refused')
      }),
    )
  })
})

describe('ID card', () => {
  test('the vector of GB 11643 passes in both cases', () => {
    expect(normaliseId('id-card', '11010519491231002X')).toEqual({ id: '11010519491231002X' })
    expect(normaliseId('id-card', '110105 19491231 002x')).toEqual({ id: '11010519491231002X' })
  })

  test('check, birth date and length are refused by name', () => {
    expect(normaliseId('id-card', '110105194912310021')).toEqual({ refused: 'check' })
    const noSuchDay = '11010519490230002'
    expect(normaliseId('id-card', noSuchDay + idCardCheckCharacter(noSuchDay))).toEqual({ refused: 'format' })
    expect(normaliseId('id-card', '110105491231002')).toEqual({ refused: 'format' })
  })
})

describe('mobile', () => {
  test.each(['13900001234', '+86 139-0000-1234', '008613900001234', toFullWidth('+8613900001234')])('%s', (raw) =>
    expect(normaliseId('mobile', raw)).toEqual({ id: '13900001234' }),
  )
  test.each(['12900001234', '1390000123', '139000012345', '0512-62880000'])('%s is refused', (raw) =>
    expect(normaliseId('mobile', raw)).toEqual({ refused: 'format' }),
  )
})

describe('plain', () => {
  test('case, spaces inside and hyphens stay', () => {
    expect(normaliseId('plain', ' aB-1 2 ')).toEqual({ id: 'aB-1 2' })
    expect(normaliseId('plain', toFullWidth('42'))).toEqual({ id: '42' })
  })
  test('too long and empty are refused', () => {
    expect(normaliseId('plain', 'x'.repeat(256))).toHaveProperty('id')
    expect(normaliseId('plain', 'x'.repeat(257))).toEqual({ refused: 'format' })
    expect(normaliseId('plain', '\u3000')).toEqual({ refused: 'empty' })
  })
})

test('normalising twice changes nothing, for every kind and any text', () => {
  fc.assert(
    fc.property(fc.constantFrom<IdKind[]>(...ID_KINDS), fc.string({ unit: 'grapheme' }), (kind, raw) => {
      const once = normaliseId(kind, raw)
      if ('id' in once) expect(normaliseId(kind, once.id)).toEqual(once)
    }),
  )
})

describe('profile', () => {
  test('counts add up and rare spellings stay unsaid', () => {
    const tally = new IdTally('uscc')
    for (let i = 0; i < 25; i++) tally.add('320594000012345')
    for (let i = 0; i < 18; i++) tally.add('91320594MA1N00018T')
    tally.add('91320594MA1N00018X')
    tally.add(null)
    tally.add('')
    tally.addDuplicate()
    expect(tally.profile()).toEqual({
      total: 46,
      valid: 18,
      empty: 2,
      badFormat: 25,
      badCheck: 1,
      duplicates: 1,
      shape: [{ pattern: '9{15}', count: 25 }],
    })
  })

  test('a spelling is classes with run lengths', () => {
    expect(shapeOf('91320594MA1N00018T')).toBe('9{8}A{2}9A9{5}A')
    expect(shapeOf('ab 9-９汉')).toBe('a{2}_9-W汉')
    expect(shapeOf('1'.repeat(100))).toBe('9{64}…')
  })
})
