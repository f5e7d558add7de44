// One party of the round of the information matrix, ready for its loops: its columns and their products in the precision
// of the round.
import type { HePool } from '#crypto/he/pool.ts'
import { expandBytes } from '#crypto/prg.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { Secret } from '#runtime/secret.ts'
import { coarserColumns } from './columns.ts'
import { type InformationParty, PartNumbers } from './information.ts'
import { COLUMN_BITS, type InformationPlan, PRODUCT_BITS } from './information-plan.ts'
import { type FixedColumns } from './scores.ts'
import { type LrInput } from './training.ts'

export async function openInformationParty(
  task: TaskContext,
  pool: HePool,
  { data, names }: LrInput,
  plan: InformationPlan,
  round: number,
): Promise<InformationParty> {
  const parties = [task.guest, ...task.hosts]
  const seed = await task.vault.seed(`round/${round}`)
  const coarse = coarserColumns(data, COLUMN_BITS, plan.rows, seed)
  return {
    task,
    pool,
    round,
    plan,
    parties,
    seed,
    self: parties.indexOf(task.self),
    columns: withBits(coarse, plan.rows).slice(0, names.length),
    products: productColumns(data, plan.rows, seed),
    share: undefined,
    numbers: new PartNumbers(),
    keys: new Map(),
  }
}

/** Columns of fewer bits are widened: all have COLUMN_BITS. */
function withBits({ columns, bits }: FixedColumns, rows: number): Int32Array[] {
  const factor = 2 ** (COLUMN_BITS - bits)
  return columns.map((column) => shared(rows, (i) => column[i]! * factor))
}

/**
 * Products of two columns, rounded up or down at random, as `coarserColumns` does and for the same reason; clipped where
 * the ring's multipliers end (2^20).
 */
function productColumns({ columns, bits }: FixedColumns, rows: number, seed: Secret): Int32Array[] {
  const scale = 2 ** (PRODUCT_BITS - 2 * bits)
  const limit = 2 ** 20
  return columns.flatMap((x, j) =>
    columns.slice(0, j + 1).map((y, k) => {
      const bytes = expandBytes(seed, `products/${j}/${k}`, 2 * rows)
      const random = new Uint16Array(bytes.buffer, bytes.byteOffset, rows)
      const product = (i: number) => Math.floor(x[i]! * y[i]! * scale + (random[i]! + 0.5) / 2 ** 16)
      return shared(rows, (i) => Math.max(-limit, Math.min(limit, product(i))))
    }),
  )
}

function shared(rows: number, valueOf: (row: number) => number): Int32Array {
  const out = new Int32Array(new SharedArrayBuffer(4 * rows))
  for (let i = 0; i < rows; i++) out[i] = valueOf(i)
  return out
}
