// What an applicant allowed: which partners the bank may ask about it, for which purpose, from when to when.
import { hash } from 'node:crypto'
import type { Applicant } from './applicant.ts'
import { addDays } from './calendar.ts'
import { openStream, STREAM } from './stream.ts'

export const SCOPES = ['TAX', 'SS', 'PROPERTY', 'PARK', 'BUREAU'] as const
export type Scope = (typeof SCOPES)[number]
export const LOAN_PURPOSE = '贷前审批'
const MARKETING_PURPOSE = '营销'
export const CONSENT_COLUMNS = [
  'consent_id',
  'match_id',
  'signer',
  'scope',
  'purpose',
  'applied_on',
  'signed_at',
  'expires_at',
  'withdrawn_at',
  'evidence_sha256',
] as const

export interface Consent {
  readonly scopes: readonly Scope[]
  readonly purpose: string
  readonly signedAt: string
  readonly expiresAt: string
  /** empty where it still holds */
  readonly withdrawnAt: string
}

const NONE = 0.01
const WITHOUT_TAX = 0.01
const WITHOUT_PROPERTY = 0.02
const WITHDRAWN = 0.006
const EXPIRED = 0.012
const MARKETING = 0.7
const LOAN_DAYS = 730
const MARKETING_DAYS = 365

/** One for the loan, unless the applicant signed none, and for 70 % one for marketing. */
export function drawConsents(seed: number, a: Applicant, appliedOn: string): readonly Consent[] {
  const random = openStream(seed, STREAM.consent, a.row)
  const u = random.uniform()
  const v = random.uniform()
  const marketing = random.uniform() < MARKETING
  const daysBefore = Math.floor(random.uniform() * 20)
  const later = 1 + Math.floor(random.uniform() * 300)
  if (u < NONE) return []
  const expired = v >= WITHDRAWN && v < WITHDRAWN + EXPIRED
  const signedAt = addDays(appliedOn, expired ? -LOAN_DAYS - later : -daysBefore)
  const withdrawnAt = v < WITHDRAWN ? addDays(appliedOn, later) : ''
  const left = u < NONE + WITHOUT_TAX ? 'TAX' : u < NONE + WITHOUT_TAX + WITHOUT_PROPERTY ? 'PROPERTY' : undefined
  const scopes = SCOPES.filter((scope) => scope !== left)
  const loan = { scopes, purpose: LOAN_PURPOSE, signedAt, expiresAt: addDays(signedAt, LOAN_DAYS), withdrawnAt }
  if (!marketing) return [loan]
  return [loan, { ...loan, purpose: MARKETING_PURPOSE, expiresAt: addDays(signedAt, MARKETING_DAYS) }]
}

/** The rule of the manifest: purpose and scope, in force on the day of the application, and never withdrawn. */
export function allows(consents: readonly Consent[], scope: Scope, appliedOn: string): boolean {
  return consents.some(
    (consent) =>
      consent.purpose === LOAN_PURPOSE &&
      consent.scopes.includes(scope) &&
      consent.signedAt <= appliedOn &&
      appliedOn <= consent.expiresAt &&
      consent.withdrawnAt === '',
  )
}

/** The rows of the consent table for one applicant. @param signer name of the legal representative */
export function consentRows(consents: readonly Consent[], uscc: string, signer: string, appliedOn: string): string[] {
  return consents.map((consent, i) => {
    const cells = [
      `C${uscc.slice(8, 16)}${i + 1}`,
      uscc,
      signer,
      consent.scopes.join('|'),
      consent.purpose,
      appliedOn,
      consent.signedAt,
      consent.expiresAt,
      consent.withdrawnAt,
    ]
    return `${cells.join(',')},${hash('sha256', cells.join('\n'))}`
  })
}
