import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { acceptanceTable, monotoneBands } from './acceptance.ts'
import { bandOf, bandsOf, stabilityIndex } from './bands.ts'
import { buildEvaluation } from './build.ts'
import { calibrationOf } from './calibration.ts'
import { aucOf, evaluateRanking, ksOf } from './discrimination.ts'
import { compareRuns } from './compare.ts'
import { chiSquareTail, logGamma, twoSidedNormalTail } from './distributions.ts'
import { csiTerms, featureStability, ivBand, woeTable } from './features.ts'
import { coefficientFidelity, fidelityTable, scoreFidelity } from './fidelity.ts'
import { type EvaluationFacts, type EvaluationPack, type EvaluationRows, packTables, type Table } from './pack.ts'
import { badAmongRiskiest, orderByRisk, rankingsByGroup, rankRows } from './ranking.ts'
import { fixedRandom } from './resampling.ts'
import { captureAt } from './summary.ts'
import { testRun } from './test-run.ts'

const column = (table: Table | undefined, name: string) => table!.rows.map((row) => row[table!.columns.indexOf(name)])
const lines = (table: Table | undefined, set: string): Table => ({
  ...table!,
  rows: table!.rows.filter((row) => row[table!.columns.indexOf('set')] === set),
})

describe('distributions', () => {
  test('agree with printed tables', () => {
    expect(chiSquareTail(3.841458820694124, 1)).toBeCloseTo(0.05, 12)
    expect(chiSquareTail(15.507313055865453, 8)).toBeCloseTo(0.05, 12)
    expect(chiSquareTail(2.733, 8)).toBeCloseTo(0.95, 3)
    expect(chiSquareTail(0, 4)).toBe(1)
    expect(twoSidedNormalTail(2.5758293035489004)).toBeCloseTo(0.01, 12)
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13)
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12)
  })

  test('of even degrees of freedom are the finite sum', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 80, noNaN: true }), fc.integer({ min: 1, max: 8 }), (x, half) => {
        let term = Math.exp(-x / 2)
        let sum = term
        for (let k = 1; k < half; k++) sum += term *= x / 2 / k
        expect(chiSquareTail(x, 2 * half)).toBeCloseTo(sum, 12)
      }),
    )
  })
})

describe('the order by risk', () => {
  test('of many rows is that of a stable comparison sort, with both zeros, negatives and ties', () => {
    const scores = Float64Array.from(
      { length: 5000 },
      (_, i) => [0, -0, 1e-300, -7.5, Math.sin(i) * 10 ** (i % 9)][i % 5]!,
    )
    const expected = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)
    expect([...orderByRisk(scores)]).toEqual(expected)
  })

  test('a cut through equal scores takes its share of the bad rows', () => {
    const ranking = rankRows(Float64Array.of(3, 2, 2, 2, 2, 1), Uint8Array.of(1, 1, 0, 1, 0, 0))
    expect(badAmongRiskiest(ranking, 3)).toBe(2)
    expect(captureAt(ranking, 0.5)).toBeCloseTo(2 / 3, 12)
  })

  test('groups keep the order without sorting again', () => {
    const scores = Float64Array.from({ length: 300 }, (_, i) => Math.sin(7 * i))
    const labels = Uint8Array.from({ length: 300 }, (_, i) => (Math.cos(i) > 0.5 ? 1 : 0))
    const [even, odd] = rankingsByGroup(rankRows(scores, labels), (row) => row % 2, 2)
    const of = (parity: number) => (_: number, i: number) => i % 2 === parity
    expect(aucOf(even!)).toBe(aucOf(rankRows(scores.filter(of(0)), labels.filter(of(0)))))
    expect(ksOf(odd!).value).toBe(ksOf(rankRows(scores.filter(of(1)), labels.filter(of(1)))).value)
  })
})

