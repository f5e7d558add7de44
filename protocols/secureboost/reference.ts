// The same training in the clear, with the same seeds: what the protocol is compared with in tests.
import { type ReferenceModel, trainReference } from '#credit/trees/reference.ts'
import type { Precision } from '#credit/trees/params.ts'
import type { SplitRef, Tree } from '#credit/trees/tree.ts'
import { expandBytes } from '#crypto/prg.ts'
import { countingRows, heldOut } from './guest-state.ts'
import { setOf } from './layout.ts'
import { knownRows, offerColumns, type OwnedColumn, ownedColumns } from './owner-columns.ts'
import type { GuestOutput, HostOutput } from './params.ts'
import type { Secret } from '#runtime/secret.ts'
import { type Sample, seedOf } from './sample.ts'

/** What owners may have other than in a sample of hosts of their own. */
export interface Owners {
  readonly columns: readonly (readonly OwnedColumn[])[]
  readonly seedOf: (owner: number) => Secret
}

/** @param precision 'real': gradients as they are, without any rounding */
export function trainInTheClear(
  sample: Sample,
  precision: Precision | 'real',
  owners: Owners = { columns: columnsByOwner(sample), seedOf },
): ReferenceModel {
  const { guest, hosts } = sample
  const { columns } = owners
  const fallingOf = (tree: number, owner: number, column: number) =>
    owner > 0 &&
    offerColumns(columns[owner]!, guest, owners.seedOf(owner), tree).find(
      ({ owned }) => owned === columns[owner]![column],
    )!.falling
  return trainReference({
    params: guest.params.boost,
    columns: columns.map((some) => some.map(({ tree }) => tree)),
    labels: guest.labels,
    weights: guest.weights,
    trainRows: countingRows(guest),
    holdoutRows: heldOut(guest),
    precision,
    modulus: setOf(hosts[0]!.sets).modulus,
    draw: (owner) => (label, bytes) => expandBytes(owners.seedOf(owner), label, bytes),
    falling: fallingOf,
  })
}

export function columnsByOwner({ guest, hosts }: Sample): OwnedColumn[][] {
  const { weights } = guest
  return [
    ownedColumns({ ...guest, known: () => true, counts: (row) => weights[row]! > 0 }),
    ...hosts.map((host) => ownedColumns({ ...host, known: knownRows(host.rows), counts: () => true })),
  ]
}

/** A node with what its owner knows of the split, for comparison. */
export interface ComparedNode {
  readonly node: number
  readonly rows: number
  readonly value: number
  readonly split?: { readonly alias: string; readonly threshold: number; readonly lowRight: boolean }
}

export function comparedModel(guest: GuestOutput, hosts: readonly HostOutput[]): ComparedNode[][] {
  const owners = [guest.splits, ...hosts.map(({ splits }) => splits)]
  return compared(guest.trees, ({ owner, split }) => {
    const { alias, threshold, lowRight } = owners[owner]![split]!
    return { alias, threshold, lowRight }
  })
}

export function comparedReference(
  sample: Sample,
  { trees, splits }: ReferenceModel,
  columns: Owners['columns'] = columnsByOwner(sample),
): ComparedNode[][] {
  return compared(trees, ({ owner, split }) => {
    const { column, cell, lowRight } = splits[owner]![split]!
    const { column: source, cuts } = columns[owner]![column]!
    const threshold = cell < 0 ? -Number.MAX_VALUE : (cuts[cell] ?? Number.MAX_VALUE)
    return { alias: source.alias, threshold, lowRight }
  })
}

function compared(
  trees: readonly Tree<SplitRef>[],
  of: (split: SplitRef) => NonNullable<ComparedNode['split']>,
): ComparedNode[][] {
  return trees.map(({ nodes }) =>
    nodes.map(({ node, rows, value, split }) => ({
      node,
      rows,
      value: Number(value.toFixed(9)),
      ...(split !== undefined && { split: of(split) }),
    })),
  )
}
