// Round 0: all parties compare what they are about to do and exchange the keys from which the masks of every round follow.
import { pairSecret } from '#crypto/aggregate/round-keys.ts'
import { decodeSealingKey, encodeSealingKey, makeSealingKey, type SealingKey } from '#crypto/envelope.ts'
import { compareTerms, type Terms } from '#protocols/core/agreement.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { PartyId, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { SETUP } from './messages.ts'
import { LEAST_PARTIES } from './params.ts'

/** What a party knows of the group after round 0. JSON: part of the checkpoint. */
export interface Group {
  /** in their agreed order, the guest first */
  readonly participants: readonly PartyId[]
  /** public keys of all, in base64 */
  readonly keys: Readonly<Record<PartyId, string>>
}

/** What this party shares with each other one. */
export interface GroupSecrets {
  readonly pairs: ReadonlyMap<PartyId, Secret>
  /** told to nobody */
  readonly own: Secret
}

export function participantsOf(task: TaskContext): readonly PartyId[] {
  return [task.guest, ...task.hosts]
}

export function othersOf({ participants }: Pick<Group, 'participants'>, self: PartyId): readonly PartyId[] {
  return participants.filter((party) => party !== self)
}

/**
 * Compares terms with every other party and exchanges public keys.
 * @param least participants that the settings allow
 * @throws PlatformError average.too-few-parties, task.params-differ, average.other-round where two parties show one key
 */
export async function meet(task: TaskContext, terms: Terms, least = LEAST_PARTIES): Promise<Group> {
  const participants = participantsOf(task)
  if (participants.length < least) {
    throw new PlatformError('average.too-few-parties', { parties: participants.length, least })
  }
  const all = { ...terms, job: task.jobId, task: task.taskId, participants: participants.join() }
  const own = await agreementKey(task)
  const peers = participants
    .filter((party) => party !== task.self)
    .map((party) => openRound(SETUP, 'party', 'party', task.channel(party), 0))
  for (const peer of peers) {
    await peer.send('terms', () => all)
    await peer.send('round-key', () => own.publicKey)
  }
  const keys: [PartyId, string][] = [[task.self, base64(own.publicKey)]]
  for (const peer of peers) {
    compareTerms(all, await peer.receive('terms'), peer.peer)
    keys.push([peer.peer, base64(await peer.receive('round-key'))])
  }
  if (new Set(keys.map(([, key]) => key)).size < keys.length) {
    throw new PlatformError('average.other-round', { differing: ['round-key'], expected: 'a key of its own each' })
  }
  return { participants, keys: Object.fromEntries(keys) }
}

/** The secrets of the group, again after each restart. */
export async function openSecrets(task: TaskContext, { participants, keys }: Group): Promise<GroupSecrets> {
  const own = await agreementKey(task)
  const pairs = participants
    .filter((party) => party !== task.self)
    .map((party): [PartyId, Secret] => {
      const info = [task.jobId, task.taskId, ...[task.self, party].toSorted()].join('\0')
      return [party, pairSecret(own, Buffer.from(keys[party] ?? '', 'base64'), info)]
    })
  return { pairs: new Map(pairs), own: await task.vault.seed('sums') }
}

async function agreementKey(task: TaskContext): Promise<SealingKey> {
  const make = async () => encodeSealingKey(makeSealingKey()).reveal((bytes) => bytes.slice())
  return decodeSealingKey(await task.vault.once('round-key', make))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
