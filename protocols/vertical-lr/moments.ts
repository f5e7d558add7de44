// Second moments of all parties' columns over the guest's rows, and the columns that the guest chooses by them: the task
// `select`. It is the round of the information matrix with v = the weight of a row, 1 or 0, which the guest alone knows;
// the pivot's share of it is zero.
import type { HePool } from '#crypto/he/pool.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import type { GuestInput } from './guest.ts'
import { type InformationBlock, multiplyInformation } from './information.ts'
import { assembleInformation } from './information-matrix.ts'
import { openInformationParty } from './information-roles.ts'
import { planInformation } from './information-plan.ts'
import { CHOICE } from './information-messages.ts'
import { withIntercept } from './scores.ts'
import { agreeAsGuest, agreeAsHost, type LrInput, refuseTooManyColumns } from './training.ts'

/** Rows that moments are made of at most: correlations of so many are off by 0.005. */
const MOST_ROWS = 40_960
/** Nothing is trained here; hosts hear the bound of every logistic curvature instead of that of these labels. */
const ANY_CURVATURE = 0.25

/** Means of products of two columns over the rows that count; columns of the guest, its intercept, columns of each host. */
export interface Moments {
  /** columns of each party, the intercept not counted */
  readonly widths: readonly number[]
  /** row-major */
  readonly matrix: readonly number[]
}

export interface MomentsGuestInput extends GuestInput {
  /** Which columns stay, by party in job order, guest first. Asked again after a restart: the same answer. */
  choose(moments: Moments): readonly (readonly boolean[])[]
}

interface MomentsState {
  readonly widths: readonly number[]
  readonly chosen?: readonly (readonly boolean[])[]
  readonly moments?: Moments
}

export interface MomentsOutput {
  /** own columns that stay */
  readonly chosen: readonly boolean[]
  /** at the guest */
  readonly moments?: Moments
}

export function openMomentsGuest(pool: HePool): RoleProgram<MomentsGuestInput, MomentsState, MomentsOutput> {
  return {
    async setup(task, input) {
      const widths = await agreeAsGuest(task, input, ANY_CURVATURE, input.trainRows)
      refuseTooManyColumns(input, widths)
      return { widths }
    },
    async round(task, input, { widths }, round) {
      const few = firstRows({ ...input, data: withIntercept(input.data) })
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
    async finish(_task, _input, { chosen = [], moments }) {
      return { chosen: chosen[0] ?? [], ...(moments === undefined ? {} : { moments }) }
    },
  }
}

export function openMomentsHost(pool: HePool): RoleProgram<LrInput, MomentsState, MomentsOutput> {
  return {
    async setup(task, input) {
      const { widths } = await agreeAsHost(task, input)
      refuseTooManyColumns(input, widths)
      return { widths }
    },
    async round(task, input, { widths }, round) {
      const few = firstRows(input)
      const plan = planInformation(few, widths)
      const at = await openInformationParty(task, pool, few, plan, round)
      await multiplyInformation(at.self === 1 ? { ...at, share: new Float64Array(plan.rows) } : at)
      const channel = openRound(CHOICE, 'host', 'guest', task.channel(task.guest), round)
      const flags = await channel.receive('chosen-columns')
      refuseUnless(flags.length === input.names.length, 'a flag for each column')
      return { state: { widths, chosen: [Array.from(flags, (flag) => flag === 1)] }, finished: true }
    },
    async finish(_task, _input, { chosen = [] }) {
      return { chosen: chosen[0] ?? [] }
    },
  }
}

/** Rows are in random order within a set: the first are a sample. */
function firstRows<Input extends LrInput>(input: Input): Input {
  return { ...input, trainRows: Math.min(input.trainRows, MOST_ROWS) }
}
