// A host: features only. The first host of a job is the pivot, every other host a dealer; a round of training
// differs between the two, all the rest is here.
import type { HePool } from '#crypto/he/pool.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import type { Factor } from './cholesky.ts'
import { dealerRound } from './dealer.ts'
import { preconditioner } from './optimiser.ts'
import { pivotRound } from './pivot.ts'
import { answerHoldoutScores } from './scoring.ts'
import { partialScores } from './scores.ts'
import {
  agreeAsHost,
  initialState,
  type LrInput,
  type LrPart,
  refuseTooFewRows,
  type TrainingState,
} from './training.ts'

export function openHost(pool: HePool): RoleProgram<LrInput, TrainingState, LrPart> {
  let factor: Promise<Factor> | undefined
  return {
    async setup(task, input) {
      refuseTooFewRows(input)
      return initialState(await agreeAsHost(task, input), input.names.length)
    },
    async round(task, input, state, round) {
      if (state.trained) {
        const scores = partialScores(input.data, state.weights, input.trainRows, input.trainRows + input.holdoutRows)
        await answerHoldoutScores(task, round, scores)
        return { state, finished: true }
      }
      factor ??= preconditioner(input.data, input.trainRows, input.params.l2, new Set())
      const train = task.hosts[0] === task.self ? pivotRound : dealerRound
      return { state: await train(task, pool, input, state, await factor, round), finished: false }
    },
    async finish(_task, _input, { weights, rounds, converged }) {
      return { weights, rounds, converged }
    },
  }
}
