// What guest and host do alike: mask and shuffle the own set, commit to it, move sets in parts, keep the result.
import { createHash, timingSafeEqual } from 'node:crypto'
import { expandBytes, permutation } from '#crypto/prg.ts'
import { PointIndex } from '#crypto/psi/point-index.ts'
import { GROUP, POINT_BYTES } from '#crypto/psi/points.ts'
import { hashIds, raiseSet, type PointWork } from '#crypto/psi/pool.ts'
import type { PartOptions } from '#protocols/core/channel.ts'
import type { PartyId, TaskContext } from '#protocols/core/contract.ts'
import { type IdKind, NORMALISATION_VERSION } from '#protocols/core/ids.ts'
import { compareTerms } from '#protocols/core/agreement.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type Commitment, checkCount, type PsiTerms } from './bodies.ts'
import { MAX_POINTS, paddedSize, POINTS_PER_PART, PROTOCOL_VERSION, type PsiInput } from './params.ts'
import { summarise } from './profile.ts'
import type { PsiReport } from './report.ts'

/** The checkpoint: JSON, nothing secret. Order and row key are in the vault. */
export interface PsiState {
  readonly startedAt: number
  /** what each peer said of its ids, by party */
  readonly profiles: Readonly<Record<PartyId, PsiTerms['profile']>>
  readonly report?: PsiReport
}

/** One party's set as one peer sees it. */
export interface MaskedSet {
  /** raised, padded, shuffled */
  readonly points: Uint8Array
  /** index among the hashed ids at each position, or PADDING */
  readonly owner: Int32Array
  readonly commitment: Commitment
}

export const PADDING = -1

export function ownTerms(
  input: Omit<PsiInput, 'ids' | 'idKind'> & { readonly idKind: string },
  left: Pick<PsiTerms, 'mode' | 'coverage' | 'decoysPermille'> = { mode: 'inner', coverage: '', decoysPermille: 0 },
): PsiTerms {
  return {
    protocolVersion: PROTOCOL_VERSION,
    normalisationVersion: NORMALISATION_VERSION,
    idKind: input.idKind,
    minIntersection: input.minIntersection,
    bucket: input.bucket,
    group: GROUP,
    ...left,
    profile: summarise(input.profile),
  }
}

/** @throws PlatformError task.params-differ naming each term that differs, with both values */
export function agreeOn(own: PsiTerms, theirs: PsiTerms, peer: PartyId): void {
  // In left mode a host may have some of the guest's kinds, and kinds of its own: one in common is enough.
  const kinds = theirs.idKind.split('+')
  const share = own.mode === 'left' && own.idKind.split('+').some((kind) => kinds.includes(kind))
  const values = (terms: PsiTerms) => ({
    protocolVersion: String(terms.protocolVersion),
    normalisationVersion: String(terms.normalisationVersion),
    idKind: share ? 'one in common' : terms.idKind,
    minIntersection: String(terms.minIntersection),
    bucket: String(terms.bucket),
    group: terms.group,
    mode: terms.mode,
    decoysPermille: String(terms.decoysPermille),
  })
  compareTerms(values(own), values(theirs), peer)
}

/** The own ids as points: the same at every party of this task, and of no use in another. */
export function hashOwnIds(task: TaskContext, idKind: IdKind, ids: readonly string[]): Promise<Uint8Array> {
  const domain = ['id', task.jobId, task.taskId, String(NORMALISATION_VERSION), idKind]
  return hashIds(domain, ids, workOf(task, 'hashing ids', ids.length))
}

/**
 * Everything is expanded from seeds of the vault, one for each peer: a restart makes the same bytes.
 * @param hashed the ids for this peer as points
 */
export async function maskSet(
  task: TaskContext,
  bucket: number,
  hashed: Uint8Array,
  peer: PartyId,
): Promise<MaskedSet> {
  const n = hashed.length / POINT_BYTES
  const size = paddedSize(n, bucket)
  using order = await task.vault.seed(`psi/shuffle/${peer}`)
  using padding = await task.vault.seed(`psi/padding/${peer}`)
  using exponent = await exponentFor(task, peer)
  const names = Buffer.from(expandBytes(padding, 'padding', (size - n) * 32)).toString('hex')
  const pads = await hashIds(
    ['padding', task.jobId, task.taskId],
    Array.from({ length: size - n }, (_, i) => names.slice(i * 64, i * 64 + 64)),
    { signal: task.signal },
  )
  const raised = await raiseSet(exponent, Buffer.concat([hashed, pads]), workOf(task, `masking ids for ${peer}`, size))
  const points = new Uint8Array(raised.length)
  const owner = new Int32Array(size)
  for (const [position, from] of permutation(order, 'shuffle', size).entries()) {
    points.set(raised.subarray(from * POINT_BYTES, (from + 1) * POINT_BYTES), position * POINT_BYTES)
    owner[position] = from < n ? from : PADDING
  }
  return { points, owner, commitment: commitTo(task, task.self, peer, points) }
}

