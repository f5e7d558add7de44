// Anderson mixing: the next weights of all parties from the last few and the steps that were proposed at them, mixed so
// that the joint step, to first order, is smallest. It couples the parties' blocks, which their own preconditioners do
// not: ten rounds where a heavy ball takes thirty. An owner gives away scalar products of its own steps, and hears three
// numbers to mix with.
// D. G. Anderson, Iterative procedures for nonlinear integral equations (1965); H. F. Walker, P. Ni (2011).
import { choleskyFactor, choleskySolve, type Factor } from './cholesky.ts'

/** Earlier weights that are mixed. */
export const MIXING_MEMORY = 3
/** A joint step this many times longer than the shortest so far: what was learnt before does not hold here. */
const FORGET_ABOVE = 2
/** Sum of the absolute factors: how far beyond earlier steps the next one may reach. Far from the optimum more overshoots. */
const MOST_REACH = 4

/** Weights at the start of a round, and the step proposed there. */
export interface Earlier {
  readonly weights: readonly number[]
  readonly step: readonly number[]
}

/** Numbers that stepProducts gives with so many earlier rounds. */
export function productCount(earlier: number): number {
  return 1 + earlier + (earlier * (earlier + 1)) / 2
}

/**
 * Of an owner's block, in the metric of its preconditioner: |f|², then d_i·f, then d_i·d_j for j ≤ i, where f is the step
 * now and d_i how it differs from that of earlier round i; to nine digits.
 */
export function stepProducts(step: readonly number[], earlier: readonly Earlier[], factor: Factor): number[] {
  const now = transposed(factor, step)
  const differences = earlier.map((one) =>
    transposed(
      factor,
      step.map((value, j) => value - one.step[j]!),
    ),
  )
  const products = [dot(now, now), ...differences.map((difference) => dot(difference, now))]
  for (const [i, difference] of differences.entries())
    for (let j = 0; j <= i; j++) products.push(dot(difference, differences[j]!))
  return products.map((product) => Number(product.toPrecision(9)))
}

export interface Mixing {
  /** one factor an earlier round; none: forget them */
  readonly factors: readonly number[]
  /** the shortest joint step since they were last forgotten, squared */
  readonly shortest: number
}

/** The guest's part. @param products the sum over all owners @param shortest of the rounds before; Infinity at first */
export function solveMixing(products: readonly number[], earlier: number, shortest: number): Mixing {
  const length = products[0]!
  if (earlier === 0 || length > FORGET_ABOVE ** 2 * shortest) return { factors: [], shortest: length }
  const kept = Math.min(length, shortest)
  const right = Float64Array.from(products.slice(1, 1 + earlier))
  const matrix = new Float64Array(earlier * earlier)
  let next = 1 + earlier
  let trace = 0
  for (let i = 0; i < earlier; i++) {
    for (let j = 0; j <= i; j++) matrix[i * earlier + j] = matrix[j * earlier + i] = products[next++]!
    trace += matrix[i * earlier + i]!
  }
  if (!(trace > 0)) return { factors: [], shortest: kept }
  for (let ridge = 1e-9; ; ridge *= 10) {
    const ridged = matrix.map((value, at) => value + (at % (earlier + 1) === 0 ? ridge * trace : 0))
    const factors = [...choleskySolve(choleskyFactor(ridged, earlier), right)]
    if (factors.reduce((sum, factor) => sum + Math.abs(factor), 0) <= MOST_REACH || ridge > 1e9)
      return { factors: factors.map((factor) => Number(factor.toPrecision(9))), shortest: kept }
  }
}

/** An owner's next weights. */
export function mix(
  weights: readonly number[],
  step: readonly number[],
  earlier: readonly Earlier[],
  factors: readonly number[],
): number[] {
  return weights.map((weight, j) => {
    let next = weight + step[j]!
    for (const [i, factor] of factors.entries()) {
      const one = earlier[i]!
      next -= factor * (weight - one.weights[j]! + step[j]! - one.step[j]!)
    }
    return next
  })
}

/** Lᵀ·x: |Lᵀ·x|² = xᵀ·P·x. */
function transposed({ size, lower }: Factor, x: readonly number[]): Float64Array {
  const out = new Float64Array(size)
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) out[j]! += lower[i * size + j]! * x[i]!
  return out
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
