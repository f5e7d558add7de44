// The task `train`: vertical logistic regression on the aligned rows, and what it leaves: model.json at every party,
// result.json at the guest.
import { join } from 'node:path'
import type { HePool } from '#crypto/he/pool.ts'
import { evaluate } from '#credit/evaluation/discrimination.ts'
import { rangeOf } from '#protocols/core/aligned-rows.ts'
import { PlatformError } from '#runtime/errors.ts'
import { writeDurably } from '#runtime/files.ts'
import { type GuestInput, type GuestOutput, openGuest } from '#protocols/vertical-lr/guest.ts'
import { openHost } from '#protocols/vertical-lr/host.ts'
import { SCORING, SETUP, TRAINING } from '#protocols/vertical-lr/messages.ts'
import { fitNewton } from '#protocols/vertical-lr/newton.ts'
import { lrParams, planBatches, VALUE_LIMIT, valueBits } from '#protocols/vertical-lr/params.ts'
import { partialScores, withIntercept } from '#protocols/vertical-lr/scores.ts'
import type { LrInput, LrPart } from '#protocols/vertical-lr/training.ts'
import { type AlignedColumns, loadAlignedColumns } from '../data/aligned-view.ts'
import { assertFingerprint, type Dataset } from '../data/dataset.ts'
import { type Alignment, loadAlignment } from './alignment.ts'
import type { BoundJob, TaskBinding } from './binding.ts'

const MODEL_FILE = 'model.json'
const RESULT_FILE = 'result.json'
const SCHEDULE = [...SETUP, ...TRAINING, ...SCORING]

export async function bindTraining(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  pool: HePool,
): Promise<TaskBinding> {
  const alignment = await loadAlignment(job.jobDir)
  assertFingerprint(dataset, alignment.fingerprint)
  const { rows } = alignment
  const trainRows = rangeOf(alignment, 'train').to
  const holdoutRows = rows.length - trainRows
  const params = lrParams(job.spec)
  const training = new Uint8Array(rows.length).fill(1, 0, trainRows)
  const bits = valueBits(planBatches(params, trainRows).rows)
  const view = await loadAlignedColumns(dataset, columns, rows, training, {
    bits,
    missing: dataset.config.missing,
    limit: VALUE_LIMIT,
  })
  if (view.clipped > 0) job.log.warn('values.clipped', { values: view.clipped, limitDeviations: VALUE_LIMIT })
  const input: LrInput = { params, names: view.names, data: { bits, columns: view.columns }, trainRows, holdoutRows }
  if (job.self !== job.spec.guest.party) {
    return {
      program: openHost(pool) as never,
      input,
      schedule: SCHEDULE,
      model: join(job.jobDir, MODEL_FILE),
      onOutput: (output) => storeModel(job, view, output as LrPart),
    }
  }
  const labels = await dataset.label(rows)
  refuseOneClass(labels, trainRows)
  const guest: GuestInput = { ...input, labels }
  return {
    program: openGuest(pool) as never,
    input: guest,
    schedule: SCHEDULE,
    model: join(job.jobDir, MODEL_FILE),
    result: join(job.jobDir, RESULT_FILE),
    async onOutput(output) {
      await storeModel(job, view, output as GuestOutput)
      await storeResult(job, alignment, guest, output as GuestOutput)
    },
  }
}

/** A model needs both classes to learn from, and both to be measured on. */
function refuseOneClass(labels: Uint8Array, trainRows: number): void {
  for (const [set, some] of [
    ['training', labels.subarray(0, trainRows)],
    ['hold-out', labels.subarray(trainRows)],
  ] as const) {
    const bad = some.reduce((sum, label) => sum + label, 0)
    if (bad === 0 || bad === some.length) throw new PlatformError('lr.one-class', { set, rows: some.length })
  }
}

/** This party's part: coefficients of standardised columns, and what turns a raw value into a standardised one. */
async function storeModel(job: BoundJob, view: AlignedColumns, part: LrPart & Partial<GuestOutput>): Promise<void> {
  await storeJson(job, MODEL_FILE, {
    job: job.jobId,
    party: job.self,
    protocol: 'vertical-lr',
    rounds: part.rounds,
    converged: part.converged,
    ...(part.intercept === undefined ? {} : { intercept: part.intercept }),
    features: view.names.map((name, j) => ({
      name,
      mean: view.means[j],
      sd: view.sds[j],
      coefficient: part.weights[j],
    })),
  })
}

/** Measures on the hold-out rows: the guest's own model, fitted here in the clear, beside the joint model. */
async function storeResult(job: BoundJob, alignment: Alignment, input: GuestInput, output: GuestOutput): Promise<void> {
  const { trainRows, holdoutRows, labels } = input
  const holdoutLabels = labels.subarray(trainRows)
  await storeJson(job, RESULT_FILE, {
    job: job.jobId,
    name: job.spec.name,
    alignment: alignment.report,
    rows: { training: trainRows, holdout: holdoutRows },
    bankOnly: evaluate(guestAlone(input), holdoutLabels),
    joint: evaluate(output.holdoutScores, holdoutLabels),
    rounds: output.rounds,
    converged: output.converged,
    losses: output.losses,
  })
}

/** Hold-out scores of the logistic regression that the guest can train by itself, with the same penalty. */
function guestAlone({ data, labels, trainRows, holdoutRows, params }: GuestInput): Float64Array {
  const own = withIntercept(data)
  const weights = fitNewton(own, labels, trainRows, params.l2, new Set([data.columns.length]))
  return partialScores(own, weights, trainRows, trainRows + holdoutRows)
}

async function storeJson(job: BoundJob, name: string, value: unknown): Promise<void> {
  await writeDurably(join(job.jobDir, name), Buffer.from(`${JSON.stringify(value, null, 2)}\n`), { mode: 0o600 })
}
