// An owner's columns as the rounds use them: the preconditioner, and the columns in the precision of the gradient.
import { T } from '#crypto/he/params.ts'
import { expandBytes } from '#crypto/prg.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { Factor } from './cholesky.ts'
import type { GroupFacts } from './member.ts'
import { preconditioner, sumsOfProducts } from './optimiser.ts'
import { batchOf, planBatches, PRECISIONS, RESIDUAL_BOUND, WOE_BITS, WOE_LIMIT } from './params.ts'
import type { FixedColumns } from './scores.ts'
import type { LrInput, RowRange } from './training.ts'

/** What an owner keeps in memory between rounds; made again after a restart, the same. */
export interface Workspace {
  readonly factor: Factor
  /** the columns as the gradient takes them */
  readonly gradient: GradientColumns
  /** columns without penalty and without a bound: the intercept */
  readonly free: ReadonlySet<number>
}

/** @param group what its members hold together; absent: the own columns are all there is */
export async function prepareWorkspace(
  task: TaskContext,
  input: LrInput,
  curvature: number,
  free: ReadonlySet<number>,
  group?: Pick<GroupFacts, 'sums' | 'spans'>,
): Promise<Workspace> {
  const { data, trainRows, params } = input
  refuseWideColumns(input)
  const products = group?.sums ?? (await sumsOfProducts(data, trainRows))
  return {
    factor: preconditioner(products, data.bits, trainRows, params.l2, free, curvature),
    gradient: gradientColumns(input, await task.vault.seed('column-rounding'), group?.spans),
    free,
  }
}

/** Columns as integers of which an inner product with residuals cannot wrap modulo T, over the training rows. */
export interface GradientColumns {
  readonly width: number
  /** limb after limb: limb l of column j is columns[l·width + j] */
  readonly columns: readonly Int32Array[]
  /** x_j = Σ_l columns[l·width + j] / scales[l·width + j], but for the rounding of the last limb */
  readonly scales: readonly number[]
}

/** Finest scale of what a first limb left over: below 2^20, as that is less than an eighth. */
const MOST_REST_SCALE = 2 ** 22

/**
 * Cuts each column into the limbs of the job's precision, each on the finest scale that has room. The last is rounded up or
 * down at random, so that it is right on average: rounded to the nearest, a column of few distinct values would carry the
 * same error in every row of a bin, and a bias of its coefficient with it. The random numbers of a row are those of all
 * columns: columns that nearly repeat each other are rounded alike, and their difference stays what it is.
 * @param spans by column what the sums Σ|x| of a batch are taken to be, in the fixed point of the columns: members of a
 * group add up their products, and so have one scale. Absent: those of the columns.
 */
export function gradientColumns(
  { data, params, trainRows }: Pick<LrInput, 'data' | 'params' | 'trainRows'>,
  seed: Secret,
  spans?: readonly number[],
): GradientColumns {
  const { residualBits, limbs } = PRECISIONS[params.precision]
  const width = data.columns.length
  const plan = planBatches(params, trainRows)
  const batches = Array.from({ length: plan.batches }, (_, i) => batchOf(plan, trainRows, i + 1))
  // Σ|x·d| < T/2 for residuals up to their bound; rounding may add 1 to each row, at two members of a group.
  const rounding = plan.rows * (spans === undefined ? 1 : 2)
  const room = T / 2 / (2 ** residualBits * RESIDUAL_BOUND) - rounding
  const bytes = expandBytes(seed, 'rows', 2 * trainRows)
  const random = new Uint16Array(bytes.buffer, bytes.byteOffset, trainRows)
  const columns: Int32Array[] = new Array(width * limbs)
  const scales: number[] = new Array(width * limbs)
  for (const [j, column] of data.columns.entries()) {
    const span = spans?.[j] ?? largestSum(column, batches)
    if (limbs === 1 && span <= room) {
      columns[j] = column
      scales[j] = 2 ** data.bits
      continue
    }
    let rest = Float64Array.from(column.subarray(0, trainRows), (value) => value / 2 ** data.bits)
    for (let limb = 0; limb < limbs; limb++) {
      const most = limb === 0 ? 2 ** data.bits : MOST_REST_SCALE
      const sum = limb === 0 ? span / 2 ** data.bits : largestSum(rest, batches)
      const scale = Math.max(1, Math.floor(Math.min(most, room / (sum + 1e-9))))
      const last = limb === limbs - 1
      const out = new Int32Array(new SharedArrayBuffer(4 * trainRows))
      for (let i = 0; i < trainRows; i++)
        out[i] = last ? Math.floor(rest[i]! * scale + (random[i]! + 0.5) / 2 ** 16) : Math.round(rest[i]! * scale)
      columns[limb * width + j] = out
      scales[limb * width + j] = scale
      rest = rest.map((value, i) => value - out[i]! / scale)
    }
  }
  return { width, columns, scales }
}

/** The largest Σ|x| of a batch. */
export function largestSum(values: Float64Array | Int32Array, batches: readonly RowRange[]): number {
  return Math.max(
    ...batches.map(({ from, to }) => {
      let sum = 0
      for (let i = from; i < to; i++) sum += Math.abs(values[i]!)
      return sum
    }),
  )
}

/**
 * The first `rows` rows with at most `bits` fraction bits. Rounded at random, as `gradientColumns` does and for the
 * same reason.
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
