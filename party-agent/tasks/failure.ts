// A platform error as it crosses to other parties: code and facts, never a cause or a stack.
import type { Failure, Failure__Output } from '#protos/gen/tributary/v1/Failure.ts'
import { isErrorCode, type PlatformError } from '#runtime/errors.ts'
import type { JobFailure } from './job-files.ts'

const MAX_VALUE_CHARS = 1000

export function wireFailure(error: PlatformError, party: string): Failure {
  const text = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value)).slice(0, MAX_VALUE_CHARS)
  const detail = Object.fromEntries(Object.entries(error.detail).map(([key, value]) => [key, text(value)]))
  return { code: error.code, party, detail }
}

/** What the coordinator says about a failure, cut to what a file may hold. */
export function boundedFailure(failure: Failure__Output): JobFailure {
  const entries = Object.entries(failure.detail).slice(0, 32)
  const detail = Object.fromEntries(entries.map(([key, value]) => [key.slice(0, 64), value.slice(0, 1000)]))
  return {
    code: isErrorCode(failure.code) ? failure.code : 'internal.unexpected',
    party: failure.party.slice(0, 32),
    detail,
  }
}
