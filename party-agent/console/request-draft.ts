// The approval of a waiting job as it is shown and as it is signed: made twice from the same wishes, to the same bytes.
// Nothing is kept in between, so that a page that is left open, or an agent that starts again, changes nothing.
import type { Difference, DraftWishes } from '#console/api/approvals.ts'
import type { Approval } from '#protocols/core/approval.ts'
import { PlatformError } from '#runtime/errors.ts'
import { cardDigests } from '../approvals/cards.ts'
import { differencesOf } from '../approvals/differences.ts'
import { draftApproval, TEMPLATES, type TemplateName } from '../approvals/draft.ts'
import { approvalBytes, digestOf } from '../approvals/statements.ts'
import type { ApprovalRequest, StoredApproval } from '../approvals/store.ts'

/** A draft that was shown is signed within this time: it is valid from then on. */
const SHOWN_FOR_MS = 86_400_000

export interface MadeDraft {
  readonly document: Approval
  readonly bytes: Uint8Array
  readonly digest: string
}

/** @param made which draft, and when; a new one unless given @throws PlatformError approval.invalid */
export function makeDraft(
  request: ApprovalRequest,
  { template, legalBasis, narrow, language }: DraftWishes,
  made: { readonly id?: string; readonly at: Date },
): MadeDraft {
  const options = { template: requireTemplate(template), cards: cardDigests(), now: made.at, language, narrow }
  const { spec, asked } = request
  const basis = legalBasis === undefined ? {} : { legalBasis: legalBasis.trim() }
  const document = draftApproval(spec, asked, {
    ...options,
    ...basis,
    ...(made.id === undefined ? {} : { id: made.id }),
  })
  const bytes = approvalBytes(document)
  return { document, bytes, digest: digestOf(bytes) }
}

/**
 * The draft that a person was shown, made again.
 * @throws PlatformError approval.tampered when it comes to other bytes than those shown, approval.invalid
 */
export function shownDraft(
  request: ApprovalRequest,
  wishes: DraftWishes,
  shown: { readonly id: string; readonly at: string; readonly digest: string },
  now: Date,
): MadeDraft {
  const at = new Date(shown.at)
  const age = now.getTime() - at.getTime()
  if (Number.isNaN(age) || at.toISOString() !== shown.at || age < 0 || age > SHOWN_FOR_MS)
    throw new PlatformError('approval.invalid', { problems: ['at: a draft is signed within a day of being shown'] })
  const draft = makeDraft(request, wishes, { id: shown.id, at })
  if (draft.digest !== shown.digest)
    throw new PlatformError('approval.tampered', { approval: shown.id, shown: shown.digest, found: draft.digest })
  return draft
}

/** What people changed of the template. */
export function fromTemplate(request: ApprovalRequest, wishes: DraftWishes, draft: MadeDraft, at: Date): Difference[] {
  const { template, language } = wishes
  const plain = makeDraft(request, { template, language, narrow: [] }, { at })
  return differencesOf(plain.document, draft.document)
}

/**
 * The last approval of the same guest for the same data set that two people signed.
 * @param before only those that began before this one
 */
export function earlierApproval(
  approvals: readonly StoredApproval[],
  about: { readonly guest: string; readonly dataset: string },
  before?: Pick<Approval, 'id' | 'validFrom'>,
): (StoredApproval & { readonly document: Approval }) | undefined {
  return approvals.findLast(
    (approval): approval is StoredApproval & { readonly document: Approval } =>
      approval.signatures.length === 2 &&
      approval.document?.guest === about.guest &&
      approval.document.dataset === about.dataset &&
      (before === undefined || (approval.id !== before.id && approval.document.validFrom <= before.validFrom)),
  )
}

function requireTemplate(name: string): TemplateName {
  if (Object.hasOwn(TEMPLATES, name)) return name as TemplateName
  throw new PlatformError('approval.invalid', {
    problems: [`template: expected one of ${Object.keys(TEMPLATES).join(', ')}`],
  })
}
