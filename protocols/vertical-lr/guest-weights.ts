// The guest of a job with a scorecard: with the last round it hears every host's weights.
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import type { GuestInput, GuestOutput, GuestState } from './guest.ts'
import { speaksForOwner } from './member.ts'
import { WEIGHTS } from './weights-messages.ts'

interface WithHostWeights {
  readonly inner: GuestState
  readonly hostWeights: readonly (readonly number[])[]
}

export interface GuestOutputWithWeights extends GuestOutput {
  /** by owner of columns, in job order: a group stands where its first member does */
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
        if (!speaksForOwner(input.groups, host)) continue
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
