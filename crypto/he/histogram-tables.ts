// Constants of the transform of sums by cell: its prime, roots in the order of rows, and the tables that masks are made of.
import { LOOKUP_TABLES } from './histogram-code.ts'
import { acrossSteps } from './node-code.ts'

/** The largest prime ≡ 1 mod 16384 below 2^30: all sums of digits are taken modulo this one. */
export const TRANSFORM_PRIME = 1073692673n

/** Roots (rootTables in kernel.ts, or their inverses) of each layer below `rows`, row by row, with Shoup's quotients. */
export interface RowRoots {
  readonly roots: Uint32Array
  readonly quotients: Uint32Array
  /** first word of each layer */
  readonly starts: readonly number[]
}

export function rowRoots(roots: Uint32Array, windows: number, prime = TRANSFORM_PRIME): RowRoots {
  const ordered = new Uint32Array(roots.length)
  const starts: number[] = []
  let next = 0
  for (let groups = 1; groups < roots.length / windows; groups *= 2) {
    starts.push(next)
    for (let g = 0; g < groups; g++) {
      for (let k = 0; k < windows; k++) ordered[next++] = roots[groups * windows + k * groups + g] as number
    }
  }
  return { roots: ordered, quotients: ordered.map((root) => quotientOf(root, prime)), starts }
}

/** Shoup's quotient of a root. */
export function quotientOf(root: number, prime = TRANSFORM_PRIME): number {
  return Number((BigInt(root) << 32n) / prime)
}

/** Roots and quotients of each step of `head`, or of `tail`, as those read them. */
export function acrossTable(roots: Uint32Array, windows: number, back: boolean, prime = TRANSFORM_PRIME): number[] {
  const { pairs, lanes } = acrossSteps(windows)
  const step = (indices: readonly number[]): number[] => {
    const words = indices.map((index) => roots[index] as number)
    return [...words, ...words.map((root) => quotientOf(root, prime))]
  }
  const pairSteps = pairs.map(([, , index]) => step([index, index, index, index]))
  const laneSteps = Array.from({ length: lanes }, (_, l) => {
    // in a row of one vector, two rows are taken at once: the same roots twice
    const [a, b] = windows === 4 ? [1, 1] : [windows / 4 + 2 * l, windows / 4 + 2 * l + 1]
    const [four, next] = windows === 4 ? [2, 2] : [windows / 2 + 4 * l, windows / 2 + 4 * l + 2]
    const both = [step([a, a, b, b]), step([four, four + 1, next, next + 1])]
    return (back ? both.toReversed() : both).flat()
  })
  return (back ? [...laneSteps, ...pairSteps.toReversed()] : [...pairSteps, ...laneSteps]).flat()
}

/** Tables of `lookup` in histogram-code.ts, divided by the number of roots. */
export function lookupTables(roots: Uint32Array, windows: number): Uint32Array {
  const words = new Uint32Array(LOOKUP_TABLES * (windows + 1) * windows)
  const prime = TRANSFORM_PRIME
  const share = inverseOf(BigInt(roots.length))
  const root = (index: number) => BigInt(roots[index] as number)
  for (let k = 0; k < windows; k++) {
    const half = root(windows / 2 + (k >> 1))
    const omega = k % 2 === 0 ? half : prime - half
    const [w, w1, w2] = [root(windows + k), root(2 * windows + 2 * k), root(2 * windows + 2 * k + 1)]
    const factors = [1n, w, w1, w1 * w, w2, (prime - w2) * w]
    let value = share
    for (let cell = 0; cell < windows; cell++) {
      for (const [t, factor] of factors.entries()) {
        words[(t * (windows + 1) + cell) * windows + k] = Number((value * factor) % prime)
      }
      value = (value * omega) % prime
    }
  }
  return words
}

/** Modulo TRANSFORM_PRIME, by Fermat. */
export function inverseOf(value: bigint): bigint {
  let result = 1n
  let square = value % TRANSFORM_PRIME
  for (let rest = TRANSFORM_PRIME - 2n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % TRANSFORM_PRIME
    square = (square * square) % TRANSFORM_PRIME
  }
  return result
}
