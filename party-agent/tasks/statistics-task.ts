// The task `statistics`: counts, means, variances and histograms over the rows of all parties.
import { join } from 'node:path'
import type { StatisticsInput, StatisticsOutput } from '#protocols/fedavg/params.ts'
import { SETUP, STATISTICS } from '#protocols/fedavg/messages.ts'
import { openStatistics } from '#protocols/fedavg/statistics.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Dataset } from '../data/dataset.ts'
import type { DifferencingGuard } from '../ledger/guard.ts'
import { STATISTICS_FILE, type StoredStatistics } from '../results/average-facts.ts'
import { writeJson } from '../results/stored.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { categoriesOf, guardRows, loadOwnRows } from './own-rows.ts'

export async function bindStatistics(
  job: BoundJob,
  dataset: Dataset,
  names: readonly string[],
  guard: DifferencingGuard,
): Promise<TaskBinding> {
  const { spec, jobId, jobDir } = job
  const { statistics } = spec
  if (statistics === undefined) throw new PlatformError('internal.unexpected', { expected: 'a job with statistics' })
  const own = await loadOwnRows(job, dataset, names)
  await guardRows(job, dataset, own, guard)
  const categories = categoriesOf(spec)
  const numbers = own.columns.flatMap((name, i) => (categories.has(name) ? [] : [i]))
  const input: StatisticsInput = {
    params: { minimumRows: statistics.minimumRows, bins: statistics.bins },
    columns: numbers.map((i) => own.columns[i] ?? ''),
    values: numbers.map((i) => own.train.columns[i] ?? new Float64Array()),
    sumsBefore: {},
  }
  const { fingerprint } = dataset
  return {
    program: openStatistics() as never,
    input,
    schedule: [...SETUP, ...STATISTICS],
    async onOutput(output) {
      const { columns, sums } = output as StatisticsOutput
      const stored: StoredStatistics = { version: 1, job: jobId, fingerprint, columns, sums }
      await writeJson(join(jobDir, STATISTICS_FILE), stored)
    },
  }
}
