// Compares a network's gradient with differences of its scores, for tests of every operation.
import type { Batch, Network } from './network.ts'
import { initialParameters, parameterCount } from './parameters.ts'
import { draws, seedOf } from './sample.ts'

/** Two, because one may cross a kink of relu. */
const STEPS = [2 ** -7, 2 ** -10] as const

/**
 * Largest error of the gradient of Σ r_i·score_i for fixed r, over (1 + |difference quotient|), at weights away from
 * their start. A quotient is off by a few 1e-4: float32 rounding over the step, or the third derivative.
 */
export function gradientGap(network: Network, batch: Batch): number {
  const n = parameterCount(network.parts)
  const moves = draws(11, 'moves', n)
  const weights = initialParameters(network.parts, seedOf(3)).map((w, j) => w + 0.4 * moves[j]!)
  const residual = Float32Array.from(draws(5, 'residual', batch.rows))
  const gradient = new Float32Array(n)
  network.addGradient(weights, batch, () => residual, gradient)
  const along = (j: number, step: number) => {
    const moved = weights.slice()
    moved[j]! += step
    return network.scores(moved, batch).reduce((sum, score, i) => sum + score * residual[i]!, 0)
  }
  return gradient.reduce((largest, slope, j) => {
    const gaps = STEPS.map((step) => {
      const quotient = (along(j, step) - along(j, -step)) / (2 * step)
      return Math.abs(slope - quotient) / (1 + Math.abs(quotient))
    })
    return Math.max(largest, Math.min(...gaps))
  }, 0)
}
