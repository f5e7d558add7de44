// A certificate as an operator sees it: how long it holds, and whether somebody has to do something about it.
import { X509Certificate } from 'node:crypto'
import type { Certificate, CertificateState } from '#console/api/operation.ts'

const DAY_MS = 86_400_000
/** before a root ends, so many days are needed for a new trust bundle that all parties sign */
const ROOT_NOTICE_DAYS = 180
/** a certificate that renews itself at two thirds of its life and is in its last tenth does not renew itself */
const LAST_SHARE = 0.1

export interface CertificateFacts {
  readonly holder: string
  readonly what: Certificate['what']
  /** PEM or DER */
  readonly certificate: string | Uint8Array
  readonly isRevoked?: boolean
}

export function certificateView(facts: CertificateFacts, now: Date): Certificate {
  const { holder, what, certificate, isRevoked = false } = facts
  const read = new X509Certificate(certificate)
  const [from, to] = [read.validFromDate.getTime(), read.validToDate.getTime()]
  const renewsItself = what !== 'root'
  const renewsAtMs = from + (2 * (to - from)) / 3
  return {
    holder,
    what,
    serial: read.serialNumber,
    validFrom: read.validFromDate.toISOString(),
    validTo: read.validToDate.toISOString(),
    renewsItself,
    renewsAt: renewsItself ? new Date(renewsAtMs).toISOString() : '',
    state: isRevoked ? 'revoked' : stateAt(now.getTime(), { from, to, renewsAtMs, renewsItself }),
  }
}

interface Life {
  readonly from: number
  readonly to: number
  readonly renewsAtMs: number
  readonly renewsItself: boolean
}

function stateAt(nowMs: number, { from, to, renewsAtMs, renewsItself }: Life): CertificateState {
  if (nowMs > to || nowMs < from) return 'expired'
  const left = to - nowMs
  if (!renewsItself) return left < ROOT_NOTICE_DAYS * DAY_MS ? 'ends-soon' : 'good'
  if (left < LAST_SHARE * (to - from)) return 'ends-soon'
  return nowMs >= renewsAtMs ? 'renewal-due' : 'good'
}

/** Whether a person has to look at it. */
export function needsLooking({ state }: Pick<Certificate, 'state'>): boolean {
  return state !== 'good' && state !== 'renewal-due'
}
