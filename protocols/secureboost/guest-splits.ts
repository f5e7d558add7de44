// The splits of one level at the guest: asks owners for the sides of the best candidates, the guest itself among them.
import type { Wanted } from '#credit/trees/growth.ts'
import { MAX_ASKS } from '#credit/trees/params.ts'
import { permutation } from '#crypto/prg.ts'
import { sidesOfMembers } from './guest-groups.ts'
import type { TreeHost } from './guest-level.ts'
import type { Growing } from './guest-tree.ts'
import { rowsOfSets } from './layout.ts'
import { makeSplit } from './owner-columns.ts'

/** Asks owners for the sides of the best splits until every node of the level has one or is a leaf. */
export async function settleLevel(growing: Growing, nodes: readonly number[], level: number): Promise<void> {
  const { run, hosts } = growing
  const hidden = run.input.params.membership === 'hidden'
  const label = hidden ? permutation(run.seed, `tree ${run.round - 1} nodes ${level}`, 2 ** level) : undefined
  const numberOf = (node: number) => {
    const at = nodes.indexOf(node)
    return label === undefined ? at : label[at]!
  }
  for (let ask = 0; ask < MAX_ASKS && hosts.length > 0; ask++) {
    run.task.signal.throwIfAborted()
    const wanted = settleOwn(growing)
    await Promise.all(
      hosts.map(async (host) => {
        const mine = wanted.filter(({ candidate }) => candidate.owner === host.owner)
        const splits = mine
          .map(({ node, candidate: { column, cell, missingLeft } }) => ({
            node: numberOf(node),
            column,
            cell,
            missingLeft,
          }))
          .sort((a, b) => a.node - b.node)
        const part = level * MAX_ASKS + ask
        await Promise.all(host.channels.map((channel) => channel.send('chosen', () => splits, { part })))
        const byNumber = new Map(mine.map((one) => [numberOf(one.node), one]))
        for (const { node } of splits) await hearSides(growing, host, byNumber.get(node)!)
      }),
    )
  }
  settleOwn(growing)
}

/** Answers the guest's own candidates. @returns what is wanted of hosts */
function settleOwn({ run, growth, offered, own, aliases, sides }: Growing): readonly Wanted[] {
  for (let wanted = growth.wanted(); ; wanted = growth.wanted()) {
    const mine = wanted.filter(({ candidate }) => candidate.owner === 0)
    if (mine.length === 0) return wanted
    for (const { node, candidate } of mine) {
      const split = makeSplit(offered, candidate, run.round - 1)
      const taken = growth.answer(node, split.sides, run.state.splits.length + own.length)
      if (!taken) continue
      sides.set(node, split.sides)
      own.push(split.owned)
      aliases[0]!.push(split.owned.alias)
    }
  }
}

async function hearSides(
  { run, growth, aliases, sides }: Growing,
  { channels, counters, owner }: TreeHost,
  { node, candidate }: Wanted,
): Promise<void> {
  const part = counters.sides++
  const members = await Promise.all(channels.map((channel) => channel.receive('sides', { part })))
  const heard = sidesOfMembers(members, candidate.missingLeft, rowsOfSets(run.input.sets))
  if (heard.refused) return growth.refuse(node)
  const told = aliases[owner]!
  told.push(heard.alias)
  if (growth.answer(node, heard.sides, run.state.aliases[owner]!.length + told.length - 1)) sides.set(node, heard.sides)
}
