// What this party brings to a job over the rows of all parties: its own rows, split into training and hold-out by itself,
// with columns under the names that all parties share.
import { createHash } from 'node:crypto'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { trainingMask } from '#protocols/core/split.ts'
import type { PartyRows } from '#protocols/fedavg/params.ts'
import { categoryColumns } from '#protocols/fedavg/training/category-columns.ts'
import { PlatformError } from '#runtime/errors.ts'
import { missingRule } from '../data/aligned-view.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Cell, DifferencingGuard } from '../ledger/guard.ts'
import { rowSet } from '../ledger/row-set.ts'
import type { BoundJob } from './binding.ts'

export interface OwnRows {
  /** shared names, in their order as text: the same at every party */
  readonly columns: readonly string[]
  readonly train: PartyRows
  readonly holdout: PartyRows
  /** the sets of source rows behind the sums of the job, for the guard */
  readonly cells: readonly Cell[]
}

/**
 * Rows without a usable id and rows without a clear label stay out. Labels are read only where the job trains.
 * @throws PlatformError data.* as Dataset, job.invalid where two columns have one shared name
 */
export async function loadOwnRows(
  job: Pick<BoundJob, 'jobId' | 'spec'>,
  dataset: Dataset,
  names: readonly string[],
): Promise<OwnRows> {
  const { spec } = job
  const usable = await usableRows(dataset)
  const labels = spec.average === undefined ? new Int8Array(usable.rows.length) : await dataset.labels(usable.rows)
  const clear = Array.from(labels.keys()).filter((i) => labels[i] !== -1)
  const rows = Uint32Array.from(clear, (i) => usable.rows[i] ?? 0)
  const mask = trainingMask(
    spec.split,
    clear.map((i) => usable.keys[i] ?? ''),
    splitKey(job.jobId),
  )
  const shared = sharedNames(dataset, names)
  const columns = new Map<string, Float64Array>()
  for await (const { name, values } of dataset.columns(names, rows))
    columns.set(shared.get(name) ?? name, ruled(dataset, name, values))
  const sorted = [...columns.keys()].toSorted((a, b) => (a < b ? -1 : 1))
  const part = (wanted: 0 | 1): { readonly own: PartyRows; readonly rows: Uint32Array } => {
    const places = Uint32Array.from([...mask.keys()].filter((i) => mask[i] === wanted))
    const take = (values: Float64Array) => Float64Array.from(places, (i) => values[i] ?? Number.NaN)
    const own = {
      columns: sorted.map((name) => take(columns.get(name) ?? new Float64Array())),
      labels: Uint8Array.from(places, (i) => labels[clear[i] ?? 0] ?? 0),
    }
    return { own, rows: Uint32Array.from(places, (i) => rows[i] ?? 0) }
  }
  const [train, holdout] = [part(1), part(0)]
  const cells = [
    { what: 'training', rows: rowSet(usable.total, train.rows) },
    { what: 'hold-out', rows: rowSet(usable.total, holdout.rows) },
  ]
  return { columns: sorted, train: train.own, holdout: holdout.own, cells }
}

/** Before the first message of a job over the rows of all parties. @throws PlatformError guard.differencing */
export async function guardRows(
  { jobId }: BoundJob,
  { name, fingerprint }: Dataset,
  { cells }: OwnRows,
  guard: DifferencingGuard,
): Promise<void> {
  await guard.release({ dataset: name, fingerprint, job: jobId, cells })
}

/**
 * The same at every party, and another in every job: an enterprise that two parties know is on one side of the split.
 * It hides nothing, and need not: each party splits its own rows, and tells nobody which.
 */
function splitKey(jobId: string): Uint8Array {
  return createHash('sha256').update(`tributary/split/${jobId}`).digest()
}

/** Where rows have an id of their own each counts, also several of one enterprise; else one row an id. */
async function usableRows(dataset: Dataset) {
  if (dataset.config.ids.sampleId !== undefined) {
    const { rows, splitKeys, profile } = await dataset.sample()
    return { rows, keys: splitKeys, total: profile.total }
  }
  const { rows, ids, profile } = await dataset.usableIds()
  return { rows, keys: ids, total: profile.total }
}

/** Column → the name that all parties share: the alias where one is declared. */
function sharedNames({ name: dataset, config }: Dataset, names: readonly string[]): ReadonlyMap<string, string> {
  const { features = {} } = config
  const shared = new Map(names.map((name) => [name, features[name]?.alias ?? name]))
  const all = [...shared.values()]
  const twice = all.find((name, i) => all.indexOf(name) !== i)
  if (twice !== undefined)
    throw new PlatformError('job.invalid', { dataset, problem: 'two columns have one name', column: twice })
  return shared
}

/** Codes that are no measurements are missing values, and those are what the owner says of them. */
function ruled(dataset: Dataset, name: string, values: Float64Array): Float64Array {
  const { specials = [] } = dataset.config.features?.[name] ?? {}
  const known = specials.length === 0 ? values : values.map((x) => (specials.includes(x) ? Number.NaN : x))
  const rule = missingRule(dataset.config.missing, name)
  if (rule === 'mean' || !known.some(Number.isNaN)) return known
  if (rule === 'reject') throw new PlatformError('data.missing-value', { dataset: dataset.name, columns: [name] })
  return known.map((x) => (Number.isNaN(x) ? 0 : x))
}

/** Columns whose numbers are codes: those that the model takes as categories. @throws PlatformError average.layer */
export function categoriesOf({ average }: JobSpec): ReadonlySet<string> {
  return new Set(average === undefined ? [] : categoryColumns(average.model))
}
