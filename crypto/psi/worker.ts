// A thread of the point pool: computes one chunk of points. The event loop of the agent stays free.
import { hashToPoints, raisePoints } from './points.ts'

export type PointChunk =
  | { readonly make: 'hash'; readonly tag: Uint8Array; readonly ids: readonly string[] }
  | { readonly make: 'raise'; readonly exponent: Uint8Array; readonly points: Uint8Array }

export default function compute(chunk: PointChunk): Uint8Array {
  if (chunk.make === 'hash') return hashToPoints(chunk.tag, chunk.ids)
  const raised = raisePoints(chunk.exponent, chunk.points)
  chunk.exponent.fill(0) // this thread's copy of the secret
  return raised
}
