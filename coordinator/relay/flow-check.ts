// Whether a chunk may follow the one before it in its direction. The relay checks the address and the count, never the bytes.
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { PlatformError } from '#runtime/errors.ts'
import { MAX_CHUNK_BYTES } from '#runtime/grpc-options.ts'

/** Largest envelope: far above what any protocol sends, so that `count` is bounded. */
export const MAX_ENVELOPE_BYTES = 1024 * 1024 * 1024

/** What one direction (job, from, to) is in the middle of. */
export interface Flow {
  seq: number
  /** index that must come next; 0 when the envelope `seq` is complete or was given up */
  next: number
  count: number
  totalBytes: number
  gotBytes: number
  /** the receiver said that it has everything up to this number: a resend may start behind it */
  acknowledged: number
}

/** A flow in which nothing came yet: any envelope may start it, since the sender may have been here before us. */
export function emptyFlow(): Flow {
  return { seq: 0, next: 0, count: 0, totalBytes: 0, gotBytes: 0, acknowledged: 0 }
}

/**
 * Moves the flow on by this chunk. An envelope may start again from its first chunk at any time (a resend), but
 * numbers never jump ahead of what passed or was acknowledged, and the pieces of an envelope come one after the other.
 * @throws PlatformError transport.too-large, protocol.malformed, envelope.out-of-order; the flow is then unchanged
 */
export function advanceFlow(flow: Flow, chunk: Chunk__Output): void {
  checkShape(chunk)
  const bytes = chunk.data.length
  if (chunk.index === 0) {
    const afterAcknowledged = chunk.seq <= flow.acknowledged + 1
    if (!afterAcknowledged && flow.seq > 0 && chunk.seq > flow.seq + 1) throw outOfOrder(flow, chunk)
    // the envelope before was left in the middle: only itself or an earlier one may come now
    if (!afterAcknowledged && flow.next > 0 && chunk.seq > flow.seq) throw outOfOrder(flow, chunk)
    checkTotal(chunk, bytes)
    flow.seq = chunk.seq
    flow.count = chunk.count
    flow.totalBytes = chunk.total_bytes
    flow.gotBytes = bytes
  } else {
    if (chunk.seq !== flow.seq || chunk.index !== flow.next) throw outOfOrder(flow, chunk)
    if (chunk.count !== flow.count || chunk.total_bytes !== flow.totalBytes) {
      throw malformed(chunk, 'count or total differs from the first chunk')
    }
    checkTotal(chunk, flow.gotBytes + bytes)
    flow.gotBytes += bytes
  }
  flow.next = chunk.index + 1 === chunk.count ? 0 : chunk.index + 1
}

/** The sender connected anew: the envelope under way, if any, must come again from its first chunk. */
export function giveUpEnvelope(flow: Flow): void {
  if (flow.next > 0) flow.seq -= 1
  flow.next = 0
}

function checkShape(chunk: Chunk__Output): void {
  if (chunk.data.length > MAX_CHUNK_BYTES) {
    throw new PlatformError('transport.too-large', { got: chunk.data.length, limit: MAX_CHUNK_BYTES })
  }
  if (chunk.total_bytes > MAX_ENVELOPE_BYTES) {
    throw new PlatformError('transport.too-large', { got: chunk.total_bytes, limit: MAX_ENVELOPE_BYTES })
  }
  if (!Number.isSafeInteger(chunk.seq) || chunk.seq < 1) throw malformed(chunk, 'seq starts at 1')
  if (chunk.data.length === 0) throw malformed(chunk, 'no data')
  if (chunk.index >= chunk.count) throw malformed(chunk, 'index is not below count')
  if (chunk.count > chunk.total_bytes || chunk.count * MAX_CHUNK_BYTES < chunk.total_bytes) {
    throw malformed(chunk, 'count does not fit the total')
  }
}

function checkTotal(chunk: Chunk__Output, gotBytes: number): void {
  const last = chunk.index + 1 === chunk.count
  if (last ? gotBytes !== chunk.total_bytes : gotBytes >= chunk.total_bytes) {
    throw malformed(chunk, 'the chunks do not add up to the total')
  }
}

function malformed(chunk: Chunk__Output, problem: string): PlatformError {
  return new PlatformError('protocol.malformed', { message: 'Chunk', problem, seq: chunk.seq, index: chunk.index })
}

function outOfOrder(flow: Flow, chunk: Chunk__Output): PlatformError {
  const expected = flow.next === 0 ? `at most ${flow.seq + 1}/0` : `${flow.seq}/${flow.next}`
  return new PlatformError('envelope.out-of-order', { expected, got: `${chunk.seq}/${chunk.index}` })
}
