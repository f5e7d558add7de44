// What every answer says to the browser, and which requests a page of this console can have sent.
import type { IncomingMessage } from 'node:http'
import { PlatformError } from '#runtime/errors.ts'

/** Scripts, styles and calls of this origin only; nothing inline, nothing framed, no form sent elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

export function securityHeaders(isSecure: boolean): Readonly<Record<string, string>> {
  return {
    'content-security-policy': POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(isSecure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}

/**
 * A name that an attacker pointed at this machine is refused (DNS rebinding), and so is a call that no page of this console
 * sent: of those that change something by their origin, of the others where the browser says that another site asks.
 * @param url path and query
 * @param origins scheme://host:port under which the console is opened
 * @throws PlatformError console.origin
 */
export function requireOwnOrigin(
  { method = '', url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  origins: ReadonlySet<string>,
): void {
  const hosts = new Set([...origins].map((origin) => new URL(origin).host))
  if (!hosts.has(headers.host ?? '')) throw new PlatformError('console.origin', { host: clipped(headers.host) })
  if (method === 'GET' || method === 'HEAD') {
    // another port of this machine is the same site: its pages bring the cookie along
    const site = headers['sec-fetch-site'] as string | undefined
    if (url.startsWith('/api/') && (site === 'cross-site' || site === 'same-site'))
      throw new PlatformError('console.origin', { site })
    return
  }
  if (!origins.has(headers.origin ?? '')) throw new PlatformError('console.origin', { origin: clipped(headers.origin) })
}

const clipped = (text: string | undefined) => (text ?? 'none').slice(0, 100)
