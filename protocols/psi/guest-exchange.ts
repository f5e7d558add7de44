// The guest's side of what both modes do with one host: agree, exchange points, find the own ids among the host's, and
// tell the hosts when too few are there.
import { PointIndex } from '#crypto/psi/point-index.ts'
import { POINT_BYTES } from '#crypto/psi/points.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { PartyId, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Commitment, PsiTerms } from './bodies.ts'
import {
  agreeOn,
  checkPeerCommitment,
  checkPeerSet,
  maskSet,
  type PsiState,
  raisePeerSet,
  receivePoints,
  sendPoints,
} from './masking.ts'
import { AGREEMENT, ALIGNMENT } from './messages.ts'
import { compareProfiles, hintOf } from './profile.ts'

/** What the guest knows of one host after the points were exchanged. */
export interface Match {
  readonly host: PartyId
  /** for each id that the host was asked about its position in the host's shuffled set, or −1 */
  readonly positionOf: Int32Array
  /** points of the host's padded set */
  readonly hostPoints: number
  readonly commitment: Commitment
}

/** Round 0 with every host. @throws PlatformError task.params-differ */
export async function agreeWithHosts(task: TaskContext, own: PsiTerms): Promise<ReadonlyMap<PartyId, PsiTerms>> {
  const agreed = await Promise.all(
    task.hosts.map(async (host) => {
      const channel = openRound(AGREEMENT, 'guest', 'host', task.channel(host), 0)
      await channel.send('guest-terms', () => own)
      const theirs = await channel.receive('host-terms')
      agreeOn(own, theirs, host)
      return [host, theirs] as const
    }),
  )
  return new Map(agreed)
}

/**
 * The exchange with one host, up to which own id is where in the host's set.
 * @param hashed the ids that the host is asked about, as points
 */
export async function matchWith(
  task: TaskContext,
  bucket: number,
  hashed: Uint8Array,
  host: PartyId,
  round: number,
): Promise<Match> {
  const channel = openRound(ALIGNMENT, 'guest', 'host', task.channel(host), round)
  const own = await maskSet(task, bucket, hashed, host)

  await channel.send('guest-commitment', () => own.commitment)
  const theirs = await channel.receive('host-commitment')
  checkPeerCommitment(theirs, bucket, host)

  const [hostPoints] = await Promise.all([
    receivePoints(theirs.count, host, (part) => channel.receive('host-points', part)),
    sendPoints(own.points, (body, part) => channel.send('guest-points', body, part)),
  ])
  await checkPeerSet(task, host, theirs, hostPoints)
  const hostSet = await PointIndex.of(await raisePeerSet(task, host, hostPoints))

  const raised = await receivePoints(own.commitment.count, host, (part) => channel.receive('raised-points', part))
  await PointIndex.of(raised) // raising is one-to-one: a point twice is no honest answer
  const positionOf = new Int32Array(hashed.length / POINT_BYTES).fill(-1)
  for (const [j, position] of (await hostSet.locate(raised)).entries()) {
    const id = own.owner[j] as number
    if (id >= 0) positionOf[id] = position
  }
  return { host, positionOf, hostPoints: theirs.count, commitment: own.commitment }
}

/**
 * Tells every host that nothing is released, and not how many there were. The sizes stay in the own event file.
 * @param say sends "too small" to one host and takes its receipt
 */
export async function refuseSmall(
  task: TaskContext,
  own: PsiTerms,
  { profiles }: PsiState,
  found: { readonly matches: readonly Match[]; readonly common: number; readonly hints?: readonly string[] },
  say: (host: PartyId) => Promise<unknown>,
): Promise<never> {
  for (const { host, positionOf } of found.matches) {
    const compared = compareProfiles(task.self, own.profile, host, profiles[host] ?? own.profile)
    const fields = { host, pairwise: countFound(positionOf), common: found.common, profiles: compared }
    task.event('psi.too-small', fields)
  }
  await Promise.all(task.hosts.map(say))
  const byProfile = task.hosts.map((host) => hintOf(task.self, own.profile, host, profiles[host] ?? own.profile))
  const hints = found.hints ?? byProfile
  throw new PlatformError('psi.too-small', { minimum: own.minIntersection, hints })
}

export function countFound(positionOf: Int32Array): number {
  return positionOf.reduce((count, position) => count + (position >= 0 ? 1 : 0), 0)
}
