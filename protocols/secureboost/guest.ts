// The guest: sends gradients encrypted, chooses splits from the hosts' sums and its own, and keeps the trees.
import { checkLabels, startMargin } from '#credit/trees/objective.ts'
import { checkBoostParams } from '#credit/trees/params.ts'
import type { HePool } from '#crypto/he/pool.ts'
import { compareTerms } from '#protocols/core/agreement.ts'
import { rangeOf, SET_NAMES } from '#protocols/core/aligned-rows.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import {
  countingRows,
  type GuestState,
  heldOut,
  isFinished,
  packMargins,
  unpackMargins,
  withTree,
} from './guest-state.ts'
import { growTree } from './guest-tree.ts'
import { checkRows, setOf } from './layout.ts'
import { BOOSTING, SETUP } from './messages.ts'
import { type OwnedColumn, ownedColumns } from './owner-columns.ts'
import { type GuestInput, type GuestOutput, MAX_WEIGHT, ownersOf } from './params.ts'
import { termsOf } from './terms.ts'

export function openGuest(pool: HePool): RoleProgram<GuestInput, GuestState, GuestOutput> {
  let cut: readonly OwnedColumn[] | undefined
  const columnsOf = (input: GuestInput) =>
    (cut ??= ownedColumns({ ...input, known: () => true, counts: (row) => input.weights[row]! > 0 }))
  return {
    async setup(task, input) {
      checkInput(input)
      columnsOf(input)
      const hosts = task.hosts.map((host) => openRound(SETUP, 'guest', 'host', task.channel(host), 0))
      const terms = termsOf(task, input)
      await Promise.all(hosts.map((host) => host.send('guest-terms', () => terms)))
      for (const host of hosts) compareTerms(terms, await host.receive('host-terms'), host.peer)
      return firstState(task, input)
    },
    async round(task, input, state, round) {
      const seed = await task.vault.seed('trees')
      const grown = await growTree({ task, pool, input, columns: columnsOf(input), state, seed, round })
      const after = withTree(input, state, grown)
      const finished = isFinished(input, after)
      const end = { finished, trees: after.kept }
      const hosts = task.hosts.map((host) => openRound(BOOSTING, 'guest', 'host', task.channel(host), round))
      await Promise.all(hosts.map((host) => host.send('tree-end', () => end)))
      const { train, holdout } = after.losses.at(-1)!
      task.event('tree', {
        tree: round,
        of: input.params.boost.trees,
        train,
        ...(holdout !== undefined && { holdout }),
      })
      return { state: after, finished }
    },
    async finish(_task, input, state) {
      return outputOf(input, state)
    },
  }
}

function firstState(task: TaskContext, input: GuestInput): GuestState {
  const start = startMargin(input.params.boost.objective, input.labels, input.weights, countingRows(input))
  const margins = packMargins(new Float64Array(input.labels.length).fill(start))
  const aliases = [task.self, ...ownersOf(input.params, task.hosts)].map(() => [])
  const keptSplits = aliases.map(() => 0)
  return { start, trees: [], splits: [], aliases, margins, kept: 0, keptMargins: margins, keptSplits, losses: [] }
}

function outputOf(input: GuestInput, state: GuestState): GuestOutput {
  const { start, kept, aliases, keptSplits, losses } = state
  const all = unpackMargins(state.keptMargins)
  const sets = SET_NAMES.map((name) => [name, rangeOf(input, name)] as const).filter(([, { from, to }]) => to > from)
  return {
    start,
    trees: state.trees.slice(0, kept),
    splits: state.splits.filter(({ tree }) => tree < kept),
    aliases: aliases.map((some, owner) => some.slice(0, keptSplits[owner])),
    margins: Object.fromEntries(sets.map(([name, { from, to }]) => [name, all.slice(from, to)])),
    losses,
    stoppedEarly: losses.length < input.params.boost.trees,
  }
}

/** @throws PlatformError boost.invalid, protocol.malformed */
function checkInput(input: GuestInput): void {
  const { sets, labels, weights, params } = input
  checkBoostParams(params.boost)
  checkRows(sets, labels.length)
  setOf(sets)
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0)
  if (weights.length !== labels.length || !(largest <= MAX_WEIGHT))
    throw new PlatformError('boost.invalid', { what: 'weights', rows: weights.length, most: MAX_WEIGHT })
  const held = heldOut(input)
  if (params.boost.earlyStopping !== undefined && held.length === 0)
    throw new PlatformError('boost.invalid', { parameter: 'earlyStopping', expected: 'labelled hold-out rows' })
  checkLabels(params.boost.objective, labels, weights, Uint32Array.from([...countingRows(input), ...held]))
}
