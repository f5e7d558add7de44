// A scorecard shows the guest the points of every bin of every party, and points are weights times weights of evidence:
// with the last round each host says its weights. Jobs without a scorecard do not run this.
import { openRound } from '#protocols/core/channel.ts'
import { messageCodec, refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { step } from '#protocols/core/schedule.ts'
import type { LrResidues__Output } from '#protos/gen/tributary/v1/LrResidues.ts'
import type { GuestInput, GuestOutput, GuestState } from './guest.ts'
import { LEAST_ROWS } from './sharing-messages.ts'
import type { LrInput, LrPart, TrainingState } from './training.ts'

/** More than a scorecard of whole points can show, fewer than the weights have. */
const DIGITS = 6

const weights = messageCodec<LrResidues__Output, readonly number[]>(
  'tributary.v1.LrResidues',
  (body) => ({ values: [...body] }),
  ({ values }) => {
    refuseUnless(values.length <= 4096 && values.every((value) => Math.abs(value) < 1e3), 'weights within ±1000')
    return values
  },
)

/** In the last round, where the job makes a scorecard. */
export const WEIGHTS = [
  step({
    name: 'host-weights',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: weights,
    reveals: "the weights of the host's columns, to six digits: with the weights of evidence, the points of each bin",
    release: {
      what: { en: "weights of the host's columns", zh: '该数据方各列的权重' },
      minimumRows: LEAST_ROWS,
      digits: DIGITS,
    },
  }),
] as const

interface WithHostWeights {
  readonly inner: GuestState
  readonly hostWeights: readonly (readonly number[])[]
}

export interface GuestOutputWithWeights extends GuestOutput {
  /** by host, in job order */
  readonly hostWeights: readonly (readonly number[])[]
}

export function hearingWeights(
  program: RoleProgram<GuestInput, GuestState, GuestOutput>,
): RoleProgram<GuestInput, WithHostWeights, GuestOutputWithWeights> {
  return {
    async setup(task, input) {
      return { inner: await program.setup(task, input), hostWeights: [] }
    },
    async round(task, input, state, round) {
      const { state: inner, finished } = await program.round(task, input, state.inner, round)
      if (!finished) return { state: { inner, hostWeights: [] }, finished }
      const hostWeights: (readonly number[])[] = []
      for (const [i, host] of task.hosts.entries()) {
        const said = await openRound(WEIGHTS, 'guest', 'host', task.channel(host), round).receive('host-weights')
        refuseUnless(said.length === inner.widths[i + 1], 'a weight for each column')
        hostWeights.push(said)
      }
      return { state: { inner, hostWeights }, finished }
    },
    async finish(task, input, { inner, hostWeights }) {
      return { ...(await program.finish(task, input, inner)), hostWeights }
    },
  }
}

export function tellingWeights(
  program: RoleProgram<LrInput, TrainingState, LrPart>,
): RoleProgram<LrInput, TrainingState, LrPart> {
  return {
    ...program,
    async round(task, input, state, round) {
      const outcome = await program.round(task, input, state, round)
      if (outcome.finished) {
        const said = outcome.state.weights.map((weight) => Number(weight.toPrecision(DIGITS)))
        const guest = openRound(WEIGHTS, 'host', 'guest', task.channel(task.guest), round)
        await guest.send('host-weights', () => said, { rows: input.trainRows })
      }
      return outcome
    },
  }
}
