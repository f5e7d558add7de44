// One step of a local optimiser on the flat vector, with decay, proximal term and control variates. The state (velocity,
// moments) lives for one call of training: nothing of it is averaged or kept.
import type { ControlVariates, LocalOptimiser, ParameterPart } from './types.ts'

export interface StepSettings {
  readonly learningRate: number
  readonly optimiser: LocalOptimiser
  readonly decay: number
  /** μ of FedProx */
  readonly proximal: number
  readonly control?: ControlVariates | undefined
}

/** Moves weights in place against the gradient of the loss. */
export type LocalStep = (weights: Float32Array, gradient: Float32Array) => void

/**
 * Steps on gradient + decay·w + μ·(w − start) + c − c_i.
 * sgd: velocity ← momentum·velocity + g, w ← w − rate·velocity.
 * adam (Kingma and Ba 2015, algorithm 1): moments corrected for their start at 0.
 * @param start copied; the proximal term pulls to it
 * @param parts those that move; the others stay
 */
export function localStep(settings: StepSettings, start: Float32Array, parts: readonly ParameterPart[]): LocalStep {
  const { optimiser, proximal, control, decay } = settings
  const anchor = proximal > 0 ? start.slice() : start
  /** into `gradient`, for the parameters of one part */
  const addPenalties = (weights: Float32Array, gradient: Float32Array, { offset, length, decays }: ParameterPart) => {
    const pull = decays ? decay : 0
    if (pull === 0 && proximal === 0 && control === undefined) return
    for (let i = offset; i < offset + length; i++) {
      const w = weights[i]!
      const drift = control === undefined ? 0 : control.all[i]! - control.own[i]!
      gradient[i]! += pull * w + proximal * (w - anchor[i]!) + drift
    }
  }
  const move =
    optimiser.kind === 'adam' ? adam(optimiser, settings, start.length) : sgd(optimiser, settings, start.length)
  return (weights, gradient) => {
    for (const part of parts) addPenalties(weights, gradient, part)
    move(weights, gradient, parts)
  }
}

type Move = (weights: Float32Array, gradient: Float32Array, parts: readonly ParameterPart[]) => void

function sgd({ momentum }: { readonly momentum: number }, { learningRate }: StepSettings, length: number): Move {
  const velocity = new Float32Array(momentum > 0 ? length : 0)
  return (weights, gradient, parts) => {
    for (const { offset, length: count } of parts) {
      for (let i = offset; i < offset + count; i++) {
        if (momentum > 0) velocity[i] = momentum * velocity[i]! + gradient[i]!
        weights[i]! -= learningRate * (momentum > 0 ? velocity[i]! : gradient[i]!)
      }
    }
  }
}

function adam(
  { beta1, beta2, epsilon }: Extract<LocalOptimiser, { kind: 'adam' }>,
  { learningRate }: StepSettings,
  length: number,
): Move {
  const moment = new Float32Array(length)
  const square = new Float32Array(length)
  let left1 = 1 // β1^t
  let left2 = 1
  return (weights, gradient, parts) => {
    left1 *= beta1
    left2 *= beta2
    const rate = learningRate / (1 - left1)
    const scale = 1 / (1 - left2)
    for (const { offset, length: count } of parts) {
      for (let i = offset; i < offset + count; i++) {
        const g = gradient[i]!
        const m = (moment[i] = beta1 * moment[i]! + (1 - beta1) * g)
        const v = (square[i] = beta2 * square[i]! + (1 - beta2) * g * g)
        weights[i]! -= (rate * m) / (Math.sqrt(v * scale) + epsilon)
      }
    }
  }
}
