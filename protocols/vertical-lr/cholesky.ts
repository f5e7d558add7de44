// Small dense symmetric systems.
import { PlatformError } from '#runtime/errors.ts'

/** Lower factor L of A = L·Lᵀ. */
export interface Factor {
  readonly size: number
  /** row-major, size × size, zero above the diagonal */
  readonly lower: Float64Array
}

/** @param matrix symmetric positive definite, row-major, size × size @throws PlatformError lr.diverged when it is not */
export function choleskyFactor(matrix: Float64Array, size: number): Factor {
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!
      if (i !== j) {
        lower[i * size + j] = sum / lower[j * size + j]!
      } else {
        if (!(sum > 0))
          throw new PlatformError('lr.diverged', { reason: 'the columns are linearly dependent and l2 is 0' })
        lower[i * size + i] = Math.sqrt(sum)
      }
    }
  }
  return { size, lower }
}

/** x with A·x = right */
export function choleskySolve({ size, lower }: Factor, right: Float64Array): Float64Array {
  const x = Float64Array.from(right)
  for (let i = 0; i < size; i++) {
    let sum = x[i]!
    for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * x[k]!
    x[i] = sum / lower[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i]!
    for (let k = i + 1; k < size; k++) sum -= lower[k * size + i]! * x[k]!
    x[i] = sum / lower[i * size + i]!
  }
  return x
}
