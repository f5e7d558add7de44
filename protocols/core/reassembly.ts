// Puts the chunks of one envelope together again, with limits on everything a stranger could choose.
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { PlatformError } from '#runtime/errors.ts'
import { MAX_CHUNK_BYTES } from '#runtime/grpc-options.ts'

const MAX_CHUNKS = 65_536

interface Assembly {
  readonly seq: number
  readonly count: number
  readonly totalBytes: number
  readonly parts: Uint8Array[]
  bytes: number
}

/** Chunks of one sender come in order; one envelope is under assembly at a time. */
export class Reassembly {
  readonly #maxBytes: number
  #current: Assembly | undefined

  /** @param maxBytes of an envelope */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * The whole envelope when this chunk was its last, else undefined. Chunks that continue nothing are dropped:
   * their first part was lost and the sender will send all of it again.
   * @throws PlatformError transport.too-large, envelope.malformed; what was assembled so far is dropped then
   */
  add(chunk: Chunk__Output): Uint8Array | undefined {
    try {
      return this.#add(chunk)
    } catch (error) {
      this.#current = undefined
      throw error
    }
  }

  #add(chunk: Chunk__Output): Uint8Array | undefined {
    checkLimits(chunk, this.#maxBytes)
    if (chunk.index === 0) {
      const { seq, count, total_bytes: totalBytes } = chunk
      this.#current = { seq, count, totalBytes, parts: [], bytes: 0 }
    }
    const current = this.#current
    if (current === undefined || current.seq !== chunk.seq || current.parts.length !== chunk.index) return undefined
    if (current.count !== chunk.count || current.totalBytes !== chunk.total_bytes)
      throw malformed(chunk, 'count or total changed between chunks')
    current.parts.push(chunk.data)
    current.bytes += chunk.data.length
    if (current.bytes > current.totalBytes) throw malformed(chunk, 'more bytes than announced')
    if (current.parts.length < current.count) return undefined
    if (current.bytes < current.totalBytes) throw malformed(chunk, 'fewer bytes than announced')
    this.#current = undefined
    return current.parts.length === 1 ? (current.parts[0] as Uint8Array) : Buffer.concat(current.parts)
  }
}

function checkLimits(chunk: Chunk__Output, maxBytes: number): void {
  if (chunk.total_bytes > maxBytes)
    throw new PlatformError('transport.too-large', { bytes: chunk.total_bytes, limit: maxBytes })
  if (chunk.data.length > MAX_CHUNK_BYTES)
    throw new PlatformError('transport.too-large', { bytes: chunk.data.length, limit: MAX_CHUNK_BYTES })
  if (chunk.data.length === 0) throw malformed(chunk, 'an empty chunk')
  if (chunk.seq < 1) throw malformed(chunk, 'no number')
  if (chunk.count < 1 || chunk.count > MAX_CHUNKS || chunk.index >= chunk.count)
    throw malformed(chunk, 'index outside count')
  if (chunk.total_bytes < chunk.count) throw malformed(chunk, 'fewer bytes than chunks')
}

function malformed(chunk: Chunk__Output, problem: string): PlatformError {
  return new PlatformError('envelope.malformed', { from: chunk.from, seq: chunk.seq, index: chunk.index, problem })
}

/**
 * Cuts an envelope for the wire.
 * @param letterBytes of an envelope that begins with a letter: these are a chunk of their own, so that the others are alike
 * in the envelopes to all receivers
 */
export function* chunksOf(
  envelope: Uint8Array,
  address: { readonly job: string; readonly from: string; readonly to: string; readonly seq: number },
  letterBytes = 0,
): Generator<Chunk__Output> {
  const letters = letterBytes > 0 ? 1 : 0
  const count = letters + Math.max(1, Math.ceil((envelope.length - letterBytes) / MAX_CHUNK_BYTES))
  for (let index = 0; index < count; index++) {
    const start = index < letters ? 0 : letterBytes + (index - letters) * MAX_CHUNK_BYTES
    const part = envelope.subarray(start, index < letters ? letterBytes : start + MAX_CHUNK_BYTES)
    const data = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
    yield { ...address, index, count, total_bytes: envelope.length, data, copies: [] }
  }
}
