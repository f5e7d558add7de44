// The guest: holds the labels, one share of the scores, and its own columns with the intercept.
import type { HePool } from '#crypto/he/pool.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { prepareWorkspace, type Workspace } from './columns.ts'
import { guestRound } from './guest-round.ts'
import { informationAsGuest } from './guest-information.ts'
import { baseCurvature } from './optimiser.ts'
import { collectScores, scoredRows } from './scoring.ts'
import { withIntercept } from './scores.ts'
import {
  agreeAsGuest,
  initialState,
  type LrInput,
  type LrPart,
  refuseTooFewRows,
  refuseTooManyColumns,
  scoredRanges,
  stageOf,
  startWeights,
  type TrainingState,
} from './training.ts'
import { type WaldTest, waldTests } from './wald.ts'

export interface GuestInput extends LrInput {
  /** 0 or 1 for each row, in row order */
  readonly labels: Uint8Array
  /** 1 for a row that counts, 0 for one that does not (a decoy, an indeterminate label); absent: all count */
  readonly weights?: Uint8Array
}

export interface GuestState extends TrainingState {
  /** joint log-odds of the scored rows, range after range, once they are scored */
  readonly scores: number[]
  readonly losses: number[]
  /** joint step since the earlier ones were last forgotten, squared (mixing.ts) */
  readonly shortest?: number
  /** after the round of the information matrix: row-major, columns in the order of GuestOutput.information */
  readonly information?: readonly number[]
}

/** The guest's part of the model: `weights` of its columns, then the intercept. */
export interface GuestOutput extends LrPart {
  readonly intercept: number
  /** where standard errors were asked for */
  readonly interceptTest?: WaldTest
  /** joint log-odds of the rows of `scored`, range after range */
  readonly scores: Float64Array
  /** those of the hold-out rows: empty unless they are among the scored rows */
  readonly holdoutScores: Float64Array
  /** mean log loss of the rows that count, by round */
  readonly losses: readonly number[]
  /**
   * Where standard errors were asked for: Σ p(1 − p)·xxᵀ over the rows that count, without penalty, row-major; columns of
   * the guest, its intercept, columns of each host in job order, `widths` columns each (the intercept is not in `widths`).
   */
  readonly information?: { readonly widths: readonly number[]; readonly matrix: readonly number[] }
}

export function openGuest(pool: HePool): RoleProgram<GuestInput, GuestState, GuestOutput> {
  let workspace: Promise<Workspace> | undefined
  return {
    async setup(task, input) {
      refuseWeights(input)
      const { curvature, effectiveRows, logOdds } = baseCurvature(input.labels, input.weights, input.trainRows)
      refuseTooFewRows(input, effectiveRows)
      const zeros = [...input.names.map(() => 0), logOdds]
      const start = startWeights(input, zeros)
      const widths = await agreeAsGuest(task, input, curvature, effectiveRows)
      refuseTooManyColumns(input, widths)
      return { ...initialState(widths, start, curvature), scores: [], losses: [] }
    },
    async round(task, input, state, round) {
      const own = { ...input, data: withIntercept(input.data) }
      const stage = stageOf(input, state)
      if (stage === 'score') {
        const scores = await collectScores(task, round, scoredRows(own, state.weights))
        return { state: { ...state, scores: [...scores] }, finished: true }
      }
      if (stage === 'inform') return { state: await informationAsGuest(task, pool, own, state, round), finished: false }
      workspace ??= prepareWorkspace(task, own, state.curvature, new Set([input.names.length]))
      return { state: await guestRound(task, pool, own, state, await workspace, round), finished: false }
    },
    async finish(_task, input, state) {
      const { weights, rounds, converged, losses } = state
      const scores = Float64Array.from(state.scores)
      const part = { weights: weights.slice(0, -1), intercept: weights.at(-1)!, rounds, converged, losses, scores }
      const holdoutScores = holdoutOf(input, scores)
      if (state.standardErrors === undefined || state.information === undefined) return { ...part, holdoutScores }
      const tests = waldTests(weights, state.standardErrors)
      return {
        ...part,
        holdoutScores,
        tests: tests.slice(0, -1),
        interceptTest: tests.at(-1)!,
        information: { widths: state.widths, matrix: state.information },
      }
    },
  }
}

/** @throws PlatformError internal.unexpected */
function refuseWeights({ weights, labels, trainRows }: GuestInput): void {
  if (weights === undefined) return
  const known = weights.length === labels.length && weights.every((weight) => weight <= 1)
  if (!known || !weights.subarray(0, trainRows).includes(1))
    throw new PlatformError('internal.unexpected', {
      expected: 'a weight of 0 or 1 for each row, not all 0',
      rows: labels.length,
    })
}

/** The part of `scores` that belongs to the hold-out rows. */
function holdoutOf(input: GuestInput, scores: Float64Array): Float64Array {
  const from = input.trainRows
  let at = 0
  for (const range of scoredRanges(input)) {
    if (range.from <= from && from + input.holdoutRows <= range.to)
      return scores.subarray(at + from - range.from, at + from - range.from + input.holdoutRows)
    at += range.to - range.from
  }
  return new Float64Array(0)
}
