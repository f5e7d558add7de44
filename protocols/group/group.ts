// An open group: exact sums over its members, masks that cancel over them, and a seed that they alone know.
import { createHash } from 'node:crypto'
import { expandBytes } from '#crypto/prg.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { LEAST_MEMBERS } from '#protocols/core/job-groups.ts'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'
import { LABEL_BYTES, VALUE_BYTES } from './bodies.ts'
import { addMasks, type MaskPair, WORDS } from './masks.ts'
import { type GroupState, groupText, openMeeting, othersOf } from './meeting.ts'
import { GROUP_SUMS } from './messages.ts'
import { type GroupSeat, MAX_VALUES, VALUES_PER_PART } from './params.ts'

export interface OpenGroup {
  readonly seat: GroupSeat
  /**
   * The sum over all members, number by number, exactly and the same at all of them. Every member calls it with as many
   * numbers, in the same order of calls within a round; a round that runs again after a restart sends the same bytes.
   * @param label what is summed: no two sums of a round have one
   * @param values sums within ±2^63: less than that divided by the number of members, each
   * @throws PlatformError group.other-sum where another member sums something else
   */
  sum(round: number, label: string, values: readonly bigint[]): Promise<bigint[]>
  /** As `sum`, for whole numbers whose sums stay within ±2^53. @throws PlatformError he.range */
  count(round: number, label: string, values: ArrayLike<number>): Promise<number[]>
  /**
   * This member's masks: over all members they add up to 0 modulo `modulus`, and all but one of them are uniform.
   * @param label of this one vector in the whole task, round included: masks hide one vector once
   * @param modulus 2 … 2^64
   */
  masks(label: string, count: number, modulus: bigint): BigUint64Array
  /** 32 bytes, the same at all members and known to nobody else */
  readonly seed: Secret
}

/** @throws PlatformError group.too-few-members */
export async function openGroup(task: TaskContext, seat: GroupSeat, state: GroupState): Promise<OpenGroup> {
  if (new Set(seat.members).size < LEAST_MEMBERS)
    throw new PlatformError('group.too-few-members', { group: seat.name, least: LEAST_MEMBERS })
  const { pairs: secrets, parts } = await openMeeting(task, seat, state)
  const seed = seedOf(task, seat, parts)
  const place = seat.members.indexOf(seat.self)
  const pairs = othersOf(seat).map((peer): MaskPair => {
    return { secret: secrets.get(peer)!, adds: place < seat.members.indexOf(peer) }
  })
  const fingerprint = Buffer.from(expandBytes(seed, 'tributary/group/fingerprint', 16)).toString('hex')
  /** by round: parts sent in it so far */
  const parted = new Map<number, number>()
  /** what was summed: two sums under one mask would tell their difference */
  const summed = new Set<string>()
  const sum = async (round: number, label: string, values: BigInt64Array): Promise<BigInt64Array> => {
    if (values.length > MAX_VALUES) throw new PlatformError('he.range', { values: values.length, limit: MAX_VALUES })
    if (values.length === 0) return values
    const facts = [task.jobId, task.taskId, round, groupText(seat), label, values.length, fingerprint]
    const text = JSON.stringify(facts)
    if (summed.has(text)) throw new PlatformError('internal.unexpected', { expected: 'another label', round, label })
    summed.add(text)
    const digest = createHash('sha256').update(text).digest()
    const firstPart = parted.get(round) ?? 0
    parted.set(round, firstPart + Math.ceil(values.length / VALUES_PER_PART))
    return await sumOf(task, seat, pairs, { round, firstPart, digest }, values)
  }
  return {
    seat,
    seed,
    async sum(round, label, values) {
      return [...(await sum(round, label, BigInt64Array.from(values)))]
    },
    async count(round, label, values) {
      const most = Math.floor(Number.MAX_SAFE_INTEGER / seat.members.length)
      const own = BigInt64Array.from(Array.from(values, (value) => wholeNumber(value, most)))
      return Array.from(await sum(round, label, own), Number)
    },
    masks(label, count, modulus) {
      const masks = new BigUint64Array(count)
      addMasks(masks, pairs, `tributary/group/mask\0${modulus}\0${label}`, modulus)
      return masks
    },
  }
}

function wholeNumber(value: number, most: number): bigint {
  if (!Number.isSafeInteger(value) || Math.abs(value) > most)
    throw new PlatformError('he.range', { what: 'a number for a sum over the group', limit: most })
  return BigInt(value)
}

/** Of all members' parts: random as long as one of them is. */
function seedOf(task: TaskContext, seat: GroupSeat, parts: readonly Uint8Array[]): Secret {
  const hash = createHash('sha256').update(['tributary/group/v1', task.jobId, task.taskId, groupText(seat)].join('\0'))
  for (const part of parts) hash.update(part)
  return new Secret('group seed', new Uint8Array(hash.digest()))
}

interface SumPlace {
  readonly round: number
  readonly firstPart: number
  /** SHA-256 of what is summed */
  readonly digest: Uint8Array
}

async function sumOf(
  task: TaskContext,
  seat: GroupSeat,
  pairs: readonly MaskPair[],
  { round, firstPart, digest }: SumPlace,
  values: BigInt64Array,
): Promise<BigInt64Array> {
  const peers = othersOf(seat).map((peer) => openRound(GROUP_SUMS, 'member', 'member', task.channel(peer), round))
  const own = BigUint64Array.from(values, (value) => BigInt.asUintN(64, value))
  addMasks(own, pairs, `tributary/group/sum\0${Buffer.from(digest).toString('hex')}`, WORDS)
  const ranges = partRanges(values.length)
  for (const peer of peers)
    for (const [part, [from, to]] of ranges.entries())
      await peer.send('group-sum', () => partOf(digest, own.subarray(from, to)), { part: firstPart + part })
  const total = own.slice()
  for (const peer of peers)
    for (const [part, [from, to]] of ranges.entries()) {
      const body = await peer.receive('group-sum', { part: firstPart + part })
      const theirs = valuesOf(body, digest, to - from, { group: seat.name, peer: peer.peer, round })
      for (const [i, value] of theirs.entries()) total[from + i]! += value
    }
  return new BigInt64Array(total.buffer)
}

function partRanges(count: number): [number, number][] {
  return Array.from({ length: Math.ceil(count / VALUES_PER_PART) }, (_, part): [number, number] => [
    part * VALUES_PER_PART,
    Math.min(count, (part + 1) * VALUES_PER_PART),
  ])
}

function partOf(digest: Uint8Array, values: BigUint64Array): Uint8Array {
  const body = new Uint8Array(LABEL_BYTES + values.length * VALUE_BYTES)
  body.set(digest)
  body.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), LABEL_BYTES)
  return body
}

/** @throws PlatformError group.other-sum */
function valuesOf(
  body: Uint8Array,
  digest: Uint8Array,
  count: number,
  detail: Readonly<Record<string, string | number>>,
): BigUint64Array {
  const same = Buffer.compare(body.subarray(0, LABEL_BYTES), digest) === 0
  if (!same || body.length !== LABEL_BYTES + count * VALUE_BYTES) throw new PlatformError('group.other-sum', detail)
  return new BigUint64Array(Uint8Array.from(body.subarray(LABEL_BYTES)).buffer)
}
