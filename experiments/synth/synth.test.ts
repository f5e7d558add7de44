import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { INTERCEPT } from './applicant.ts'
import { formatValue } from './number-text.ts'
import { idCardCheckCharacter, normaliseId } from '#protocols/core/ids.ts'
import { renameRegion } from './noise.ts'
import { idCardMaker } from './people.ts'
import { permutation } from './permutation.ts'
import { drawRecord, oracleColumns, oracleRow, type SynthRecord } from './record.ts'
import { PUBLISHED_STATISTICS } from './reference/published-statistics.ts'
import { sampleFromGenerator } from './reference/sample.ts'
import { organisationCheck, usccCheck } from './uscc.ts'
import { FIRST_OUT_OF_TIME_MONTH, referenceWorld, type Scenario } from './world.ts'

const SEED = 20220101
const WORLD = referenceWorld(SEED, INTERCEPT)

function oracleText(rows: number): string {
  const lines = [oracleColumns().join(',')]
  for (let row = 0; row < rows; row++) lines.push(oracleRow(drawRecord(WORLD, row)).map(formatValue).join(','))
  return `${lines.join('\n')}\n`
}

describe('the rows', () => {
  test('are those of the reference generator, byte for byte', () => {
    expect(createHash('sha256').update(oracleText(1000)).digest('hex')).toBe(
      'a997b4ee342a0f7dd115d0b798b8c1b33f424fbc0039e37b0b73fec2718ebdc4',
    )
  })

  test('do not depend on the rows before them', () => {
    const last = oracleText(500).trimEnd().split('\n').at(-1)
    expect(oracleRow(drawRecord(WORLD, 499)).map(formatValue).join(',')).toBe(last)
  })
})

test('medians and missing shares are near the published ones already on few rows', () => {
  const { columns, sets } = sampleFromGenerator(WORLD, 8000)
  for (const { code, values } of columns) {
    const published = PUBLISHED_STATISTICS[code]!
    const development = values.filter((_, i) => sets[i]! <= 1)
    const known = development.filter((value) => !Number.isNaN(value)).toSorted()
    expect(Math.abs(100 * (1 - known.length / development.length) - published.missing), code).toBeLessThan(2.5)
    if (published.p50 === undefined) continue
    const median = known[Math.floor(known.length / 2)]!
    const tolerance = Number.isInteger(median) ? Math.max(1, 0.03 * median) : 0.08 * Math.abs(published.p50) + 0.02
    expect(Math.abs(median - published.p50), `${code}: ${median}`).toBeLessThanOrEqual(tolerance)
  }
})

describe('scenarios', () => {
  const drawAll = (scenario: Scenario) =>
    Array.from({ length: 3000 }, (_, row) => drawRecord({ ...WORLD, scenario }, row, ['tax']))
  const share = (records: readonly SynthRecord[], test: (record: SynthRecord) => boolean) =>
    records.filter(test).length / records.length

  test('severe: 60 % micro loans and 30 % of firms unknown to the tax bureau from April 2023, nothing before', () => {
    const [base, severe] = [drawAll('base'), drawAll('severe')]
    const late = severe.filter(({ applicant }) => applicant.month >= FIRST_OUT_OF_TIME_MONTH)
    expect(share(late, ({ applicant }) => applicant.micro)).toBeCloseTo(0.6, 1)
    expect(share(late, ({ covered }) => !covered.has('tax'))).toBeCloseTo(0.3, 1)
    const early = (records: readonly SynthRecord[]) =>
      records.filter(({ applicant }) => applicant.month < FIRST_OUT_OF_TIME_MONTH)
    expect(early(severe)).toEqual(early(base))
    const risk = (records: readonly SynthRecord[]) =>
      records.reduce((sum, { applicant }) => sum + applicant.trueRisk, 0)
    expect(risk(late) / late.length).toBeGreaterThan(1.5 * (risk(early(severe)) / early(severe).length))
  })

  test('none: no lock-down, no downturn, the same clientele in every month', () => {
    const records = drawAll('none')
    expect(records.every(({ applicant }) => applicant.lockdown === 0 && applicant.late === 0)).toBe(true)
    const half = (later: boolean) => records.filter(({ applicant }) => applicant.month >= 12 === later)
    const micro = (later: boolean) => share(half(later), ({ applicant }) => applicant.micro)
    expect(Math.abs(micro(true) - micro(false))).toBeLessThan(0.04)
  })
})

test('numbers have six significant digits, as the language itself would spell them', () => {
  const plain = (value: number) =>
    Math.abs(value) >= 1e6 ? String(Math.round(value)) : String(Number(value.toPrecision(6)))
  const sizes = fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -9, max: 8 }), fc.boolean())
  fc.assert(
    fc.property(sizes, ([digits, power, negative]) => {
      const value = (negative ? -1 : 1) * digits * 10 ** power
      expect(formatValue(value)).toBe(plain(value))
    }),
    { numRuns: 1000 },
  )
  const corners = [
    0, 0.5, 1, 99999.95, 999999.5, 999999.4, 0.1, 0.0001, 0.00009999995, 1.0000005, 123456.5, 0.1234565, 1e-7,
  ]
  for (const value of corners) expect(formatValue(value)).toBe(plain(value))
  expect(formatValue(Number.NaN)).toBe('')
  expect(formatValue(undefined)).toBe('')
})

describe('ID cards of legal representatives', () => {
  test('are valid by the public rule, unique, and of an area that is not assigned', () => {
    // GB 11643: the published number 11010519491231002X
    expect(idCardCheckCharacter('11010519491231002')).toBe('X')
    const make = idCardMaker(SEED)
    const numbers = Array.from({ length: 3000 }, (_, row) => make(drawRecord(WORLD, row, []).applicant))
    expect(new Set(numbers).size).toBe(numbers.length)
    for (const number of numbers) {
      expect(normaliseId('id-card', number)).toEqual({ id: number })
      expect(number).toMatch(/^999/)
    }
  })
})

describe('the codes', () => {
  test('carry the check characters of the published vectors', () => {
    for (const code of ['91320594MA1N00018T', '91320214MA1P00K76X', '91320115MA1X9YQ30T', '92320594MA1N00018P']) {
      expect(usccCheck(code.slice(0, 17))).toBe(code.at(17))
      expect(organisationCheck(code.slice(8, 16))).toBe(code.at(16))
    }
    expect(usccCheck('91350100M000100Y4')).toBe('3')
    expect(organisationCheck('D2143569')).toBe('X')
  })

  test('of a renamed region are valid and of nobody else', () => {
    const renamed = renameRegion('91320594MA1N00018T')
    expect(normaliseId('uscc', renamed)).toEqual({ id: renamed })
    expect(renamed.slice(8, 17)).toBe('MA1N00018')
    expect(renamed.slice(2, 8)).toBe('320513')
  })

  test('come from a permutation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer(), (size, seed) => {
        const walk = permutation(seed, 1, size)
        expect(new Set(Array.from({ length: size }, (_, i) => walk(i))).size).toBe(size)
      }),
      { numRuns: 50 },
    )
  })
})
