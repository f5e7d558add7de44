// The one error class. Every refusal of the platform carries a code from the catalogue.
import { ERROR_CODES } from './error-catalogue.ts'

export type ErrorCode = keyof typeof ERROR_CODES

/** Facts about an error: ids, names, shapes, sizes, what was expected and got. Never rows, values or key material. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean | readonly string[]>>

/**
 * An expected failure with a code from the catalogue (`docs/errors.md`).
 * `detail` may cross to other parties; `cause` stays in the local log.
 */
export class PlatformError extends Error {
  readonly code: ErrorCode
  readonly detail: ErrorDetail

  constructor(code: ErrorCode, detail: ErrorDetail = {}, cause?: unknown) {
    super(`${code}: ${ERROR_CODES[code].summary}${describeDetail(detail)}`, cause === undefined ? {} : { cause })
    this.name = 'PlatformError'
    this.code = code
    this.detail = detail
  }
}

/** True for a code of the catalogue, so that a code received from elsewhere can be trusted as one. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}

/** What happened, who must act and what to do, in three lines for a person. */
export function explainError(error: PlatformError): string {
  const entry = ERROR_CODES[error.code]
  return `${error.message}\n  who: ${entry.who}\n  do:  ${entry.mend}`
}

/** Any thrown value as a PlatformError; what is not one already becomes `internal.unexpected` with its cause kept. */
export function toPlatformError(thrown: unknown): PlatformError {
  if (thrown instanceof PlatformError) return thrown
  return new PlatformError(
    'internal.unexpected',
    { error: thrown instanceof Error ? thrown.name : typeof thrown },
    thrown,
  )
}

function describeDetail(detail: ErrorDetail): string {
  const parts = Object.entries(detail).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : value}`,
  )
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`
}
