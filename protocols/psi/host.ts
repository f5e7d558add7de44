// A host of an alignment: raises the guest's points, and learns which of its ids all parties have, nothing else.
import { openRound, type RoleChannel } from '#protocols/core/channel.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { checkCount } from './bodies.ts'
import {
  agreeOn,
  checkPeerCommitment,
  checkPeerSet,
  hashOwnIds,
  keepOrder,
  keptOrder,
  type MaskedSet,
  maskSet,
  ownTerms,
  PADDING,
  type PsiState,
  raisePeerSet,
  receiptOf,
  receivePoints,
  reportOf,
  sendPoints,
} from './masking.ts'
import { AGREEMENT, ALIGNMENT } from './messages.ts'
import { checkInput, POSITIONS_PER_PART, type PsiInput, type PsiOutput } from './params.ts'
import { hintOf } from './profile.ts'

type GuestChannel = RoleChannel<typeof ALIGNMENT, 'host'>

export const psiHost: RoleProgram<PsiInput, PsiState, PsiOutput> = {
  async setup(task, input) {
    checkInput(input)
    const own = ownTerms(input)
    const channel = openRound(AGREEMENT, 'host', 'guest', task.channel(task.guest), 0)
    await channel.send('host-terms', () => own)
    const theirs = await channel.receive('guest-terms')
    agreeOn(own, theirs, task.guest)
    return { startedAt: Date.now(), profiles: { [task.guest]: theirs.profile } }
  },

  async round(task, input, state, round) {
    const channel = openRound(ALIGNMENT, 'host', 'guest', task.channel(task.guest), round)
    const own = await maskSet(task, input, await hashOwnIds(task, input), task.guest)

    await channel.send('host-commitment', () => own.commitment)
    const theirs = await channel.receive('guest-commitment')
    checkPeerCommitment(theirs, input.bucket, task.guest)

    const [guestPoints] = await Promise.all([
      receivePoints(theirs.count, task.guest, (part) => channel.receive('guest-points', part)),
      sendPoints(own.points, (body, part) => channel.send('host-points', body, part)),
    ])
    await checkPeerSet(task, task.guest, theirs, guestPoints)
    const raised = await raisePeerSet(task, task.guest, guestPoints)
    await sendPoints(raised, (body, part) => channel.send('raised-points', body, part))

    const order = await receiveOrder(task, input, state, channel, own)
    await keepOrder(task, order)
    const report = reportOf(task, input, state, {
      nIntersection: order.length,
      pairwise: [], // the guest alone knows it
      commitments: [[task.guest, own.commitment]],
    })
    return { state: { ...state, report }, finished: true }
  },

  async finish(task, _input, state) {
    if (state.report === undefined) throw new PlatformError('job.bad-state', { expected: 'a report' })
    const rowKey = await task.vault.once('psi/row-key', async () => {
      throw new PlatformError('job.bad-state', { expected: 'a row key' })
    })
    return { order: await keptOrder(task), rowKey: Uint8Array.from(rowKey), report: state.report }
  },
}

/** The common rows as indexes of own ids. @throws PlatformError psi.too-small, psi.count, protocol.malformed */
async function receiveOrder(
  task: TaskContext,
  input: PsiInput,
  state: PsiState,
  channel: GuestChannel,
  own: MaskedSet,
): Promise<Uint32Array> {
  const found = await channel.receive('intersection')
  if (found.tooSmall) {
    await channel.send('receipt', () => ({ count: 0, sha256: new Uint8Array(32) }))
    const profile = ownTerms(input).profile
    const hint = hintOf(task.self, profile, task.guest, state.profiles[task.guest] ?? profile)
    throw new PlatformError('psi.too-small', { minimum: input.minIntersection, hints: [hint] })
  }
  // The minimum of this party holds whatever the guest says.
  if (found.count < input.minIntersection) throw new PlatformError('psi.too-small', { minimum: input.minIntersection })
  if (found.count > input.ids.length) checkCount(input.ids.length, found.count, task.guest)

  const positions = new Uint32Array(found.count)
  for (let from = 0, part = 0; from < found.count; from += POSITIONS_PER_PART, part++) {
    const body = await channel.receive('positions', { part })
    checkCount(Math.min(POSITIONS_PER_PART, found.count - from), body.length, task.guest)
    positions.set(body, from)
  }
  const order = ownersOf(positions, own)
  await task.vault.once('psi/row-key', async () => Uint8Array.from(found.rowKey))
  const sha256 = receiptOf(task, task.self, found.rowKey, positions)
  await channel.send('receipt', () => ({ count: order.length, sha256 }))
  return order
}

/** @throws PlatformError protocol.malformed for a position outside the set, on padding, or named twice */
function ownersOf(positions: Uint32Array, own: MaskedSet): Uint32Array {
  const named = new Uint8Array(own.owner.length)
  return positions.map((position) => {
    const id = own.owner[position]
    if (id === undefined || id === PADDING || named[position] === 1) {
      throw new PlatformError('protocol.malformed', { step: 'positions', expected: 'own ids, each once' })
    }
    named[position] = 1
    return id
  })
}
