// What people decide about a job that waits: the approval that covers it, half signed or yet to be drafted. Used by the
// command line and by the console, so that both ask and refuse the same.
import { type Approval, covers } from '#protocols/core/approval.ts'
import { PlatformError } from '#runtime/errors.ts'
import { cardDigests } from './cards.ts'
import type { SignerRole } from './gate.ts'
import type { ApprovalRequest, ApprovalStore, StoredApproval } from './store.ts'

/** A job and what it asks of this party. */
export type AskedJob = Pick<ApprovalRequest, 'spec' | 'asked'>

/** What the job asks for and the document leaves out; empty where it covers the job. */
export function leftOut(document: Approval, { spec, asked }: AskedJob, now: Date): readonly string[] {
  return covers(document, spec, asked, cardDigests(), now)
}

/** @throws PlatformError approval.refused where a person said no to the job, approval.unknown where it does not wait */
export async function waitingRequest(store: ApprovalStore, job: string, party: string): Promise<ApprovalRequest> {
  const refusal = await store.refusalOf(job)
  if (refusal !== undefined)
    throw new PlatformError('approval.refused', { party, job, by: refusal.by, reason: refusal.reason })
  const request = (await store.requests()).find((waiting) => waiting.job === job)
  if (request === undefined) throw new PlatformError('approval.unknown', { job: job.slice(0, 64), party })
  return request
}

/**
 * An approval of the same job that one person signed: the second person signs that one.
 * @param person who would sign; an approval that they signed is none for them
 */
export function halfSigned(
  approvals: readonly StoredApproval[],
  job: AskedJob,
  now: Date,
  person?: string,
): StoredApproval | undefined {
  return approvals.find(
    ({ state, document, signatures }) =>
      state === 'signed-by-one' &&
      document !== undefined &&
      signatures.every((signature) => signature.person !== person) &&
      leftOut(document, job, now).length === 0,
  )
}

/**
 * A person who signed an approval of the job does not begin another, and nobody does once two people signed one.
 * @throws PlatformError approval.four-eyes, approval.bad-state
 */
export function requireUndecided(approvals: readonly StoredApproval[], job: AskedJob, person: string, now: Date): void {
  for (const approval of approvals) {
    const { id, state, document, signatures } = approval
    if (document === undefined || leftOut(document, job, now).length > 0) continue
    if (state === 'active' && runsLeft(approval) > 0)
      throw new PlatformError('approval.bad-state', { approval: id, state, asked: 'sign' })
    if (state === 'signed-by-one' && signatures.some((signature) => signature.person === person))
      throw new PlatformError('approval.four-eyes', { approval: id, person, problem: 'signed already' })
  }
}

/** Waiting jobs that the document covers. */
export function coveredBy(
  document: Approval,
  requests: readonly ApprovalRequest[],
  now: Date,
): readonly ApprovalRequest[] {
  return requests.filter((request) => leftOut(document, request, now).length === 0)
}

/** Roles that have yet to sign; none once it is active or over. */
export function rolesToSign({ state, signatures, damage }: StoredApproval): readonly SignerRole[] {
  if (damage !== undefined || (state !== 'proposed' && state !== 'signed-by-one')) return []
  return (['steward', 'compliance'] as const).filter((role) => signatures.every((signature) => signature.role !== role))
}

export function runsLeft({ document, runs }: StoredApproval): number {
  return document === undefined ? 0 : Math.max(0, document.runs - runs.length)
}