describe('discrimination', () => {
  test('AUC and KS do not change under a rising scale, and turn over under a falling one', () => {
    const drawn = fc.array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.boolean()), { minLength: 5, maxLength: 80 })
    fc.assert(
      fc.property(drawn, (rows) => {
        const labels = Uint8Array.from(rows, ([, bad]) => (bad ? 1 : 0))
        if (new Set(labels).size < 2) return
        const ranked = (scale: (score: number) => number) =>
          rankRows(
            Float64Array.from(rows, ([score]) => scale(score)),
            labels,
          )
        const plain = ranked((score) => score)
        expect(aucOf(ranked((score) => Math.exp(score) - 3))).toBe(aucOf(plain))
        expect(ksOf(ranked((score) => Math.exp(score) - 3)).value).toBe(ksOf(plain).value)
        expect(aucOf(ranked((score) => -score))).toBeCloseTo(1 - aucOf(plain), 12)
      }),
      { numRuns: 60 },
    )
  })

  test('the interval of many rows in slices is that of the rows drawn one by one', () => {
    const next = fixedRandom()
    const labels = Uint8Array.from({ length: 20_001 }, () => (next() < 0.15 ? 1 : 0))
    const scores = Float64Array.from(labels, (label) => next() + next() + 0.5 * label)
    const draw = (n: number) => rankRows(scores.subarray(0, n), labels.subarray(0, n))
    const one = evaluateRanking(draw(20_000))
    const sliced = evaluateRanking(draw(20_001))
    expect(sliced.ks.low).toBeCloseTo(one.ks.low, 1)
    expect((sliced.ks.high - sliced.ks.low) / (one.ks.high - one.ks.low)).toBeGreaterThan(0.75)
    expect((sliced.ks.high - sliced.ks.low) / (one.ks.high - one.ks.low)).toBeLessThan(1.3)
  })
})

describe('calibration', () => {
  const logit = (p: number): number => Math.log(p / (1 - p))

  test('Brier, log loss and ratio as scikit-learn documents them', () => {
    // brier_score_loss([0, 1, 1, 0], [.1, .9, .8, .3]) = .0375; log_loss([1, 0, 0, 1], [.9, .1, .2, .65]) = .21616…
    const brier = rankRows(Float64Array.of(0.1, 0.9, 0.8, 0.3).map(logit), Uint8Array.of(0, 1, 1, 0))
    expect(calibrationOf(brier, false).brier).toBeCloseTo(0.0375, 12)
    const loss = rankRows(Float64Array.of(0.9, 0.1, 0.2, 0.65).map(logit), Uint8Array.of(1, 0, 0, 1))
    expect(calibrationOf(loss, false).logLoss).toBeCloseTo(0.21616187468057912, 12)
    expect(calibrationOf(loss, false).ratio).toBeCloseTo(2 / 1.85, 12)
  })

  test('Hosmer-Lemeshow of two groups of equal scores, by hand', () => {
    // PD .2: 20 rows, 6 bad; PD .5: 10 rows, 4 bad. (6−4)²/(4·.8) + (4−5)²/(5·.5) = 1.25 + .4 = 1.65
    const scores = Float64Array.from({ length: 30 }, (_, i) => logit(i < 20 ? 0.2 : 0.5))
    const labels = Uint8Array.from({ length: 30 }, (_, i) => (i < 6 || (i >= 20 && i < 24) ? 1 : 0))
    const { hosmerLemeshowP, ece } = calibrationOf(rankRows(scores, labels), false)
    expect(hosmerLemeshowP).toBeCloseTo(Math.exp(-1.65 / 2), 12)
    expect(ece).toBeCloseTo((2 + 1) / 30, 12)
    expect(calibrationOf(rankRows(scores, labels), true).hosmerLemeshowP).toBeNaN()
  })
})

