// Why a job ended, between an error of ours, the store and the wire.
import type { Failure__Output } from '#protos/gen/tributary/v1/Failure.ts'
import { type ErrorDetail, isErrorCode, type PlatformError } from '#runtime/errors.ts'
import type { JobFailure } from './job-record.ts'

const MAX_DETAILS = 32
const MAX_KEY_CHARS = 64
const MAX_VALUE_CHARS = 2000

/** @param party at which it happened, empty for the coordinator */
export function failureOf(error: PlatformError, party: string): JobFailure {
  return { code: error.code, party, detail: detailOnWire(error.detail) }
}

/**
 * What a party reported. The party is the one that the connection belongs to, whatever the frame says, and the
 * length of what it may say to all others is bounded.
 */
export function readFailure(reported: Failure__Output | null | undefined, party: string): JobFailure {
  const code = reported?.code ?? ''
  return {
    code: isErrorCode(code) ? code : 'internal.unexpected',
    party,
    detail: boundDetail(Object.entries(reported?.detail ?? {})),
  }
}

/** Details as text, as they cross the wire. */
export function detailOnWire(detail: ErrorDetail): Record<string, string> {
  return boundDetail(
    Object.entries(detail).map(([key, value]) => [key, Array.isArray(value) ? value.join('\n') : String(value)]),
  )
}

function boundDetail(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(
    entries.slice(0, MAX_DETAILS).map(([key, value]) => [key.slice(0, MAX_KEY_CHARS), value.slice(0, MAX_VALUE_CHARS)]),
  )
}
