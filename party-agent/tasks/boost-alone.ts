// The trees that the guest can grow by itself, with the same settings on the same rows: what the joint ones are measured
// against.
import { trainReference } from '#credit/trees/reference.ts'
import { expandBytes } from '#crypto/prg.ts'
import { rangeOf } from '#protocols/core/aligned-rows.ts'
import { ownedColumns } from '#protocols/secureboost/owner-columns.ts'
import type { GuestInput } from '#protocols/secureboost/params.ts'
import type { Secret } from '#runtime/secret.ts'

/** Nothing is encrypted here, so sums need to fit into no plain modulus: any large one will do. */
const NO_MODULUS = 2 ** 50

/** Margins of all rows. @param seed of the draws of rows and columns */
export function growAlone({ params, sets, columns, labels, weights }: GuestInput, seed: Secret): Float64Array {
  const counts = (row: number) => (weights[row] ?? 0) > 0
  const owned = ownedColumns({ params, sets, columns, known: () => true, counts })
  const rowsOf = (set: 'train' | 'holdout') => {
    const { from, to } = rangeOf({ sets }, set)
    return Uint32Array.from({ length: to - from }, (_, i) => from + i).filter(counts)
  }
  const { margins } = trainReference({
    params: params.boost,
    columns: [owned.map(({ tree }) => tree)],
    labels,
    weights,
    trainRows: rowsOf('train'),
    holdoutRows: rowsOf('holdout'),
    precision: 'real',
    modulus: NO_MODULUS,
    draw: () => (label, bytes) => expandBytes(seed, label, bytes),
  })
  return margins
}
