// A platform error as it crosses to other parties: code and facts, never a cause or a stack.
import type { Failure } from '#protos/gen/tributary/v1/Failure.ts'
import type { PlatformError } from '#runtime/errors.ts'

const MAX_VALUE_CHARS = 1000

export function wireFailure(error: PlatformError, party: string): Failure {
  const text = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value)).slice(0, MAX_VALUE_CHARS)
  const detail = Object.fromEntries(Object.entries(error.detail).map(([key, value]) => [key, text(value)]))
  return { code: error.code, party, detail }
}
