// What both modes of alignment read of a data set and job: consents, labels, and how a result is kept.
import { isRow } from '#protocols/core/aligned-rows.ts'
import { type Consents, readConsents } from '../data/consent.ts'
import type { Dataset } from '../data/dataset.ts'
import { dayOf } from '../data/day.ts'
import type { Alignment } from './alignment.ts'
import type { BoundJob } from './binding.ts'

/** Puts an alignment through the guard and into the job's folder. @param total rows of the data set version */
export type Keep = (alignment: Omit<Alignment, 'fingerprint'>, total: number) => Promise<void>

/** What the consents of the guest's data set say about the hosts of the job; undefined where it declares none. */
export async function openConsents({ spec }: BoundJob, { name, config }: Dataset): Promise<Consents | undefined> {
  if (config.consent === undefined) return undefined
  const hosts = spec.hosts.map((host) => host.party)
  return await readConsents(name, config.consent, config.ids.kind, hosts)
}

export function policyOf(consents: Consents | undefined): { consentPolicyId?: string } {
  return consents === undefined ? {} : { consentPolicyId: consents.policyId }
}

/** Days on which a consent must hold, row after row of the source. */
export async function observedDays(dataset: Dataset): Promise<readonly (string | undefined)[]> {
  const column = dataset.config.consent?.observedAt
  return column === undefined ? [] : (await dataset.texts(column)).map(dayOf)
}

/** Labels of all source rows, NaN where a row has none. @param total rows of the source */
export function allLabels(dataset: Dataset, total: number): Promise<Float64Array> {
  return dataset.targets(Uint32Array.from({ length: total }, (_, row) => row))
}

/** @param labels of all source rows; every row counts where they are not given */
export function weightsOf(rows: Uint32Array, labels: Float64Array | undefined): Uint8Array {
  return Uint8Array.from(rows, (row) => (isRow(row) && !(labels !== undefined && Number.isNaN(labels[row])) ? 1 : 0))
}
