// The task `align` in left mode: all rows of the guest stay, with what it may ask each host about; a host brings its ids
// by kind and says whether it answers for everybody.
import { isRow } from '#protocols/core/aligned-rows.ts'
import { groupsOf } from '#protocols/core/job-groups.ts'
import { alignOf } from '#protocols/core/job-spec.ts'
import { setOfRows } from '#protocols/core/split.ts'
import { psiLeftGuest } from '#protocols/psi/guest-left.ts'
import { psiLeftHost } from '#protocols/psi/host-left.ts'
import type { LeftGuestInput, LeftHostInput, LeftOutput } from '#protocols/psi/left-params.ts'
import { AGREEMENT, LEFT_ALIGNMENT } from '#protocols/psi/messages.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Consents } from '../data/consent.ts'
import type { Dataset } from '../data/dataset.ts'
import { monthOf } from '../data/day.ts'
import { RowExamples } from '../data/row-examples.ts'
import type { Sample } from '../data/sample.ts'
import { allLabels, type Keep, observedDays, openConsents, policyOf, weightsOf } from './align-inputs.ts'
import type { BoundJob, TaskBinding } from './binding.ts'

const SCHEDULE = [...AGREEMENT, ...LEFT_ALIGNMENT]

export function bindLeftAlignment(job: BoundJob, dataset: Dataset, keep: Keep, bucket: number): Promise<TaskBinding> {
  const bind = job.self === job.spec.guest.party ? bindGuest : bindHost
  return bind(job, dataset, keep, bucket)
}

async function bindGuest(job: BoundJob, dataset: Dataset, keep: Keep, bucket: number): Promise<TaskBinding> {
  const { spec } = job
  const sample = await dataset.sample()
  const consents = await openConsents(job, dataset)
  // rows that are only scored have none
  const labels = dataset.config.label === undefined ? undefined : await allLabels(dataset, sample.rows.length)
  using key = await job.seedOf('split')
  const months = await monthsOf(job, dataset)
  const setOfRow = key.reveal((bytes) => setOfRows(spec.split, sample.splitKeys, months, bytes))
  const { keys, idOfRow, profile } = sample
  const input: LeftGuestInput = {
    keys,
    idOfRow,
    profile,
    minIntersection: alignOf(spec).minIntersection,
    bucket,
    decoys: alignOf(spec).decoys,
    groups: groupsOf(spec),
    consents: consents === undefined ? {} : await consentsOf(job, dataset, sample, consents),
    setOfRow,
  }
  return {
    program: psiLeftGuest as never,
    input,
    schedule: SCHEDULE,
    async onOutput(output) {
      const { rows, sets, statuses = {}, report } = output as LeftOutput
      const source = rows.map((row) => (isRow(row) ? (sample.rows[row] as number) : row))
      const known = { weights: weightsOf(source, labels), statuses }
      const said = { ...report, ...policyOf(consents) }
      await keep({ mode: 'left', rows: source, sets, ...known, report: said }, profile.total)
    },
  }
}

async function bindHost({ spec }: BoundJob, dataset: Dataset, keep: Keep, bucket: number): Promise<TaskBinding> {
  const { keys, rows: sourceRows, profile } = await dataset.hostKeys()
  const input: LeftHostInput = {
    keys,
    profile,
    minIntersection: alignOf(spec).minIntersection,
    bucket,
    decoys: alignOf(spec).decoys,
    coverage: dataset.config.coverage ?? 'partial',
  }
  return {
    program: psiLeftHost as never,
    input,
    schedule: SCHEDULE,
    async onOutput(output) {
      const { rows, sets, report } = output as LeftOutput
      const source = rows.map((row) => (isRow(row) ? (sourceRows[row] as number) : row))
      await keep({ mode: 'left', rows: source, sets, report }, profile.total)
    },
  }
}

/** By host, row by row: 1 where a consent of the row's first id held on its day. A row without a valid id has none. */
async function consentsOf(
  { spec }: BoundJob,
  dataset: Dataset,
  { idOfRow, keys }: Sample,
  consents: Consents,
): Promise<Record<string, Uint8Array>> {
  const days = await observedDays(dataset)
  const [ofRow = new Int32Array(), ids = []] = [idOfRow[0], keys[0]?.ids]
  return Object.fromEntries(
    spec.hosts.map(({ party }) => [
      party,
      Uint8Array.from(ofRow, (id, row) => (id >= 0 && consents.allows(ids[id] as string, party, days[row]) ? 1 : 0)),
    ]),
  )
}

/** YYYY-MM row by row, where the job splits by time. @throws PlatformError data.missing-value with the first rows */
async function monthsOf({ spec }: BoundJob, dataset: Dataset): Promise<string[]> {
  const column = spec.split.kind === 'keyed-hash' ? spec.split.outOfTime?.column : undefined
  if (column === undefined) return []
  const bad = new RowExamples()
  const months = (await dataset.texts(column)).map((text, row) => {
    const month = monthOf(text)
    if (month === undefined) bad.add(row)
    return month ?? ''
  })
  if (bad.count > 0) {
    const problem = 'split.outOfTime needs a month, such as 2023-04, in every row'
    throw new PlatformError('data.missing-value', {
      dataset: dataset.name,
      columns: [column],
      problem,
      ...bad.detail(),
    })
  }
  return months
}
