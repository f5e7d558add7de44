// The terms that guest and host must see alike before anything else is said.
import type { Terms } from '#protocols/core/agreement.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { BOOST_VERSION, type BoostRows, type SecureBoostParams } from './params.ts'

export function termsOf(
  task: TaskContext,
  { params, sets }: BoostRows & { readonly params: SecureBoostParams },
): Terms {
  const { boost, membership, groups = [] } = params
  return {
    protocol: `secureboost/${BOOST_VERSION}`,
    job: task.jobId,
    membership,
    groups: groups.map(({ name, members }) => `${name}: ${members.join()}`).join('; '),
    sets: sets.map(({ name, rows }) => `${name}:${rows}`).join(','),
    ...Object.fromEntries(Object.entries(boost).map(([name, value]) => [name, JSON.stringify(value)])),
  }
}
