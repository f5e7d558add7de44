// What is trained, on what, with which settings: plain types, and the limits that a job must keep.

export const TRAINING_LIMITS = {
  /** flat vector of one model; an encrypted update of so many fits what may be in flight */
  parameters: 4_194_304,
  /** columns of a row, before indicators and embeddings */
  inputs: 2_000,
  hiddenLayers: 8,
  /** units of a hidden layer */
  units: 4_096,
  embeddings: 64,
  /** codes of a category */
  cardinality: 100_000,
  embeddingWidth: 256,
  /** characters of a Keras-style JSON */
  jsonLength: 65_536,
  epochs: 100,
  batchRows: 65_536,
  rows: 10_000_000,
} as const

export type Activation = 'relu' | 'tanh' | 'sigmoid'

/**
 * What becomes of a missing value (NaN) of a number column. Inputs are standardised, so 0 is the mean of the federation.
 * `mean`: 0. `indicator`: 0, and one more input for each number column that is 1 where its value is missing.
 */
export type MissingRule = 'mean' | 'indicator'

/** A category column enters as a learned vector. Codes are 0 … cardinality − 1; any other value, and a missing one, has a vector of its own. */
export interface EmbeddingSpec {
  readonly column: string
  readonly cardinality: number
  readonly width: number
}

/** Logistic regression: one weight for each input and an intercept. */
export interface LogisticSpec {
  readonly kind: 'logistic'
  readonly missing?: MissingRule
}

/** Dense layers, one output. `hidden` may be empty: embeddings and numbers then add up to the score. */
export interface MlpSpec {
  readonly kind: 'mlp'
  /** units of each hidden layer, from the inputs on */
  readonly hidden: readonly number[]
  readonly activation: Activation
  readonly embeddings?: readonly EmbeddingSpec[]
  readonly missing?: MissingRule
}

/**
 * What `model.to_json()` of Keras 2 or `model.toJSON()` of TensorFlow.js writes, without layers that keep a state or draw
 * at random. Its last layer has one unit. An input layer that bears the name of a column takes that column; the others
 * together are one input layer that takes the remaining columns in their order.
 */
export interface KerasSpec {
  readonly kind: 'keras'
  readonly json: string
  readonly missing?: MissingRule
}

export type ModelSpec = LogisticSpec | MlpSpec | KerasSpec

/** Rows of one party. */
export interface TrainingRows {
  readonly rows: number
  /** rows × columns, row-major: standardised numbers, codes of categories, NaN where missing */
  readonly inputs: Float32Array
  /** 1 = bad, 0 = good */
  readonly labels: Uint8Array
}

/** Plain gradient descent with heavy-ball momentum, or Adam (its moments start at zero with every call). */
export type LocalOptimiser =
  | { readonly kind: 'sgd'; readonly momentum: number }
  | { readonly kind: 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }

/** Settings of local training; the loss is the mean log loss of the batch + ½·decay·‖weights‖² (no bias, no intercept). */
export interface LocalSettings {
  /** passes over the own rows in one round, 1 to 100 */
  readonly epochs: number
  /** rows of one step, 1 to 65,536, or all of them; batches of an epoch differ by at most one row */
  readonly batchRows: number | 'full'
  /** above 0, at most 10 */
  readonly learningRate: number
  readonly optimiser: LocalOptimiser
  /** 0 to 1 */
  readonly decay: number
}

/** SCAFFOLD: the gradient of every step is corrected by `all` − `own`. Needs sgd without momentum. */
export interface ControlVariates {
  /** c, of the federation */
  readonly all: Float32Array
  /** c_i, of this party */
  readonly own: Float32Array
}

export interface TrainProgress {
  readonly epoch: number
  readonly step: number
  readonly steps: number
}

export interface TrainRequest {
  /** where training starts, and what the proximal term pulls to; length parameterCount; not changed */
  readonly weights: Float32Array
  readonly data: TrainingRows
  readonly settings: LocalSettings
  /** of this party and round: orders the rows of every epoch */
  readonly seed: Uint8Array
  /** FedProx: μ of ½·μ·‖w − start‖², 0 to 100 */
  readonly proximal?: number
  readonly control?: ControlVariates
  /** `last`: only the last layer moves (personalisation) */
  readonly layers?: 'all' | 'last'
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: TrainProgress) => void
}

export interface TrainResult {
  readonly weights: Float32Array
  readonly steps: number
  /** mean log loss over the last epoch, each batch before its own step; without penalties */
  readonly loss: number
}

/** Sums over rows: those of parties add up to those of the federation. */
export interface Measures {
  readonly rows: number
  readonly bad: number
  /** sum of log losses, nats */
  readonly lossSum: number
  /** rows by bin of the score (log odds), see score-histogram.ts; length SCORE_BINS each */
  readonly goodScores: Float64Array
  readonly badScores: Float64Array
}

/** A part of the flat vector of parameters. */
export interface ParameterPart {
  readonly name: string
  readonly shape: readonly number[]
  readonly offset: number
  readonly length: number
  readonly start: 'glorot' | 'embedding' | 'zeros' | 'ones'
  /** of the last layer */
  readonly last: boolean
  /** `decay` applies to it */
  readonly decays: boolean
}

export interface TensorEngine {
  readonly name: 'tfjs-node' | 'tfjs-wasm' | 'tfjs-cpu'
  /** of TensorFlow.js */
  readonly version: string
}

export interface OpenModel {
  readonly engine: TensorEngine
  readonly parameterCount: number
  readonly parts: readonly ParameterPart[]
  /** First weights: from the seed alone, so equal at all parties, whatever their engine. */
  initial(seed: Uint8Array): Float32Array
  /** Local training. Yields to other work of the process between batches. */
  train(request: TrainRequest): Promise<TrainResult>
  /**
   * What writes the gradient of the log loss of one row, without penalties. Each row goes through the engine alone: in a
   * batch its rounding could depend on its neighbours, and differential privacy of a row counts on one row's change.
   */
  rowGradient(weights: Float32Array, data: TrainingRows): (row: number, out: Float64Array) => void
  /** Probabilities of bad, length rows. */
  predict(weights: Float32Array, data: Omit<TrainingRows, 'labels'>, signal?: AbortSignal): Promise<Float64Array>
  measure(weights: Float32Array, data: TrainingRows, signal?: AbortSignal): Promise<Measures>
}
