// A model of a job, opened: its parameters, and what can be done with them on rows of a party.
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { PlatformError } from '#runtime/errors.ts'
import { gather } from './batches.ts'
import { type Graph } from './graph.ts'
import { graphNetwork } from './graph-network.ts'
import { kerasGraph } from './keras-json.ts'
import { logisticGraph, mlpGraph } from './mlp-graph.ts'
import { MOST_TENSOR_ROWS, type Network } from './network.ts'
import { initialParameters, parameterCount } from './parameters.ts'
import { refuseRows, refuseWeights } from './refusals.ts'
import { addMeasures, measureScores } from './score-histogram.ts'
import { trainLocally } from './train.ts'
import { type Measures, type ModelSpec, type OpenModel, type TensorEngine, TRAINING_LIMITS } from './types.ts'

/**
 * Opens a model over the given columns.
 * @param engine of `openEngine`: must have started
 * @param columns names of a row's values, in their order
 * @throws average.model where spec and columns do not fit, average.layer for a layer of a Keras-style JSON
 */
export async function openModel(engine: TensorEngine, spec: ModelSpec, columns: readonly string[]): Promise<OpenModel> {
  const network = openNetwork(spec, columns)
  const parameters = parameterCount(network.parts)
  const scoresOf = (weights: Float32Array, inputs: Float32Array, rows: number) =>
    network.scores(weights, { rows, inputs })
  return {
    engine,
    parameterCount: parameters,
    parts: network.parts,
    initial: (seed) => initialParameters(network.parts, seed),
    async train(request) {
      refuseWeights(parameters, request.weights)
      refuseRows(columns.length, request.data, request.data.labels)
      return trainLocally(network, request)
    },
    async predict(weights, data, signal) {
      refuseWeights(parameters, weights)
      refuseRows(columns.length, data)
      const probabilities = new Float64Array(data.rows)
      for await (const { from, rows, inputs } of pieces(data, signal))
        scoresOf(weights, inputs, rows).forEach((score, i) => {
          probabilities[from + i] = 1 / (1 + Math.exp(-score))
        })
      return probabilities
    },
    async measure(weights, data, signal) {
      refuseWeights(parameters, weights)
      refuseRows(columns.length, data, data.labels)
      let sum: Measures | undefined
      for await (const { from, rows, inputs } of pieces(data, signal)) {
        const part = measureScores(scoresOf(weights, inputs, rows), data.labels.subarray(from, from + rows))
        sum = sum === undefined ? part : addMeasures(sum, part)
      }
      return sum ?? measureScores(new Float32Array(0), data.labels)
    },
    [Symbol.dispose]: () => {},
  }
}

function openNetwork(spec: ModelSpec, columns: readonly string[]): Network {
  const network = graphNetwork(graphOf(spec, columns))
  const parameters = parameterCount(network.parts)
  if (parameters <= TRAINING_LIMITS.parameters) return network
  throw new PlatformError('average.model', { parameters, most: TRAINING_LIMITS.parameters })
}

function graphOf(spec: ModelSpec, columns: readonly string[]): Graph {
  if (spec.kind === 'keras') return kerasGraph(spec.json, columns, spec.missing ?? 'mean')
  return spec.kind === 'logistic' ? logisticGraph(spec, columns) : mlpGraph(spec, columns)
}

/** Runs of rows that fit a tensor; other work of the process has its turn between them. */
async function* pieces(
  data: { readonly rows: number; readonly inputs: Float32Array },
  signal: AbortSignal | undefined,
) {
  for (let from = 0; from < data.rows; from += MOST_TENSOR_ROWS) {
    signal?.throwIfAborted()
    yield { from, ...gather(data, from, Math.min(data.rows, from + MOST_TENSOR_ROWS)) }
    await yieldToOthers()
  }
}
