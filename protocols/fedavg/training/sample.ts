// Rows and references for the tests of local training: seeded tables, and a logistic regression fitted in the clear.
import { expandBytes } from '#crypto/prg.ts'
import type { LocalSettings, TrainingRows } from './types.ts'

/** Seeds of tests: 32 equal bytes. */
export const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)

/** n draws, uniform in [−1, 1). */
export function draws(seed: number, label: string, n: number): Float64Array {
  const words = new Uint32Array(expandBytes(seedOf(seed), label, 4 * n).buffer, 0, n)
  return Float64Array.from(words, (word) => word * 2 ** -31 - 1)
}

/** Rows with draws in [−1, 1) and a label that is 1 with the probability that `odds` gives in log odds. */
export function sampleRows(
  seed: number,
  rows: number,
  columns: number,
  odds: (row: Float32Array) => number,
): TrainingRows {
  const inputs = Float32Array.from(draws(seed, 'inputs', rows * columns))
  const chances = draws(seed, 'labels', rows)
  const labels = Uint8Array.from({ length: rows }, (_, i) => {
    const score = odds(inputs.subarray(i * columns, (i + 1) * columns))
    return (chances[i]! + 1) / 2 < 1 / (1 + Math.exp(-score)) ? 1 : 0
  })
  return { rows, inputs, labels }
}

/** Plain gradient descent on all rows. */
export function plainSettings(learningRate: number, epochs: number, decay = 0): LocalSettings {
  return { epochs, batchRows: 'full', learningRate, optimiser: { kind: 'sgd', momentum: 0 }, decay }
}

export const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

/** Rows of both, in this order. */
export function joinRows(a: TrainingRows, b: TrainingRows): TrainingRows {
  return {
    rows: a.rows + b.rows,
    inputs: Float32Array.of(...a.inputs, ...b.inputs),
    labels: Uint8Array.of(...a.labels, ...b.labels),
  }
}

/**
 * Gradient and Hessian of mean log loss + ½·decay·‖w‖² (not the intercept, which is last), in float64.
 * @returns hessian row-major, (columns + 1)²
 */
export function logisticSlopes(data: TrainingRows, weights: ArrayLike<number>, decay: number) {
  const { rows, inputs, labels } = data
  const size = weights.length
  const gradient = new Float64Array(size)
  const hessian = new Float64Array(size * size)
  for (let i = 0; i < rows; i++) {
    const x = [...inputs.subarray(i * (size - 1), (i + 1) * (size - 1)), 1]
    const p = 1 / (1 + Math.exp(-x.reduce((sum, value, j) => sum + value * weights[j]!, 0)))
    for (let j = 0; j < size; j++) {
      gradient[j]! += (x[j]! * (p - labels[i]!)) / rows
      for (let k = 0; k < size; k++) hessian[j * size + k]! += (x[j]! * x[k]! * p * (1 - p)) / rows
    }
  }
  for (let j = 0; j < size - 1; j++) {
    gradient[j]! += decay * weights[j]!
    hessian[j * size + j]! += decay
  }
  return { gradient, hessian }
}

/** Minimiser of the loss of `logisticSlopes`, by Newton's method. */
export function newtonFit(data: TrainingRows, decay: number): Float64Array {
  const weights = new Float64Array(data.inputs.length / data.rows + 1)
  for (let step = 0; step < 25; step++) {
    const { gradient, hessian } = logisticSlopes(data, weights, decay)
    solve(hessian, gradient).forEach((move, j) => {
      weights[j]! -= move
    })
  }
  return weights
}

/** Solves A·x = b by elimination; A positive definite, row-major, changed. */
export function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length
  const x = right.slice()
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = matrix[i * n + k]! / matrix[k * n + k]!
      for (let j = k; j < n; j++) matrix[i * n + j]! -= factor * matrix[k * n + j]!
      x[i]! -= factor * x[k]!
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) x[k]! -= matrix[k * n + j]! * x[j]!
    x[k]! /= matrix[k * n + k]!
  }
  return x
}

/** max_j |a_j − b_j| */
export function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((largest, value, j) => Math.max(largest, Math.abs(value - b[j]!)), 0)
}
