// The task `boost`: gradient-boosted trees on the aligned rows, one tree a round.
import { join } from 'node:path'
import type { HePool } from '#crypto/he/pool.ts'
import { groupOf } from '#protocols/core/job-groups.ts'
import { GROUP_SETUP, GROUP_SUMS } from '#protocols/group/messages.ts'
import { openGuest } from '#protocols/secureboost/guest.ts'
import { openHost } from '#protocols/secureboost/host.ts'
import { BOOSTING, SETUP } from '#protocols/secureboost/messages.ts'
import type { GuestOutput, HostOutput } from '#protocols/secureboost/params.ts'
import type { Dataset } from '../data/dataset.ts'
import { SPLITS_FILE, TREES_FILE } from '../results/tree-facts.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { loadGuestInput, loadHostInput } from './boost-input.ts'
import { storeSplits, storeTreeResult, storeTrees, TREE_RESULT_FILE } from './boost-results.ts'
import { storeGuestRows } from './guest-rows.ts'

export const BOOST_SCHEDULE = [...SETUP, ...BOOSTING]
const MEMBER_SCHEDULE = [...BOOST_SCHEDULE, ...GROUP_SETUP, ...GROUP_SUMS]

export async function bindBoosting(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  pool: HePool,
): Promise<TaskBinding> {
  if (job.self !== job.spec.guest.party) {
    const { input } = await loadHostInput(job, dataset, columns)
    return {
      program: openHost(pool) as never,
      input,
      schedule: groupOf(job.spec, job.self) === undefined ? BOOST_SCHEDULE : MEMBER_SCHEDULE,
      model: join(job.jobDir, SPLITS_FILE),
      onOutput: (output) => storeSplits(job, output as HostOutput),
    }
  }
  const own = await loadGuestInput(job, dataset, columns)
  await storeGuestRows(job.jobDir, dataset, own.alignment)
  return {
    program: openGuest(pool) as never,
    input: own.input,
    schedule: BOOST_SCHEDULE,
    model: join(job.jobDir, TREES_FILE),
    result: join(job.jobDir, TREE_RESULT_FILE),
    async onOutput(output) {
      await storeTrees(job, output as GuestOutput)
      await storeTreeResult(job, own, output as GuestOutput)
    },
  }
}
