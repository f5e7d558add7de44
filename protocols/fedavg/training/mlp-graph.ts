// The declarative models as graphs: numbers and vectors of categories side by side, then dense layers, then one output.
import { PlatformError } from '#runtime/errors.ts'
import { ACTIVATIONS, type Graph, type GraphNode } from './graph.ts'
import { inputColumns, refuseSize } from './input-columns.ts'
import { type LogisticSpec, type MlpSpec, TRAINING_LIMITS } from './types.ts'

/** One dense layer. It starts at 0: its loss is convex, and equal starts are the simplest. @throws average.model */
export function logisticGraph(spec: LogisticSpec, columns: readonly string[]): Graph {
  const input = inputColumns(columns, spec.missing ?? 'mean')
  const places = Array.from({ length: input.width }, (_, j) => j)
  return {
    input,
    nodes: [
      { does: 'input', places, name: 'numbers', from: [], width: input.width },
      { does: 'dense', bias: true, zeroStart: true, name: 'output', from: [0], width: 1 },
    ],
  }
}

/** @throws average.model */
export function mlpGraph(spec: MlpSpec, columns: readonly string[]): Graph {
  const { hidden, activation, embeddings = [] } = spec
  refuseSize('hidden layers', hidden.length, 0, TRAINING_LIMITS.hiddenLayers)
  if (!ACTIVATIONS.includes(activation)) throw new PlatformError('average.model', { activation })
  for (const units of hidden) refuseSize('units', units, 1, TRAINING_LIMITS.units)
  const input = inputColumns(
    columns,
    spec.missing ?? 'mean',
    embeddings.map(({ column }) => column),
  )
  const nodes: GraphNode[] = []
  const add = (node: GraphNode) => nodes.push(node) - 1
  const sources: number[] = []
  if (input.width > 0) {
    const places = Array.from({ length: input.width }, (_, j) => j)
    sources.push(add({ does: 'input', places, name: 'numbers', from: [], width: input.width }))
  }
  for (const { column, cardinality, width } of embeddings) {
    refuseSize(`cardinality of ${column}`, cardinality, 2, TRAINING_LIMITS.cardinality)
    refuseSize(`width of ${column}`, width, 1, TRAINING_LIMITS.embeddingWidth)
    const place = { column: columns.indexOf(column), codes: cardinality, vectors: cardinality + 1 }
    sources.push(add({ does: 'embedding', ...place, name: column, from: [], width }))
  }
  let last = sources[0]!
  if (sources.length > 1) {
    const width = sources.reduce((sum, i) => sum + nodes[i]!.width, 0)
    last = add({ does: 'merge', merge: 'concatenate', name: 'inputs', from: sources, width })
  }
  hidden.forEach((units, l) => {
    const name = `hidden ${l + 1}`
    last = add({ does: 'dense', bias: true, name, from: [last], width: units })
    last = add({ does: 'activation', activation, alpha: 0, name: `${name} ${activation}`, from: [last], width: units })
  })
  add({ does: 'dense', bias: true, name: 'output', from: [last], width: 1 })
  return { input, nodes }
}
