// For tests of hybrid jobs: what one process that holds the rows of all members finds, from the files that the job left.
import { binColumn, type BinRule } from '#credit/binning.ts'
import { assignBins, binCount } from '#credit/bins.ts'
import { evaluate } from '#credit/evaluation/discrimination.ts'
import { predictMargins, type SideBits } from '#credit/trees/tree.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { type Dataset, openDataset } from '#party-agent/data/dataset.ts'
import type { StoredTrees } from '#party-agent/results/tree-facts.ts'
import { type Alignment, loadAlignment } from '#party-agent/tasks/alignment.ts'
import { labelsAndWeights } from '#party-agent/tasks/guest-rows.ts'
import { loadBins } from '#party-agent/tasks/woe-bins.ts'
import { isRow, NO_ROW, rangeOf } from '#protocols/core/aligned-rows.ts'
import { groupsOf, ownersOf } from '#protocols/core/job-groups.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { OwnedColumn } from '#protocols/binning-iv/params.ts'
import { sidesOfValues } from '#protocols/secureboost/owner-columns.ts'
import type { GuestInput, HostInput, OwnedSplit } from '#protocols/secureboost/params.ts'
import type { LabMember } from '../lab/homes.ts'
import type { RunningLab } from '../lab/lab.ts'
import { type CentralFit, fitColumns } from './centralised.ts'
import { boostInputOf, dirOf, growInTheClear } from './trees-in-the-clear.ts'

/** The columns of one owner in the common order: of a group, of whichever member has the row. */
export interface ClearOwner {
  readonly name: string
  /** as the owner keeps them: of a group, as its first member does */
  readonly columns: readonly OwnedColumn[]
  /** by column and row: which bin */
  readonly bins: readonly Uint8Array[]
  /** by column and row: its weight of evidence */
  readonly woe: readonly Float64Array[]
  /** by column and row; NaN where there is none */
  readonly values: readonly Float64Array[]
  /** by row: a row of whoever has it, or NO_ROW */
  readonly held: Uint32Array
}

/** Labels, weights and sets of the guest's rows, and all owners' columns; the guest first. */
export interface ClearRows {
  readonly alignment: Alignment
  readonly labels: Uint8Array
  readonly weights: Uint8Array
  readonly owners: readonly ClearOwner[]
  /** rows that two members of a group say they have, though the guest took them as a row of its own */
  readonly doubled: number
}

export async function clearRows(lab: RunningLab, spec: JobSpec): Promise<ClearRows> {
  const guest = spec.guest.party
  const alignment = await loadAlignment(dirOf(lab, guest, lab.job))
  const { labels, weights } = await withDataset(lab, guest, (dataset) => labelsAndWeights(dataset, alignment))
  const owners: ClearOwner[] = []
  let doubled = 0
  for (const { name, members } of [{ name: guest, members: [guest] }, ...ownersOf(spec)]) {
    const own = await Promise.all(members.map((party) => binnedAt(lab, party)))
    const holders = own.map(({ rows }) => rows)
    const holderOf = (row: number) => holders.findIndex((rows) => isRow(rows[row] ?? NO_ROW))
    for (let row = 0; row < alignment.rows.length; row++)
      if (weights[row] === 1 && holders.filter((rows) => isRow(rows[row] ?? NO_ROW)).length > 1) doubled++
    const columns = own[0]?.columns ?? []
    const bins = columns.map((_, c) =>
      Uint8Array.from(alignment.rows, (__, row) => own[Math.max(0, holderOf(row))]?.bins[c]?.[row] ?? 0),
    )
    const woe = columns.map(({ table }, c) => {
      const byBin = new Map(table.map(({ bin, woe: weight }) => [bin, weight]))
      return Float64Array.from(bins[c] ?? [], (bin) => byBin.get(bin) ?? 0)
    })
    const at = <T>(row: number, of: (part: (typeof own)[number]) => T) => of(own[Math.max(0, holderOf(row))] as never)
    const held = Uint32Array.from(alignment.rows, (_, row) => at(row, ({ rows }) => rows[row] ?? NO_ROW))
    const values = columns.map((_, c) =>
      Float64Array.from(alignment.rows, (__, row) => at(row, (part) => part.values[c]?.[row] ?? Number.NaN)),
    )
    owners.push({ name, columns, bins, woe, values, held })
  }
  return { alignment, labels, weights, owners, doubled }
}

/** The regression over all owners' weights of evidence in one place. */
export function fitClear({ alignment, labels, weights, owners }: ClearRows, l2: number): CentralFit {
  const counted = trainRows(alignment).filter((row) => weights[row] === 1)
  const columns = owners.flatMap(({ woe }) => woe.map((of) => Float64Array.from(counted, (row) => of[row] ?? 0)))
  return fitColumns(
    columns,
    counted.map((row) => labels[row] ?? 0),
    l2,
  )
}

/** Training rows and bad ones among them, by number of the bin as the guest sees it. */
export function countClear(
  { alignment, labels, weights }: ClearRows,
  { columns, bins }: ClearOwner,
  column: number,
): ReadonlyMap<number, { readonly n: number; readonly bad: number }> {
  const counts = new Map<number, { n: number; bad: number }>()
  const numberOf = new Map(columns[column]?.table.map(({ bin, number }) => [bin, number]))
  for (const row of trainRows(alignment)) {
    const number = numberOf.get(bins[column]?.[row] ?? 0)
    if (weights[row] !== 1 || number === undefined || number === null) continue
    const cell = counts.get(number) ?? { n: 0, bad: 0 }
    counts.set(number, { n: cell.n + 1, bad: cell.bad + (labels[row] ?? 0) })
  }
  return counts
}

