// The guest's validation rows of a job that averaged, read again for a dispute: the same split, on the scale of the round.
import { join } from 'node:path'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { KeptRound } from '#protocols/fedavg/params.ts'
import { trainingRows } from '#protocols/fedavg/standardise.ts'
import type { Logger } from '#runtime/log.ts'
import type { AgentConfig } from '../config.ts'
import { assertFingerprint } from '../data/dataset.ts'
import { openGate } from '../gate.ts'
import { partOf } from '../policy/policy.ts'
import { loadStatistics } from '../results/average-facts.ts'
import { averageParams } from '../tasks/average-task.ts'
import { loadOwnRows } from '../tasks/own-rows.ts'
import type { DisputedTraining } from './diagnosis.ts'

/** @throws PlatformError data.changed where the job's statistics were of other rows; data.*, job.unknown-* */
export async function disputedTraining(
  config: AgentConfig,
  guest: string,
  { jobId, spec }: { readonly jobId: string; readonly spec: JobSpec },
  { scales }: Pick<KeptRound, 'scales'>,
  log: Logger,
): Promise<DisputedTraining> {
  const gate = await openGate(config, guest, log)
  const names = await gate.columnsFor(spec)
  await using dataset = await gate.dataset(partOf(spec, guest).dataset)
  const statistics = await loadStatistics(join(config.home, 'jobs', jobId))
  if (statistics !== undefined) assertFingerprint(dataset, statistics.fingerprint)
  const { columns, holdout } = await loadOwnRows({ jobId, spec }, dataset, names)
  return { params: averageParams(spec), columns, validation: trainingRows(holdout, scales) }
}
