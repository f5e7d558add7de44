// For tests of whole jobs: the trees that one process grows that holds the columns of all parties, from the files that the
// job left in their homes.
import { join } from 'node:path'
import { trainReference } from '#credit/trees/reference.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { openDataset } from '#party-agent/data/dataset.ts'
import { loadGuestInput, loadHostInput } from '#party-agent/tasks/boost-input.ts'
import { isRow, NO_ROW, rangeOf } from '#protocols/core/aligned-rows.ts'
import { ownersOf } from '#protocols/core/job-groups.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { knownRows, ownedColumns } from '#protocols/secureboost/owner-columns.ts'
import type { GuestInput, HostInput, OwnedSplit } from '#protocols/secureboost/params.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import type { LabMember } from '../lab/homes.ts'
import type { RunningLab } from '../lab/lab.ts'

const NO_DRAWS = (_label: string, bytes: number) => new Uint8Array(bytes)

export function dirOf(lab: RunningLab, party: string, job: string): string {
  return join((lab.homes.parties[party] as LabMember).home, 'jobs', job)
}

/**
 * On the bins that the parties cut; those of a group as one party cuts them that has the rows of all members.
 * @param splits by party: the splits of the job, which say which way an owner showed its cells
 */
export async function growInTheClear(
  lab: RunningLab,
  spec: JobSpec,
  splits: Readonly<Record<string, readonly OwnedSplit[]>>,
): Promise<{ readonly margins: Float64Array; readonly nodes: number; readonly guest: GuestInput }> {
  const owners = [[spec.guest.party], ...ownersOf(spec).map(({ members }) => members)]
  const inputs = await Promise.all(
    owners.map(async (members) =>
      mergedInput(await Promise.all(members.map((party) => boostInputOf(lab, spec, party)))),
    ),
  )
  const [guest, ...hosts] = inputs as [GuestInput, ...HostInput[]]
  const { weights, labels, sets } = guest
  const counts = (row: number) => (weights[row] ?? 0) > 0
  const columns = [
    ownedColumns({ ...guest, known: () => true, counts }),
    ...hosts.map((host) => ownedColumns({ ...host, known: knownRows(host.rows), counts: () => true })),
  ]
  const rowsOf = (set: 'train' | 'holdout') => {
    const { from, to } = rangeOf({ sets }, set)
    return Uint32Array.from({ length: to - from }, (_, i) => from + i).filter(counts)
  }
  // an owner shows cells rising or falling by a coin; ties between sides are settled in the order shown
  const falling = (tree: number, owner: number, column: number) =>
    (splits[owners[owner]?.[0] ?? ''] ?? []).some(
      (split) => split.tree === tree && split.name === columns[owner]?.[column]?.column.name && split.lowRight,
    )
  const model = trainReference({
    params: guest.params.boost,
    columns: columns.map((some) => some.map(({ tree }) => tree)),
    labels,
    weights,
    trainRows: rowsOf('train'),
    holdoutRows: rowsOf('holdout'),
    precision: 'real',
    modulus: 2 ** 50,
    draw: () => NO_DRAWS,
    falling,
  })
  const nodes = model.trees.reduce((sum, tree) => sum + tree.nodes.length, 0)
  return { margins: model.margins, nodes, guest }
}

/** Of a group: in each row the values of the member that has it. */
function mergedInput(inputs: readonly (GuestInput | HostInput)[]): GuestInput | HostInput {
  const [first, ...others] = inputs as readonly HostInput[]
  if (first === undefined || others.length === 0) return first as HostInput
  const all = [first, ...others]
  const rows = (first.rows as Uint32Array).map(
    (_, row) => all.map(({ rows: own }) => own?.[row] ?? NO_ROW).find(isRow) ?? NO_ROW,
  )
  const columns = first.columns.map((column) => ({
    ...column,
    values: column.values.map((_, row) => {
      const holder = all.find(({ rows: own }) => isRow(own?.[row] ?? NO_ROW)) ?? first
      return holder.columns.find(({ name }) => name === column.name)?.values[row] ?? Number.NaN
    }),
  }))
  return { ...first, rows, columns }
}

export async function boostInputOf(lab: RunningLab, spec: JobSpec, party: string): Promise<GuestInput | HostInput> {
  const { config } = lab.homes.parties[party] as LabMember
  const { datasets } = await readAgentConfig(config)
  const [name = '', declared] = Object.entries(datasets)[0] ?? []
  await using dataset = await openDataset(name, declared as NonNullable<typeof declared>)
  const { columns } = await dataset.describe()
  const job = {
    jobId: lab.job,
    spec,
    self: party,
    jobDir: dirOf(lab, party, lab.job),
    log: silentLogger,
    seedOf: async (label: string) => new Secret(label, new Uint8Array(32)),
  }
  const load = party === spec.guest.party ? loadGuestInput : loadHostInput
  return (await load(job, dataset, columns)).input
}
