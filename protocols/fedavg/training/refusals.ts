// What is refused before the engine sees it: settings outside their range, rows and weights that do not fit the model.
import { PlatformError } from '#runtime/errors.ts'
import { type LocalSettings, TRAINING_LIMITS, type TrainRequest } from './types.ts'

/** @throws average.model for weights of another length or that are no numbers */
export function refuseWeights(parameters: number, weights: Float32Array): void {
  if (weights.length !== parameters)
    throw new PlatformError('average.model', { weights: weights.length, expected: parameters })
  if (!allFinite(weights)) throw new PlatformError('average.model', { problem: 'a weight is not finite' })
}

export function allFinite(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** @throws average.rows unless there are rows × columns values without infinity and, where given, a label of 0 or 1 for each row */
export function refuseRows(
  columns: number,
  { rows, inputs }: { readonly rows: number; readonly inputs: Float32Array },
  labels?: Uint8Array,
): void {
  if (!Number.isInteger(rows) || rows < 0 || rows > TRAINING_LIMITS.rows)
    throw new PlatformError('average.rows', { rows, most: TRAINING_LIMITS.rows })
  if (inputs.length !== rows * columns)
    throw new PlatformError('average.rows', { values: inputs.length, expected: rows * columns })
  if (labels !== undefined && labels.length !== rows)
    throw new PlatformError('average.rows', { labels: labels.length, expected: rows })
  for (let i = 0; i < inputs.length; i++)
    if (Math.abs(inputs[i]!) === Infinity) throw new PlatformError('average.rows', { problem: 'an infinite value' })
  if (labels?.some((label) => label > 1) === true)
    throw new PlatformError('average.rows', { problem: 'a label other than 0 and 1' })
}

/** @throws average.settings with the first setting outside its range, or two that exclude each other; average.rows for none */
export function refuseSettings(request: TrainRequest): void {
  const { settings, data, seed, proximal = 0, control, weights } = request
  if (data.rows < 1) throw new PlatformError('average.rows', { rows: data.rows, least: 1 })
  refuseOutside('length of the seed', seed.length, 16, 64, true)
  const { epochs, batchRows, learningRate, decay } = settings
  refuseOutside('epochs', epochs, 1, TRAINING_LIMITS.epochs, true)
  if (batchRows !== 'full') refuseOutside('batchRows', batchRows, 1, TRAINING_LIMITS.batchRows, true)
  refuseOutside('learningRate', learningRate, Number.MIN_VALUE, 10)
  refuseOutside('decay', decay, 0, 1)
  refuseOutside('proximal', proximal, 0, 100)
  refuseOptimiser(settings)
  if (control === undefined) return
  if (settings.optimiser.kind !== 'sgd' || settings.optimiser.momentum > 0)
    throw new PlatformError('average.settings', { problem: 'SCAFFOLD needs sgd without momentum' })
  for (const variate of [control.all, control.own])
    if (variate.length !== weights.length || !allFinite(variate))
      throw new PlatformError('average.settings', { problem: 'a control variate does not fit the model' })
}

function refuseOptimiser({ optimiser }: LocalSettings): void {
  if (optimiser.kind === 'sgd') refuseOutside('momentum', optimiser.momentum, 0, 0.99)
  else {
    refuseOutside('beta1', optimiser.beta1, 0, 0.999)
    refuseOutside('beta2', optimiser.beta2, 0, 0.9999)
    refuseOutside('epsilon', optimiser.epsilon, 1e-10, 1)
  }
}

/** @throws average.settings unless least ≤ value ≤ most, and whole where asked */
export function refuseOutside(setting: string, value: number, least: number, most: number, whole = false): void {
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
    throw new PlatformError('average.settings', { setting, value, least, most })
}
