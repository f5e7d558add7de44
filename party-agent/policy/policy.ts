// What jobs may do with this party's data. Everything that no rule allows is refused.
import { type JobSpec, partiesOf, protocolsOf } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { PolicyConfig } from '../config.ts'

type JobRule = PolicyConfig['jobs'][number]

/** What a job asks of this party. */
interface Asked {
  readonly dataset: string
  readonly columns: readonly string[]
}

/** The data set that a job asks of a party. @throws PlatformError job.unknown-party when it has no part in the job */
export function partOf(spec: JobSpec, self: string): { dataset: string; columns: 'all' | readonly string[] } {
  const part = [spec.guest, ...spec.hosts].find((candidate) => candidate.party === self)
  if (part === undefined)
    throw new PlatformError('job.unknown-party', { party: self, problem: 'takes no part in this job' })
  return part
}

/**
 * Lets a job pass if one rule allows all of it; rules do not add up. The party's own jobs need a rule too.
 * @param offered columns of the data set: what `columns: all` in the job asks for
 * @throws PlatformError policy.denied naming what was asked and, of the rule that comes closest, all that fails
 */
export function decide(policy: PolicyConfig, spec: JobSpec, self: string, offered: readonly string[]): void {
  const { dataset, columns } = partOf(spec, self)
  const asked = { dataset, columns: columns === 'all' ? offered : columns }
  const guest = spec.guest.party
  const rules = policy.jobs.filter((rule) => rule.guest === guest)
  const verdicts = rules.map((rule) => violations(rule, spec, self, asked))
  if (verdicts.some((failed) => failed.length === 0)) return
  const closest = verdicts.toSorted((a, b) => a.length - b.length)[0]
  throw new PlatformError('policy.denied', {
    party: self,
    guest,
    dataset,
    failed: closest ?? [`guest: no rule of the policy is about ${guest}`],
  })
}

function violations(rule: JobRule, spec: JobSpec, self: string, { dataset, columns }: Asked): string[] {
  const failed: string[] = []
  const add = (fails: boolean, problem: () => string) => {
    if (fails) failed.push(problem())
  }
  const refusedProtocols = protocolsOf(spec, self).filter((protocol) => !rule.protocols.includes(protocol))
  add(refusedProtocols.length > 0, () => `protocols: asked for ${refusedProtocols.join(', ')}`)

  add(
    rule.purposes !== 'any' && !rule.purposes.includes(spec.purpose.trim()),
    () => `purposes: asked for "${spec.purpose}"`,
  )

  const peers = partiesOf(spec).filter((party) => party !== self && party !== spec.guest.party)
  const refusedPeers = rule.peers === 'any' ? [] : peers.filter((party) => !rule.peers.includes(party))
  add(refusedPeers.length > 0, () => `peers: ${refusedPeers.join(', ')} would take part`)

  const allowed = Object.hasOwn(rule.datasets, dataset) ? rule.datasets[dataset]?.columns : undefined
  add(allowed === undefined, () => `datasets: asked for ${dataset}`)
  const refusedColumns =
    allowed === undefined || allowed === 'all' ? [] : columns.filter((column) => !allowed.includes(column))
  add(refusedColumns.length > 0, () => `datasets.${dataset}.columns: asked for ${someOf(refusedColumns)}`)

  const { minIntersection = Number.POSITIVE_INFINITY } = spec.align ?? {}
  add(
    minIntersection < rule.minIntersection,
    () => `minIntersection: asked for ${minIntersection}, at least ${rule.minIntersection} is wanted`,
  )
  const rounds = Math.max(spec.train?.rounds ?? 0, spec.boost?.trees ?? 0, spec.average?.rounds ?? 0)
  add(rounds > rule.maxRounds, () => `maxRounds: asked for ${rounds}, at most ${rule.maxRounds} are allowed`)
  return failed
}

function someOf(names: readonly string[]): string {
  return names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`
}
