// The guest of an alignment: learns which of its ids each host has, and tells the hosts only what all have.
import { permutation } from '#crypto/prg.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { checkCount, type Intersection } from './bodies.ts'
import { agreeWithHosts, countFound, type Match, matchWith, refuseSmall } from './guest-exchange.ts'
import { hashOwnIds, keepOrder, keptOrder, ownTerms, type PsiState, receiptOf } from './masking.ts'
import { ALIGNMENT } from './messages.ts'
import { checkInput, POSITIONS_PER_PART, type PsiInput, type PsiOutput } from './params.ts'
import { reportOf } from './report.ts'

export const psiGuest: RoleProgram<PsiInput, PsiState, PsiOutput> = {
  async setup(task, input) {
    checkInput(input)
    const theirs = await agreeWithHosts(task, ownTerms(input))
    const profiles = Object.fromEntries([...theirs].map(([host, terms]) => [host, terms.profile]))
    return { startedAt: Date.now(), profiles }
  },

  async round(task, input, state, round) {
    const hashed = await hashOwnIds(task, input.idKind, input.ids)
    const matches = await Promise.all(task.hosts.map((host) => matchWith(task, input.bucket, hashed, host, round)))
    const order = await commonOrder(task, input.ids.length, matches)
    if (order.length < input.minIntersection) {
      return refuseSmall(task, ownTerms(input), state, { matches, common: order.length }, async (host) => {
        const channel = openRound(ALIGNMENT, 'guest', 'host', task.channel(host), round)
        await channel.send('intersection', (): Intersection => ({ tooSmall: true }), { rows: 0 })
        await channel.receive('receipt')
      })
    }
    using rowKeySeed = await task.vault.seed('psi/row-key')
    const rowKey = rowKeySeed.reveal((bytes) => bytes.slice())
    await Promise.all(matches.map((match) => release(task, input, match, round, order, rowKey)))
    await keepOrder(task, order)
    const report = reportOf(task, { ...input, idCount: input.ids.length, mode: 'inner' }, state.startedAt, {
      nIntersection: order.length,
      points: matches.reduce((sum, { commitment }) => sum + commitment.count, 0),
      positions: matches.length * order.length,
      pairwise: matches.map(({ host, positionOf }) => ({ host, count: countFound(positionOf) })),
      commitments: matches.map(({ host, commitment }) => [host, commitment]),
    })
    return { state: { ...state, report }, finished: true }
  },

  async finish(task, _input, state) {
    if (state.report === undefined) throw new PlatformError('job.bad-state', { expected: 'a report' })
    using rowKey = await task.vault.seed('psi/row-key')
    return { order: await keptOrder(task), rowKey: rowKey.reveal((bytes) => bytes.slice()), report: state.report }
  },
}

/** Own ids that every host has, in an order that a vault seed decides. */
async function commonOrder(task: TaskContext, ids: number, matches: readonly Match[]): Promise<Uint32Array> {
  const common = Array.from({ length: ids }, (_, i) => i).filter((i) =>
    matches.every((match) => (match.positionOf[i] as number) >= 0),
  )
  using seed = await task.vault.seed('psi/common-order')
  return permutation(seed, 'order', common.length).map((at) => common[at] as number)
}

async function release(
  task: TaskContext,
  { minIntersection }: PsiInput,
  { host, positionOf }: Match,
  round: number,
  order: Uint32Array,
  rowKey: Uint8Array,
): Promise<void> {
  const channel = openRound(ALIGNMENT, 'guest', 'host', task.channel(host), round)
  const positions = order.map((id) => positionOf[id] as number)
  const behind = { rows: positions.length, minimumRows: minIntersection }
  await channel.send('intersection', () => ({ tooSmall: false, count: positions.length, rowKey }), behind)
  for (let part = 0; part * POSITIONS_PER_PART < positions.length; part++) {
    const from = part * POSITIONS_PER_PART
    await channel.send('positions', () => positions.subarray(from, from + POSITIONS_PER_PART), { ...behind, part })
  }
  const receipt = await channel.receive('receipt')
  checkCount(positions.length, receipt.count, host)
  const expected = receiptOf(task, host, rowKey, positions)
  if (Buffer.compare(expected, receipt.sha256) !== 0) {
    throw new PlatformError('psi.count', { peer: host, problem: 'the host applied another list' })
  }
}
