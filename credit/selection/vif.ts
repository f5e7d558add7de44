// Variance inflation from a correlation matrix: how much of a column the others already say.
import { PlatformError } from '#runtime/errors.ts'

export interface VarianceInflation {
  /** of each column, ≥ 1 */
  readonly vif: Float64Array
  /** added to the diagonal so that the matrix could be inverted; 0 when it could be as it is */
  readonly ridge: number
}

/** A pivot of the Cholesky factor below this says that a column is a sum of others but for rounding. */
const SMALLEST_PIVOT = 1e-10
const RIDGES = [0, 1e-8, 1e-6, 1e-4, 1e-2]

/**
 * @param correlation p×p, row-major, symmetric, ones on the diagonal. @param p number of columns
 * @throws PlatformError evaluation.invalid for what is no correlation matrix
 */
export function varianceInflation(correlation: Float64Array, p: number): VarianceInflation {
  checkCorrelation(correlation, p)
  const { inverse, ridge } = inverseCorrelation(correlation, p)
  return { vif: Float64Array.from({ length: p }, (_, j) => Math.max(1, inverse[j * p + j]!)), ridge }
}

/** The inverse by Cholesky's factor, with the smallest ridge that makes it exist. */
export function inverseCorrelation(
  correlation: Float64Array,
  p: number,
): { readonly inverse: Float64Array; readonly ridge: number } {
  for (const ridge of RIDGES) {
    const lower = cholesky(correlation, p, ridge)
    if (lower !== null) return { inverse: inverseOf(lower, p), ridge }
  }
  // A matrix of measured correlations that 1 % on the diagonal does not mend was not measured on the same rows.
  throw new PlatformError('evaluation.invalid', { what: 'the correlation matrix is not positive definite', columns: p })
}

/** @throws PlatformError evaluation.invalid */
export function checkCorrelation(correlation: Float64Array, p: number): void {
  const refuse = (what: string): never => {
    throw new PlatformError('evaluation.invalid', { what, columns: p, length: correlation.length })
  }
  if (correlation.length !== p * p) refuse('size of the correlation matrix')
  for (let i = 0; i < p; i++) {
    if (Math.abs(correlation[i * p + i]! - 1) > 1e-6) refuse('diagonal of the correlation matrix')
    for (let j = 0; j < i; j++) {
      const r = correlation[i * p + j]!
      if (!(Math.abs(r) <= 1 + 1e-6) || Math.abs(r - correlation[j * p + i]!) > 1e-6) refuse('a correlation')
    }
  }
}

/** L with L·Lᵀ = R + ridge·I, or null when a pivot vanishes. */
function cholesky(R: Float64Array, p: number, ridge: number): Float64Array | null {
  const L = new Float64Array(p * p)
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = R[i * p + j]! + (i === j ? ridge : 0)
      for (let k = 0; k < j; k++) sum -= L[i * p + k]! * L[j * p + k]!
      if (i === j && sum < SMALLEST_PIVOT) return null
      L[i * p + j] = i === j ? Math.sqrt(sum) : sum / L[j * p + j]!
    }
  }
  return L
}

/** (L·Lᵀ)⁻¹ = L⁻ᵀ·L⁻¹. */
function inverseOf(L: Float64Array, p: number): Float64Array {
  const M = new Float64Array(p * p) // L⁻¹
  for (let i = 0; i < p; i++) {
    M[i * p + i] = 1 / L[i * p + i]!
    for (let j = 0; j < i; j++) {
      let sum = 0
      for (let k = j; k < i; k++) sum -= L[i * p + k]! * M[k * p + j]!
      M[i * p + j] = sum / L[i * p + i]!
    }
  }
  const inverse = new Float64Array(p * p)
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = i; k < p; k++) sum += M[k * p + i]! * M[k * p + j]!
      inverse[i * p + j] = inverse[j * p + i] = sum
    }
  }
  return inverse
}

/**
 * Drops columns until every VIF is within the limit, each time the one with the largest.
 * @returns columns in the order of their fall with the VIF at that moment, and the VIF of those that stay
 */
export function dropInflated(
  correlation: Float64Array,
  p: number,
  limit: number,
): {
  readonly dropped: readonly { column: number; vif: number }[]
  readonly vif: Float64Array
  readonly ridge: number
} {
  checkCorrelation(correlation, p)
  const { inverse, ridge } = inverseCorrelation(correlation, p)
  const stays = new Uint8Array(p).fill(1)
  const dropped: { column: number; vif: number }[] = []
  for (;;) {
    let worst = -1
    for (let j = 0; j < p; j++) {
      if (stays[j] === 1 && (worst < 0 || inverse[j * p + j]! > inverse[worst * p + worst]!)) worst = j
    }
    const vif = worst < 0 ? 1 : inverse[worst * p + worst]!
    if (worst < 0 || vif <= limit) break
    dropped.push({ column: worst, vif })
    stays[worst] = 0
    // The inverse without one column, from the inverse with it (Schur complement).
    const column = Float64Array.from({ length: p }, (_, i) => inverse[i * p + worst]!)
    for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) inverse[i * p + j]! -= (column[i]! * column[j]!) / vif
  }
  const vif = Float64Array.from({ length: p }, (_, j) =>
    stays[j] === 1 ? Math.max(1, inverse[j * p + j]!) : Number.NaN,
  )
  return { dropped, vif, ridge }
}
