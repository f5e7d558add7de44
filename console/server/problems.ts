// Refusals as RFC 9457 problem details, with the code, the words and the HTTP status of the error catalogue.
import type { Problem } from '#console/api/problem.ts'
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { ERROR_CODES_ZH } from '#runtime/error-catalogue.zh.ts'
import type { ErrorEntry } from '#runtime/error-codes/entry.ts'
import type { PlatformError } from '#runtime/errors.ts'

/** google.rpc.Code names it so; 409 for a state that does not allow the call, 429 for too much of something. */
const STATUS: Readonly<Record<ErrorEntry['grpc'], number>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  FAILED_PRECONDITION: 409,
  ABORTED: 409,
  CANCELLED: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  DATA_LOSS: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
}

export function problemOf(error: PlatformError): Problem {
  const { grpc, who, summary, mend } = ERROR_CODES[error.code]
  const zh = ERROR_CODES_ZH[error.code]
  return {
    type: `urn:tributary:error:${error.code}`,
    status: STATUS[grpc],
    title: summary,
    code: error.code,
    who,
    summary: { en: summary, zh: zh?.summary ?? summary },
    mend: { en: mend, zh: zh?.mend ?? mend },
    detail: error.detail,
  }
}
