// How an agent runs, for its operator: no data, no results, no names of columns.
import { addedUp, type Backlog, NO_BACKLOG } from './mail/outbox.ts'
import type { AgentJob } from './tasks/agent-job.ts'
import type { LocalJobState } from './tasks/states.ts'

export interface LinkStatus {
  readonly isConnected: boolean
  /** of the last change between connected and not; undefined before the first connection */
  readonly since: Date | undefined
  /** as it is shown to the coordinator now */
  readonly certificatePem: string
  /** jobs that could not be loaded */
  readonly damaged: number
}

export interface AgentStatus extends LinkStatus {
  readonly openJobs: readonly { readonly job: string; readonly name: string; readonly state: LocalJobState }[]
  readonly jobs: number
  /** what was sent and not acknowledged, over all jobs */
  readonly backlog: Backlog
}

export function agentStatus(jobs: readonly AgentJob[], link: LinkStatus): AgentStatus {
  const openJobs = jobs.filter((job) => job.isOpen).map(({ id, spec, state }) => ({ job: id, name: spec.name, state }))
  return { ...link, openJobs, jobs: jobs.length, backlog: jobs.map((job) => job.backlog).reduce(addedUp, NO_BACKLOG) }
}
