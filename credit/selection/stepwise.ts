// Stepwise selection as a state machine: it says which model to fit next, and learns from each fit what to do then.
import { PlatformError } from '#runtime/errors.ts'
import { twoSidedNormalTail } from '../evaluation/distributions.ts'
import type { SelectionEntry, SelectionRule } from './screening.ts'

export interface StepwiseCandidate {
  readonly party: string
  readonly feature: string
  readonly iv: number
  /** sign that the coefficient must have: +1 on WOE columns, 0 for either */
  readonly requiredSign: -1 | 0 | 1
}

export interface StepwiseLimits {
  /** a column enters below this p-value … */
  readonly enter: number
  /** … and leaves above this one */
  readonly leave: number
  readonly vif: number
  /** fits at most */
  readonly steps: number
}

export const STEPWISE_LIMITS: StepwiseLimits = { enter: 0.05, leave: 0.1, vif: 5, steps: 30 }

/** What a fit of the columns asked for found, in their order. */
export interface Fit {
  readonly beta: readonly number[]
  readonly stdErr: readonly number[]
  /** −2·ln likelihood + 2·(columns + 1); lower is better */
  readonly aic: number
  readonly vif?: readonly number[]
}

/** Plain data: can be stored between fits and taken up again. */
export interface Stepwise {
  readonly candidates: readonly StepwiseCandidate[]
  readonly limits: StepwiseLimits
  /** positions of the candidates in the model */
  readonly inside: readonly number[]
  /** still to be tried, the highest IV first */
  readonly waiting: readonly number[]
  /** the column whose entry the next fit decides; null when the next fit follows a removal, or is the last */
  readonly trying: number | null
  readonly aic: number
  /** of the model with nothing but an intercept */
  readonly nullAic: number
  readonly fits: number
  readonly log: readonly SelectionEntry[]
  readonly done: boolean
}

/**
 * Begins with the empty model. @param nullAic AIC of the model with nothing but an intercept
 * @throws PlatformError evaluation.invalid without candidates
 */
export function beginStepwise(
  candidates: readonly StepwiseCandidate[],
  nullAic: number,
  limits: StepwiseLimits = STEPWISE_LIMITS,
): Stepwise {
  if (candidates.length === 0 || !Number.isFinite(nullAic))
    throw new PlatformError('evaluation.invalid', { what: 'stepwise selection', candidates: candidates.length })
  const order = candidates.map((_, i) => i).sort((a, b) => candidates[b]!.iv - candidates[a]!.iv || a - b)
  return tryNext({
    candidates,
    limits,
    inside: [],
    waiting: order,
    trying: null,
    aic: nullAic,
    nullAic,
    fits: 0,
    log: [],
    done: false,
  })
}

/** Positions of the candidates to fit now; null when the selection is finished and `inside` is the model. */
export function columnsToFit(state: Stepwise): readonly number[] | null {
  if (state.done) return null
  return state.trying === null ? state.inside : [...state.inside, state.trying]
}

/** The state after a fit of `columnsToFit(state)`. @throws PlatformError evaluation.invalid for a fit of other columns */
export function afterFit(state: Stepwise, fit: Fit): Stepwise {
  const columns = columnsToFit(state)
  if (columns === null || fit.beta.length !== columns.length || fit.stdErr.length !== columns.length)
    throw new PlatformError('evaluation.invalid', { what: 'a fit of other columns', columns: columns?.length ?? 0 })
  const fitted = { ...state, fits: state.fits + 1 }
  return state.trying === null ? removeWorst({ ...fitted, aic: fit.aic }, fit) : judgeEntry(fitted, state.trying, fit)
}

