// Keras-style JSON as a graph. Classes and settings are on a list of what is known: a file comes from another party, and
// none of its words reaches code that was not written for it.
import { PlatformError } from '#runtime/errors.ts'
import {
  type ActivationName,
  type Graph,
  type GraphNode,
  type MergeName,
  type Operation,
  weightShapes,
} from './graph.ts'
import { type InputColumns, inputColumns, refuseSize } from './input-columns.ts'
import { configOf, inboundOf, type JsonLayer, layersOf, refuseLayer } from './keras-layers.ts'
import { type MissingRule, TRAINING_LIMITS } from './types.ts'

const KERAS_ACTIVATIONS = ['linear', 'relu', 'tanh', 'sigmoid', 'elu', 'selu', 'softplus', 'swish'] as const
const MERGES: ReadonlyMap<string, MergeName> = new Map([
  ['Concatenate', 'concatenate'],
  ['Add', 'add'],
  ['Multiply', 'multiply'],
  ['Average', 'average'],
])
const AT_RANDOM = 'draws at random; use decay'
/** Well known layers that are left out, each with the reason that the refusal tells. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['BatchNormalization', 'keeps statistics of rows, which have no exact average; LayerNormalization keeps none'],
  ['Dropout', AT_RANDOM],
  ['AlphaDropout', AT_RANDOM],
  ['GaussianDropout', AT_RANDOM],
  ['GaussianNoise', AT_RANDOM],
])

/**
 * Reads what Keras 2 or TensorFlow.js writes for a model of one output. A sigmoid at the very end is taken off: training
 * works on log odds.
 * @throws average.layer with the name of the layer that is not on the list, or with the problem of the file;
 *   average.model where the input layers do not take each column once
 */
export function kerasGraph(json: string, columns: readonly string[], missing: MissingRule): Graph {
  refuseSize('length of the JSON', json.length, 2, TRAINING_LIMITS.jsonLength)
  const { layers, output } = layersOf(json)
  const placed = placeInputs(layers, columns, missing)
  const nodes: GraphNode[] = []
  const positions = new Map<string, number>()
  refuseSharedNames(layers)
  for (const layer of layers) {
    if (placed.categories.has(layer.name)) continue // its table stands for it
    if (layer.className === 'Embedding') nodes.push(readEmbedding(layer, placed))
    else {
      const from = inboundOf(layer).map((name) => positions.get(name) ?? refuseLayer(layer, `it cannot take ${name}`))
      for (const node of readLayer(layer, from, nodes, placed)) nodes.push(node)
    }
    positions.set(layer.name, nodes.length - 1)
  }
  if (layers.at(-1)?.name !== output)
    throw new PlatformError('average.layer', { layer: output, problem: 'the output is not the last layer' })
  refuseShape(nodes)
  return { input: placed.input, nodes: withoutSigmoid(nodes) }
}

interface Placed {
  readonly input: InputColumns
  /** by input layer of numbers: places in a row of the input matrix */
  readonly places: ReadonlyMap<string, readonly number[]>
  /** by input layer of categories, which is its column too: position in a party's row */
  readonly categories: ReadonlyMap<string, number>
}

/** Columns that enter as codes: input layers that an Embedding reads. @throws average.layer */
export function kerasCategories(json: string): string[] {
  return categoryLayers(layersOf(json).layers)
}

function categoryLayers(layers: readonly JsonLayer[]): string[] {
  return layers.filter(({ className }) => className === 'Embedding').flatMap(inboundOf)
}

/** Which values each input layer takes. One of width 1 that bears a column's name takes it; one other takes the rest. */
function placeInputs(layers: readonly JsonLayer[], columns: readonly string[], missing: MissingRule): Placed {
  const own = layers.filter(({ className }) => className === 'InputLayer')
  const widthOf = (layer: JsonLayer) => configOf(layer).inputWidth()
  const isNamed = (layer: JsonLayer) => own.length > 1 && columns.includes(layer.name) && widthOf(layer) === 1
  const feeding = categoryLayers(layers)
  const names = own.filter(isNamed).map(({ name }) => name)
  const categories = names.filter((name) => feeding.includes(name))
  const input = inputColumns(columns, missing, categories)
  const numbers = names.filter((name) => !feeding.includes(name))
  const places = new Map(numbers.map((name) => [name, [input.numbers.indexOf(columns.indexOf(name))]]))
  const taken = new Set([...places.values()].flat())
  const left = Array.from({ length: input.width }, (_, j) => j).filter((j) => !taken.has(j))
  const others = own.filter((layer) => !isNamed(layer))
  const [rest] = others
  if (others.length > 1 || (rest === undefined ? 0 : widthOf(rest)) !== left.length)
    throw new PlatformError('average.model', {
      problem: 'the input layers do not take each value of a row once',
      values: left.length,
      layers: others.map((layer) => `${layer.name}: ${widthOf(layer)}`),
    })
  if (rest !== undefined) places.set(rest.name, left)
  return { input, places, categories: new Map(categories.map((name) => [name, columns.indexOf(name)])) }
}