/** The peer's set under this party's exponent of the pair, in the order in which it came. */
export async function raisePeerSet(task: TaskContext, peer: PartyId, points: Uint8Array): Promise<Uint8Array> {
  using exponent = await exponentFor(task, peer)
  // `await`: the exponent is overwritten when this function returns
  return await raiseSet(exponent, points, workOf(task, `raising ids of ${peer}`, points.length / POINT_BYTES))
}

/** Binds sender and receiver: nobody can hand in a copy of the peer's commitment as its own. */
function commitTo(task: TaskContext, from: PartyId, to: PartyId, points: Uint8Array): Commitment {
  const sha256 = createHash('sha256')
    .update(`tributary/psi/commitment/v1\0${task.jobId}\0${task.taskId}\0${from}\0${to}\0`)
    .update(points)
    .digest()
  return { sha256: new Uint8Array(sha256), count: points.length / POINT_BYTES }
}

/** @throws PlatformError psi.count */
export function checkPeerCommitment(theirs: Commitment, bucket: number, peer: PartyId): void {
  if (theirs.count < bucket || theirs.count > MAX_POINTS || theirs.count % bucket !== 0) {
    throw new PlatformError('psi.count', { peer, count: theirs.count, expected: `a multiple of ${bucket}` })
  }
}

/** @throws PlatformError psi.duplicate-point, psi.commitment */
export async function checkPeerSet(task: TaskContext, peer: PartyId, theirs: Commitment, points: Uint8Array) {
  await PointIndex.of(points)
  if (!timingSafeEqual(commitTo(task, peer, task.self, points).sha256, theirs.sha256)) {
    throw new PlatformError('psi.commitment', { peer })
  }
}

/** @param send sends one part of the step */
export async function sendPoints(
  points: Uint8Array,
  send: (body: () => Uint8Array, part: PartOptions) => Promise<void>,
): Promise<void> {
  const size = POINTS_PER_PART * POINT_BYTES
  for (let part = 0; part * size < points.length; part++) {
    await send(() => points.subarray(part * size, (part + 1) * size), { part })
  }
}

/** @param count points announced @param receive receives one part of the step @throws PlatformError psi.count */
export async function receivePoints(
  count: number,
  peer: PartyId,
  receive: (part: PartOptions) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const points = new Uint8Array(count * POINT_BYTES)
  for (let part = 0; part * POINTS_PER_PART < count; part++) {
    const body = await receive({ part })
    checkCount(Math.min(POINTS_PER_PART, count - part * POINTS_PER_PART), body.length / POINT_BYTES, peer)
    points.set(body, part * POINTS_PER_PART * POINT_BYTES)
  }
  return points
}

/**
 * What guest and host compare at the end: that both apply the same list. Positions only: a digest over ids would let
 * a guest that names positions it has no id for test a dictionary against it.
 */
export function receiptOf(task: TaskContext, host: PartyId, rowKey: Uint8Array, positions: Uint32Array): Uint8Array {
  return new Uint8Array(
    createHash('sha256')
      .update(`tributary/psi/receipt/v1\0${task.jobId}\0${task.taskId}\0${host}\0`)
      .update(rowKey)
      .update(positions)
      .digest(),
  )
}

/** The order is sealed in the vault: which customers are common is nobody's but the parties'. */
export async function keepOrder(task: TaskContext, order: Uint32Array): Promise<void> {
  await task.vault.once('psi/order', async () => new Uint8Array(Uint32Array.from(order).buffer))
}

export async function keptOrder(task: TaskContext): Promise<Uint32Array> {
  const bytes = await task.vault.once('psi/order', async () => {
    throw new PlatformError('job.bad-state', { expected: 'an alignment that finished its round' })
  })
  return new Uint32Array(Uint8Array.from(bytes).buffer)
}

function exponentFor(task: TaskContext, peer: PartyId) {
  return task.vault.seed(`psi/exponent/${peer}`)
}

function workOf(task: TaskContext, phase: string, total: number): PointWork {
  return { signal: task.signal, progress: (done) => task.progress({ phase, done, total, unit: 'ids' }) }
}
