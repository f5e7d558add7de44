// A model of a job, opened: its parameters, and what can be done with them on rows of a party.
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { PlatformError } from '#runtime/errors.ts'
import { gather } from './batches.ts'
import type { Graph } from './graph.ts'
import { kerasGraph } from './keras-json.ts'
import { logisticGraph, mlpGraph } from './mlp-graph.ts'
import { type Network, tensorRows } from './network.ts'
import { initialParameters, parameterCount } from './parameters.ts'
import { allFinite, refuseRows, refuseSettings, refuseWeights } from './refusals.ts'
import { addMeasures, measureScores } from './score-histogram.ts'
import { trainLocally } from './train.ts'
import { type ModelSpec, type OpenModel, type TensorEngine, TRAINING_LIMITS, type TrainingRows } from './types.ts'

/**
 * Opens a model over the given columns.
 * @param engine of `openEngine`: must have started
 * @param columns names of a row's values, in their order
 * @throws average.model where spec and columns do not fit, average.layer for a layer of a Keras-style JSON
 */
export async function openModel(engine: TensorEngine, spec: ModelSpec, columns: readonly string[]): Promise<OpenModel> {
  const network = await openNetwork(spec, columns)
  const parameters = parameterCount(network.parts)
  const most = tensorRows(parameters)
  /** Log odds by run of rows. */
  async function* scored(weights: Float32Array, data: Omit<TrainingRows, 'labels'>, signal: AbortSignal | undefined) {
    refuseWeights(parameters, weights)
    refuseRows(columns.length, data)
    for (let from = 0; from < data.rows; from += most) {
      signal?.throwIfAborted()
      const scores = network.scores(weights, gather(data, from, Math.min(data.rows, from + most)))
      if (!allFinite(scores)) throw new PlatformError('average.diverged', { problem: 'a score is not finite' })
      yield { from, scores }
      await yieldToOthers()
    }
  }
  return {
    engine,
    parameterCount: parameters,
    parts: network.parts,
    initial: (seed) => initialParameters(network.parts, seed),
    async train(request) {
      refuseWeights(parameters, request.weights)
      refuseRows(columns.length, request.data, request.data.labels)
      refuseSettings(request)
      return trainLocally(network, request)
    },
    rowGradient(weights, data) {
      refuseWeights(parameters, weights)
      refuseRows(columns.length, data, data.labels)
      const gradient = new Float32Array(parameters)
      return (row, out) => {
        const residual = ([score = 0]: Float32Array) =>
          Float32Array.of(1 / (1 + Math.exp(-score)) - (data.labels[row] as number))
        gradient.fill(0)
        network.addGradient(weights, gather(data, row, row + 1), residual, gradient)
        out.set(gradient)
      }
    },
    async predict(weights, data, signal) {
      const probabilities = new Float64Array(data.rows)
      for await (const { from, scores } of scored(weights, data, signal))
        scores.forEach((score, i) => {
          probabilities[from + i] = 1 / (1 + Math.exp(-score))
        })
      return probabilities
    },
    async measure(weights, data, signal) {
      refuseRows(columns.length, data, data.labels)
      let sum = measureScores(new Float32Array(0), data.labels)
      for await (const { from, scores } of scored(weights, data, signal))
        sum = addMeasures(sum, measureScores(scores, data.labels.subarray(from, from + scores.length)))
      return sum
    },
  }
}

async function openNetwork(spec: ModelSpec, columns: readonly string[]): Promise<Network> {
  const graph = graphOf(spec, columns)
  const { graphNetwork } = await import('./graph-network.ts') // loads TensorFlow.js
  const network = graphNetwork(graph)
  const parameters = parameterCount(network.parts)
  if (parameters <= TRAINING_LIMITS.parameters) return network
  throw new PlatformError('average.model', { parameters, most: TRAINING_LIMITS.parameters })
}

function graphOf(spec: ModelSpec, columns: readonly string[]): Graph {
  if (spec.kind === 'keras') return kerasGraph(spec.json, columns, spec.missing ?? 'mean')
  return spec.kind === 'logistic' ? logisticGraph(spec, columns) : mlpGraph(spec, columns)
}
