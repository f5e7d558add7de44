// What a party brings to the alignment, what it gets, and the fixed numbers of the protocol.
import type { IdKind, IdProfile } from '#protocols/core/ids.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { PsiReport } from './report.ts'

export const PROTOCOL_VERSION = 2
/** Sets are padded with random points to a multiple of this: the peer learns the size of a set no closer. */
export const DEFAULT_BUCKET = 4096
/** 128 KiB a message */
export const POINTS_PER_PART = 4096
/** 128 KiB a message */
export const POSITIONS_PER_PART = 32_768
/** Largest padded set: 512 MiB of points. */
export const MAX_POINTS = 2 ** 24
/** Never below, whatever a job says: the overlap of so few rows would point at persons. */
export const LEAST_INTERSECTION = 50

export interface PsiInput {
  /** normalised, unique */
  readonly ids: readonly string[]
  readonly idKind: IdKind
  readonly profile: IdProfile
  /** ids; at least 50 */
  readonly minIntersection: number
  /** ids; 64 … 2^20, by default 4,096 */
  readonly bucket: number
}

export interface PsiOutput {
  /** indexes into input.ids of the common ids; the k-th is the same id at every party */
  readonly order: Uint32Array
  /** 32 bytes, the same at all parties: keys the split into training and hold-out rows */
  readonly rowKey: Uint8Array
  readonly report: PsiReport
}

/** What "no row" at a host means: complete, that there is nothing; partial, that nothing is known. */
export type Coverage = 'complete' | 'partial'

/** @throws PlatformError job.invalid, data.duplicate-id, psi.count for what cannot be aligned */
export function checkInput(input: PsiInput): void {
  checkSizes(input, input.ids.length)
  if (new Set(input.ids).size !== input.ids.length) {
    throw new PlatformError('data.duplicate-id', { problem: 'alignment takes each id once' })
  }
}

/** @throws PlatformError job.invalid, psi.count */
export function checkSizes(input: Pick<PsiInput, 'minIntersection' | 'bucket'>, ids: number): void {
  if (!Number.isSafeInteger(input.minIntersection) || input.minIntersection < LEAST_INTERSECTION) {
    throw new PlatformError('job.invalid', { minIntersection: input.minIntersection, least: LEAST_INTERSECTION })
  }
  if (!Number.isSafeInteger(input.bucket) || input.bucket < 64 || input.bucket > 2 ** 20) {
    throw new PlatformError('job.invalid', { bucket: input.bucket, expected: 'an integer in [64, 1048576]' })
  }
  if (paddedSize(ids, input.bucket) > MAX_POINTS) throw new PlatformError('psi.count', { ids, atMost: MAX_POINTS })
}

/** The next multiple of the bucket; a bucket for an empty set as well. */
export function paddedSize(ids: number, bucket: number): number {
  return Math.max(1, Math.ceil(ids / bucket)) * bucket
}
