// Bins of this party that jobs proposed to join. There is no signature for a join alone: a job that proposes one is
// approved or refused with it, and the agent joins what the rules of binning allow (credit/merges.ts).
import type { BinProposal } from '#console/api/ledger.ts'
import { partOf } from '../policy/policy.ts'
import type { LocalJobState } from '../tasks/states.ts'
import { aliasesOfRequest } from './approval-views.ts'
import { jobsHere, knownJob, type KnownJob } from './known-jobs.ts'
import type { AgentParts } from './parts.ts'

const CODES_OF_BINS: readonly string[] = ['binning.merge', 'binning.isolates', 'credit.bins']

/** Of all jobs of this party, the latest first. */
export async function proposedBins({
  config,
  identity,
  gate,
  store,
}: Pick<AgentParts, 'config' | 'identity' | 'gate' | 'store'>): Promise<readonly BinProposal[]> {
  const offered = new Map((await gate.catalog()).map(({ name, columns }) => [name, columns]))
  const approvalOf = new Map((await store.all()).flatMap(({ id, runs }) => runs.map((job) => [job, id] as const)))
  const proposals: BinProposal[] = []
  for (const job of await jobsHere(config.home)) {
    const known = await knownJob(config.home, job)
    if (known === undefined || known.spec.bin?.merges === undefined) continue
    const { dataset, columns } = partOf(known.spec, identity.party)
    const all = offered.get(dataset) ?? []
    const asked = { self: identity.party, dataset, datasetVersion: '', columns: columns === 'all' ? all : columns }
    const features = config.datasets[dataset]?.features ?? {}
    const aliases = aliasesOfRequest({ spec: known.spec, asked }, all, features)
    const columnOf = new Map([...aliases].map(([column, alias]) => [alias, column]))
    for (const [alias, groups] of Object.entries(known.spec.bin.merges)) {
      const column = columnOf.get(alias)
      if (column === undefined) continue // of another party
      const approval = approvalOf.get(job)
      proposals.push({
        job,
        name: known.name,
        guest: known.guest,
        alias,
        column,
        groups: groups.map((group) => [...group]),
        ...outcomeOf(known),
        ...(approval === undefined ? {} : { approval }),
        time: known.submittedAt,
      })
    }
  }
  return proposals.toSorted((a, b) => (a.time > b.time ? -1 : 1))
}

const OUTCOMES: Readonly<Record<LocalJobState, BinProposal['outcome']>> = {
  awaiting: 'waiting',
  accepted: 'accepted',
  started: 'accepted',
  declined: 'refused',
  rejected: 'not-reached',
  succeeded: 'joined',
  failed: 'not-reached',
  cancelled: 'not-reached',
}

/** A job that failed for its bins was refused by the rules; one that failed for anything else may not have come so far. */
function outcomeOf({ state, failure }: KnownJob): Pick<BinProposal, 'outcome' | 'code'> {
  if (state === 'failed' && failure !== undefined && CODES_OF_BINS.includes(failure.code))
    return { outcome: 'refused', code: failure.code }
  return { outcome: OUTCOMES[state] }
}
