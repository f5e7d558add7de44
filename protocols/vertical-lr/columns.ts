// An owner's columns as the rounds use them: the preconditioner, and the columns in the precision of the gradient.
import { expandBytes } from '#crypto/prg.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { Factor } from './cholesky.ts'
import { preconditioner } from './optimiser.ts'
import { planBatches, valueBits, WOE_BITS, WOE_LIMIT } from './params.ts'
import type { FixedColumns } from './scores.ts'
import type { LrInput } from './training.ts'

/** What an owner keeps in memory between rounds; made again after a restart, the same. */
export interface Workspace {
  readonly factor: Factor
  /** the columns with no more fraction bits than a gradient has room for */
  readonly coarse: FixedColumns
  /** columns without penalty and without a bound: the intercept */
  readonly free: ReadonlySet<number>
}

export async function prepareWorkspace(
  task: TaskContext,
  input: LrInput,
  curvature: number,
  free: ReadonlySet<number>,
): Promise<Workspace> {
  const { data, trainRows, params } = input
  refuseWideColumns(input)
  const bits = valueBits(planBatches(params, trainRows).rows)
  return {
    factor: await preconditioner(data, trainRows, params.l2, free, curvature),
    coarse: coarserColumns(data, bits, trainRows, await task.vault.seed('column-rounding')),
    free,
  }
}

/**
 * The first `rows` rows with at most `bits` fraction bits. Each value is rounded up or down at random, so that it is
 * right on average: rounded to the nearest, a column of few distinct values would carry the same error in every row of
 * a bin, and a bias of its coefficient with it.
 */
export function coarserColumns(data: FixedColumns, bits: number, rows: number, seed: Secret): FixedColumns {
  const drop = data.bits - bits
  if (drop <= 0) return data
  if (drop > 16) throw new PlatformError('internal.unexpected', { expected: 'at most 16 bits to drop', drop })
  const below = 2 ** drop - 1
  const columns = data.columns.map((column, j) => {
    const bytes = expandBytes(seed, `${bits}/${j}`, 2 * rows)
    const random = new Uint16Array(bytes.buffer, bytes.byteOffset, rows)
    const out = new Int32Array(new SharedArrayBuffer(4 * rows))
    for (let i = 0; i < rows; i++) out[i] = (column[i]! + (random[i]! & below)) >> drop
    return out
  })
  return { bits, columns }
}

/** Weight-of-evidence values as a column of `LrInput.data`: fixed point, clipped at ±WOE_LIMIT, in shared memory. */
export function woeColumn(values: ArrayLike<number>): Int32Array {
  const scale = 2 ** WOE_BITS
  const out = new Int32Array(new SharedArrayBuffer(4 * values.length))
  for (let i = 0; i < values.length; i++)
    out[i] = Math.round(Math.max(-WOE_LIMIT, Math.min(WOE_LIMIT, values[i]!)) * scale)
  return out
}

/** Inner products have room for columns whose mean |x| over the training rows is at most 2. @throws lr.diverged */
function refuseWideColumns({ params, data, trainRows, names }: LrInput): void {
  if (params.columns === 'standardised') return
  for (const [j, column] of data.columns.entries()) {
    let sum = 0
    for (let i = 0; i < trainRows; i++) sum += Math.abs(column[i]!)
    if (sum > 2 ** (data.bits + 1) * trainRows)
      throw new PlatformError('lr.diverged', { column: names[j] ?? 'intercept', reason: 'mean absolute value above 2' })
  }
}
