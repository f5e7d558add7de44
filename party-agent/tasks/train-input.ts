// What this party brings to a training: its columns in the order of the alignment, standardised or as weights of
// evidence; at the guest its labels as well.
import { createHash } from 'node:crypto'
import type { ColumnBins } from '#credit/bins.ts'
import { isRow, rangeOf } from '#protocols/core/aligned-rows.ts'
import { groupOf, groupsOf } from '#protocols/core/job-groups.ts'
import type { GuestInput } from '#protocols/vertical-lr/guest.ts'
import {
  inputBits,
  type LrParams,
  lrParams,
  planBatches,
  VALUE_LIMIT,
  valueBits,
  WOE_BITS,
} from '#protocols/vertical-lr/params.ts'
import type { MemberPart } from '#protocols/vertical-lr/member.ts'
import type { FixedColumns } from '#protocols/vertical-lr/scores.ts'
import type { LrInput } from '#protocols/vertical-lr/training.ts'
import type { OwnedColumn } from '#protocols/binning-iv/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import { loadAlignedColumns } from '../data/aligned-view.ts'
import { assertFingerprint, type Dataset } from '../data/dataset.ts'
import { type Alignment, loadAlignment } from './alignment.ts'
import type { BoundJob } from './binding.ts'
import { labelsAndWeights } from './guest-rows.ts'
import { loadBins, woeColumns, woeLimits, woeOfNoRow } from './woe-bins.ts'

/** How one column of the model is made from the column of the data set. */
export type ColumnModel =
  | { readonly name: string; readonly mean: number; readonly sd: number }
  | { readonly name: string; readonly alias: string; readonly bins: ColumnBins; readonly table: OwnedColumn['table'] }

export interface TrainingInput {
  readonly alignment: Alignment
  readonly columns: readonly ColumnModel[]
  readonly input: LrInput
}

export interface GuestTrainingInput extends TrainingInput {
  readonly input: GuestInput
}

export async function loadTrainingInput(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
): Promise<TrainingInput> {
  const alignment = await loadAlignment(job.jobDir)
  assertFingerprint(dataset, alignment.fingerprint)
  const params = lrParams(job.spec)
  const trainRows = rangeOf(alignment, 'train').to
  const holdout = rangeOf(alignment, 'holdout')
  const rows = {
    params,
    trainRows,
    holdoutRows: holdout.to - holdout.from,
    // A scorecard is judged on every set; a plain model on rows that it was not fitted to.
    ...(params.columns === 'woe' ? { scored: [{ from: 0, to: alignment.rows.length }] } : {}),
  }
  const view =
    params.columns === 'woe'
      ? await woeView(job, dataset, alignment)
      : await standardView(job, dataset, columns, alignment, params)
  return {
    alignment,
    columns: view.columns,
    input: {
      ...rows,
      names: view.columns.map(({ name }) => name),
      data: view.data,
      ...(job.spec.groups === undefined ? {} : { groups: groupsOf(job.spec) }),
      ...(view.member === undefined ? {} : { member: { present: presence(alignment), ...view.member } }),
    },
  }
}

/** @throws PlatformError lr.one-class */
export async function withLabels(
  dataset: Dataset,
  { alignment, columns, input }: TrainingInput,
): Promise<GuestTrainingInput> {
  const { labels, weights } = await labelsAndWeights(dataset, alignment)
  refuseOneClass(labels, weights, input)
  return { alignment, columns, input: { ...input, labels, weights } }
}

/** By row of the common order: 1 where this party has it. */
function presence({ rows }: Alignment): Uint8Array {
  return Uint8Array.from(rows, (row) => Number(isRow(row)))
}

interface View {
  readonly columns: readonly ColumnModel[]
  readonly data: FixedColumns
  /** at a member of a group */
  readonly member?: Omit<MemberPart, 'present'>
}

async function woeView({ jobDir, spec, self }: BoundJob, dataset: Dataset, { rows }: Alignment): Promise<View> {
  const owned = await loadBins(jobDir)
  const data = { bits: WOE_BITS, columns: await woeColumns(dataset, rows, owned) }
  const columns = owned.map(({ name, alias, bins, table }): ColumnModel => ({ name, alias, bins, table }))
  if (groupOf(spec, self) === undefined) return { columns, data }
  const bins = createHash('sha256').update(JSON.stringify(columns)).digest('hex')
  return { columns, data, member: { elsewhere: woeOfNoRow(owned), limits: woeLimits(owned), bins } }
}

async function standardView(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  alignment: Alignment,
  params: LrParams,
): Promise<View> {
  const trainRows = rangeOf(alignment, 'train').to
  const training = new Uint8Array(alignment.rows.length).fill(1, 0, trainRows)
  const bits = valueBits(planBatches(params, trainRows).rows)
  const view = await loadAlignedColumns(dataset, columns, alignment.rows, training, {
    bits,
    missing: dataset.config.missing,
    limit: VALUE_LIMIT,
  })
  if (view.clipped > 0) job.log.warn('values.clipped', { values: view.clipped, limitDeviations: VALUE_LIMIT })
  const models = view.names.map((name, j): ColumnModel => ({ name, mean: view.means[j] ?? 0, sd: view.sds[j] ?? 1 }))
  return { columns: models, data: { bits: inputBits(params, trainRows), columns: view.columns } }
}

/** A model needs both classes to learn from, and both to be measured on. */
function refuseOneClass(labels: Uint8Array, weights: Uint8Array, { trainRows, holdoutRows }: LrInput): void {
  for (const [set, from, to] of [
    ['training', 0, trainRows],
    ['hold-out', trainRows, trainRows + holdoutRows],
  ] as const) {
    const counts = [0, 0]
    for (let row = from; row < to; row++)
      if (weights[row] === 1) counts[labels[row] ?? 0] = (counts[labels[row] ?? 0] ?? 0) + 1
    if (counts.includes(0)) throw new PlatformError('lr.one-class', { set, rows: to - from })
  }
}
