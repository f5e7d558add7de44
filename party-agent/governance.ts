// Facts about who allowed what: where they are written down. A verifiable log can stand in for the file.
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Approval } from '#protocols/core/approval.ts'
import { storageError } from '#runtime/files.ts'
import type { Logger } from '#runtime/log.ts'
import type { PersonSignature, Revocation } from './approvals/statements.ts'

export interface ApprovalGranted {
  readonly approval: string
  /** SHA-256 in hex of the document's canonical bytes */
  readonly digest: string
  readonly document: Approval
  /** the canonical bytes that the people signed */
  readonly bytes: Uint8Array
  readonly signatures: readonly (PersonSignature & {
    readonly name: string
    readonly role: string
    readonly time: string
  })[]
}

export interface PolicyRefused {
  readonly job: string
  readonly code: string
  readonly reasons: readonly string[]
}

/** One method for each fact. Each is told once for each approval or job, also over restarts. */
export interface GovernanceRecord {
  approvalGranted(fact: ApprovalGranted): void
  approvalRevoked(fact: Revocation): void
  /** A job was admitted under the approval: one run of its budget. */
  approvalUsed(fact: { readonly job: string; readonly approval: ApprovalGranted; readonly runsLeft: number }): void
  /** The job waits for people of this owner. */
  approvalAwaited(fact: { readonly job: string; readonly missing: readonly string[] }): void
  /** This party said no, at the invitation or in the middle of the job. */
  policyRefused(fact: PolicyRefused): void
}

/** Tells several; where the round log listens too, it hears what it has records for. */
export function toldToAll(...records: readonly Partial<GovernanceRecord>[]): GovernanceRecord {
  return {
    approvalGranted: (fact) => records.forEach((record) => record.approvalGranted?.(fact)),
    approvalRevoked: (fact) => records.forEach((record) => record.approvalRevoked?.(fact)),
    approvalUsed: (fact) => records.forEach((record) => record.approvalUsed?.(fact)),
    approvalAwaited: (fact) => records.forEach((record) => record.approvalAwaited?.(fact)),
    policyRefused: (fact) => records.forEach((record) => record.policyRefused?.(fact)),
  }
}

/** Writes each fact as a line of <home>/governance.jsonl. Losing one is logged and stops nothing. */
export function fileGovernanceRecord(home: string, log: Logger, now: () => Date = () => new Date()): GovernanceRecord {
  const path = join(home, 'governance.jsonl')
  let last: Promise<void> = Promise.resolve()
  const write = (event: string, fields: object): void => {
    const line = `${JSON.stringify({ time: now().toISOString(), event, ...fields })}\n`
    last = last
      .then(() => appendFile(path, line, { mode: 0o600 }))
      .catch((error) => log.error('event.lost', storageError(error, path), { name: event }))
  }
  return {
    approvalGranted: ({ bytes: _, ...fact }) => write('approval.granted', fact),
    approvalRevoked: (fact) => write('approval.revoked', fact),
    approvalUsed: ({ job, approval: { approval, digest }, runsLeft }) =>
      write('approval.used', { job, approval, digest, runsLeft }),
    approvalAwaited: (fact) => write('approval.awaited', fact),
    policyRefused: (fact) => write('policy.refused', fact),
  }
}
