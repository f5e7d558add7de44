// Runs a graph on a batch, forward for scores and back for the gradient, on the flat vector of parameters.
import * as tf from '@tensorflow/tfjs-core'
import { type Graph, type GraphNode, weightShapes } from './graph.ts'
import { inputMatrix } from './input-columns.ts'
import type { Batch, Network, Residual } from './network.ts'
import { compute, type InnerNode, type NodeValues, slopesOf } from './operations.ts'
import { layOut } from './parameters.ts'
import type { ParameterPart } from './types.ts'

type Table = Extract<GraphNode, { does: 'embedding' }>

/** A graph with the places of its weights. */
interface Laid extends Graph {
  /** by node */
  readonly parts: readonly (readonly ParameterPart[])[]
  /** by node: it has weights, or something before it has */
  readonly learns: readonly boolean[]
}

export function graphNetwork(graph: Graph): Network {
  const shapes = graph.nodes.map((node) => weightShapes(node, graph.nodes))
  const lastWith = shapes.findLastIndex((own) => own.length > 0)
  const parts = layOut(shapes.flatMap((own, i) => own.map((shape) => ({ ...shape, last: i === lastWith }))))
  const laid: Laid = { ...graph, parts: byNode(parts, shapes), learns: learning(graph.nodes, shapes) }
  return {
    parts,
    scores: (weights, batch) => tf.tidy(() => forward(laid, weights, batch).at(-1)!.output.dataSync<'float32'>()),
    addGradient: (weights, batch, residual, gradient) => {
      tf.tidy(() => backward(laid, weights, batch, residual, gradient))
    },
  }
}

function byNode(parts: readonly ParameterPart[], shapes: readonly (readonly unknown[])[]): ParameterPart[][] {
  let at = 0
  return shapes.map((own) => {
    at += own.length
    return parts.slice(at - own.length, at)
  })
}

function learning(nodes: readonly GraphNode[], shapes: readonly (readonly unknown[])[]): boolean[] {
  const learns: boolean[] = []
  nodes.forEach((node, i) => learns.push(shapes[i]!.length > 0 || node.from.some((j) => learns[j]!)))
  return learns
}

const slice = (flat: Float32Array, { offset, length }: ParameterPart) => flat.subarray(offset, offset + length)

/** Values of every node; tensors live until the tidy around it ends. */
function forward({ input, nodes, parts }: Laid, weights: Float32Array, batch: Batch): NodeValues[] {
  const matrix = inputMatrix(input, batch)
  const values: NodeValues[] = []
  nodes.forEach((node, i) => {
    if (node.does === 'input') {
      const output = tf.tensor2d(cut(matrix, batch.rows, input.width, node.places), [batch.rows, node.width])
      values.push({ inputs: [], weights: [], output })
    } else if (node.does === 'embedding') {
      const output = tf.tensor2d(lookUp(node, batch, slice(weights, parts[i]![0]!)), [batch.rows, node.width])
      values.push({ inputs: [], weights: [], output })
    } else {
      const inputs = node.from.map((j) => values[j]!.output)
      const own = parts[i]!.map((part) => tf.tensor(slice(weights, part), [...part.shape]))
      values.push({ inputs, weights: own, output: compute(node, inputs, own) })
    }
  })
  return values
}

/** Adds to `gradient`; a node's slopes are complete when its turn comes, because all that use it are behind it. */
function backward(laid: Laid, weights: Float32Array, batch: Batch, residual: Residual, gradient: Float32Array): void {
  const { nodes, parts, learns } = laid
  const values = forward(laid, weights, batch)
  const slopes: (tf.Tensor2D | undefined)[] = nodes.map(() => undefined)
  slopes[nodes.length - 1] = tf.tensor2d(residual(values.at(-1)!.output.dataSync<'float32'>()), [batch.rows, 1])
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!
    const dy = slopes[i]
    if (node.does === 'input' || dy === undefined || !learns[i]) continue
    if (node.does === 'embedding') scatter(node, batch, dy.dataSync<'float32'>(), slice(gradient, parts[i]![0]!))
    else goBack(node, i, dy)
  }

  function goBack(node: InnerNode, i: number, dy: tf.Tensor2D): void {
    const before = node.from.some((j) => learns[j]!)
    const { weights: own, inputs } = slopesOf(node, values[i]!, dy, before)
    parts[i]!.forEach((part, p) => addTo(slice(gradient, part), own[p]!))
    if (!before) return
    node.from.forEach((j, k) => {
      slopes[j] = slopes[j] === undefined ? inputs[k]! : tf.add(slopes[j], inputs[k]!)
    })
  }
}

function addTo(into: Float32Array, tensor: tf.Tensor): void {
  const values = tensor.dataSync<'float32'>()
  for (let i = 0; i < into.length; i++) into[i]! += values[i]!
}

/** Columns of a row-major matrix. */
function cut(matrix: Float32Array, rows: number, width: number, places: readonly number[]): Float32Array {
  if (places.length === width) return matrix
  const values = new Float32Array(rows * places.length)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < places.length; j++) values[i * places.length + j] = matrix[i * width + places[j]!]!
  return values
}

/** Where the vector of row i begins in its table; undefined for a code without one. */
function vectorAt({ column, codes, vectors, width }: Table, { rows, inputs }: Batch, i: number): number | undefined {
  const code = inputs[i * (inputs.length / rows) + column]!
  if (Number.isInteger(code) && code >= 0 && code < codes) return code * width
  return vectors > codes ? codes * width : undefined
}

function lookUp(node: Table, batch: Batch, table: Float32Array): Float32Array {
  const values = new Float32Array(batch.rows * node.width)
  for (let i = 0; i < batch.rows; i++) {
    const at = vectorAt(node, batch, i)
    if (at !== undefined) values.set(table.subarray(at, at + node.width), i * node.width)
  }
  return values
}

function scatter(node: Table, batch: Batch, slopes: Float32Array, gradient: Float32Array): void {
  for (let i = 0; i < batch.rows; i++) {
    const at = vectorAt(node, batch, i)
    if (at === undefined) continue
    for (let k = 0; k < node.width; k++) gradient[at + k]! += slopes[i * node.width + k]!
  }
}
