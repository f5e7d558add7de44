// The task `train`: vertical logistic regression on the aligned rows.
import { join } from 'node:path'
import type { HePool } from '#crypto/he/pool.ts'
import { groupOf } from '#protocols/core/job-groups.ts'
import { trainOf } from '#protocols/core/job-spec.ts'
import { GROUP_SETUP, GROUP_SUMS } from '#protocols/group/messages.ts'
import { type GuestOutput, openGuest } from '#protocols/vertical-lr/guest.ts'
import { openHost } from '#protocols/vertical-lr/host.ts'
import { INFORMATION, SCORING, SETUP, TRAINING, WEIGHTS } from '#protocols/vertical-lr/messages.ts'
import { hearingWeights } from '#protocols/vertical-lr/guest-weights.ts'
import { tellingWeights } from '#protocols/vertical-lr/host-weights.ts'
import type { LrPart } from '#protocols/vertical-lr/training.ts'
import type { Dataset } from '../data/dataset.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { storeGuestRows } from './guest-rows.ts'
import { loadTrainingInput, withLabels } from './train-input.ts'
import { MODEL_FILE, RESULT_FILE, storeModel, storeResult } from './train-results.ts'

export async function bindTraining(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  pool: HePool,
): Promise<TaskBinding> {
  const own = await loadTrainingInput(job, dataset, columns)
  const { scorecard } = job.spec
  const train = trainOf(job.spec)
  const schedule = [
    ...SETUP,
    ...TRAINING,
    ...(train.standardErrors ? INFORMATION : []),
    ...SCORING,
    ...(scorecard === undefined ? [] : WEIGHTS),
    ...(groupOf(job.spec, job.self) === undefined ? [] : [...GROUP_SETUP, ...GROUP_SUMS]),
  ].filter((step, i, all) => all.findIndex(({ name }) => name === step.name) === i)
  const model = join(job.jobDir, MODEL_FILE)
  if (job.self !== job.spec.guest.party) {
    const host = openHost(pool)
    return {
      program: (scorecard === undefined ? host : tellingWeights(host)) as never,
      input: own.input,
      schedule,
      model,
      onOutput: (output) => storeModel(job, own.columns, output as LrPart),
    }
  }
  const labelled = await withLabels(dataset, own)
  await storeGuestRows(job.jobDir, dataset, labelled.alignment)
  const guest = openGuest(pool)
  return {
    program: (scorecard === undefined ? guest : hearingWeights(guest)) as never,
    input: labelled.input,
    schedule,
    model,
    result: join(job.jobDir, RESULT_FILE),
    async onOutput(output) {
      await storeModel(job, own.columns, output as GuestOutput)
      await storeResult(job, labelled, output as GuestOutput)
    },
  }
}