describe('bands and stability', () => {
  test('bands are of equal size, equal scores stay together, and every score has one', () => {
    const bands = bandsOf(
      Float64Array.from({ length: 100 }, (_, i) => i),
      10,
    )
    expect([...bands.floors]).toEqual([90, 80, 70, 60, 50, 40, 30, 20, 10, Number.NEGATIVE_INFINITY])
    expect([1e9, 90, 89.9, 10, 9.9, -1e9].map((score) => bandOf(bands, score))).toEqual([0, 0, 1, 8, 9, 9])
    expect(bandsOf(Float64Array.of(1, 1, 1, 1), 10).floors).toHaveLength(1)
    expect(bandsOf(Float64Array.of(2, 1, 1, 1), 2).floors).toHaveLength(1)
  })

  test('the stability index of a worked example, symmetric, 0 for equal shares', () => {
    // (.6 − .5)·ln(.6/.5) + (.4 − .5)·ln(.4/.5) = .0182322 + .0223144
    expect(stabilityIndex(Float64Array.of(50, 50), Float64Array.of(60, 40))).toBeCloseTo(0.0405465108, 9)
    expect(stabilityIndex(Float64Array.of(60, 40), Float64Array.of(500, 500))).toBeCloseTo(0.0405465108, 9)
    expect(stabilityIndex(Float64Array.of(1, 3), Float64Array.of(10, 30))).toBeCloseTo(0, 12)
    expect([...csiTerms(Float64Array.of(50, 0, 50), Float64Array.of(60, 0, 40))]).toEqual([
      expect.closeTo(0.0182321557, 9),
      0,
      expect.closeTo(0.0223143551, 9),
    ])
  })

  test('a unit change of one party is found in its own feature', () => {
    const bins = [0, 1, 2].map((bin) => ({ bin, label: `${bin}`, special: false, woe: 0 }))
    const counts = [{ train: [100, 100, 100], oot: [290, 5, 5] }].map(({ train, oot }) =>
      bins.map((of, i) => ({
        ...of,
        counts: { train: { n: train[i]!, bad: 1, good: 1 }, oot: { n: oot[i]!, bad: 1, good: 1 } },
      })),
    )
    const feature = { party: 'PARK2', feature: 'K.F04', iv: 0.1, bins: counts[0]! }
    expect(featureStability(feature, 'train', 'oot')).toBeGreaterThan(1)
    expect(featureStability(feature, 'train', 'recent')).toBeNaN()
  })

  test('bins that their owner permuted have no direction', () => {
    const counts = { train: { n: 9, bad: 3, good: 6 } }
    const bins = [-1, 0, 1].map((woe, bin) => ({ bin, label: `${bin}`, special: false, woe, counts }))
    const feature = { party: 'TAX', feature: 'F', iv: 0.1, bins, expectedSign: 1 as const }
    expect(column(woeTable([feature], 'train', 1), 'expected_sign_ok')).toEqual([true, true, true])
    const permuted = woeTable([{ ...feature, ordered: false }], 'train', 1)
    expect([...column(permuted, 'expected_sign_ok'), ...column(permuted, 'monotonic')]).toEqual(Array(6).fill(null))
  })

  test('the bands of IV', () => {
    expect([0.01, 0.02, 0.1, 0.3, 0.5, 0.51].map(ivBand)).toEqual(
      ['useless', 'weak', 'medium', 'strong', 'strong', 'check_leakage'], // at .5 still strong
    )
  })
})

test('acceptance: what was not measured neither passes nor fails', () => {
  const measured = { auc: 0.8, ks: 0.4, stability: 0.02, calibrationRatio: 1.3, bandRates: [0.3, 0.2, 0.2, 0.1] }
  const table = acceptanceTable(
    new Map([
      ['train', measured],
      ['holdout', { ...measured, ks: 0.29 }],
    ]),
  )
  expect(Object.fromEntries(column(table, 'check').map((check, i) => [check, column(table, 'pass')[i]]))).toEqual({
    ks_holdout: false,
    ks_oot: null,
    ks_gap_train_holdout: false,
    auc_drop_train_oot: null,
    score_stability: true,
    calibration_ratio: false,
    monotone_bands: false,
  })
  expect(monotoneBands([0.3, 0.2, 0.2, 0.1])).toBe(3)
})

describe('fidelity', () => {
  test('of scores: AUC, KS and the row that differs most', () => {
    const { rows } = testRun(500)
    const moved = rows.scores.map((score, i) => score + (i === 7 ? 0.5 : 0.001))
    const facts = scoreFidelity(moved, rows.scores, rows.labels)
    expect(facts.map(({ metric }) => metric)).toEqual(['auc', 'ks', 'max_abs_diff_log_odds'])
    expect(facts[2]!.federated - facts[2]!.centralised).toBeCloseTo(0.5, 12)
    expect(column(fidelityTable(facts), 'pass').at(-1)).toBe(false)
    expect(column(fidelityTable(scoreFidelity(rows.scores, rows.scores, rows.labels)), 'pass')).toEqual([
      true,
      true,
      true,
    ])
  })

  test('of coefficients and standard errors', () => {
    const facts = coefficientFidelity({ beta: [1, 0.502], stdErr: [0.1, 0.21] }, { beta: [1, 0.5], stdErr: [0.1, 0.2] })
    expect(column(fidelityTable(facts), 'diff').map(Number)).toEqual([
      expect.closeTo(0.002, 9),
      expect.closeTo(0.05, 9),
    ])
    expect(column(fidelityTable(facts), 'pass')).toEqual([true, false])
    expect(() => coefficientFidelity({ beta: [1] }, { beta: [] })).toThrow(PlatformError)
    expect(() => scoreFidelity(new Float64Array(1), new Float64Array(2), new Int8Array(1))).toThrow(PlatformError)
  })
})

