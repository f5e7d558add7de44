// A small made-up run for tests: a bank and four partners whose models see more of the risk the more of them there are.
import { DEFAULT_SCALING } from '../scorecard/scaling.ts'
import { allCoalitions } from '../value/coalitions.ts'
import type { EvaluationFacts, FeatureFacts } from './pack.ts'
import { fixedRandom } from './resampling.ts'

export const PARTNERS = ['TAX', 'SS', 'PROP', 'PARK'] as const
/** How much of the log-odds each party's features explain. */
const STRENGTH: Readonly<Record<string, number>> = { BANK: 0.9, TAX: 0.75, SS: 0.65, PROP: 0.6, PARK: 0.35 }
const NAMES: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  BANK: ['银行', 'Bank'],
  TAX: ['税务', 'Tax'],
  SS: ['社保', 'Social security'],
  PROP: ['不动产登记', 'Property registry'],
  PARK: ['产业园区', 'Industrial park'],
}

/** @param n rows: half train, a quarter hold-out, a fifth out-of-time, the rest recent and without labels */
export function testRun(n: number): EvaluationFacts {
  const next = fixedRandom()
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const parties = Object.keys(STRENGTH)
  const cuts = [0.5, 0.75, 0.95, 1].map((share) => Math.round(share * n))
  const sets = ['train', 'holdout', 'oot', 'recent'].map((name, i) => ({ name, rows: cuts[i]! - (cuts[i - 1] ?? 0) }))
  const seen = parties.map(() => new Float64Array(n))
  const labels = new Int8Array(n)
  const months = new Int32Array(n)
  const limits = new Float64Array(n)
  const city = new Uint16Array(n)
  for (let i = 0; i < n; i++) {
    const late = i >= cuts[1]! ? (i >= cuts[2]! ? 2 : 1) : 0
    let z = -2.6 + 0.25 * late
    for (const [p, column] of seen.entries()) {
      column[i] = STRENGTH[parties[p]!]! * normal()
      z += column[i]!
    }
    labels[i] = next() < 1 / (1 + Math.exp(-z)) ? 1 : 0
    if (late === 2 || next() < 0.01) labels[i] = -1
    const month =
      late === 0 ? Math.floor(next() * 15) : late === 1 ? 15 + Math.floor(next() * 6) : 21 + Math.floor(next() * 3)
    months[i] = 202201 + (month % 12) + 100 * Math.floor(month / 12)
    limits[i] = Math.round(20 + 100 * next())
    city[i] = Math.floor(next() * next() * 5)
  }
  const scoresOf = (partners: readonly string[]): Float64Array => {
    const members = parties.map((party, p) => (party === 'BANK' || partners.includes(party) ? seen[p]! : undefined))
    const hidden = parties.reduce((sum, party, p) => sum + (members[p] ? 0 : STRENGTH[party]! ** 2), 0)
    const shrink = 1 / Math.sqrt(1 + hidden / 2.9)
    return Float64Array.from({ length: n }, (_, i) =>
      members.reduce((sum, column) => sum + shrink * (column?.[i] ?? 0), -2.6 * shrink),
    )
  }
  return {
    run: {
      title: { zh: '小微企业申请评分卡', en: 'Application scorecard, small and micro enterprises' },
      jobId: 'test-run',
      guest: 'BANK',
      parties: parties.map((party) => ({ party, name: { zh: NAMES[party]![0], en: NAMES[party]![1] } })),
      createdAt: '2024-03-01T08:00:00.000Z',
      algorithm: 'WOE + LR',
      synthetic: true,
    },
    rows: {
      sets,
      scores: scoresOf(PARTNERS),
      scoreKind: 'log-odds',
      labels,
      months,
      limits,
      segments: [{ dimension: 'city', values: ['南京', '苏州', '无锡', '常州', '南通'], codes: city }],
    },
    scaling: DEFAULT_SCALING,
    coalitions: allCoalitions(PARTNERS).map((partners) => ({ partners, scores: scoresOf(partners) })),
    costs: PARTNERS.map((party, i) => ({ party, bytes: (i + 1) * 45e6, seconds: 30 + 12 * i })),
    champion: { name: 'bank-only', scores: scoresOf([]) },
    features: parties.flatMap((party, p) => [0, 1].map((f) => featureOf(party, f, seen[p]!, labels, sets))),
    intercept: -2.6,
    coefficients: parties.flatMap((party) =>
      [0, 1].map((f) => ({
        party,
        feature: `${party}.F0${f + 1}`,
        beta: f === 0 ? 0.92 : 0.11,
        stdErr: f === 0 ? 0.03 : 0.05,
        columnStd: STRENGTH[party]!,
        vif: 1.2 + 0.3 * f,
        signOk: true,
      })),
    ),
    fidelity: [
      { metric: 'auc_holdout', federated: 0.80912, centralised: 0.80915, tolerance: 1e-3 },
      { metric: 'max_abs_beta', federated: 0.0011, centralised: 0, tolerance: 5e-3 },
    ],
  }
}

/** Eight bins of one party's column (or of a noisy copy), with a bin for what is missing. */
function featureOf(
  party: string,
  copy: number,
  column: Float64Array,
  labels: Int8Array,
  sets: readonly { readonly name: string; readonly rows: number }[],
): FeatureFacts {
  const strength = STRENGTH[party]!
  const edges = [-1.15, -0.67, -0.32, 0, 0.32, 0.67, 1.15].map((edge) => edge * strength * (copy === 0 ? 1 : 1.2))
  const counts = Array.from({ length: 9 }, () => new Map(sets.map(({ name }) => [name, { n: 0, bad: 0, good: 0 }])))
  let from = 0
  for (const { name, rows } of sets) {
    for (let i = from; i < from + rows; i++) {
      const value = column[i]! + (copy === 0 ? 0 : Math.sin(i * 12.9898) * strength)
      const bin = party !== 'BANK' && i % 11 === 0 ? 8 : edges.filter((edge) => value >= edge).length
      const count = counts[bin]!.get(name)!
      count.n++
      if (labels[i] === 1) count.bad++
      if (labels[i] === 0) count.good++
    }
    from += rows
  }
  const train = counts.map((of) => of.get('train')!)
  const bad = train.reduce((sum, of) => sum + of.bad, 0)
  const good = train.reduce((sum, of) => sum + of.good, 0)
  const woe = train.map((of) => (of.bad > 0 && of.good > 0 ? Math.log(of.bad / bad / (of.good / good)) : 0))
  return {
    party,
    feature: `${party}.F0${copy + 1}`,
    iv: train.reduce((sum, of, i) => sum + (of.bad / bad - of.good / good) * woe[i]!, 0),
    expectedSign: 1,
    missingPct: train[8]!.n / sets[0]!.rows,
    selected: copy === 0,
    ...(copy === 0 ? {} : { rejectReason: 'correlation' }),
    corrMax: 0.35 + 0.4 * copy,
    bins: counts.map((of, bin) => ({
      bin,
      label: bin === 8 ? 'missing' : `bin ${bin + 1}/8`,
      special: bin === 8,
      woe: woe[bin]!,
      counts: Object.fromEntries(of),
    })),
  }
}
