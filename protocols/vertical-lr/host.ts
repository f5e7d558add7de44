// A host: features only. The first host of a job is the pivot, every other host a dealer; a round of training
// differs between the two, all the rest is here.
import type { HePool } from '#crypto/he/pool.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { prepareWorkspace, type Workspace } from './columns.ts'
import { dealerRound } from './dealer.ts'
import { informationAsHost } from './host-information.ts'
import { pivotRound } from './pivot.ts'
import { answerScores, scoredRows } from './scoring.ts'
import { joinGroup, Member } from './member.ts'
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
  let opened: Promise<Opened> | undefined
  return {
    async setup(task, input) {
      refuseTooFewRows(input)
      const start = startWeights(
        input,
        input.names.map(() => 0),
      )
      const { widths, curvature } = await agreeAsHost(task, input)
      refuseTooManyColumns(input, widths)
      const group = await joinGroup(task, input)
      return { ...initialState(widths, start, curvature), ...(group === undefined ? {} : { group }) }
    },
    async round(task, given, state, round) {
      opened ??= openInput(task, given, state)
      const { input, member, workspace } = await opened
      const stage = stageOf(input, state)
      if (stage === 'score') {
        await member?.compareWeights(round, state.weights)
        await answerScores(task, round, scoredRows(input, state.weights))
        return { state, finished: true }
      }
      if (stage === 'inform')
        return { state: await informationAsHost(task, pool, input, state, round), finished: false }
      const ready = await workspace()
      if (task.hosts[0] === task.self)
        return { state: await pivotRound(task, pool, input, state, ready, round), finished: false }
      return { state: await dealerRound(task, pool, input, state, ready, round, member), finished: false }
    },
    async finish(_task, _input, { weights, rounds, converged, standardErrors }) {
      const part = { weights, rounds, converged }
      return standardErrors === undefined ? part : { ...part, tests: waldTests(weights, standardErrors) }
    },
  }
}

/** What a host keeps in memory between rounds; made again after a restart, the same. */
interface Opened {
  /** at a member of a group with the columns that it brings to the sum over the group */
  readonly input: LrInput
  readonly member: Member | undefined
  workspace(): Promise<Workspace>
}

async function openInput(task: TaskContext, given: LrInput, { group, curvature }: TrainingState): Promise<Opened> {
  const member = await Member.open(task, given, group)
  const input = member === undefined ? given : { ...given, data: member.columns(given.data) }
  let workspace: Promise<Workspace> | undefined
  return {
    input,
    member,
    workspace: () => (workspace ??= prepareWorkspace(task, input, curvature, new Set(), group)),
  }
}
