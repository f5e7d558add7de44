// The states of a data-use approval, as one table. What is not in the table cannot happen.
import { PlatformError } from '#runtime/errors.ts'

export type ApprovalState = 'proposed' | 'signed-by-one' | 'active' | 'used-up' | 'revoked' | 'expired'
export type ApprovalEvent = 'sign' | 'use-last-run' | 'revoke' | 'expire'

export const APPROVAL_TRANSITIONS: Readonly<
  Record<ApprovalState, Readonly<Partial<Record<ApprovalEvent, ApprovalState>>>>
> = {
  proposed: { sign: 'signed-by-one', revoke: 'revoked', expire: 'expired' },
  'signed-by-one': { sign: 'active', revoke: 'revoked', expire: 'expired' },
  active: { 'use-last-run': 'used-up', revoke: 'revoked', expire: 'expired' },
  // its last job may still run: that job can be stopped
  'used-up': { revoke: 'revoked', expire: 'expired' },
  revoked: {},
  expired: {},
}

/** @throws PlatformError approval.bad-state */
export function nextApprovalState(state: ApprovalState, event: ApprovalEvent): ApprovalState {
  const next = APPROVAL_TRANSITIONS[state][event]
  if (next === undefined) throw new PlatformError('approval.bad-state', { state, asked: event })
  return next
}

/** Jobs that were admitted under the approval may go on. */
export function letsJobsRun(state: ApprovalState): boolean {
  return state === 'active' || state === 'used-up'
}
