import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { type Candidate, screenCandidates, selectionTable, vifTable } from './screening.ts'
import { afterFit, beginStepwise, columnsToFit, type Fit, type Stepwise } from './stepwise.ts'
import { dropInflated, varianceInflation } from './vif.ts'

const matrix = (...rows: number[][]): Float64Array => Float64Array.from(rows.flat())

describe('variance inflation', () => {
  test('of two columns is 1/(1 − r²), of unrelated ones 1', () => {
    expect([...varianceInflation(matrix([1, 0.8], [0.8, 1]), 2).vif]).toEqual([
      expect.closeTo(1 / 0.36, 12),
      expect.closeTo(1 / 0.36, 12),
    ])
    expect([...varianceInflation(matrix([1, 0, 0], [0, 1, 0], [0, 0, 1]), 3).vif]).toEqual([1, 1, 1])
  })

  test('of three columns, worked by hand through R² of each on the others', () => {
    // r12 = .5, r13 = .4, r23 = .3; R²₁ = (.25 + .16 − 2·.5·.4·.3)/(1 − .09) = .29/.91
    const { vif } = varianceInflation(matrix([1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]), 3)
    expect(vif[0]).toBeCloseTo(1 / (1 - 0.29 / 0.91), 12)
    expect(vif[1]).toBeCloseTo(1 / (1 - (0.25 + 0.09 - 0.12) / 0.84), 12)
    expect(vif[2]).toBeCloseTo(1 / (1 - (0.16 + 0.09 - 0.12) / 0.75), 12)
  })

  test('a column twice needs a ridge, which is reported', () => {
    const { vif, ridge } = varianceInflation(matrix([1, 1], [1, 1]), 2)
    expect(ridge).toBeGreaterThan(0)
    expect(vif[0]).toBeGreaterThan(1e6)
  })

  test('dropping by the running inverse is the same as inverting anew', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
        (loadings) => {
          // Three factors and own noise for six columns: a correlation matrix by construction.
          const p = 6
          const load = (i: number, f: number): number => loadings[(2 * i + 5 * f) % 12]!
          const cov = (i: number, j: number): number =>
            [0, 1, 2].reduce((sum, f) => sum + load(i, f) * load(j, f), i === j ? 0.05 : 0)
          const R = Float64Array.from({ length: p * p }, (_, at) => {
            const [i, j] = [Math.floor(at / p), at % p]
            return i === j ? 1 : cov(i, j) / Math.sqrt(cov(i, i) * cov(j, j))
          })
          const { dropped, vif } = dropInflated(R, p, 3)
          const stays = [0, 1, 2, 3, 4, 5].filter((i) => dropped.every(({ column }) => column !== i))
          const again = varianceInflation(
            Float64Array.from(stays.flatMap((i) => stays.map((j) => R[i * p + j]!))),
            stays.length,
          )
          for (const [at, i] of stays.entries()) {
            expect(vif[i]).toBeCloseTo(again.vif[at]!, 6)
            expect(vif[i]).toBeLessThanOrEqual(3 + 1e-6)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  test.each([
    ['a wrong size', Float64Array.of(1, 0), 2],
    ['no ones on the diagonal', matrix([2, 0], [0, 1]), 2],
    ['a correlation above 1', matrix([1, 1.4], [1.4, 1]), 2],
    ['no symmetry', matrix([1, 0.3], [0.5, 1]), 2],
    ['what cannot be a correlation matrix', matrix([1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]), 3],
  ])('refuses %s', (_, R, p) => {
    expect(() => varianceInflation(R, p)).toThrow(PlatformError)
  })
})

const candidate = (feature: string, iv: number, more: Partial<Candidate> = {}): Candidate => ({
  party: 'TAX',
  feature,
  iv,
  ...more,
})

describe('screening', () => {
  test('every rule in its order, each drop with its value, threshold and reason', () => {
    const candidates = [
      candidate('allowed-not', 0.4, { allowed: false, missingShare: 0.99 }),
      candidate('missing', 0.4, { missingShare: 0.97 }),
      candidate('identical', 0.4, { identicalShare: 0.96 }),
      candidate('useless', 0.01),
      candidate('drifting', 0.4, { stability: 0.31 }),
      candidate('weaker-twin', 0.2),
      candidate('stronger-twin', 0.3),
      candidate('wrong-sign', 0.1, { expectedSign: -1, observedSign: 1 }),
      candidate('good', 0.15, { expectedSign: 1, observedSign: 1, missingShare: 0.1, stability: 0.02 }),
    ]
    const p = candidates.length
    const R = Float64Array.from({ length: p * p }, (_, at) => (at % (p + 1) === 0 ? 1 : 0))
    R[5 * p + 6] = R[6 * p + 5] = -0.85
    const { kept, log, vif } = screenCandidates(candidates, R)
    expect(log.map(({ feature, rule, kept: stays }) => [feature, rule, stays])).toEqual([
      ['allowed-not', 'allow_list', false],
      ['missing', 'missing', false],
      ['identical', 'identical', false],
      ['useless', 'iv', false],
      ['drifting', 'stability', false],
      ['weaker-twin', 'correlation', false],
      ['wrong-sign', 'sign', false],
      ['stronger-twin', 'kept', true],
      ['good', 'kept', true],
    ])
    expect(kept).toEqual([6, 8])
    expect(log[5]).toMatchObject({ value: -0.85, threshold: 0.7 })
    expect(log[5]!.reasonEn).toContain('stronger-twin')
    expect(log.every(({ reasonZh, reasonEn }) => reasonZh !== '' && reasonEn !== '')).toBe(true)
    expect(selectionTable(log).columns.slice(0, 6)).toEqual(['step', 'feature', 'rule', 'value', 'threshold', 'kept'])
    expect(vifTable(candidates, vif).rows.map(([feature]) => feature)).toEqual(['stronger-twin', 'wrong-sign', 'good'])
  })

  test('what others explain together falls by VIF though no pair is close', () => {
    const c = candidate
    const r = 0.69
    const { log } = screenCandidates(
      [c('a', 0.3), c('b', 0.2), c('sum', 0.1)],
      matrix([1, 0, r], [0, 1, r], [r, r, 1]),
      {
        missingShare: 1,
        identicalShare: 1,
        iv: 0,
        stability: 1,
        correlation: 0.7,
        vif: 5,
        pValue: 0.05,
      },
    )
    expect(log[0]).toMatchObject({ feature: 'sum', rule: 'vif', kept: false })
    expect(log[0]!.value).toBeCloseTo(1 / (1 - 2 * r * r), 9)
  })

  test('without correlations the other rules still decide; a pair that was not measured drops nothing', () => {
    const two = [candidate('a', 0.3), candidate('b', 0.2)]
    expect(screenCandidates(two, null).kept).toEqual([0, 1])
    expect(screenCandidates(two, matrix([1, Number.NaN], [Number.NaN, 1])).kept).toEqual([0, 1])
  })

  test('a candidate twice or a matrix of another size is refused', () => {
    expect(() => screenCandidates([candidate('a', 1), candidate('a', 1)], null)).toThrow(PlatformError)
    expect(() => screenCandidates([candidate('a', 1)], new Float64Array(4))).toThrow(PlatformError)
  })
})

describe('stepwise', () => {
  const columns = ['a', 'b', 'c'].map((feature, i) => ({
    party: 'TAX',
    feature,
    iv: 0.3 - 0.1 * i,
    requiredSign: 1 as const,
  }))
  /** Runs to the end with scripted fits. */
  const run = (fits: Readonly<Record<string, Fit>>, limits?: Parameters<typeof beginStepwise>[2]) => {
    let state: Stepwise = beginStepwise(columns, 1000, limits)
    const asked: string[] = []
    for (let fit = columnsToFit(state); fit !== null; fit = columnsToFit(state)) {
      const key = fit.map((i) => columns[i]!.feature).join('')
      asked.push(key)
      state = afterFit(state, fits[key]!)
    }
    return { asked, model: state.inside.map((i) => columns[i]!.feature), log: state.log }
  }

  test('enters by IV when significant and AIC falls; refuses the wrong sign; removes what lost its significance', () => {
    const { asked, model, log } = run({
      a: { beta: [1], stdErr: [0.2], aic: 900 },
      ab: { beta: [0.9, -0.5], stdErr: [0.2, 0.1], aic: 850 },
      ac: { beta: [0.1, 0.9], stdErr: [0.2, 0.1], aic: 800 },
      c: { beta: [1], stdErr: [0.1], aic: 802 },
    })
    expect(asked).toEqual(['a', 'ab', 'ac', 'c'])
    expect(model).toEqual(['c'])
    expect(log.map(({ feature, rule, kept }) => `${feature} ${rule} ${kept}`)).toEqual([
      'a stepwise true',
      'b sign false',
      'c stepwise true',
      'a p_value false',
    ])
  })

  test('what is not significant, and what does not lower AIC, stays outside', () => {
    const { model, log } = run({
      a: { beta: [0.1], stdErr: [0.2], aic: 900 },
      b: { beta: [1], stdErr: [0.2], aic: 1000 },
      c: { beta: [1], stdErr: [0.2], aic: 990 },
    })
    expect(model).toEqual(['c'])
    expect(log.map(({ rule }) => rule)).toEqual(['p_value', 'stepwise', 'stepwise'])
  })

  test('VIF removes, the number of fits is limited, and a fit of other columns is refused', () => {
    const inflated = { beta: [1, 1], stdErr: [0.1, 0.1], aic: 800, vif: [9, 7] }
    const one = { beta: [1], stdErr: [0.1], aic: 900 }
    const { asked, model } = run({ a: one, ab: inflated, b: one, bc: { ...inflated, vif: [2, 2], aic: 700 } })
    expect(asked).toEqual(['a', 'ab', 'b', 'bc'])
    expect(model).toEqual(['b', 'c'])
    expect(run({ a: one }, { enter: 0.05, leave: 0.1, vif: 5, steps: 1 }).asked).toEqual(['a'])
    expect(() => afterFit(beginStepwise(columns, 1000), inflated)).toThrow(PlatformError)
  })
})
