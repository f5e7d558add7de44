// Hashing and raising of whole sets, cut in chunks over the cores of this machine.
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { Secret } from '#runtime/secret.ts'
import { domainTag, POINT_BYTES, type PointDomain } from './points.ts'
import type { PointChunk } from './worker.ts'

/** Long enough that a message to a thread costs nothing beside it (60-120 ms), short enough for progress. */
const CHUNK_POINTS = 2000
const THREADS = Math.max(1, availableParallelism())

export interface PointWork {
  readonly signal?: AbortSignal
  /** points done so far */
  readonly progress?: (done: number) => void
}

/** @returns one point an id, in their order: ids.length × 32 bytes. @throws the reason of `work.signal` */
export async function hashIds(domain: PointDomain, ids: readonly string[], work: PointWork = {}): Promise<Uint8Array> {
  const tag = domainTag(domain)
  return inChunks(ids.length, work, (from, to) => ({ make: 'hash', tag, ids: ids.slice(from, to) }))
}

/** @param points n×32 bytes that passed `checkPoints` @returns the raised points in their order, n×32 bytes */
export async function raiseSet(exponent: Secret, points: Uint8Array, work: PointWork = {}): Promise<Uint8Array> {
  // An own copy, so that a caller that disposes of its secret early cannot turn the exponent into zeros half-way.
  using copy = new Secret(
    exponent.label,
    exponent.reveal((bytes) => Uint8Array.from(bytes)),
  )
  return await inChunks(points.length / POINT_BYTES, work, (from, to) => ({
    make: 'raise',
    exponent: copy.reveal((bytes) => Uint8Array.from(bytes)),
    points: Uint8Array.from(points.subarray(from * POINT_BYTES, to * POINT_BYTES)),
  }))
}

let pool: Piscina<PointChunk, Uint8Array> | undefined

/** One pool a process: several jobs at once share the cores. Idle threads end by themselves. */
function openPool(): Piscina<PointChunk, Uint8Array> {
  pool ??= new Piscina<PointChunk, Uint8Array>({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: THREADS,
    idleTimeout: 5_000,
    execArgv: [],
  })
  return pool
}

async function inChunks(
  count: number,
  work: PointWork,
  chunkOf: (from: number, to: number) => PointChunk,
): Promise<Uint8Array> {
  const out = new Uint8Array(count * POINT_BYTES)
  let next = 0
  let done = 0
  const lane = async () => {
    while (next < count) {
      work.signal?.throwIfAborted()
      const from = next
      next = Math.min(count, from + CHUNK_POINTS)
      const to = next
      out.set(await openPool().run(chunkOf(from, to)), from * POINT_BYTES)
      done += to - from
      work.progress?.(done)
    }
  }
  // Two lanes a thread: the next chunk waits at the thread when one ends.
  await Promise.all(Array.from({ length: 2 * THREADS }, lane))
  return out
}
