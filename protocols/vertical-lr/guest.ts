// The guest: holds the labels, one share of the scores, and its own columns with the intercept.
import type { HePool } from '#crypto/he/pool.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import type { Factor } from './cholesky.ts'
import { guestRound } from './guest-round.ts'
import { preconditioner } from './optimiser.ts'
import { collectHoldoutScores } from './scoring.ts'
import { partialScores, withIntercept } from './scores.ts'
import {
  agreeAsGuest,
  initialState,
  type LrInput,
  type LrPart,
  refuseTooFewRows,
  type TrainingState,
} from './training.ts'

export interface GuestInput extends LrInput {
  /** 0 or 1 for each row, in row order */
  readonly labels: Uint8Array
}

export interface GuestState extends TrainingState {
  /** joint log-odds of the hold-out rows, once they are scored */
  readonly holdoutScores: number[]
  readonly losses: number[]
}

/** The guest's part of the model: `weights` of its columns, then the intercept. */
export interface GuestOutput extends LrPart {
  readonly intercept: number
  readonly holdoutScores: Float64Array
  readonly losses: readonly number[]
}

export function openGuest(pool: HePool): RoleProgram<GuestInput, GuestState, GuestOutput> {
  let factor: Promise<Factor> | undefined
  return {
    async setup(task, input) {
      refuseTooFewRows(input)
      const widths = await agreeAsGuest(task, input)
      return { ...initialState(widths, input.names.length + 1), holdoutScores: [], losses: [] }
    },
    async round(task, input, state, round) {
      const data = withIntercept(input.data)
      if (state.trained) {
        const own = partialScores(data, state.weights, input.trainRows, input.trainRows + input.holdoutRows)
        const holdoutScores = [...(await collectHoldoutScores(task, round, own))]
        return { state: { ...state, holdoutScores }, finished: true }
      }
      const free = new Set([input.names.length])
      factor ??= preconditioner(data, input.trainRows, input.params.l2, free)
      return {
        state: await guestRound(task, pool, { ...input, data }, state, await factor, free, round),
        finished: false,
      }
    },
    async finish(_task, _input, { weights, rounds, converged, holdoutScores, losses }) {
      return {
        weights: weights.slice(0, -1),
        intercept: weights.at(-1)!,
        rounds,
        converged,
        losses,
        holdoutScores: Float64Array.from(holdoutScores),
      }
    },
  }
}
