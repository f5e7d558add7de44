// The guest of the task `select`: weighs the rows, gets the moments, and chooses.
import type { HePool } from '#crypto/he/pool.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import type { GuestInput } from './guest.ts'
import { type InformationBlock, multiplyInformation } from './information.ts'
import { assembleInformation } from './information-matrix.ts'
import { CHOICE } from './information-messages.ts'
import { planInformation } from './information-plan.ts'
import { openInformationParty } from './information-party.ts'
import { among, firstRows, type Moments, type MomentsOutput, type MomentsState, only } from './moments.ts'
import { withIntercept } from './scores.ts'
import { agreeAsGuest, refuseTooManyColumns } from './training.ts'

/** Nothing is trained here; hosts hear the bound of every logistic curvature instead of that of these labels. */
const ANY_CURVATURE = 0.25

export interface MomentsGuestInput extends GuestInput {
  /** columns to look at, by party in job order, guest first: a flag for each that the party brings, one or more of each */
  readonly candidates: readonly (readonly boolean[])[]
  /** Which candidates stay, by party. Asked again after a restart: the same answer. */
  choose(moments: Moments): readonly (readonly boolean[])[]
}

export function openMomentsGuest(pool: HePool): RoleProgram<MomentsGuestInput, MomentsState, MomentsOutput> {
  return {
    async setup(task, input) {
      for (const [i, host] of task.hosts.entries()) {
        const channel = openRound(CHOICE, 'guest', 'host', task.channel(host), 0)
        await channel.send('candidate-columns', () => Float64Array.from(input.candidates[i + 1] ?? [], Number))
      }
      const own = only(input, input.candidates[0] ?? [])
      const widths = await agreeAsGuest(task, own, ANY_CURVATURE, input.trainRows)
      refuseTooManyColumns(own, widths)
      return { widths }
    },
    async round(task, input, { widths }, round) {
      const own = only(input, input.candidates[0] ?? [])
      const few = firstRows({ ...own, data: withIntercept(own.data) })
      const plan = planInformation(few, widths)
      const at = await openInformationParty(task, pool, few, plan, round)
      const counted = Array.from({ length: plan.rows }, (_, row) => input.weights?.[row] ?? 1)
      const share = Float64Array.from(counted, (weight) => weight * 2 ** plan.curvatureBits)
      const blocks: InformationBlock[] = []
      await multiplyInformation({ ...at, share }, (block) => blocks.push(block))
      const rows = counted.reduce((sum, weight) => sum + weight, 0)
      const moments: Moments = { widths, matrix: [...assembleInformation(plan, blocks, 1 / rows)] }
      const chosen = input.choose(moments)
      for (const [i, host] of task.hosts.entries()) {
        const channel = openRound(CHOICE, 'guest', 'host', task.channel(host), round)
        await channel.send('chosen-columns', () => Float64Array.from(chosen[i + 1] ?? [], Number))
      }
      return { state: { widths, chosen, moments }, finished: true }
    },
    async finish(_task, { candidates }, { chosen = [], moments }) {
      const own = among(candidates[0] ?? [], chosen[0] ?? [])
      return { chosen: own, ...(moments === undefined ? {} : { moments }) }
    },
  }
}
