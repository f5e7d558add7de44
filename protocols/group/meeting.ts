// Round 0 of a group: the members exchange keys, compare what they are about to do, and draw a seed that they alone know.
import { randomBytes } from 'node:crypto'
import { pairSecret } from '#crypto/aggregate/round-keys.ts'
import { decodeSealingKey, encodeSealingKey, makeSealingKey, type SealingKey } from '#crypto/envelope.ts'
import { expandBytes } from '#crypto/prg.ts'
import type { Terms } from '#protocols/core/agreement.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { PartyId, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { SEED_BYTES } from './bodies.ts'
import { GROUP_SETUP } from './messages.ts'
import { GROUP_VERSION, type GroupSeat } from './params.ts'

/** What a member knows of the others after round 0. JSON, and nothing secret: part of the checkpoint. */
export interface GroupState {
  /** public keys of the other members, in base64 */
  readonly keys: Readonly<Record<PartyId, string>>
  /** what each other member adds to the seed, as it came: masked; in base64 */
  readonly seeds: Readonly<Record<PartyId, string>>
}

/**
 * Meets the other members. All of them call it at the same place of round 0, before any other word between them.
 * @param terms of the task that must be the same at all members; values that may not leave as digests
 * @throws PlatformError task.params-differ naming the terms that differ, and no value; group.other-sum where two members
 *   show one key
 */
export async function meetGroup(task: TaskContext, seat: GroupSeat, terms: Terms, round = 0): Promise<GroupState> {
  const own = await agreementKey(task)
  const all = { ...terms, group: groupText(seat), 'group version': String(GROUP_VERSION) }
  const peers = othersOf(seat).map((peer) => openRound(GROUP_SETUP, 'member', 'member', task.channel(peer), round))
  for (const peer of peers) {
    await peer.send('group-key', () => own.publicKey)
    await peer.send('group-terms', () => all)
  }
  const keys: Record<PartyId, string> = {}
  for (const peer of peers) {
    keys[peer.peer] = base64(await peer.receive('group-key'))
    refuseOtherTerms(all, await peer.receive('group-terms'), peer.peer)
  }
  if (new Set([base64(own.publicKey), ...Object.values(keys)]).size < seat.members.length)
    throw new PlatformError('group.other-sum', { group: seat.name, expected: 'a key of its own each' })
  const pairs = pairSecrets(task, seat, own, keys)
  const contribution = await ownContribution(task)
  for (const peer of peers) await peer.send('group-seed', () => padded(contribution, pairs.get(peer.peer)!, task.self))
  const seeds: Record<PartyId, string> = {}
  for (const peer of peers) seeds[peer.peer] = base64(await peer.receive('group-seed'))
  return { keys, seeds }
}

/** The other members, in job order. */
export function othersOf({ members, self }: GroupSeat): PartyId[] {
  return members.filter((member) => member !== self)
}

/** What the members share in pairs, and the parts of the seed by member in job order; again after each restart. */
export async function openMeeting(
  task: TaskContext,
  seat: GroupSeat,
  { keys, seeds }: GroupState,
): Promise<{ readonly pairs: ReadonlyMap<PartyId, Secret>; readonly parts: readonly Uint8Array[] }> {
  const pairs = pairSecrets(task, seat, await agreementKey(task), keys)
  const own = await ownContribution(task)
  const parts = seat.members.map((member) =>
    member === seat.self ? own : padded(bytesOf(seeds[member]), pairs.get(member)!, member),
  )
  return { pairs, parts }
}

function pairSecrets(
  task: TaskContext,
  seat: GroupSeat,
  own: SealingKey,
  keys: Readonly<Record<PartyId, string>>,
): Map<PartyId, Secret> {
  return new Map(
    othersOf(seat).map((peer): [PartyId, Secret] => {
      const info = ['group', task.jobId, task.taskId, groupText(seat), ...[seat.self, peer].toSorted()].join('\0')
      return [peer, pairSecret(own, bytesOf(keys[peer]), info)]
    }),
  )
}

/** Under the pad of the pair for what `sender` says; the same call takes the pad off again. */
function padded(bytes: Uint8Array, pair: Secret, sender: PartyId): Uint8Array {
  const pad = expandBytes(pair, `tributary/group/seed\0${sender}`, SEED_BYTES)
  return bytes.map((byte, i) => byte ^ pad[i]!)
}

/** Values stay out of the error: it travels to the guest and the coordinator. */
function refuseOtherTerms(own: Terms, theirs: Terms, peer: PartyId): void {
  const names = [...new Set([...Object.keys(own), ...Object.keys(theirs)])].toSorted()
  const differing = names.filter((name) => own[name] !== theirs[name] && own[name] !== undefined)
  if (names.some((name) => own[name] !== theirs[name]))
    throw new PlatformError('task.params-differ', { peer, differing: differing.slice(0, 20) })
}

async function ownContribution(task: TaskContext): Promise<Uint8Array> {
  return await task.vault.once('group/seed', async () => new Uint8Array(randomBytes(SEED_BYTES)))
}

async function agreementKey(task: TaskContext): Promise<SealingKey> {
  const make = async () => encodeSealingKey(makeSealingKey()).reveal((bytes) => bytes.slice())
  return decodeSealingKey(await task.vault.once('group/key', make))
}

export function groupText({ name, members }: GroupSeat): string {
  return `${name}: ${members.join()}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function bytesOf(text = ''): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
