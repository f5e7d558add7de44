// The host's side of what both modes do: exchange points with the guest and raise its set; take lists of positions.
import { openRound, type PartOptions } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { checkCount, type PsiTerms } from './bodies.ts'
import {
  agreeOn,
  checkPeerCommitment,
  checkPeerSet,
  type MaskedSet,
  maskSet,
  type PsiState,
  raisePeerSet,
  receivePoints,
  sendPoints,
} from './masking.ts'
import { AGREEMENT, ALIGNMENT } from './messages.ts'
import { POSITIONS_PER_PART } from './params.ts'
import { hintOf } from './profile.ts'

/** Round 0 with the guest. @throws PlatformError task.params-differ */
export async function agreeWithGuest(task: TaskContext, own: PsiTerms): Promise<PsiTerms> {
  const channel = openRound(AGREEMENT, 'host', 'guest', task.channel(task.guest), 0)
  await channel.send('host-terms', () => own)
  const theirs = await channel.receive('guest-terms')
  agreeOn(own, theirs, task.guest)
  return theirs
}

/** Up to the answer to the guest. @param hashed the own ids as points @returns the own set as the guest sees it, and the points sent */
export async function answerGuest(
  task: TaskContext,
  bucket: number,
  hashed: Uint8Array,
  round: number,
): Promise<MaskedSet & { readonly pointsSent: number }> {
  const channel = openRound(ALIGNMENT, 'host', 'guest', task.channel(task.guest), round)
  const own = await maskSet(task, bucket, hashed, task.guest)

  await channel.send('host-commitment', () => own.commitment)
  const theirs = await channel.receive('guest-commitment')
  checkPeerCommitment(theirs, bucket, task.guest)

  const [guestPoints] = await Promise.all([
    receivePoints(theirs.count, task.guest, (part) => channel.receive('guest-points', part)),
    sendPoints(own.points, (body, part) => channel.send('host-points', body, part)),
  ])
  await checkPeerSet(task, task.guest, theirs, guestPoints)
  const raised = await raisePeerSet(task, task.guest, guestPoints)
  await sendPoints(raised, (body, part) => channel.send('raised-points', body, part))
  return { ...own, pointsSent: own.commitment.count + theirs.count }
}

/** @param receive receives one part of the step @throws PlatformError psi.count */
export async function receivePositions(
  count: number,
  peer: string,
  receive: (part: PartOptions) => Promise<Uint32Array>,
): Promise<Uint32Array> {
  const positions = new Uint32Array(count)
  for (let from = 0, part = 0; from < count; from += POSITIONS_PER_PART, part++) {
    const body = await receive({ part })
    checkCount(Math.min(POSITIONS_PER_PART, count - from), body.length, peer)
    positions.set(body, from)
  }
  return positions
}

/** What the host says when the guest released nothing. */
export function tooSmall(task: TaskContext, own: PsiTerms, { profiles }: PsiState): PlatformError {
  const hint = hintOf(task.self, own.profile, task.guest, profiles[task.guest] ?? own.profile)
  return new PlatformError('psi.too-small', { minimum: own.minIntersection, hints: [hint] })
}
