// A host: adds up the guest's encrypted gradients by the cells of its columns, node by node, and tells the sides of the
// splits that the guest chooses.
import type { HePool } from '#crypto/he/pool.ts'
import { checkBoostParams } from '#credit/trees/params.ts'
import { compareTerms } from '#protocols/core/agreement.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { columnsOfMember, type GroupPart, meetMembers, openMember } from './host-group.ts'
import { answerTree } from './host-tree.ts'
import { checkCells, checkRows, rowsOfSets, rowsWhere } from './layout.ts'
import { BOOSTING, SETUP } from './messages.ts'
import { knownRows, type OwnedColumn, ownedColumns } from './owner-columns.ts'
import { type HostInput, type HostOutput, type OwnedSplit, ownersOf } from './params.ts'
import { termsOf } from './terms.ts'

export interface HostState {
  /** those whose sides were told */
  readonly splits: readonly OwnedSplit[]
  /** how many trees count */
  readonly trees: number
  /** where it is a member of a group */
  readonly group?: GroupPart
}

export function openHost(pool: HePool): RoleProgram<HostInput, HostState, HostOutput> {
  let cut: readonly OwnedColumn[] | undefined
  const columnsOf = (input: HostInput, group: GroupPart | undefined) =>
    (cut ??=
      group === undefined
        ? ownedColumns({ ...input, known: knownRows(input.rows), counts: () => true })
        : columnsOfMember(input, group))
  return {
    async setup(task, input) {
      checkInput(task, input)
      const group = await meetMembers(task, input)
      columnsOf(input, group)
      const guest = openRound(SETUP, 'host', 'guest', task.channel(task.guest), 0)
      const terms = termsOf(task, input)
      await guest.send('host-terms', () => terms)
      compareTerms(terms, await guest.receive('guest-terms'), task.guest)
      return { splits: [], trees: 0, ...(group !== undefined && { group }) }
    },
    async round(task, input, state, round) {
      const tree = round - 1
      const guest = openRound(BOOSTING, 'host', 'guest', task.channel(task.guest), round)
      const made = tree < input.params.boost.guestFirst ? [] : await answer(task, input, state.group, guest, tree)
      const end = await guest.receive('tree-end')
      refuseUnless(end.trees <= round && (end.finished || round < input.params.boost.trees), 'an end in time')
      return { state: { ...state, splits: [...state.splits, ...made], trees: end.trees }, finished: end.finished }
    },
    async finish(_task, _input, { splits, trees }) {
      return { splits: splits.filter(({ tree }) => tree < trees), trees }
    },
  }

  async function answer(
    task: TaskContext,
    input: HostInput,
    part: GroupPart | undefined,
    guest: Parameters<typeof answerTree>[0]['guest'],
    tree: number,
  ) {
    const columns = columnsOf(input, part)
    const train = rowsWhere(knownRows(input.rows), 0, input.sets[0]!.rows)
    const here = { task, pool, guest, input, columns, train, tree }
    if (part === undefined)
      return answerTree({ ...here, trainRows: train.length, seed: await task.vault.seed('trees') })
    const group = await openMember(task, input, part)
    return answerTree({ ...here, trainRows: part.rows, seed: group.seed, group })
  }
}

/** @throws PlatformError boost.invalid, protocol.malformed */
function checkInput(task: TaskContext, input: HostInput): void {
  checkBoostParams(input.params.boost)
  ownersOf(input.params, task.hosts)
  checkRows(input.sets, input.rows?.length ?? rowsOfSets(input.sets))
  checkCells(input.columns.length, input.params, input.sets)
  if (input.columns.length === 0) throw new PlatformError('boost.invalid', { what: 'columns', columns: 0 })
}
