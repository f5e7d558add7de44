// Checks a stream of leaves in batches: a short log in this thread, a long one in workers that start at the first
// batch beyond it. The order of the leaves is kept, and only a few batches are in memory.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { HASH_BYTES } from '#crypto/log/merkle.ts'
import { type CheckedLeaf, makeLeafCheck } from './leaf-check.ts'
import type { BatchItem, CheckedBatch, LeafBatch } from './leaf-worker.ts'
import type { Participant } from './rules.ts'

const BATCH_LEAVES = 512
const BATCH_BYTES = 1_048_576
/** checked in this thread before workers start */
const SHORT_BATCHES = 8
const MAX_WORKERS = 8
const BATCHES_A_WORKER = 2
/** a worker keeps nothing between batches; without limits its heap grows to what the machine has */
const WORKER_MEMORY = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 96 }

/**
 * Batches of checked leaves, in order.
 * @param workers 0: everything in this thread
 */
export async function* checkInWorkers(
  leaves: AsyncIterable<Uint8Array>,
  participants: readonly Participant[],
  workers = Math.min(availableParallelism(), MAX_WORKERS),
): AsyncGenerator<readonly CheckedLeaf[]> {
  const check = makeLeafCheck(participants)
  let pool: LeafPool | undefined
  let count = 0
  try {
    for await (const batch of batchesOf(leaves)) {
      count += 1
      if (workers === 0 || count <= SHORT_BATCHES) {
        yield batch.map(check)
        continue
      }
      pool ??= new LeafPool(participants, workers)
      pool.push(batch)
      if (pool.isFull) yield await pool.shift()
    }
    while (pool !== undefined && !pool.isEmpty) yield await pool.shift()
  } finally {
    await pool?.close()
  }
}

async function* batchesOf(leaves: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Uint8Array[]> {
  let batch: Uint8Array[] = []
  let bytes = 0
  for await (const leaf of leaves) {
    batch.push(leaf)
    bytes += leaf.length
    if (batch.length < BATCH_LEAVES && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/** Workers in turn; each answers its batches in the order it got them. */
class LeafPool {
  readonly #workers: readonly { readonly thread: Worker; readonly waiting: Settle[] }[]
  readonly #answers: Promise<CheckedBatch>[] = []
  #next = 0

  constructor(participants: readonly Participant[], count: number) {
    this.#workers = Array.from({ length: count }, () => {
      const options = { workerData: { participants }, resourceLimits: WORKER_MEMORY }
      const worker = {
        thread: new Worker(new URL('./leaf-worker.ts', import.meta.url), options),
        waiting: [] as Settle[],
      }
      worker.thread.on('message', (answer: CheckedBatch) => worker.waiting.shift()?.resolve(answer))
      const fail = (cause: unknown) => {
        for (const { reject } of worker.waiting.splice(0)) reject(cause)
      }
      worker.thread.on('error', fail)
      worker.thread.on('exit', () => fail(new Error('a worker that checks leaves ended')))
      return worker
    })
  }

  get isFull(): boolean {
    return this.#answers.length >= this.#workers.length * BATCHES_A_WORKER
  }

  get isEmpty(): boolean {
    return this.#answers.length === 0
  }

  push(leaves: readonly Uint8Array[]): void {
    const worker = this.#workers[this.#next++ % this.#workers.length]
    if (worker === undefined) throw new RangeError('a pool has at least one worker')
    const bytes = new Uint8Array(leaves.reduce((sum, leaf) => sum + leaf.length, 0))
    let at = 0
    for (const leaf of leaves) {
      bytes.set(leaf, at)
      at += leaf.length
    }
    const batch: LeafBatch = { bytes, lengths: leaves.map(({ length }) => length) }
    const { promise, resolve, reject } = Promise.withResolvers<CheckedBatch>()
    promise.catch(() => {}) // shift() throws it; an earlier one may be thrown first
    worker.waiting.push({ resolve, reject })
    worker.thread.postMessage(batch, [bytes.buffer])
    this.#answers.push(promise)
  }

  async shift(): Promise<readonly CheckedLeaf[]> {
    const { hashes, leaves } = (await this.#answers.shift()) as CheckedBatch
    const items = JSON.parse(leaves) as readonly BatchItem[]
    return items.map((item, i) => ({ ...item, hash: hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES) }))
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(({ thread }) => thread.terminate()))
  }
}

interface Settle {
  readonly resolve: (answer: CheckedBatch) => void
  readonly reject: (cause: unknown) => void
}
