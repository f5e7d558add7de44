// Which columns a model may be fitted on: the rules in their fixed order, and a log with the reason for every drop.
import { PlatformError } from '#runtime/errors.ts'
import { ivBand } from '../evaluation/features.ts'
import { type Table, tableOf } from '../evaluation/pack.ts'
import { checkCorrelation, dropInflated } from './vif.ts'

/** A column before selection; NaN or absent where something was not measured, and then no rule looks at it. */
export interface Candidate {
  readonly party: string
  readonly feature: string
  readonly iv: number
  /** false: not on the list of columns that contract and consent allow */
  readonly allowed?: boolean
  readonly missingShare?: number
  /** share of the most frequent value */
  readonly identicalShare?: number
  /** stability index of the distribution, training against the latest rows */
  readonly stability?: number
  /** what the business expects: +1 larger values are riskier, −1 smaller ones, 0 nothing */
  readonly expectedSign?: -1 | 0 | 1
  /** what the bins show over the training rows, 0 when they turn */
  readonly observedSign?: -1 | 0 | 1
}

export interface SelectionLimits {
  readonly missingShare: number
  readonly identicalShare: number
  readonly iv: number
  readonly stability: number
  readonly correlation: number
  readonly vif: number
  readonly pValue: number
}

export const SELECTION_LIMITS: SelectionLimits = {
  missingShare: 0.95,
  identicalShare: 0.95,
  iv: 0.02,
  stability: 0.1,
  correlation: 0.7,
  vif: 5,
  pValue: 0.05,
}

export type SelectionRule =
  | 'allow_list'
  | 'missing'
  | 'identical'
  | 'iv'
  | 'columns'
  | 'stability'
  | 'correlation'
  | 'vif'
  | 'sign'
  | 'p_value'
  | 'stepwise'
  | 'kept'

/** One line of `selection_log`. */
export interface SelectionEntry {
  readonly step: number
  readonly party: string
  readonly feature: string
  readonly rule: SelectionRule
  readonly value: number | null
  readonly threshold: number | null
  readonly kept: boolean
  readonly reasonZh: string
  readonly reasonEn: string
}

export const SELECTION_LOG_COLUMNS = [
  'step',
  'feature',
  'rule',
  'value',
  'threshold',
  'kept',
  'party',
  'reason_zh',
  'reason_en',
] as const

export interface Screening {
  /** positions of the candidates that stay, the highest IV first */
  readonly kept: readonly number[]
  readonly log: readonly SelectionEntry[]
  /** VIF of every candidate that stays, NaN for the others */
  readonly vif: Float64Array
  /** ridge that the VIF needed, 0 for none */
  readonly ridge: number
}

type Verdict = readonly [value: number | null, threshold: number | null, zh: string, en: string]

const pct = (share: number): string => `${(100 * share).toFixed(1)}%`

/**
 * Allow-list → missing → identical → IV → stability → correlation (the higher IV stays) → VIF → business sign.
 * @param correlation of the candidates, row-major, in their order; NaN for pairs that were not measured
 * @throws PlatformError evaluation.invalid for a candidate twice or a matrix of another size
 */
export function screenCandidates(
  candidates: readonly Candidate[],
  correlation: Float64Array | null,
  limits: SelectionLimits = SELECTION_LIMITS,
): Screening {
  const p = candidates.length
  if (new Set(candidates.map(({ party, feature }) => `${party} ${feature}`)).size !== p)
    throw new PlatformError('evaluation.invalid', { what: 'a candidate twice', candidates: p })
  if (correlation !== null && correlation.length !== p * p)
    throw new PlatformError('evaluation.invalid', { what: 'size of the correlation matrix', candidates: p })
  const log: SelectionEntry[] = []
  let alive = candidates.map((_, i) => i).sort((a, b) => candidates[b]!.iv - candidates[a]!.iv || a - b)
  const drop = (column: number, rule: SelectionRule, [value, threshold, zh, en]: Verdict): void => {
    const { party, feature } = candidates[column]!
    log.push({ step: log.length + 1, party, feature, rule, value, threshold, kept: false, reasonZh: zh, reasonEn: en })
  }
  for (const [rule, judge] of singleRules(limits)) {
    alive = alive.filter((column) => {
      const verdict = judge(candidates[column]!)
      if (verdict !== null) drop(column, rule, verdict)
      return verdict === null
    })
  }
  const vif = new Float64Array(p).fill(Number.NaN)
  let ridge = 0
  if (correlation !== null) {
    alive = dropCorrelated(alive, candidates, correlation, limits.correlation, drop)
    const inflated = dropByVif(alive, correlation, p, limits.vif, drop)
    alive = inflated.kept
    ridge = inflated.ridge
    for (const [i, column] of alive.entries()) vif[column] = inflated.vif[i]!
  }
  alive = alive.filter((column) => {
    const verdict = judgeSign(candidates[column]!)
    if (verdict !== null) drop(column, 'sign', verdict)
    return verdict === null
  })
  for (const column of alive) {
    const { party, feature, iv } = candidates[column]!
    const [reasonZh, reasonEn] = ['通过全部规则', 'passed every rule']
    log.push({
      step: log.length + 1,
      party,
      feature,
      rule: 'kept',
      value: iv,
      threshold: null,
      kept: true,
      reasonZh,
      reasonEn,
    })
  }
  return { kept: alive, log, vif, ridge }
}

