// A job whose training rounds do not all fit into what the owner of a data set allows is refused with the invitation: begun,
// it would stop midway, and what its rounds had told by then would be spent for nothing.
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { roundsWithin } from '#protocols/fedavg/privacy/accountant.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { JobGate } from '../gate.ts'
import { partOf } from '../policy/policy.ts'
import type { PrivacyBudget } from './privacy-budget.ts'

/** The same gate, which also asks the accounts of this party's data sets. For invitations: a job that runs is charged by round. */
export function withPrivacyBudget(gate: JobGate, budget: PrivacyBudget, self: string): JobGate {
  return {
    catalog: () => gate.catalog(),
    async admit(spec) {
      await gate.admit(spec)
      await requireBudget(budget, spec, self)
    },
  }
}

/** What a job makes of the ε of this party's data set. */
export interface ForeseenSpend extends Awaited<ReturnType<PrivacyBudget['foresee']>> {
  readonly dataset: string
  /** training rounds: those of the job, or as many as its own budget leaves */
  readonly rounds: number
}

/** Undefined for a job without differential privacy. For who decides about it. @throws PlatformError storage.damaged */
export async function foreseeSpend(
  budget: PrivacyBudget,
  spec: JobSpec,
  self: string,
): Promise<ForeseenSpend | undefined> {
  const { average } = spec
  if (average?.privacy === undefined) return undefined
  const { sampleRate, noiseMultiplier } = average.privacy
  const mechanism = { sampleRate, noiseMultiplier }
  // The job ends by itself where its own budget is spent, if that comes before its last round.
  const rounds = roundsWithin(mechanism, average.privacy, average.rounds)
  const { dataset } = partOf(spec, self)
  return { dataset, rounds, ...(await budget.foresee({ dataset, mechanism, rounds })) }
}

/** @throws PlatformError privacy.budget-spent, storage.damaged */
async function requireBudget(budget: PrivacyBudget, spec: JobSpec, self: string): Promise<void> {
  const foreseen = await foreseeSpend(budget, spec, self)
  if (foreseen === undefined) return
  const { dataset, rounds, after, limit } = foreseen
  if (rounds === 0)
    throw new PlatformError('privacy.budget-spent', { of: 'job', budget: spec.average?.privacy?.budget ?? 0 })
  if (limit !== undefined && after > limit.epsilon)
    throw new PlatformError('privacy.budget-spent', { of: 'data set', dataset })
}
