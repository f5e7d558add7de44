// What this party brings to the growing of trees: its columns as they are, in the order of the alignment; at the guest its
// labels as well. Each owner cuts its columns by itself, inside the protocol.
import { POISSON_DELTA_STEP } from '#credit/trees/params.ts'
import { rangeOf } from '#protocols/core/aligned-rows.ts'
import { groupsOf } from '#protocols/core/job-groups.ts'
import { boostOf, type JobSpec } from '#protocols/core/job-spec.ts'
import type { BoostColumn, BoostRows, GuestInput, HostInput, SecureBoostParams } from '#protocols/secureboost/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { LabelKind } from '../config.ts'
import { assertFingerprint, type Dataset, labelKind } from '../data/dataset.ts'
import { aliasesIn } from '../data/feature-keys.ts'
import { type Alignment, loadAlignment } from './alignment.ts'
import type { BoundJob } from './binding.ts'
import { targetsAndWeights } from './guest-rows.ts'

const SIGNS = { '+': 1, '-': -1, '0': 0 } as const

export interface BoostingInput<Input> {
  readonly alignment: Alignment
  readonly input: Input
}

export interface GuestBoosting extends BoostingInput<GuestInput> {
  readonly kind: LabelKind
}

function boostParams(spec: JobSpec): SecureBoostParams {
  const { protocol: _, membership, monotone: __, goss, earlyStopping, ...boost } = boostOf(spec)
  return {
    membership,
    ...(spec.groups === undefined ? {} : { groups: groupsOf(spec) }),
    boost: {
      ...boost,
      maxDeltaStep: boost.objective === 'poisson' ? POISSON_DELTA_STEP : 0,
      ...(goss === undefined ? {} : { goss }),
      ...(earlyStopping === undefined ? {} : { earlyStopping }),
    },
  }
}

export async function loadHostInput(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
): Promise<BoostingInput<HostInput>> {
  const { alignment, ...input } = await loadOwn(job, dataset, columns)
  return { alignment, input: { ...input, rows: alignment.rows } }
}

/** @throws PlatformError lr.one-class, data.bad-label */
export async function loadGuestInput(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
): Promise<GuestBoosting> {
  const { alignment, ...input } = await loadOwn(job, dataset, columns)
  const kind = labelKind(dataset)
  const { labels, weights } = await targetsAndWeights(dataset, alignment)
  if (kind === 'binary') refuseOneClass(alignment, labels, weights)
  const own = { ...input, labels, weights: Float64Array.from(weights) }
  return { alignment, kind, input: own }
}

async function loadOwn(
  { jobDir, spec, self }: BoundJob,
  dataset: Dataset,
  names: readonly string[],
): Promise<BoostRows & { alignment: Alignment; params: SecureBoostParams; columns: readonly BoostColumn[] }> {
  const alignment = await loadAlignment(jobDir)
  assertFingerprint(dataset, alignment.fingerprint)
  const { features = {} } = dataset.config
  const offered = (await dataset.describe()).columns
  const aliases = aliasesIn(spec, self, { name: dataset.name, offered, columns: names }, features)
  const isGuest = self === spec.guest.party
  const declared = boostOf(spec).monotone === 'declared'
  const columns: BoostColumn[] = []
  for await (const { name, values } of dataset.columns(names, alignment.rows)) {
    const { specials = [], sign = '0' } = features[name] ?? {}
    const alias = isGuest ? name : (aliases.get(name) ?? name)
    columns.push({ name, alias, values, specials, sign: declared ? SIGNS[sign] : 0 })
  }
  return { alignment, sets: alignment.sets, params: boostParams(spec), columns }
}

/** A model needs both classes to learn from, and both to be measured on. */
function refuseOneClass(alignment: Alignment, labels: Float64Array, weights: Uint8Array): void {
  for (const set of ['train', 'holdout'] as const) {
    const { from, to } = rangeOf(alignment, set)
    if (from === to) continue
    const counts = [0, 0]
    for (let row = from; row < to; row++)
      if (weights[row] === 1) counts[labels[row] ?? 0] = (counts[labels[row] ?? 0] ?? 0) + 1
    if (counts.includes(0))
      throw new PlatformError('lr.one-class', { set: set === 'train' ? 'training' : 'hold-out', rows: to - from })
  }
}