/** Rules that look at one column alone, in their order; null = passes. */
function singleRules(limits: SelectionLimits): [SelectionRule, (candidate: Candidate) => Verdict | null][] {
  const above = (value: number | undefined, limit: number): value is number => value !== undefined && value > limit
  return [
    [
      'allow_list',
      ({ allowed }) =>
        allowed === false
          ? [null, null, '不在合同与授权允许的字段清单内', 'not on the list that contract and consent allow']
          : null,
    ],
    [
      'missing',
      ({ missingShare: m }) =>
        above(m, limits.missingShare)
          ? [m, limits.missingShare, `缺失率 ${pct(m)} 高于上限`, `${pct(m)} of the rows have no value`]
          : null,
    ],
    [
      'identical',
      ({ identicalShare: s }) =>
        above(s, limits.identicalShare)
          ? [s, limits.identicalShare, `${pct(s)} 的行取同一个值`, `${pct(s)} of the rows have one and the same value`]
          : null,
    ],
    [
      'iv',
      ({ iv }) =>
        iv >= limits.iv
          ? null
          : [
              iv,
              limits.iv,
              `信息值 ${iv.toFixed(4)} 过低（${ivBand(iv)}）`,
              `information value ${iv.toFixed(4)} is too low`,
            ],
    ],
    [
      'stability',
      ({ stability: s }) =>
        s !== undefined && s >= limits.stability
          ? [
              s,
              limits.stability,
              `分布稳定性指标 ${s.toFixed(3)}，分布已漂移`,
              `its distribution moved: stability index ${s.toFixed(3)}`,
            ]
          : null,
    ],
  ]
}

/** Highest IV first: a column stays when it is close to none of those that stay already. */
function dropCorrelated(
  alive: readonly number[],
  candidates: readonly Candidate[],
  correlation: Float64Array,
  limit: number,
  drop: (column: number, rule: SelectionRule, verdict: Verdict) => void,
): number[] {
  const p = candidates.length
  const kept: number[] = []
  for (const column of alive) {
    const closest = kept
      .map((other) => ({ other, r: correlation[column * p + other]! }))
      .filter(({ r }) => Math.abs(r) > limit)
      .sort((a, b) => Math.abs(b.r) - Math.abs(a.r))[0]
    if (closest === undefined) {
      kept.push(column)
      continue
    }
    const { feature } = candidates[closest.other]!
    const r = closest.r.toFixed(3)
    const zh = `与 ${feature} 的相关系数为 ${r}，后者信息值更高`
    drop(column, 'correlation', [closest.r, limit, zh, `r = ${r} with ${feature}, whose information value is higher`])
  }
  return kept
}

function dropByVif(
  alive: readonly number[],
  correlation: Float64Array,
  p: number,
  limit: number,
  drop: (column: number, rule: SelectionRule, verdict: Verdict) => void,
): { kept: number[]; vif: number[]; ridge: number } {
  if (alive.length === 0) return { kept: [], vif: [], ridge: 0 }
  const k = alive.length
  // A pair that was not measured counts as unrelated: the rule can then only drop less.
  const among = Float64Array.from({ length: k * k }, (_, at) => {
    const r = correlation[alive[Math.floor(at / k)]! * p + alive[at % k]!]!
    return Number.isNaN(r) ? 0 : r
  })
  checkCorrelation(among, k)
  const { dropped, vif, ridge } = dropInflated(among, k, limit)
  for (const { column, vif: value } of dropped) {
    const v = value.toFixed(2)
    drop(alive[column]!, 'vif', [
      value,
      limit,
      `方差膨胀因子 ${v}，可由其余变量解释`,
      `variance inflation ${v}: the others explain it`,
    ])
  }
  const stays = new Set(dropped.map(({ column }) => column))
  return {
    kept: alive.filter((_, i) => !stays.has(i)),
    vif: [...vif].filter((value) => !Number.isNaN(value)),
    ridge,
  }
}

function judgeSign({ expectedSign = 0, observedSign = 0 }: Candidate): Verdict | null {
  if (expectedSign === 0 || observedSign === 0 || expectedSign === observedSign) return null
  return [observedSign, expectedSign, '风险方向与业务预期相反', 'its direction contradicts what the business expects']
}

/** Rows of `selection_log`. */
export function selectionTable(log: readonly SelectionEntry[]): Table {
  const cells = log.map(({ step, feature, rule, value, threshold, kept, party, reasonZh, reasonEn }) => {
    return { step, feature, rule, value, threshold, kept, party, reason_zh: reasonZh, reason_en: reasonEn }
  })
  return tableOf('selection_log', SELECTION_LOG_COLUMNS, cells)
}

/** Rows of `vif` of the columns that stay. R² = 1 − 1/VIF. */
export function vifTable(candidates: readonly Candidate[], vif: Float64Array): Table {
  const cells = candidates.flatMap(({ feature, party }, i) =>
    Number.isNaN(vif[i]!) ? [] : [{ feature, vif: vif[i]!, r2: 1 - 1 / vif[i]!, party }],
  )
  return tableOf('vif', ['feature', 'vif', 'r2', 'party'], cells)
}
