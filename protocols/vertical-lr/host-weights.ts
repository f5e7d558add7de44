// A host of a job with a scorecard: with the last round it says its weights.
import { openRound } from '#protocols/core/channel.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { speaksForOwner } from './member.ts'
import type { LrInput, LrPart, TrainingState } from './training.ts'
import { DIGITS, WEIGHTS } from './weights-messages.ts'

export function tellingWeights(
  program: RoleProgram<LrInput, TrainingState, LrPart>,
): RoleProgram<LrInput, TrainingState, LrPart> {
  return {
    ...program,
    async round(task, input, state, round) {
      const outcome = await program.round(task, input, state, round)
      if (outcome.finished && speaksForOwner(input.groups, task.self)) {
        const said = outcome.state.weights.map((weight) => Number(weight.toPrecision(DIGITS)))
        const guest = openRound(WEIGHTS, 'host', 'guest', task.channel(task.guest), round)
        await guest.send('host-weights', () => said, { rows: input.trainRows })
      }
      return outcome
    },
  }
}
