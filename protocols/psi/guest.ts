// The guest of an alignment: learns which of its ids each host has, and tells the hosts only what all have.
import { permutation } from '#crypto/prg.ts'
import { PointIndex } from '#crypto/psi/point-index.ts'
import { openRound, type RoleChannel } from '#protocols/core/channel.ts'
import type { PartyId, RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type Commitment, checkCount, type Intersection } from './bodies.ts'
import {
  agreeOn,
  checkPeerCommitment,
  checkPeerSet,
  hashOwnIds,
  keepOrder,
  keptOrder,
  maskSet,
  ownTerms,
  type PsiState,
  raisePeerSet,
  receiptOf,
  receivePoints,
  reportOf,
  sendPoints,
} from './masking.ts'
import { AGREEMENT, ALIGNMENT } from './messages.ts'
import { checkInput, POSITIONS_PER_PART, type PsiInput, type PsiOutput } from './params.ts'
import { compareProfiles, hintOf } from './profile.ts'

type HostChannel = RoleChannel<typeof ALIGNMENT, 'guest'>

/** What the guest knows of one host after the points were exchanged. */
interface Match {
  readonly channel: HostChannel
  /** for each own id its position in the host's shuffled set, or -1 */
  readonly positionOf: Int32Array
  readonly commitment: Commitment
}

export const psiGuest: RoleProgram<PsiInput, PsiState, PsiOutput> = {
  async setup(task, input) {
    checkInput(input)
    const own = ownTerms(input)
    const profiles = await Promise.all(
      task.hosts.map(async (host) => {
        const channel = openRound(AGREEMENT, 'guest', 'host', task.channel(host), 0)
        await channel.send('guest-terms', () => own)
        const theirs = await channel.receive('host-terms')
        agreeOn(own, theirs, host)
        return [host, theirs.profile] as const
      }),
    )
    return { startedAt: Date.now(), profiles: Object.fromEntries(profiles) }
  },

  async round(task, input, state, round) {
    const hashed = await hashOwnIds(task, input)
    const matches = await Promise.all(task.hosts.map((host) => matchWith(task, input, hashed, host, round)))
    const order = await commonOrder(task, input.ids.length, matches)
    if (order.length < input.minIntersection) return refuseSmall(task, input, state, matches, order.length)

    using rowKeySeed = await task.vault.seed('psi/row-key')
    const rowKey = rowKeySeed.reveal((bytes) => bytes.slice())
    await Promise.all(matches.map((match) => release(task, input, match, order, rowKey)))
    await keepOrder(task, order)
    const report = reportOf(task, input, state, {
      nIntersection: order.length,
      pairwise: matches.map(({ channel, positionOf }) => ({ host: channel.peer, count: countFound(positionOf) })),
      commitments: matches.map(({ channel, commitment }) => [channel.peer, commitment]),
    })
    return { state: { ...state, report }, finished: true }
  },

  async finish(task, _input, state) {
    if (state.report === undefined) throw new PlatformError('job.bad-state', { expected: 'a report' })
    using rowKey = await task.vault.seed('psi/row-key')
    return { order: await keptOrder(task), rowKey: rowKey.reveal((bytes) => bytes.slice()), report: state.report }
  },
}

/** The exchange with one host, up to which own id is where in the host's set. */
async function matchWith(
  task: TaskContext,
  input: PsiInput,
  hashed: Uint8Array,
  host: PartyId,
  round: number,
): Promise<Match> {
  const channel = openRound(ALIGNMENT, 'guest', 'host', task.channel(host), round)
  const own = await maskSet(task, input, hashed, host)

  await channel.send('guest-commitment', () => own.commitment)
  const theirs = await channel.receive('host-commitment')
  checkPeerCommitment(theirs, input.bucket, host)

  const [hostPoints] = await Promise.all([
    receivePoints(theirs.count, host, (part) => channel.receive('host-points', part)),
    sendPoints(own.points, (body, part) => channel.send('guest-points', body, part)),
  ])
  await checkPeerSet(task, host, theirs, hostPoints)
  const hostSet = await PointIndex.of(await raisePeerSet(task, host, hostPoints))

  const raised = await receivePoints(own.commitment.count, host, (part) => channel.receive('raised-points', part))
  await PointIndex.of(raised) // raising is one-to-one: a point twice is no honest answer
  const positionOf = new Int32Array(input.ids.length).fill(-1)
  for (const [j, position] of (await hostSet.locate(raised)).entries()) {
    const id = own.owner[j] as number
    if (id >= 0) positionOf[id] = position
  }
  return { channel, positionOf, commitment: own.commitment }
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
  match: Match,
  order: Uint32Array,
  rowKey: Uint8Array,
): Promise<void> {
  const { channel, positionOf } = match
  const positions = order.map((id) => positionOf[id] as number)
  const behind = { rows: positions.length, minimumRows: minIntersection }
  await channel.send('intersection', () => ({ tooSmall: false, count: positions.length, rowKey }), behind)
  for (let part = 0; part * POSITIONS_PER_PART < positions.length; part++) {
    const from = part * POSITIONS_PER_PART
    await channel.send('positions', () => positions.subarray(from, from + POSITIONS_PER_PART), { ...behind, part })
  }
  const receipt = await channel.receive('receipt')
  checkCount(positions.length, receipt.count, channel.peer)
  const expected = receiptOf(task, channel.peer, rowKey, positions)
  if (Buffer.compare(expected, receipt.sha256) !== 0) {
    throw new PlatformError('psi.count', { peer: channel.peer, problem: 'the host applied another list' })
  }
}

/** Tells every host that nothing is released, and not how many there were. The size stays in the own event file. */
async function refuseSmall(
  task: TaskContext,
  input: PsiInput,
  state: PsiState,
  matches: readonly Match[],
  size: number,
): Promise<never> {
  const own = ownTerms(input).profile
  for (const { channel, positionOf } of matches) {
    const profiles = compareProfiles(task.self, own, channel.peer, state.profiles[channel.peer] ?? own)
    task.event('psi.too-small', { host: channel.peer, pairwise: countFound(positionOf), common: size, profiles })
  }
  await Promise.all(
    matches.map(async ({ channel }) => {
      await channel.send('intersection', (): Intersection => ({ tooSmall: true }), { rows: 0 })
      await channel.receive('receipt')
    }),
  )
  const hints = task.hosts.map((host) => hintOf(task.self, own, host, state.profiles[host] ?? own))
  throw new PlatformError('psi.too-small', { minimum: input.minIntersection, hints })
}

function countFound(positionOf: Int32Array): number {
  return positionOf.reduce((count, position) => count + (position >= 0 ? 1 : 0), 0)
}
