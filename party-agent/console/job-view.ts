// A job as the coordinator tells it, in the words of the console: what each party does, what the job waits for, who must act.
import type {
  Failure,
  JobProgress,
  JobState,
  JobSummary,
  PartyProgress,
  TaskProgress,
  Wait,
} from '#console/api/job-progress.ts'
import { ACCEPTED, AWAITING_APPROVAL, LEFT_OUT } from '#protocols/core/phases.ts'
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { ERROR_CODES_ZH } from '#runtime/error-catalogue.zh.ts'
import { isErrorCode } from '#runtime/errors.ts'
import type { JobView } from '../link/coordinator-client.ts'
import { currentTask, hasEnded, secondsLeft } from '../planning/progress.ts'

export interface ViewFacts {
  /** the party that looks */
  readonly self: string
  readonly now: Date
  /** when an invitation that nobody answered ends the job; where it is known */
  readonly inviteUntil?: string
  /** since when parties are away, as far as this agent noticed */
  readonly awaySince?: ReadonlyMap<string, string>
}

export function summaryOf(view: JobView, self: string): JobSummary {
  const task = currentTask(view)
  return {
    job: view.job,
    name: view.name,
    state: view.state as JobState,
    guest: view.guest,
    hosts: [...view.hosts],
    isOwn: view.guest === self,
    submitted: view.submitted_at,
    ...told('ended', view.ended_at),
    ...(task === undefined || hasEnded(view)
      ? {}
      : { at: { task: task.task, round: task.round, rounds: task.max_rounds } }),
    ...told('failure', view.failure_code),
  }
}

export function progressOf(view: JobView, facts: ViewFacts): JobProgress {
  const left = hasEnded(view) ? undefined : secondsLeft(view, facts.now.getTime())
  return {
    job: view.job,
    name: view.name,
    state: view.state as JobState,
    guest: view.guest,
    isOwn: view.guest === facts.self,
    submitted: view.submitted_at,
    ...told('started', view.started_at),
    ...told('ended', view.ended_at),
    tasks: view.tasks.map(taskProgress),
    parties: view.parties.map((party) => partyProgress(view, party)),
    waits: waitsOf(view, facts),
    ...(left === undefined ? {} : { secondsLeft: Math.max(0, left) }),
    at: facts.now.toISOString(),
    ...(view.failure_code === '' ? {} : { failure: failureOf(view) }),
  }
}

function taskProgress(task: JobView['tasks'][number]): TaskProgress {
  return {
    task: task.task,
    protocol: task.protocol,
    state: task.state as TaskProgress['state'],
    round: task.round,
    rounds: task.max_rounds,
    ...told('started', task.started_at),
    ...told('ended', task.ended_at),
  }
}

function partyProgress(view: JobView, party: JobView['parties'][number]): PartyProgress {
  return {
    party: party.party,
    connected: party.connected,
    ...told('group', party.group),
    stage: stageOf(view, party),
    ...told('task', party.task),
    round: party.round,
    ...told('phase', party.phase === LEFT_OUT ? party.unit : party.phase),
    done: Number(party.done),
    total: Number(party.total),
    ...told('unit', party.unit),
    sent: Number(party.sent_bytes),
    received: Number(party.received_bytes),
  }
}

function stageOf(view: JobView, { phase, connected }: JobView['parties'][number]): PartyProgress['stage'] {
  if (hasEnded(view)) return 'done'
  if (phase === LEFT_OUT) return 'left-out'
  if (phase === AWAITING_APPROVAL) return 'awaiting-approval'
  if (phase === ACCEPTED) return 'accepted'
  if (!connected) return 'away'
  if (isInviting(view)) return 'invited'
  return phase === '' ? 'idle' : 'working'
}

const isInviting = ({ state }: JobView) => state === 'submitted' || state === 'inviting'

/** People who have to approve, agents that have to answer or to come back. */
function waitsOf(view: JobView, { inviteUntil, awaySince }: ViewFacts): Wait[] {
  if (hasEnded(view)) return []
  const until = isInviting(view) && inviteUntil !== undefined ? { until: inviteUntil } : {}
  return view.parties.flatMap((party): Wait[] => {
    const stage = stageOf(view, party)
    const since = isInviting(view) ? view.submitted_at : awaySince?.get(party.party)
    const base = { party: party.party, ...(since === undefined ? {} : { since }), ...until }
    if (stage === 'awaiting-approval') return [{ ...base, for: 'approval', roles: party.unit.split(', ') }]
    if (stage === 'away') return [{ ...base, for: 'connection', roles: [] }]
    if (stage === 'invited') return [{ ...base, for: 'answer', roles: [] }]
    return []
  })
}

function failureOf({ failure_code: code, failure_party: party, failure_detail: detail }: JobView): Failure {
  const facts = { code, party, detail: { ...detail } }
  if (!isErrorCode(code))
    return { ...facts, who: 'developer', summary: { en: code, zh: code }, mend: { en: '', zh: '' } }
  const { who, summary, mend } = ERROR_CODES[code]
  const zh = ERROR_CODES_ZH[code] ?? ERROR_CODES[code]
  return { ...facts, who, summary: { en: summary, zh: zh.summary }, mend: { en: mend, zh: zh.mend } }
}

/** The field where it holds something. */
function told<K extends string>(name: K, value: string): { [P in K]?: string } {
  return value === '' ? {} : ({ [name]: value } as { [P in K]?: string })
}
