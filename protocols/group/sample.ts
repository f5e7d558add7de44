// Test support: a task in which members of a group sum up a vector and show their masks, beside a guest.
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import type { MemoryParty } from '#protocols/core/memory.ts'
import type { Terms } from '#protocols/core/agreement.ts'
import { openGroup } from './group.ts'
import { type GroupState, meetGroup } from './meeting.ts'
import { type GroupOfHosts, seatOf } from './params.ts'

export const PARKS = ['park-a', 'park-b', 'park-c', 'park-d', 'park-e'] as const

export interface SummingInput {
  readonly groups: readonly GroupOfHosts[]
  readonly terms: Terms
  /** one sum a round, from round 1 */
  readonly sums: readonly (readonly bigint[])[]
  readonly modulus: bigint
}

export interface SummingOutput {
  readonly sums: readonly (readonly string[])[]
  readonly masks: readonly string[]
  readonly seed: string
}

interface SummingState {
  readonly group: GroupState
  readonly sums: readonly (readonly string[])[]
}

/** A host that sums one vector a round. */
export const summingHost: RoleProgram<SummingInput, SummingState, SummingOutput> = {
  async setup(task, { groups, terms }) {
    return { group: await meetGroup(task, seatOf(groups, task.self)!, terms), sums: [] }
  },
  async round(task, input, { group, sums }, round) {
    // after a crash of others, one that was done
    if (round > input.sums.length) return { state: { group, sums }, finished: true }
    const open = await openAt(task, input, group)
    const sum = await open.sum(round, 'vector', input.sums[round - 1]!)
    return { state: { group, sums: [...sums, sum.map(String)] }, finished: round === input.sums.length }
  },
  async finish(task, input, { group, sums }) {
    const open = await openAt(task, input, group)
    const masks = Array.from(open.masks('answer/1', 500, input.modulus), String)
    return { sums, masks, seed: open.seed.reveal((bytes) => Buffer.from(bytes).toString('hex')) }
  },
}

async function openAt(task: TaskContext, { groups }: SummingInput, state: GroupState) {
  return await openGroup(task, seatOf(groups, task.self)!, state)
}

/** Says nothing. */
const idleGuest: RoleProgram<number, null, null> = {
  setup: async () => null,
  round: async (_task, rounds, state, round) => ({ state, finished: round >= rounds }),
  finish: async () => null,
}

/** The first party is a guest that takes no part. */
export function summingParties(inputs: readonly SummingInput[]): MemoryParty[] {
  return [
    { id: 'bank', program: idleGuest as never, input: inputs[0]!.sums.length },
    ...inputs.map((input, i) => ({ id: PARKS[i]!, program: summingHost as never, input })),
  ]
}

/** Vectors by member and round. */
export function summingInputs(
  vectors: readonly (readonly (readonly bigint[])[])[],
  modulus = 2n ** 50n - 27n,
): SummingInput[] {
  const groups = [{ name: 'parks', members: PARKS.slice(0, vectors.length) }]
  return vectors.map((sums) => ({ groups, terms: { columns: 'digest' }, sums, modulus }))
}
