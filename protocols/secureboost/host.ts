// A host: adds up the guest's encrypted gradients by the cells of its columns, node by node, and tells the sides of the
// splits that the guest chooses.
import type { HePool } from '#crypto/he/pool.ts'
import { checkBoostParams } from '#credit/trees/params.ts'
import { compareTerms } from '#protocols/core/agreement.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { answerTree } from './host-tree.ts'
import { checkCells, checkRows, rowsOfSets, rowsWhere } from './layout.ts'
import { BOOSTING, SETUP } from './messages.ts'
import { knownRows, type OwnedColumn, ownedColumns } from './owner-columns.ts'
import type { HostInput, HostOutput, OwnedSplit } from './params.ts'
import { termsOf } from './terms.ts'

export interface HostState {
  /** those whose sides were told */
  readonly splits: readonly OwnedSplit[]
  /** how many trees count */
  readonly trees: number
}

export function openHost(pool: HePool): RoleProgram<HostInput, HostState, HostOutput> {
  let cut: readonly OwnedColumn[] | undefined
  const columnsOf = (input: HostInput) =>
    (cut ??= ownedColumns({ ...input, known: knownRows(input.rows), counts: () => true }))
  return {
    async setup(task, input) {
      checkInput(input)
      columnsOf(input)
      const guest = openRound(SETUP, 'host', 'guest', task.channel(task.guest), 0)
      const terms = termsOf(task, input)
      await guest.send('host-terms', () => terms)
      compareTerms(terms, await guest.receive('guest-terms'), task.guest)
      return { splits: [], trees: 0 }
    },
    async round(task, input, state, round) {
      const tree = round - 1
      const guest = openRound(BOOSTING, 'host', 'guest', task.channel(task.guest), round)
      const made = tree < input.params.boost.guestFirst ? [] : await answer(task, input, guest, tree)
      const end = await guest.receive('tree-end')
      refuseUnless(end.trees <= round && (end.finished || round < input.params.boost.trees), 'an end in time')
      return { state: { splits: [...state.splits, ...made], trees: end.trees }, finished: end.finished }
    },
    async finish(_task, _input, { splits, trees }) {
      return { splits: splits.filter(({ tree }) => tree < trees), trees }
    },
  }

  async function answer(
    task: TaskContext,
    input: HostInput,
    guest: Parameters<typeof answerTree>[0]['guest'],
    tree: number,
  ) {
    const seed = await task.vault.seed('trees')
    const train = rowsWhere(knownRows(input.rows), 0, input.sets[0]!.rows)
    return answerTree({ task, pool, guest, input, columns: columnsOf(input), train, seed, tree })
  }
}

/** @throws PlatformError boost.invalid, protocol.malformed */
function checkInput(input: HostInput): void {
  checkBoostParams(input.params.boost)
  checkRows(input.sets, input.rows?.length ?? rowsOfSets(input.sets))
  checkCells(input.columns.length, input.params, input.sets)
  if (input.columns.length === 0) throw new PlatformError('boost.invalid', { what: 'columns', columns: 0 })
}
