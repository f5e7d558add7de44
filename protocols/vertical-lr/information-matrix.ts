// The guest's end of the information round: the matrix from its blocks, and the standard errors from the matrix.
import { PlatformError } from '#runtime/errors.ts'
import { choleskyFactor, choleskySolve } from './cholesky.ts'
import type { InformationBlock } from './information.ts'
import { COLUMN_BITS, type InformationPlan, PRODUCT_BITS } from './information-plan.ts'
import { centred } from './residual.ts'

/**
 * Σ v·xxᵀ over the rows that count, row-major.
 * @param scale rows that count over those of them that the blocks were made of
 */
export function assembleInformation(
  { widths, curvatureBits }: InformationPlan,
  blocks: readonly InformationBlock[],
  scale: number,
): Float64Array {
  const size = widths.reduce((sum, width) => sum + width, 0)
  const first = widths.map((_, party) => widths.slice(0, party).reduce((sum, width) => sum + width, 0))
  const guest = widths[0]!
  const matrix = new Float64Array(size * size)
  const set = (a: number, b: number, value: number) => {
    matrix[a * size + b] = matrix[b * size + a] = value * scale
  }
  for (const { vectorsOf, columnsOf, values } of blocks) {
    const width = widths[columnsOf]!
    const at = first[columnsOf]!
    if (vectorsOf === undefined) {
      let next = 0
      for (let a = 0; a < width; a++)
        for (let b = 0; b <= a; b++) set(at + a, at + b, centred(values[next++]!) / 2 ** (curvatureBits + PRODUCT_BITS))
      continue
    }
    for (let v = 0; v < widths[vectorsOf]!; v++) {
      // The last vector of the guest is v itself: no column's bits are in it.
      const bits = curvatureBits + COLUMN_BITS + (vectorsOf === 0 && v === guest - 1 ? 0 : COLUMN_BITS)
      for (let c = 0; c < width; c++) set(first[vectorsOf]! + v, at + c, centred(values[v * width + c]!) / 2 ** bits)
    }
  }
  return matrix
}

/**
 * Square roots of the diagonal of (information + l2)⁻¹ over the weights that are not held at a bound, to six digits; 0
 * for those that are, and for all where the matrix is singular. The intercept has no penalty.
 */
export function standardErrors(
  information: Float64Array,
  held: readonly boolean[],
  l2: number,
  intercept: number,
): number[] {
  const size = held.length
  const kept = held.flatMap((isHeld, j) => (isHeld ? [] : [j]))
  const matrix = Float64Array.from({ length: kept.length ** 2 }, (_, at) => {
    const [a, b] = [kept[Math.floor(at / kept.length)]!, kept[at % kept.length]!]
    return information[a * size + b]! + (a === b && a !== intercept ? l2 : 0)
  })
  const errors = new Array<number>(size).fill(0)
  try {
    const factor = choleskyFactor(matrix, kept.length)
    for (const [at, j] of kept.entries()) {
      const unit = new Float64Array(kept.length)
      unit[at] = 1
      errors[j] = Number(Math.sqrt(choleskySolve(factor, unit)[at]!).toPrecision(6))
    }
  } catch (error) {
    // Columns that repeat each other: a model may have them, tests of it are not defined.
    if (!(error instanceof PlatformError && error.code === 'lr.diverged')) throw error
  }
  return errors
}
