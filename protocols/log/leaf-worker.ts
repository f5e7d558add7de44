// A worker thread that checks batches of leaves. In: leaves one after the other. Out: the hashes one after the other,
// and the records as one JSON text, which costs the main thread far less than objects do.
import { parentPort, workerData } from 'node:worker_threads'
import { type CheckedLeaf, makeLeafCheck } from './leaf-check.ts'
import type { Participant } from './rules.ts'

export interface LeafBatch {
  readonly bytes: Uint8Array
  /** of each leaf, in bytes */
  readonly lengths: readonly number[]
}

export interface CheckedBatch {
  /** 32 bytes a leaf */
  readonly hashes: Uint8Array
  /** JSON array of {digest, record} or {digest, problem}, in order */
  readonly leaves: string
}

export type BatchItem = Omit<CheckedLeaf, 'hash'>

const check = makeLeafCheck((workerData as { readonly participants: readonly Participant[] }).participants)

parentPort?.on('message', ({ bytes, lengths }: LeafBatch) => {
  const hashes = new Uint8Array(lengths.length * 32)
  let at = 0
  const leaves = lengths.map((length, i): BatchItem => {
    const { hash, ...rest } = check(bytes.subarray(at, at + length))
    at += length
    hashes.set(hash, i * 32)
    return rest
  })
  const answer: CheckedBatch = { hashes, leaves: JSON.stringify(leaves) }
  parentPort?.postMessage(answer, [hashes.buffer])
})
