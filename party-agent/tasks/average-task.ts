// The task `average`: one model of all parties, trained by each on its own rows, one sum of updates a round.
import { join } from 'node:path'
import { averageOf, type JobSpec } from '#protocols/core/job-spec.ts'
import { openAverage } from '#protocols/fedavg/average.ts'
import { AVERAGING, SETUP } from '#protocols/fedavg/messages.ts'
import type { ColumnScale, FedAvgInput, FedAvgOutput, FedAvgParams } from '#protocols/fedavg/params.ts'
import type { ServerSettings } from '#protocols/fedavg/training/server.ts'
import { PlatformError } from '#runtime/errors.ts'
import { assertFingerprint, type Dataset } from '../data/dataset.ts'
import type { RoundArchive } from '../disputes/round-archive.ts'
import type { DifferencingGuard } from '../ledger/guard.ts'
import type { PrivacyBudget } from '../ledger/privacy-budget.ts'
import { AVERAGE_MODEL_FILE, decodeWeights, loadStatistics, type StoredStatistics } from '../results/average-facts.ts'
import { trainAlone } from './average-alone.ts'
import { storeAverage } from './average-results.ts'
import { earlierModel, keepingRounds } from './average-rounds.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { categoriesOf, guardRows, loadOwnRows } from './own-rows.ts'
import { RESULT_FILE } from './train-results.ts'

export async function bindAverage(
  job: BoundJob,
  dataset: Dataset,
  names: readonly string[],
  guard: DifferencingGuard,
  budget: PrivacyBudget,
  archive: RoundArchive | undefined,
): Promise<TaskBinding> {
  const { spec, self, jobDir, jobId } = job
  const { privacy: settings } = averageOf(spec)
  const own = await loadOwnRows(job, dataset, names)
  await guardRows(job, dataset, own, guard)
  const { columns, train, holdout } = own
  const statistics = await statisticsOf(job, dataset)
  const earlier = await earlierModel(job, columns)
  const input: FedAvgInput = {
    params: averageParams(spec),
    columns,
    // a model keeps the scale on which it was trained
    scales: earlier?.scales ?? (statistics === undefined ? 'own' : scalesIn(spec, columns, statistics)),
    ...(earlier === undefined ? {} : { start: decodeWeights(earlier.weights) }),
    train,
    holdout,
    sumsBefore: statistics?.sums ?? {},
    ...(settings === undefined ? {} : { charge: budget.chargeFor({ dataset: dataset.name, job: jobId, settings }) }),
    ...(archive === undefined ? {} : { keep: archive.keepFor(jobId) }),
  }
  return {
    program: keepingRounds(job, openAverage()) as never,
    input,
    schedule: [...SETUP, ...AVERAGING],
    sharedSums: averageOf(spec).opening === 'shared',
    model: join(jobDir, AVERAGE_MODEL_FILE),
    ...(self === spec.guest.party ? { result: join(jobDir, RESULT_FILE) } : {}),
    async onOutput(output) {
      const done = output as FedAvgOutput
      const alone = averageOf(spec).alone
        ? await trainAlone(input, done.rounds.length, await job.seedOf('average alone'))
        : undefined
      await storeAverage(job, done, { ownScales: input.scales === 'own', alone })
    },
  }
}

/** Of the task before; none where two parties train. @throws PlatformError data.changed, storage.damaged */
async function statisticsOf({ spec, jobDir }: BoundJob, dataset: Dataset): Promise<StoredStatistics | undefined> {
  if (spec.statistics === undefined) return undefined
  const statistics = await loadStatistics(jobDir)
  if (statistics === undefined) throw new PlatformError('storage.damaged', { missing: 'statistics' })
  assertFingerprint(dataset, statistics.fingerprint)
  return statistics
}

function scalesIn(
  spec: JobSpec,
  columns: readonly string[],
  statistics: StoredStatistics,
): readonly (ColumnScale | null)[] {
  const categories = categoriesOf(spec)
  const scaleOf = new Map(statistics.columns.map(({ name, scale }) => [name, scale]))
  return columns.map((name) => (categories.has(name) ? null : (scaleOf.get(name) ?? null)))
}

export function averageParams(spec: JobSpec): FedAvgParams {
  const average = averageOf(spec)
  const { model, algorithm, optimiser, localEpochs, batchRows, learningRate, decay, rounds, clip, minimumRows } =
    average
  const { earlyStopping, personalise, privacy, opening, normBound, dropout } = average
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
    ...(normBound === undefined ? {} : { normBound }),
    opening,
    ...(dropout === undefined ? {} : { leastParties: dropout.leastParties }),
  }
}

function serverOf(algorithm: NonNullable<JobSpec['average']>['algorithm']): ServerSettings {
  const { kind, serverLearningRate: learningRate } = algorithm
  if (kind !== 'fedadam' && kind !== 'fedyogi') return { kind: 'average', learningRate }
  const { beta1, beta2, tau } = algorithm
  return { kind: kind === 'fedadam' ? 'adam' : 'yogi', learningRate, beta1, beta2, tau }
}
