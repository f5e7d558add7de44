// The task `average`: one model of all parties, trained by each on its own rows, one sum of updates a round.
import { join } from 'node:path'
import { averageOf, type JobSpec } from '#protocols/core/job-spec.ts'
import { openAverage } from '#protocols/fedavg/average.ts'
import { AVERAGING, SETUP } from '#protocols/fedavg/messages.ts'
import type { FedAvgInput, FedAvgOutput, FedAvgParams } from '#protocols/fedavg/params.ts'
import type { ServerSettings } from '#protocols/fedavg/training/server.ts'
import { PlatformError } from '#runtime/errors.ts'
import { assertFingerprint, type Dataset } from '../data/dataset.ts'
import type { PrivacyBudget } from '../ledger/privacy-budget.ts'
import { AVERAGE_MODEL_FILE, loadStatistics } from '../results/average-facts.ts'
import { storeAverage } from './average-results.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { categoriesOf, loadOwnRows } from './own-rows.ts'
import { RESULT_FILE } from './train-results.ts'

export async function bindAverage(
  job: BoundJob,
  dataset: Dataset,
  names: readonly string[],
  budget: PrivacyBudget,
): Promise<TaskBinding> {
  const { spec, self, jobDir, jobId } = job
  const { privacy: settings } = averageOf(spec)
  const statistics = await loadStatistics(jobDir)
  if (statistics === undefined) throw new PlatformError('storage.damaged', { missing: 'statistics' })
  assertFingerprint(dataset, statistics.fingerprint)
  const { columns, train, holdout } = await loadOwnRows(job, dataset, names)
  const categories = categoriesOf(spec)
  const scaleOf = new Map(statistics.columns.map(({ name, scale }) => [name, scale]))
  const scales = columns.map((name) => (categories.has(name) ? null : (scaleOf.get(name) ?? null)))
  const input: FedAvgInput = {
    params: averageParams(spec),
    columns,
    scales,
    train,
    holdout,
    sumsBefore: statistics.sums,
    ...(settings === undefined ? {} : { charge: budget.chargeFor({ dataset: dataset.name, job: jobId, settings }) }),
  }
  return {
    program: openAverage() as never,
    input,
    schedule: [...SETUP, ...AVERAGING],
    model: join(jobDir, AVERAGE_MODEL_FILE),
    ...(self === spec.guest.party ? { result: join(jobDir, RESULT_FILE) } : {}),
    onOutput: (output) => storeAverage(job, output as FedAvgOutput),
  }
}

export function averageParams(spec: JobSpec): FedAvgParams {
  const average = averageOf(spec)
  const { model, algorithm, optimiser, localEpochs, batchRows, learningRate, decay, rounds, clip, minimumRows } =
    average
  const { earlyStopping, personalise, privacy } = average
  return {
    model,
    local: { epochs: localEpochs, batchRows, learningRate, optimiser, decay },
    server: serverOf(algorithm),
    proximal: algorithm.kind === 'fedprox' ? algorithm.mu : 0,
    scaffold: algorithm.kind === 'scaffold',
    rounds,
    clip,
    ...(earlyStopping === undefined ? {} : { patience: earlyStopping.rounds }),
    minimumRows,
    ...(personalise === undefined ? {} : { personal: personalise }),
    ...(privacy === undefined ? {} : { privacy }),
  }
}

function serverOf(algorithm: NonNullable<JobSpec['average']>['algorithm']): ServerSettings {
  const { kind, serverLearningRate: learningRate } = algorithm
  if (kind !== 'fedadam' && kind !== 'fedyogi') return { kind: 'average', learningRate }
  const { beta1, beta2, tau } = algorithm
  return { kind: kind === 'fedadam' ? 'adam' : 'yogi', learningRate, beta1, beta2, tau }
}