describe('a whole run', () => {
  const facts = testRun(8000)
  const pack = buildEvaluation(facts)
  const tables = packTables(pack)

  test('survives JSON, and every cell is in a column', () => {
    expect(JSON.parse(JSON.stringify(pack))).toEqual(pack)
    for (const { name, columns, rows } of tables.values()) {
      expect(new Set(columns).size, name).toBe(columns.length)
      for (const row of rows) expect(row, name).toHaveLength(columns.length)
    }
  })

  test('the columns of the specification come first, in its order', () => {
    const first = (name: string, n: number) => tables.get(name)!.columns.slice(0, n).join(' ')
    expect(first('summary', 10)).toBe('set n bad bad_rate auc gini ks ks_at_score lift_top5 lift_top10')
    expect(first('psi', 7)).toBe('band expected_pct actual_pct diff ln_ratio psi_i total')
    expect(first('csi', 7)).toBe('feature party bin dev_pct now_pct csi_i point_shift')
    expect(first('oot_monthly', 8)).toBe('vintage n bad_rate auc ks psi mean_pd calibration_ratio')
    expect(first('segment', 7)).toBe('dimension value n bad_rate auc ks calibration_ratio')
    expect(first('federation_fidelity', 6)).toBe('metric federated centralised diff tolerance pass')
    expect(first('iv_ranking', 10)).toBe(
      'rank party feature iv iv_band missing_pct psi_oot corr_max selected reject_reason',
    )
  })

  test('score bands add up, fall in risk, and are of equal size on the training rows', () => {
    const train = lines(tables.get('score_band'), 'train')
    const n = column(train, 'n').map(Number)
    const labelled = [...facts.rows.labels.subarray(0, facts.rows.sets[0]!.rows)].filter((label) => label >= 0).length
    expect(n.reduce((a, b) => a + b, 0)).toBe(labelled)
    expect(Math.max(...n) - Math.min(...n)).toBeLessThan(25)
    expect(column(train, 'cum_bad_pct').at(-1)).toBeCloseTo(1, 12)
    const rates = column(train, 'bad_rate').map(Number)
    expect(rates[0]).toBeGreaterThan(5 * rates[9]!)
    const [lowest, highest] = ['score_lo', 'score_hi'].map((name) => column(train, name).map(Number))
    for (let b = 0; b < 10; b++) expect(lowest![b]).toBeLessThanOrEqual(highest![b]!)
    for (let b = 1; b < 10; b++) expect(highest![b - 1]).toBeLessThanOrEqual(lowest![b]!)
  })

  test('months, segments and quadrants add up to their sets', () => {
    const summary = lines(tables.get('summary'), 'oot')
    const n = Number(column(summary, 'n')[0])
    const sum = (table: Table) => column(table, 'n').reduce((a: number, b) => a + Number(b), 0)
    expect(sum(lines(tables.get('oot_monthly'), 'oot'))).toBe(n)
    expect(sum(lines(tables.get('segment'), 'oot'))).toBe(n)
    expect(sum(lines(tables.get('swap_set'), 'oot'))).toBe(facts.rows.sets[2]!.rows)
    const swap = lines(tables.get('swap_set'), 'oot')
    expect(column(swap, 'n')[1]).toBe(column(swap, 'n')[2])
    expect(Number(column(swap, 'bad_rate')[1])).toBeLessThan(Number(column(swap, 'bad_rate')[2]))
  })

  test('recent rows without labels are in the stability only', () => {
    expect(lines(tables.get('summary'), 'recent').rows).toEqual([])
    expect(lines(tables.get('psi'), 'recent').rows).toHaveLength(10)
    expect(pack.series.map(({ set }) => set)).toEqual(['train', 'holdout', 'oot'])
  })

  test('PDs and log-odds of the same rows give the same tables', () => {
    const small = testRun(2000)
    const bare = { run: small.run, rows: { ...small.rows } }
    const pd = small.rows.scores.map((z) => 1 / (1 + Math.exp(-z)))
    const asPd = buildEvaluation({ ...bare, rows: { ...small.rows, scores: pd, scoreKind: 'pd' } })
    const asLogOdds = packTables(buildEvaluation(bare))
    const auc = (table: Table | undefined) => column(table, 'auc')
    expect(auc(packTables(asPd).get('summary'))).toEqual(auc(asLogOdds.get('summary')))
  })

  test('decoys and rows that were not scored are in no table', () => {
    const small = testRun(2000)
    const included = Uint8Array.from({ length: 2000 }, (_, i) => (i % 10 === 0 ? 0 : 1))
    const scores = small.rows.scores.map((score, i) => (i % 10 === 1 ? Number.NaN : score))
    const built = buildEvaluation({ run: small.run, rows: { ...small.rows, included, scores } })
    const actual = column(lines(packTables(built).get('psi'), 'recent'), 'actual_pct').map(Number)
    expect(actual.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
    const n = column(packTables(built).get('oot_monthly'), 'n_scored').reduce((a: number, b) => a + Number(b), 0)
    expect(n).toBe(1600)
  })
})

test('two runs side by side', () => {
  const [one, other] = [2000, 3000].map((n, i) => {
    const { run, rows } = testRun(n)
    return buildEvaluation({ run: { ...run, jobId: `run-${i}` }, rows })
  }) as [EvaluationPack, EvaluationPack]
  const table = compareRuns([one, other])
  const auc = lines(table, 'holdout').rows.filter(([metric]) => metric === 'auc')
  expect(auc.map((row) => row[2])).toEqual(['run-0', 'run-1'])
  expect(auc[0]![6]).toBe(0)
  expect(auc[1]![6]).toBeCloseTo(Number(auc[1]![3]) - Number(auc[0]![3]), 12)
  expect(Number(auc[1]![4])).toBeLessThan(Number(auc[1]![3]))
  expect(() => compareRuns([one])).toThrow(PlatformError)
})

describe('is refused with evaluation.invalid:', () => {
  const base = testRun(200)
  const codeOf = (facts: EvaluationFacts): string => {
    try {
      buildEvaluation(facts)
    } catch (thrown) {
      return thrown instanceof PlatformError ? thrown.code : String(thrown)
    }
    return 'nothing refused'
  }
  const changed = (rows: Partial<EvaluationRows>): EvaluationFacts => ({
    run: base.run,
    rows: { ...base.rows, ...rows },
  })
  test.each<[string, EvaluationFacts]>([
    ['sets that do not cover the rows', changed({ sets: [{ name: 'train', rows: 3 }] })],
    [
      'two sets of one name',
      changed({
        sets: [
          { name: 'a', rows: 100 },
          { name: 'a', rows: 100 },
        ],
      }),
    ],
    ['labels of another length', changed({ labels: new Int8Array(3) })],
    ['a label 2', changed({ labels: new Int8Array(200).fill(2) })],
    ['an infinite score', changed({ scores: new Float64Array(200).fill(Infinity) })],
    ['a PD above 1', changed({ scores: new Float64Array(200).fill(1.5), scoreKind: 'pd' })],
    ['a month 13', changed({ months: new Int32Array(200).fill(202213) })],
    [
      'a segment code without value',
      changed({ segments: [{ dimension: 'd', values: ['x'], codes: new Uint16Array(200).fill(1) }] }),
    ],
    ['no rows', changed({ sets: [], scores: new Float64Array(0), labels: new Int8Array(0) })],
    ['a coalition of other rows', { ...base, coalitions: [{ partners: [], scores: new Float64Array(3) }] }],
    ['a champion of other rows', { ...base, champion: { name: 'old', scores: new Float64Array(3) } }],
    ['everybody approved', { ...base, approval: 1 }],
    ['a broken scale', { ...base, scaling: { baseScore: 600, baseOdds: 0, pdo: 20, low: 300, high: 850 } }],
  ])('%s', (_, facts) => expect(codeOf(facts)).toBe('evaluation.invalid'))
})
