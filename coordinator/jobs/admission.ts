// Whether a submitted job may enter the book: signed by its guest, and naming what the parties really offer.
import { signingKeyOf, type TrustBundle } from '#crypto/identity/trust.ts'
import { verifySignature } from '#crypto/identity/signing.ts'
import { groupDifferences, groupsOf } from '#protocols/core/job-groups.ts'
import { isHorizontal } from '#protocols/core/job-rules.ts'
import {
  JOB_SPEC_CONTEXT,
  jobIdOf,
  type JobSpec,
  MAX_SPEC_BYTES,
  parseJobSpec,
  planTasks,
} from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { CatalogRecord } from '../store/store.ts'
import type { JobRecord } from './job-record.ts'

export interface AdmissionParts {
  readonly bundle: TrustBundle
  readonly catalogOf: (party: string) => CatalogRecord | undefined
  readonly now: () => number
}

/**
 * The record of a new job, in state submitted.
 * @param caller the party that the connection was authenticated as
 * @throws PlatformError job.invalid, identity.wrong-party, job.bad-signature, job.unknown-party, job.party-offline,
 *   job.unknown-dataset, job.unknown-column, job.group-differs
 */
export function admitJob(
  caller: string,
  submitted: { readonly specBytes: Uint8Array; readonly signature: Uint8Array },
  parts: AdmissionParts,
): JobRecord {
  const { specBytes, signature } = submitted
  if (specBytes.length > MAX_SPEC_BYTES) {
    throw new PlatformError('job.invalid', { problem: 'too long', got: specBytes.length, limit: MAX_SPEC_BYTES })
  }
  const spec = parseJobSpec(specBytes)
  if (spec.guest.party !== caller) {
    throw new PlatformError('identity.wrong-party', { expected: spec.guest.party, got: caller })
  }
  if (!verifySignature(signingKeyOf(parts.bundle, caller), JOB_SPEC_CONTEXT, specBytes, signature)) {
    throw new PlatformError('job.bad-signature', { guest: caller })
  }
  checkOffers(spec, parts)
  return newRecord(spec, specBytes, signature, parts.now())
}

function checkOffers(spec: JobSpec, { bundle, catalogOf }: AdmissionParts): void {
  const members = bundle.parties.map((member) => member.party)
  const strangers = spec.hosts.map((host) => host.party).filter((party) => !members.includes(party))
  if (strangers.length > 0) throw new PlatformError('job.unknown-party', { parties: strangers, known: members })
  const brought = new Map<string, readonly string[]>()
  for (const share of [spec.guest, ...spec.hosts]) {
    const { party, dataset: name } = share
    const catalog = catalogOf(party)
    // without a catalog nothing can be said about its data sets
    if (catalog === undefined) throw new PlatformError('job.party-offline', { party, problem: 'was never connected' })
    const dataset = catalog.datasets.find((offered) => offered.name === name)
    if (dataset === undefined) {
      const known = catalog.datasets.map((offered) => offered.name)
      throw new PlatformError('job.unknown-dataset', { party, dataset: name, known })
    }
    const columns = share.columns === 'all' ? [] : share.columns
    const missing = columns.filter((column) => !dataset.columns.includes(column))
    if (missing.length > 0) throw new PlatformError('job.unknown-column', { party, dataset: name, columns: missing })
    const labelled = isHorizontal(spec) ? spec.average !== undefined : party === spec.guest.party
    if (labelled && dataset.label === '') {
      throw new PlatformError('job.unknown-column', { party, dataset: name, problem: 'this data set has no label' })
    }
    brought.set(party, share.columns === 'all' ? dataset.columns : share.columns)
  }
  const [differs] = groupDifferences(spec, (party) => brought.get(party) ?? [])
  if (differs === undefined) return
  const { group, party, first, lacks, adds } = differs
  const detail = { group, party, comparedWith: first, lacks: lacks.slice(0, 20), adds: adds.slice(0, 20) }
  throw new PlatformError('job.group-differs', detail)
}

function newRecord(spec: JobSpec, specBytes: Uint8Array, signature: Uint8Array, nowMs: number): JobRecord {
  const notYet = { state: 'waiting', round: 0, startedAt: '', endedAt: '' } as const
  return {
    job: jobIdOf(specBytes),
    spec: Buffer.from(specBytes).toString('base64'),
    signature: Buffer.from(signature).toString('base64'),
    name: spec.name,
    guest: spec.guest.party,
    hosts: spec.hosts.map((host) => host.party),
    ...(spec.groups === undefined ? {} : { groups: groupsOf(spec) }),
    state: 'submitted',
    submittedAt: new Date(nowMs).toISOString(),
    startedAt: '',
    endedAt: '',
    replies: {},
    tasks: planTasks(spec).map((plan) => ({ ...plan, ...notYet })),
    failure: null,
  }
}
