// Hosts that stand side by side: they have the same columns of other rows, and towards the guest they are one host.
import Type, { type Static } from 'typebox'
import type { SpecProblem } from './job-rules.ts'
import type { JobSpec } from './job-spec.ts'

/** With two, each would read the other off the sum. */
export const LEAST_MEMBERS = 3
/** All hosts but the first. */
export const MOST_MEMBERS = 15

const PARTY_PATTERN = '^[a-z][a-z0-9-]{0,31}$'
export const Groups = Type.Array(
  Type.Object(
    {
      name: Type.String({ pattern: PARTY_PATTERN, description: 'what the guest knows the members by: their aliases' }),
      members: Type.Array(Type.String({ pattern: PARTY_PATTERN }), {
        minItems: LEAST_MEMBERS,
        maxItems: MOST_MEMBERS,
        uniqueItems: true,
        description: 'hosts of the job that have the same columns of different rows',
      }),
    },
    { additionalProperties: false },
  ),
  {
    minItems: 1,
    maxItems: 4,
    description:
      'hosts that take part as one: bins agreed over all of them, and only sums over all of them reach the guest; needs align.mode left',
  },
)

export type HostGroup = Static<typeof Groups>[number]

/** What the guest meets as one host: a host of its own, or the members of a group. */
export interface HostOwner {
  /** the party, or the group */
  readonly name: string
  /** parties, in job order */
  readonly members: readonly string[]
  readonly isGroup: boolean
}

interface Grouped {
  readonly hosts: readonly { readonly party: string }[]
  readonly groups?: readonly { readonly name: string; readonly members: readonly string[] }[]
}

/** The groups of a job, members of each in the order of the job's hosts. */
export function groupsOf({ hosts, groups = [] }: Grouped): readonly HostGroup[] {
  const order = hosts.map(({ party }) => party)
  return groups.map(({ name, members }) => ({
    name,
    members: members.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
  }))
}

/** The group that a party is a member of, if any. */
export function groupOf(spec: Grouped, party: string): HostGroup | undefined {
  return groupsOf(spec).find(({ members }) => members.includes(party))
}

/** Hosts as the guest counts them: a group stands where its first member does. */
export function ownersOf(spec: Grouped): readonly HostOwner[] {
  return spec.hosts.flatMap(({ party }): HostOwner[] => {
    const group = groupOf(spec, party)
    if (group === undefined) return [{ name: party, members: [party], isGroup: false }]
    return group.members[0] === party ? [{ ...group, isGroup: true }] : []
  })
}

/** Columns by which a member differs from the first member of its group. */
export interface GroupDifference {
  readonly group: string
  readonly party: string
  readonly first: string
  readonly lacks: readonly string[]
  readonly adds: readonly string[]
}

/** The first difference of each group. @param columnsOf the columns that a party brings to the job, by name */
export function groupDifferences(
  spec: Grouped,
  columnsOf: (party: string) => readonly string[],
): readonly GroupDifference[] {
  return groupsOf(spec).flatMap(({ name: group, members: [first = '', ...others] }) => {
    const wanted = columnsOf(first)
    for (const party of others) {
      const brought = columnsOf(party)
      const lacks = wanted.filter((column) => !brought.includes(column))
      const adds = brought.filter((column) => !wanted.includes(column))
      if (lacks.length + adds.length > 0) return [{ group, party, first, lacks, adds }]
    }
    return []
  })
}

/** What a job with groups cannot have, and what is wrong with the groups themselves. */
export function problemsOfGroups(spec: JobSpec): SpecProblem[] {
  if (spec.groups === undefined) return []
  return [...problemsOfMembers(spec, spec.groups), ...problemsBesideGroups(spec)]
}

function problemsOfMembers(spec: JobSpec, groups: readonly HostGroup[]): SpecProblem[] {
  const parties = [spec.guest.party, ...spec.hosts.map(({ party }) => party)]
  const taken = new Map<string, string>()
  const named = new Set<string>()
  return groups.flatMap(({ name, members }, i) => {
    const problems: SpecProblem[] = []
    const add = (at: string, message: string) => problems.push({ path: `/groups/${i}/${at}`, message })
    if (named.has(name)) add('name', `${name} names two groups`)
    if (parties.includes(name)) add('name', `${name} is a party of the job: a group has a name of its own`)
    named.add(name)
    for (const [j, party] of members.entries()) {
      const other = taken.get(party)
      if (other !== undefined) add(`members/${j}`, `${party} is in ${other} already`)
      taken.set(party, name)
      const place = spec.hosts.findIndex((host) => host.party === party)
      if (place < 0) add(`members/${j}`, `${party} is no host of the job`)
      if (place === 0) add(`members/${j}`, `${party} is the first of hosts: put a host there that is in no group`)
    }
    const [first, ...others] = members.map((party) => columnsOf(spec, party))
    if (others.some((columns) => columns !== first)) add('members', 'all members bring the same columns: they differ')
    return problems
  })
}

function columnsOf({ hosts }: JobSpec, party: string): string {
  const columns = hosts.find((host) => host.party === party)?.columns
  return JSON.stringify(columns === 'all' ? columns : columns?.toSorted())
}

/** What would tell of one member, or is not worked out for sums over members. */
function problemsBesideGroups(spec: JobSpec): SpecProblem[] {
  const { align, train, boost, bin } = spec
  const whole = ['profile', 'select', 'reuse', 'score', 'value', 'statistics', 'average'] as const
  const rules: [boolean, string, string][] = [
    ...whole.map((section): [boolean, string, string] => [
      spec[section] !== undefined,
      `/${section}`,
      'not with groups',
    ]),
    [align?.mode !== 'left', '/align/mode', 'groups need left: no row is at all members'],
    [
      bin?.method === 'chi-merge' || bin?.method === 'monotonic',
      '/bin/method',
      'groups take quantile or equal-width: the others join bins by labels at one owner',
    ],
    [bin?.merges !== undefined, '/bin/merges', 'not with groups'],
    [
      train?.columns === 'standardised',
      '/train/columns',
      'groups need woe: a row that a member lacks has no value there',
    ],
    [train?.standardErrors === true, '/train/standardErrors', 'not with groups'],
    [train?.precision === 'fine', '/train/precision', 'groups take standard'],
    [boost?.membership === 'visible', '/boost/membership', 'groups need hidden'],
  ]
  return rules.filter(([wrong]) => wrong).map(([, path, message]) => ({ path, message }))
}
