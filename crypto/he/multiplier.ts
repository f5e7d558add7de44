// How the columns of one answer to inner products become the coefficients of a multiplier.
import { PlatformError } from '#runtime/errors.ts'
import { MAX_MULTIPLIER } from '../ring.ts'
import { placeOf } from './kernel.ts'
import { positionOf } from './wire.ts'

/**
 * One block of rows of some columns as the coefficients of a multiplier: x_r of column c stands at
 * c·R + (R - 1 - r), so that the product with Σ d_r·X^r has Σ x_r·d_r at c·R + R - 1 and no other column reaches there.
 * place: where coefficient i stands, the order of the kernel where absent. Returns Σ|x|. @throws he.range when a value is above 2^20
 */
export function fillMultiplier(
  multiplier: Int32Array,
  columns: readonly Int32Array[],
  firstRow: number,
  rowsPerBlock: number,
  place: (i: number) => number = placeOf,
): number {
  multiplier.fill(0)
  let oneNorm = 0
  let widest = 0
  for (const [c, column] of columns.entries()) {
    const top = positionOf(c, rowsPerBlock)
    const rows = Math.min(rowsPerBlock, column.length - firstRow)
    for (let r = 0; r < rows; r++) {
      const x = column[firstRow + r] as number
      const size = x < 0 ? -x : x
      oneNorm += size
      if (size > widest) widest = size
      multiplier[place(top - r)] = x
    }
  }
  if (widest > MAX_MULTIPLIER) throw new PlatformError('he.range', { limit: MAX_MULTIPLIER })
  return oneNorm
}
