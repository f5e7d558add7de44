// Local training: epochs over the own rows, in batches of an order that the seed gives.
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { PlatformError } from '#runtime/errors.ts'
import { batchBounds, epochOrder, gather } from './batches.ts'
import { localStep } from './local-step.ts'
import { type Network, tensorRows } from './network.ts'
import { allFinite } from './refusals.ts'
import { logLoss } from './score-histogram.ts'
import type { TrainRequest, TrainResult } from './types.ts'

/**
 * Trains a copy of request.weights. The same request gives the same bits on the same engine and machine type: the order
 * of rows is from the seed, sums have one order, nothing is drawn elsewhere. Between batches other work of the process
 * has its turn, so that a link to the coordinator answers its keepalive.
 * @param request its rows and settings are checked by the caller
 * @throws average.diverged when a loss or weight is no longer finite; the signal's reason
 */
export async function trainLocally(network: Network, request: TrainRequest): Promise<TrainResult> {
  const { data, settings, seed, proximal = 0, control, layers = 'all', signal, onProgress } = request
  const weights = request.weights.slice()
  const gradient = new Float32Array(weights.length)
  const moving = layers === 'last' ? network.parts.filter(({ last }) => last) : network.parts
  const step = localStep({ ...settings, proximal, control }, request.weights, moving)
  const bounds = batchBounds(data.rows, settings.batchRows)
  const steps = settings.epochs * (bounds.length - 1)
  let done = 0
  let loss = 0
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    const order = bounds.length === 2 ? undefined : epochOrder(seed, epoch, data.rows)
    loss = 0
    for (let b = 1; b < bounds.length; b++) {
      signal?.throwIfAborted()
      const range: Range = { from: bounds[b - 1]!, to: bounds[b]!, order }
      loss += await batchGradient(network, weights, data, range, gradient)
      if (!Number.isFinite(loss)) throw new PlatformError('average.diverged', { epoch, step: done + 1 })
      step(weights, gradient)
      onProgress?.({ epoch, step: ++done, steps })
      await yieldToOthers()
    }
  }
  if (!allFinite(weights)) throw new PlatformError('average.diverged', { epoch: settings.epochs, step: done })
  return { weights, steps, loss: loss / data.rows }
}

interface Range {
  readonly from: number
  readonly to: number
  readonly order: Uint32Array | undefined
}

/** Gradient of the mean log loss over a batch, into `gradient`. @returns the sum of log losses */
async function batchGradient(
  network: Network,
  weights: Float32Array,
  data: TrainRequest['data'],
  { from, to, order }: Range,
  gradient: Float32Array,
): Promise<number> {
  gradient.fill(0)
  const most = tensorRows(weights.length)
  let lossSum = 0
  for (let at = from; at < to; at += most) {
    if (at > from) await yieldToOthers()
    const end = Math.min(to, at + most)
    const residual = (scores: Float32Array) =>
      scores.map((score, i) => {
        const label = data.labels[order === undefined ? at + i : order[at + i]!]!
        lossSum += logLoss(score, label)
        return (1 / (1 + Math.exp(-score)) - label) / (to - from)
      })
    network.addGradient(weights, gather(data, at, end, order), residual, gradient)
  }
  return lossSum
}