/** The owner as one host with all its rows would cut it: a group by quantiles of its own and not on a grid. */
function binnedAnew(clear: ClearRows, owner: ClearOwner, rule: BinRule): ClearOwner {
  const { labels, weights, alignment } = clear
  const { to } = rangeOf(alignment, 'train')
  const bins: Uint8Array[] = []
  const woe = owner.values.map((values, c) => {
    const train = [values.subarray(0, to), owner.held.subarray(0, to)] as const
    const local = binColumn(...train, [], labels.subarray(0, to), weights.subarray(0, to), rule)
    bins[c] = Uint8Array.from(assignBins(values, owner.held, local.bins))
    return Float64Array.from(bins[c], (bin) => local.woe.bins[bin]?.woe ?? 0)
  })
  return { ...owner, bins, woe }
}

/** Hold-out AUC of both models where one host has the rows of all members, and cuts them by itself. */
export async function pooledAucs(
  lab: RunningLab,
  spec: JobSpec,
  clear: ClearRows,
  splits: Readonly<Record<string, readonly OwnedSplit[]>>,
): Promise<{ readonly scorecard: number; readonly trees: number }> {
  const { bin, train } = spec
  if (bin === undefined || train === undefined) throw new RangeError('a job with bin and train')
  const groups = groupsOf(spec).map(({ name }) => name)
  const owners = clear.owners.map((owner) => (groups.includes(owner.name) ? binnedAnew(clear, owner, bin) : owner))
  const { margins } = await growInTheClear(lab, spec, splits)
  return { scorecard: aucClear({ ...clear, owners }, train.l2), trees: holdoutAuc(clear, (row) => margins[row] ?? 0) }
}

function aucClear(clear: ClearRows, l2: number): number {
  const { weights, intercept } = fitClear(clear, l2)
  const woe = clear.owners.flatMap((owner) => owner.woe)
  return holdoutAuc(clear, (row) => woe.reduce((sum, of, j) => sum + (of[row] ?? 0) * (weights[j] ?? 0), intercept))
}

function holdoutAuc({ alignment, labels, weights }: ClearRows, score: (row: number) => number): number {
  const { from, to } = rangeOf(alignment, 'holdout')
  const rows = Array.from({ length: to - from }, (_, i) => from + i).filter((row) => weights[row] === 1)
  const actual = Uint8Array.from(rows, (row) => labels[row] ?? 0)
  return evaluate(Float64Array.from(rows, score), actual).auc.value
}

function trainRows(alignment: Alignment): number[] {
  return Array.from({ length: rangeOf(alignment, 'train').to }, (_, row) => row)
}

async function binnedAt(lab: RunningLab, party: string) {
  const dir = dirOf(lab, party, lab.job)
  const { rows } = await loadAlignment(dir)
  const columns = await loadBins(dir)
  const bins: Uint8Array[] = []
  const raw: Float64Array[] = []
  await withDataset(lab, party, async (dataset) => {
    const names = columns.map(({ name }) => name)
    for await (const { name, values } of dataset.columns(names, rows)) {
      const owned = columns.find((column) => column.name === name) as OwnedColumn
      if (binCount(owned.bins) > 255) throw new RangeError('more bins than a byte counts')
      raw[names.indexOf(name)] = values
      bins[names.indexOf(name)] = Uint8Array.from(assignBins(values, rows, owned.bins))
    }
  })
  return { rows, columns, bins, values: raw }
}

async function withDataset<T>(lab: RunningLab, party: string, use: (dataset: Dataset) => Promise<T>): Promise<T> {
  const { config } = lab.homes.parties[party] as LabMember
  const { datasets } = await readAgentConfig(config)
  const [name = '', declared] = Object.entries(datasets)[0] ?? []
  await using dataset = await openDataset(name, declared as NonNullable<typeof declared>)
  return await use(dataset)
}

/** Margins of all rows by the trees of a job, each row sent left or right by the values of whoever has it. */
export async function routeClear(
  lab: RunningLab,
  spec: JobSpec,
  model: StoredTrees,
  splits: Readonly<Record<string, readonly OwnedSplit[]>>,
): Promise<Float64Array> {
  const owners = [{ members: [spec.guest.party] }, ...ownersOf(spec)]
  const sides: ((split: number) => SideBits)[] = []
  let rows = 0
  for (const { members } of owners) {
    const inputs = (await Promise.all(members.map((party) => boostInputOf(lab, spec, party)))) as (
      | GuestInput
      | HostInput
    )[]
    const holders = inputs.map((input) => ('rows' in input ? input.rows : undefined))
    const has = (holder: Uint32Array | undefined, row: number) => holder === undefined || isRow(holder[row] ?? NO_ROW)
    rows = inputs[0]?.columns[0]?.values.length ?? 0
    const own = splits[members[0] ?? ''] ?? []
    sides.push((number) => {
      const split = own[number] as OwnedSplit
      const columns = inputs.map(({ columns: all }) => all.find(({ name }) => name === split.name))
      const values = new Float64Array(rows).map((_, row) => {
        const holder = holders.findIndex((held) => has(held, row))
        return columns[Math.max(0, holder)]?.values[row] ?? Number.NaN
      })
      return sidesOfValues(split, values, (row) => holders.some((held) => has(held, row)))
    })
  }
  return predictMargins(model.start, model.trees, rows, ({ owner, split }) => sides[owner]?.(split) as SideBits)
}
