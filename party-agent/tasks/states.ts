// The states of a job at one party. The coordinator decides how a job ends; a party only follows.
import { PlatformError } from '#runtime/errors.ts'

/**
 * awaiting: people of this party have not approved it yet; accepted: we said yes and wait for the others; started: keys
 * are exchanged and rounds run.
 */
export const JOB_STATES = [
  'awaiting',
  'accepted',
  'declined',
  'started',
  'succeeded',
  'failed',
  'cancelled',
  'rejected',
] as const
export type LocalJobState = (typeof JOB_STATES)[number]

const ENDS = ['succeeded', 'failed', 'cancelled', 'rejected'] as const

export const JOB_TRANSITIONS = {
  // invited again after a restart of the coordinator: the answer may be another one by then
  awaiting: ['awaiting', 'accepted', 'declined', ...ENDS],
  accepted: ['awaiting', 'accepted', 'declined', 'started', ...ENDS],
  declined: ['awaiting', 'accepted', 'declined', ...ENDS],
  started: ['started', ...ENDS],
  succeeded: [],
  failed: [],
  cancelled: [],
  rejected: [],
} as const satisfies Record<LocalJobState, readonly LocalJobState[]>

/** @throws PlatformError job.bad-state */
export function assertTransition(from: LocalJobState, to: LocalJobState): void {
  if (!(JOB_TRANSITIONS[from] as readonly LocalJobState[]).includes(to))
    throw new PlatformError('job.bad-state', { state: from, asked: to })
}

/** The coordinator will say more about such a job. */
export function isOpen(state: LocalJobState): boolean {
  return state === 'awaiting' || state === 'accepted' || state === 'started'
}

/** @throws PlatformError protocol.malformed for a state that no job ends in */
export function endStateOf(state: string): LocalJobState {
  const end = ENDS.find((known) => known === state)
  if (end === undefined)
    throw new PlatformError('protocol.malformed', { message: 'JobEnded', state: state.slice(0, 32) })
  return end
}
