// The step that every party applies to the mean update: FedAvg, FedAdam, FedYogi. Float64 with sums, products, quotients
// and square roots only, so all parties have the same bits and can compare a digest of the model.
import { PlatformError } from '#runtime/errors.ts'
import { allFinite, refuseOutside } from './refusals.ts'
import { TRAINING_LIMITS } from './types.ts'

/** `average`: w ← w + rate·Δ (McMahan et al. 2017 at rate 1). `adam`, `yogi`: Reddi et al. (ICLR 2021), algorithm 2. */
export type ServerSettings =
  | { readonly kind: 'average'; readonly learningRate: number }
  | {
      readonly kind: 'adam' | 'yogi'
      readonly learningRate: number
      readonly beta1: number
      readonly beta2: number
      /** τ, keeps steps bounded where updates are small; also the start of the squares: τ² */
      readonly tau: number
    }

/** All that a party must keep between rounds. Arrays have one entry for each parameter and are never changed. */
export interface ServerState {
  /** steps taken */
  readonly round: number
  readonly weights: Float64Array
  /** m and v of adam and yogi */
  readonly moment?: Float64Array
  readonly square?: Float64Array
  /** c of SCAFFOLD */
  readonly variate?: Float64Array
}

/** @throws average.settings */
export function refuseServerSettings(settings: ServerSettings): void {
  refuseOutside('learningRate', settings.learningRate, Number.MIN_VALUE, 10)
  if (settings.kind === 'average') return
  refuseOutside('beta1', settings.beta1, 0, 0.999)
  refuseOutside('beta2', settings.beta2, 0, 0.9999)
  refuseOutside('tau', settings.tau, 1e-9, 1)
}

/** @param scaffold keep a control variate of the federation, zero at first */
export function openServer(settings: ServerSettings, weights: Float32Array, scaffold = false): ServerState {
  refuseServerSettings(settings)
  const { length } = weights
  return {
    round: 0,
    weights: Float64Array.from(weights),
    ...(settings.kind === 'average'
      ? {}
      : { moment: new Float64Array(length), square: new Float64Array(length).fill(settings.tau * settings.tau) }),
    ...(scaffold ? { variate: new Float64Array(length) } : {}),
  }
}

/**
 * One round: Δ is the mean update, Σ n_i/N·(trained_i − start).
 * adam: m ← β₁m + (1 − β₁)Δ, v ← β₂v + (1 − β₂)Δ². yogi: v ← v − (1 − β₂)·Δ²·sign(v − Δ²). Both: w ← w + η·m/(√v + τ).
 * As published, without the correction of Adam for the start of the moments.
 * @param variateMean SCAFFOLD: Σ n_i/N·(c_i⁺ − c_i), added to the variate of the federation
 * @throws average.settings for lengths that differ; average.diverged when a weight is no longer finite
 */
export function serverStep(
  settings: ServerSettings,
  state: ServerState,
  mean: Float64Array,
  variateMean?: Float64Array,
): ServerState {
  refuseLength(state, mean)
  const round = state.round + 1
  const rest = state.variate === undefined ? {} : { variate: nextMean(state, state.variate, variateMean) }
  const moved =
    settings.kind === 'average' ? averaged(settings.learningRate, state, mean) : adapted(settings, state, mean)
  if (!allFinite(moved.weights)) throw new PlatformError('average.diverged', { round })
  return { round, ...moved, ...rest }
}

function averaged(rate: number, { weights }: ServerState, mean: Float64Array) {
  return { weights: weights.map((w, i) => w + rate * mean[i]!) }
}

function adapted(settings: Exclude<ServerSettings, { kind: 'average' }>, state: ServerState, mean: Float64Array) {
  const { kind, learningRate, beta1, beta2, tau } = settings
  if (state.moment === undefined || state.square === undefined)
    throw new PlatformError('average.settings', { problem: 'the state has no moments' })
  const moment = state.moment.map((m, i) => beta1 * m + (1 - beta1) * mean[i]!)
  const square = state.square.map((v, i) => {
    const s = mean[i]! * mean[i]!
    return kind === 'adam' ? beta2 * v + (1 - beta2) * s : v - (1 - beta2) * s * Math.sign(v - s)
  })
  const weights = state.weights.map((w, i) => w + (learningRate * moment[i]!) / (Math.sqrt(square[i]!) + tau))
  return { weights, moment, square }
}

function nextMean(state: ServerState, variate: Float64Array, change: Float64Array | undefined): Float64Array {
  if (change === undefined)
    throw new PlatformError('average.settings', { problem: 'SCAFFOLD needs the mean of variates' })
  refuseLength(state, change)
  return variate.map((c, i) => c + change[i]!)
}

function refuseLength({ weights }: ServerState, mean: Float64Array): void {
  if (mean.length !== weights.length || !allFinite(mean))
    throw new PlatformError('average.settings', { update: mean.length, expected: weights.length })
}

/** What parties train from: the weights of the round, rounded to float32. */
export function startOf(state: ServerState): Float32Array {
  return Float32Array.from(state.weights)
}

/** The state as JSON can hold it: base64 of little-endian float64. */
export interface StoredServer {
  readonly round: number
  readonly weights: string
  readonly moment?: string
  readonly square?: string
  readonly variate?: string
}

const ARRAYS = ['moment', 'square', 'variate'] as const

export function encodeServer(state: ServerState): StoredServer {
  const others = ARRAYS.flatMap((key) => (state[key] === undefined ? [] : [[key, encodeFloats(state[key])]]))
  return { round: state.round, weights: encodeFloats(state.weights), ...Object.fromEntries(others) }
}

/** @throws average.state unless it is what `encodeServer` gave */
export function decodeServer(stored: StoredServer): ServerState {
  const weights = decodeFloats(stored.weights)
  const others = ARRAYS.flatMap((key) => (stored[key] === undefined ? [] : [[key, decodeFloats(stored[key])] as const]))
  const fits = others.every(([, values]) => values.length === weights.length)
  if (!Number.isInteger(stored.round) || stored.round < 0 || !fits) throw new PlatformError('average.state', {})
  return { round: stored.round, weights, ...Object.fromEntries(others) }
}

function encodeFloats(values: Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

function decodeFloats(text: unknown): Float64Array {
  const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64')
  const most = 8 * TRAINING_LIMITS.parameters
  if (bytes.length === 0 || bytes.length % 8 !== 0 || bytes.length > most || bytes.toString('base64') !== text)
    throw new PlatformError('average.state', { bytes: bytes.length })
  const values = new Float64Array(Uint8Array.from(bytes).buffer)
  if (!allFinite(values)) throw new PlatformError('average.state', { problem: 'a value is not finite' })
  return values
}
