// SCAFFOLD (Karimireddy et al., ICML 2020): control variates that take the drift of local training back.
import type { ControlVariates } from './types.ts'

/**
 * The new variate of a party after a round, option II of the paper (algorithm 1, line 12):
 * c_i⁺ = c_i − c + (start − trained) / (steps · learningRate), the mean gradient that the party met on its way.
 * The federation's is then c + Σ n_i/N · (c_i⁺ − c_i): weighted by rows as the updates are, because the optimum is that
 * of the rows of all; the paper weights its parties equally in both.
 * @param steps of plain gradient descent that led from start to trained
 */
export function nextVariate(
  { all, own }: ControlVariates,
  start: Float32Array,
  trained: Float32Array,
  steps: number,
  learningRate: number,
): Float32Array {
  const perStep = 1 / (steps * learningRate)
  return Float32Array.from(own, (value, i) => value - all[i]! + (start[i]! - trained[i]!) * perStep)
}
