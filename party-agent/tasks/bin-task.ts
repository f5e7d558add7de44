// The task `bin`: weight of evidence of every party's columns. Hosts cut their columns themselves and learn the weight of
// each bin; the guest cuts its own in the clear and learns of the hosts' columns what aliases and bin numbers say.
import type { HePool } from '#crypto/he/pool.ts'
import { binColumn } from '#credit/binning.ts'
import { isRow, NO_ROW, rangeOf } from '#protocols/core/aligned-rows.ts'
import { openGuest } from '#protocols/binning-iv/guest.ts'
import { openHost } from '#protocols/binning-iv/host.ts'
import { COUNTING, SETUP } from '#protocols/binning-iv/messages.ts'
import type {
  BinningParams,
  GuestInput,
  GuestOutput,
  HostColumn,
  HostInput,
  HostOutput,
  OwnedColumn,
} from '#protocols/binning-iv/params.ts'
import { groupOf, groupsOf } from '#protocols/core/job-groups.ts'
import { alignOf } from '#protocols/core/job-spec.ts'
import { GROUP_SETUP, GROUP_SUMS } from '#protocols/group/messages.ts'
import { PlatformError } from '#runtime/errors.ts'
import { assertFingerprint, type Dataset } from '../data/dataset.ts'
import { aliasesIn } from '../data/feature-keys.ts'
import type { BinningLedger } from '../ledger/binnings.ts'
import { aliasFeature, ownedColumn, ownFeature } from '../results/feature-facts.ts'
import { type BinnedFeature, storeResultFile } from '../results/stored.ts'
import { type Alignment, loadAlignment } from './alignment.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { labelsAndWeights } from './guest-rows.ts'
import { storeBins } from './woe-bins.ts'

const SCHEDULE = [...SETUP, ...COUNTING]
const MEMBER_SCHEDULE = [...SCHEDULE, ...GROUP_SETUP, ...GROUP_SUMS]

export async function bindBinning(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  pool: HePool,
  ledger: BinningLedger,
): Promise<TaskBinding> {
  const alignment = await loadAlignment(job.jobDir)
  assertFingerprint(dataset, alignment.fingerprint)
  const params = paramsOf(job)
  if (job.self === job.spec.guest.party) return await guestBinding(job, dataset, columns, pool, alignment, params)
  const group = groupKey(job)
  const input: HostInput = {
    params,
    sets: alignment.sets,
    rows: alignment.rows,
    columns: await hostColumns(job, dataset, columns, alignment, ledger),
    counting: (counted) => ledger.addCounted(dataset.fingerprint, job.jobId, counted, group),
  }
  return {
    program: openHost(pool) as never,
    input,
    schedule: group === undefined ? SCHEDULE : MEMBER_SCHEDULE,
    async onOutput(output) {
      const { columns: owned } = output as HostOutput
      await ledger.add(dataset.fingerprint, job.jobId, owned, group)
      await storeBins(job.jobDir, dataset.fingerprint, owned)
    },
  }
}

function paramsOf({ spec }: BoundJob): BinningParams {
  const { bin } = spec
  if (bin === undefined) throw new PlatformError('internal.unexpected', { expected: 'a job with bin' })
  const { method, bins, minimumRows, minimumShare, merges = {} } = bin
  const align = alignOf(spec)
  const padding = align.mode === 'left' ? 1 + align.decoys : 1
  const grouped = spec.groups === undefined ? {} : { groups: groupsOf(spec) }
  return { method, bins, minimumRows, minimumShare, merges, padding, ...grouped }
}

/** By which this party's ledger knows the group that it is a member of. */
function groupKey({ spec, self }: BoundJob): string | undefined {
  const group = groupOf(spec, self)
  return group === undefined ? undefined : `${group.name}: ${group.members.join()}`
}

async function hostColumns(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  { rows }: Alignment,
  ledger: BinningLedger,
): Promise<HostColumn[]> {
  const { jobId, self, spec } = job
  const { features = {} } = dataset.config
  const offered = (await dataset.describe()).columns
  const aliases = aliasesIn(spec, self, { name: dataset.name, offered, columns }, features)
  const earlier = await ledger.earlier(dataset.fingerprint, jobId, groupKey(job))
  const out: HostColumn[] = []
  for await (const { name, values } of dataset.columns(columns, rows)) {
    const { specials = [], cuts } = features[name] ?? {}
    out.push({
      name,
      alias: aliases.get(name) ?? name,
      values,
      specials,
      ...(cuts === undefined ? {} : { cuts }),
      earlier: earlier.get(name) ?? [],
    })
  }
  return out
}

async function guestBinding(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  pool: HePool,
  alignment: Alignment,
  params: BinningParams,
): Promise<TaskBinding> {
  const { sets, rows } = alignment
  const { labels, weights: labelled } = await labelsAndWeights(dataset, alignment)
  const weights = withRecent(alignment, labelled)
  const input: GuestInput = { params, sets, labels, weights }
  const { to: trainRows } = rangeOf(alignment, 'train')
  const train = { labels: labels.subarray(0, trainRows), weights: weights.subarray(0, trainRows) }
  const { features = {} } = dataset.config
  const owned: OwnedColumn[] = []
  const facts: BinnedFeature[] = []
  for await (const { name, values } of dataset.columns(columns, rows)) {
    const { specials = [], cuts } = features[name] ?? {}
    const [some, source] = [values.subarray(0, trainRows), rows.subarray(0, trainRows)]
    const local = binColumn(some, source, specials, train.labels, train.weights, params, cuts)
    owned.push(ownedColumn(name, local))
    facts.push(ownFeature(job.self, name, local, { values, rows, labels, weights }, sets, features[name]))
  }
  return {
    program: openGuest(pool) as never,
    input,
    schedule: SCHEDULE,
    async onOutput(output) {
      const ofHosts = Object.entries((output as GuestOutput).parties).flatMap(([party, some]) =>
        some.map((column) => aliasFeature(party, column)),
      )
      await storeBins(job.jobDir, dataset.fingerprint, owned)
      await storeResultFile(job.jobDir, 'binning', { version: 1, features: [...facts, ...ofHosts] })
    },
  }
}

/** Recent rows have no mature label, and so no weight in a model; where their values lie is counted all the same. */
function withRecent(alignment: Alignment, labelled: Uint8Array): Uint8Array {
  const { from, to } = rangeOf(alignment, 'recent')
  return labelled.map((weight, row) =>
    row >= from && row < to ? Number(isRow(alignment.rows[row] ?? NO_ROW)) : weight,
  )
}
