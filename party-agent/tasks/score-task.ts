// The task `score`: the rows of this job through trees that an earlier job of the same parties grew. Each party takes its
// own part of the model from its own folder of that job.
import { join } from 'node:path'
import { scoreOf } from '#protocols/core/job-spec.ts'
import { PREDICTING } from '#protocols/secureboost/messages.ts'
import {
  type GuestModel,
  type HostModel,
  predictAsGuest,
  predictAsHost,
  type PredictedRows,
  type PredictionInput,
} from '#protocols/secureboost/predict.ts'
import type { OwnedSplit } from '#protocols/secureboost/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import { assertFingerprint, type Dataset } from '../data/dataset.ts'
import { storeBatchScores } from '../results/batch-scores.ts'
import { readJson } from '../results/stored.ts'
import { SPLITS_FILE, type StoredSplits, type StoredTrees, TREES_FILE } from '../results/tree-facts.ts'
import { type Alignment, loadAlignment } from './alignment.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { assertScorable } from './reuse.ts'

export async function bindScoring(job: BoundJob, dataset: Dataset, approved: readonly string[]): Promise<TaskBinding> {
  const { jobDir, spec, self } = job
  const trainedBy = scoreOf(spec).job
  const alignment = await loadAlignment(jobDir)
  assertFingerprint(dataset, alignment.fingerprint)
  if (self !== spec.guest.party) {
    const model = await partOf<StoredSplits>(job, SPLITS_FILE)
    const rows = { ...(await valuesOf(dataset, alignment, model.splits, approved)), rows: alignment.rows }
    const input: PredictionInput<HostModel> = { model, trainedBy, rows }
    return { program: predictAsHost as never, input, schedule: PREDICTING, onOutput: async () => {} }
  }
  const model = await partOf<StoredTrees>(job, TREES_FILE)
  const rows = await valuesOf(dataset, alignment, model.splits, approved)
  const input: PredictionInput<GuestModel> = { model, trainedBy, rows }
  const { column, sampleId = column } = dataset.config.ids
  const ids = await dataset.texts(sampleId)
  return {
    program: predictAsGuest as never,
    input,
    schedule: PREDICTING,
    onOutput: (output) =>
      storeBatchScores(jobDir, model, { name: sampleId, ids, rows: alignment.rows, margins: output as Float64Array }),
  }
}

/** This party's part of the model. @throws PlatformError job.reuse-missing, job.reuse-differs */
async function partOf<Part>({ jobDir, spec, self }: BoundJob, file: string): Promise<Part> {
  const jobs = join(jobDir, '..')
  await assertScorable(jobs, spec, self)
  return (await readJson<Part>(join(jobs, scoreOf(spec).job, file))) as Part
}

/** The columns of the splits. @throws PlatformError job.unknown-column naming those that this job may not use */
async function valuesOf(
  dataset: Dataset,
  { rows }: Alignment,
  splits: readonly OwnedSplit[],
  approved: readonly string[],
): Promise<PredictedRows> {
  const names = [...new Set(splits.map(({ name }) => name))]
  const missing = names.filter((name) => !approved.includes(name))
  if (missing.length > 0)
    throw new PlatformError('job.unknown-column', { dataset: dataset.name, columns: missing.slice(0, 20) })
  const columns: PredictedRows['columns'][number][] = []
  for await (const column of dataset.columns(names, rows)) columns.push(column)
  return { count: rows.length, columns }
}
