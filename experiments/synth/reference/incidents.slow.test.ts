// The planted incidents as monitoring sees them: stability (稳定性) of a column over ten quantile bins of the months
// before, per party and pooled.
import { describe, expect, test } from 'vitest'
import { assignBins, binCount } from '#credit/bins.ts'
import { stability } from '#credit/woe.ts'
import { INTERCEPT } from '../applicant.ts'
import { drawRecord, type SynthRecord } from '../record.ts'
import { referenceWorld } from '../world.ts'
import { quantileCuts } from './woe-lr.ts'

const APPLICATIONS = 60_000

describe.each([
  ['on', true],
  ['off', false],
] as const)('defects %s', (_, defects) => {
  const world = { ...referenceWorld(20220101, INTERCEPT), defects }
  const records = Array.from({ length: APPLICATIONS }, (__, row) => drawRecord(world, row, ['social', 'parks']))

  function shift(
    column: string,
    inBase: (record: SynthRecord) => boolean,
    inCurrent: (record: SynthRecord) => boolean,
  ): number {
    const valuesOf = (test: (record: SynthRecord) => boolean) =>
      Float64Array.from(
        records.filter((record) => record.values[column] !== undefined && test(record)),
        ({ values }) => values[column]!,
      )
    const [base, current] = [valuesOf(inBase), valuesOf(inCurrent)]
    const bins = { cuts: quantileCuts(base), specials: [] }
    const counts = (values: Float64Array) => {
      const n = new Array<number>(binCount(bins)).fill(0)
      for (const bin of assignBins(values, undefined, bins)) n[bin]! += 1
      return n
    }
    return stability(counts(base), counts(current))
  }

  test('electricity: park 2 stands out, the other parks do not, and pooled it is hardly seen', () => {
    const early = ({ applicant }: SynthRecord) => applicant.month < 15
    const late = ({ applicant }: SynthRecord) => applicant.month >= 18
    const at = (park: number) =>
      shift(
        'k_elec',
        (record) => early(record) && record.values['park'] === park,
        (record) => late(record) && record.values['park'] === park,
      )
    const pooled = shift('k_elec', early, late)
    expect(at(1)).toBeLessThan(0.05)
    expect(at(3)).toBeLessThan(0.05)
    if (defects) {
      expect(at(2)).toBeGreaterThan(5)
      expect(pooled).toBeLessThan(at(2) / 5)
    } else {
      expect(at(2)).toBeLessThan(0.05)
      expect(pooled).toBeLessThan(0.05)
    }
  })

  test('months of arrears: the months of the deferral policy against those after it', () => {
    const deferral = ({ applicant }: SynthRecord) => applicant.month >= 4 && applicant.month <= 14
    const after = ({ applicant }: SynthRecord) => applicant.month > 14
    const value = shift('s_arr', deferral, after)
    if (defects) expect(value).toBeGreaterThan(0.5)
    else expect(value).toBeLessThan(0.02)
  })
})