function judgeEntry(state: Stepwise, trying: number, fit: Fit): Stepwise {
  const { enter } = state.limits
  const p = pValue(fit, fit.beta.length - 1)
  const sign = Math.sign(fit.beta.at(-1)!)
  const required = state.candidates[trying]!.requiredSign
  if (required !== 0 && sign !== required)
    return tryNext(
      logged(
        state,
        trying,
        'sign',
        sign,
        required,
        false,
        '系数符号与业务方向相反',
        'its coefficient has the wrong sign',
      ),
    )
  if (!(p < enter))
    return tryNext(
      logged(
        state,
        trying,
        'p_value',
        p,
        enter,
        false,
        `p 值 ${p.toFixed(4)} 不显著`,
        `p = ${p.toFixed(4)}: not significant`,
      ),
    )
  if (!(fit.aic < state.aic))
    return tryNext(logged(state, trying, 'stepwise', fit.aic, state.aic, false, 'AIC 没有下降', 'AIC does not fall'))
  const entered = logged(
    state,
    trying,
    'stepwise',
    p,
    enter,
    true,
    `入模，p 值 ${p.toPrecision(3)}`,
    `enters with p = ${p.toPrecision(3)}`,
  )
  return removeWorst({ ...entered, inside: [...state.inside, trying], trying: null, aic: fit.aic }, fit)
}

/** Takes out the worst offender of the fitted model and asks for a fit without it, or goes on to the next candidate. */
function removeWorst(state: Stepwise, fit: Fit): Stepwise {
  const { leave, vif: mostVif } = state.limits
  const offences = state.inside.flatMap((column, i): Offence[] => {
    const p = pValue(fit, i)
    const required = state.candidates[column]!.requiredSign
    const sign = Math.sign(fit.beta[i]!)
    const vif = fit.vif?.[i] ?? 1
    if (required !== 0 && sign !== required)
      return [
        {
          column,
          rule: 'sign',
          value: sign,
          limit: required,
          rank: 3 + p,
          zh: '系数符号翻转',
          en: 'its sign turned over',
        },
      ]
    if (!(p <= leave))
      return [
        {
          column,
          rule: 'p_value',
          value: p,
          limit: leave,
          rank: 2 + p,
          zh: `p 值升至 ${p.toFixed(4)}`,
          en: `p rose to ${p.toFixed(4)}`,
        },
      ]
    if (vif > mostVif)
      return [
        {
          column,
          rule: 'vif',
          value: vif,
          limit: mostVif,
          rank: 1 + 1 - 1 / vif,
          zh: `方差膨胀因子 ${vif.toFixed(2)}`,
          en: `variance inflation ${vif.toFixed(2)}`,
        },
      ]
    return []
  })
  const worst = offences.sort((a, b) => b.rank - a.rank)[0]
  if (worst === undefined) return tryNext(state)
  const { column, rule, value, limit, zh, en } = worst
  const without = logged(state, column, rule, value, limit, false, `移出模型：${zh}`, `leaves the model: ${en}`)
  const inside = state.inside.filter((other) => other !== column)
  if (inside.length === 0) return tryNext({ ...without, inside, aic: state.nullAic })
  return { ...without, inside, trying: null, done: state.fits >= state.limits.steps }
}

interface Offence {
  readonly column: number
  readonly rule: SelectionRule
  readonly value: number
  readonly limit: number
  /** signs before p-values before VIF */
  readonly rank: number
  readonly zh: string
  readonly en: string
}

function tryNext(state: Stepwise): Stepwise {
  const [next, ...waiting] = state.waiting
  if (next === undefined || state.fits >= state.limits.steps) return { ...state, trying: null, done: true }
  return { ...state, trying: next, waiting }
}

function pValue(fit: Fit, i: number): number {
  return twoSidedNormalTail(fit.beta[i]! / fit.stdErr[i]!)
}

function logged(
  state: Stepwise,
  column: number,
  rule: SelectionRule,
  value: number,
  threshold: number,
  kept: boolean,
  reasonZh: string,
  reasonEn: string,
): Stepwise {
  const { party, feature } = state.candidates[column]!
  const entry = { step: state.log.length + 1, party, feature, rule, value, threshold, kept, reasonZh, reasonEn }
  return { ...state, log: [...state.log, entry] }
}
