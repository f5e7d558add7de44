// The terms that guest and host must see alike before anything else is said.
import type { Terms } from '#protocols/core/agreement.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PROFILE_VERSION, type ProfileParams } from './params.ts'

export function profileTerms(task: TaskContext, { minimumRows }: ProfileParams): Terms {
  return { protocol: `profile/${PROFILE_VERSION}`, job: task.jobId, minimumRows: String(minimumRows) }
}
