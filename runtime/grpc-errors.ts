// PlatformError across gRPC: the status comes from the catalogue, code and detail travel in trailing metadata.
import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { ERROR_CODES } from './error-catalogue.ts'
import { type ErrorDetail, isErrorCode, PlatformError, toPlatformError } from './errors.ts'

export const CODE_KEY = 'tributary-code'
export const DETAIL_KEY = 'tributary-detail'
const MAX_DETAIL_CHARS = 4096

/** What a gRPC server answers with. No stack and no cause: they stay in the log of this process. */
export function toServiceError(thrown: unknown): Pick<ServiceError, 'code' | 'details' | 'metadata'> {
  const error = toPlatformError(thrown)
  const metadata = new Metadata()
  metadata.set(CODE_KEY, error.code)
  const detail = asciiJson(error.detail)
  if (detail.length <= MAX_DETAIL_CHARS) metadata.set(DETAIL_KEY, detail)
  return { code: status[ERROR_CODES[error.code].grpc], details: ERROR_CODES[error.code].summary, metadata }
}

/** What a gRPC client got, as a PlatformError; a connection that failed is `transport.unavailable`. */
export function fromServiceError(thrown: unknown): PlatformError {
  if (thrown instanceof PlatformError) return thrown
  const { code, metadata, details } = thrown as Partial<ServiceError>
  const named = String(metadata?.get(CODE_KEY)[0] ?? '')
  if (isErrorCode(named)) return new PlatformError(named, parseDetail(metadata?.get(DETAIL_KEY)[0]), thrown)
  if (code === status.UNAVAILABLE) {
    return new PlatformError('transport.unavailable', { reason: (details ?? '').slice(0, 300) }, thrown)
  }
  if (code === status.RESOURCE_EXHAUSTED) return new PlatformError('transport.too-large', {}, thrown)
  return toPlatformError(thrown)
}

/** Metadata values are printable ASCII. */
function asciiJson(detail: ErrorDetail): string {
  return JSON.stringify(detail).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function parseDetail(text: unknown): ErrorDetail {
  try {
    const value: unknown = JSON.parse(String(text ?? '{}'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ErrorDetail) : {}
  } catch {
    return {} // a peer's malformed detail must not hide its code
  }
}
