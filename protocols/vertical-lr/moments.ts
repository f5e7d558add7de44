// Second moments of columns of all parties over the guest's rows, and the columns that the guest chooses by them: the task
// `select`. First the guest says which columns are worth looking at, by what their bins told. It is the round of the information matrix with v = the weight of a row, 1 or 0, which the guest alone knows;
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
  /** columns to look at, by party in job order, guest first: a flag for each that the party brings, one or more of each */
  readonly candidates: readonly (readonly boolean[])[]
  /** Which candidates stay, by party. Asked again after a restart: the same answer. */
  choose(moments: Moments): readonly (readonly boolean[])[]
}

interface MomentsState {
  /** candidates of each party */
  readonly widths: readonly number[]
  /** own candidates, at a host */
  readonly candidates?: readonly boolean[]
  readonly chosen?: readonly (readonly boolean[])[]
  readonly moments?: Moments
}

export interface MomentsOutput {
  /** own columns that stay: a flag for each that this party brings */
  readonly chosen: readonly boolean[]
  /** at the guest */
  readonly moments?: Moments
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

export function openMomentsHost(pool: HePool): RoleProgram<LrInput, MomentsState, MomentsOutput> {
  return {
    async setup(task, input) {
      const guest = openRound(CHOICE, 'host', 'guest', task.channel(task.guest), 0)
      const flags = await guest.receive('candidate-columns')
      refuseUnless(flags.length === input.names.length && flags.includes(1), 'a flag for each column, one set')
      const candidates = Array.from(flags, (flag) => flag === 1)
      const own = only(input, candidates)
      const { widths } = await agreeAsHost(task, own)
      refuseTooManyColumns(own, widths)
      return { widths, candidates }
    },
    async round(task, input, { widths, candidates = [] }, round) {
      const few = firstRows(only(input, candidates))
      const plan = planInformation(few, widths)
      const at = await openInformationParty(task, pool, few, plan, round)
      await multiplyInformation(at.self === 1 ? { ...at, share: new Float64Array(plan.rows) } : at)
      const channel = openRound(CHOICE, 'host', 'guest', task.channel(task.guest), round)
      const flags = await channel.receive('chosen-columns')
      refuseUnless(flags.length === few.names.length, 'a flag for each candidate')
      return { state: { widths, candidates, chosen: [Array.from(flags, (flag) => flag === 1)] }, finished: true }
    },
    async finish(_task, _input, { candidates = [], chosen = [] }) {
      return { chosen: among(candidates, chosen[0] ?? []) }
    },
  }
}

/** The flagged columns alone. */
function only<Input extends LrInput>(input: Input, flags: readonly boolean[]): Input {
  const { names, data } = input
  const columns = data.columns.filter((_, j) => flags[j] === true)
  return { ...input, names: names.filter((_, j) => flags[j] === true), data: { ...data, columns } }
}

/** Flags of the candidates as flags of all columns. */
function among(candidates: readonly boolean[], chosen: readonly boolean[]): boolean[] {
  let next = 0
  return candidates.map((isCandidate) => isCandidate && chosen[next++] === true)
}

/** Rows are in random order within a set: the first are a sample. */
function firstRows<Input extends LrInput>(input: Input): Input {
  return { ...input, trainRows: Math.min(input.trainRows, MOST_ROWS) }
}
