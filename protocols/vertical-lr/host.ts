// A host: features only. The first host of a job is the pivot, every other host a dealer; a round of training
// differs between the two, all the rest is here.
import type { HePool } from '#crypto/he/pool.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { prepareWorkspace, type Workspace } from './columns.ts'
import { dealerRound } from './dealer.ts'
import { informationAsHost } from './host-information.ts'
import { pivotRound } from './pivot.ts'
import { answerScores, scoredRows } from './scoring.ts'
import {
  agreeAsHost,
  initialState,
  type LrInput,
  type LrPart,
  refuseTooFewRows,
  refuseTooManyColumns,
  stageOf,
  startWeights,
  type TrainingState,
} from './training.ts'
import { waldTests } from './wald.ts'

export function openHost(pool: HePool): RoleProgram<LrInput, TrainingState, LrPart> {
  let workspace: Promise<Workspace> | undefined
  return {
    async setup(task, input) {
      refuseTooFewRows(input)
      const start = startWeights(
        input,
        input.names.map(() => 0),
      )
      const { widths, curvature } = await agreeAsHost(task, input)
      refuseTooManyColumns(input, widths)
      return initialState(widths, start, curvature)
    },
    async round(task, input, state, round) {
      const stage = stageOf(input, state)
      if (stage === 'score') {
        await answerScores(task, round, scoredRows(input, state.weights))
        return { state, finished: true }
      }
      if (stage === 'inform')
        return { state: await informationAsHost(task, pool, input, state, round), finished: false }
      workspace ??= prepareWorkspace(task, input, state.curvature, new Set())
      const train = task.hosts[0] === task.self ? pivotRound : dealerRound
      return { state: await train(task, pool, input, state, await workspace, round), finished: false }
    },
    async finish(_task, _input, { weights, rounds, converged, standardErrors }) {
      const part = { weights, rounds, converged }
      return standardErrors === undefined ? part : { ...part, tests: waldTests(weights, standardErrors) }
    },
  }
}