/** The nodes of one layer: a dense layer and its activation are two. */
function readLayer(
  layer: JsonLayer,
  from: readonly number[],
  nodes: readonly GraphNode[],
  placed: Placed,
): GraphNode[] {
  const { name, className } = layer
  const config = configOf(layer)
  if (className === 'InputLayer') {
    const places = placed.places.get(name)
    if (places === undefined || from.length > 0) return refuseLayer(layer, 'is no input')
    return [{ does: 'input', places, name, from, width: places.length }]
  }
  const first = nodes[from[0] ?? -1]
  if (first === undefined) return refuseLayer(layer, 'has no input')
  const merge = MERGES.get(className)
  if (merge !== undefined) return [{ does: 'merge', merge, name, from, width: mergedWidth(layer, merge, from, nodes) }]
  if (from.length > 1) return refuseLayer(layer, 'has more than one input')
  if (className === 'Dense') {
    const width = config.whole('units', 1, TRAINING_LIMITS.units)
    const dense: GraphNode = { does: 'dense', bias: config.flag('use_bias', true), name, from, width }
    const activation = config.word('activation', KERAS_ACTIVATIONS)
    return activation === 'linear'
      ? [dense]
      : [dense, activated(activation, 1, `${name} ${activation}`, nodes.length, width)]
  }
  return [{ ...inPlace(layer), name, from, width: first.width }]
}

function readEmbedding(layer: JsonLayer, { categories }: Placed): GraphNode {
  const [column] = inboundOf(layer).map((name) => categories.get(name))
  if (column === undefined) return refuseLayer(layer, 'needs an input layer of width 1 with the name of a column')
  const config = configOf(layer)
  const codes = config.whole('input_dim', 2, TRAINING_LIMITS.cardinality)
  const width = config.whole('output_dim', 1, TRAINING_LIMITS.embeddingWidth)
  return { does: 'embedding', column, codes, vectors: codes, name: layer.name, from: [], width }
}

function refuseSharedNames(layers: readonly JsonLayer[]): void {
  const seen = new Set<string>()
  for (const layer of layers) {
    if (seen.has(layer.name)) refuseLayer(layer, 'a second layer has its name')
    seen.add(layer.name)
  }
}

const activated = (activation: ActivationName, alpha: number, name: string, from: number, width: number): GraphNode => {
  return { does: 'activation', activation, alpha, name, from: [from], width }
}

/** Layers that keep the width. */
function inPlace(layer: JsonLayer): Operation {
  const config = configOf(layer)
  switch (layer.className) {
    case 'Activation': {
      const activation = config.word('activation', KERAS_ACTIVATIONS)
      return activation === 'linear' ? { does: 'same' } : { does: 'activation', activation, alpha: 1 }
    }
    case 'ReLU':
      return { does: 'activation', activation: 'relu', alpha: 0 }
    case 'LeakyReLU':
      return { does: 'activation', activation: 'leaky-relu', alpha: config.real('alpha', 0, 1, 0.3) }
    case 'ELU':
      return { does: 'activation', activation: 'elu', alpha: config.real('alpha', 0, 10, 1) }
    case 'LayerNormalization': {
      const [scale, center] = [config.flag('scale', true), config.flag('center', true)]
      return { does: 'layer-norm', epsilon: config.real('epsilon', 1e-7, 1, 1e-3), scale, center }
    }
    case 'Flatten':
      return { does: 'same' }
    default:
      return refuseLayer(layer, LEFT_OUT.get(layer.className) ?? 'is of a class that this platform does not know')
  }
}

function mergedWidth(layer: JsonLayer, merge: MergeName, from: readonly number[], nodes: readonly GraphNode[]): number {
  const widths = from.map((i) => nodes[i]!.width)
  if (merge === 'concatenate') return widths.reduce((sum, width) => sum + width, 0)
  return widths.every((width) => width === widths[0]) ? widths[0]! : refuseLayer(layer, 'has inputs of two widths')
}

/** @throws average.layer, average.model */
function refuseShape(nodes: readonly GraphNode[]): void {
  const deep = nodes.filter(({ does }) => does === 'dense').length - 1
  refuseSize('hidden layers', deep, 0, TRAINING_LIMITS.hiddenLayers)
  const used = new Set(nodes.flatMap(({ from }) => from))
  const idle = nodes.findIndex((_, i) => i < nodes.length - 1 && !used.has(i))
  if (idle >= 0) throw new PlatformError('average.layer', { layer: nodes[idle]!.name, problem: 'nothing uses it' })
  if (nodes.every((node) => weightShapes(node, nodes).length === 0))
    throw new PlatformError('average.model', { problem: 'no layer has weights' })
}

/** The output as log odds. */
function withoutSigmoid(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const last = nodes.at(-1)!
  const refuse = (problem: string): never => {
    throw new PlatformError('average.layer', { layer: last.name, problem })
  }
  if (last.width !== 1) refuse('the output has not one unit')
  if (last.does !== 'activation') return nodes
  if (last.activation !== 'sigmoid') refuse('the output is neither sigmoid nor linear')
  return [...nodes.slice(0, -1), { does: 'same', name: last.name, from: last.from, width: 1 }]
}
