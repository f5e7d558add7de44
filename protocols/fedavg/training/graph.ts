// A network as a short list of operations, each behind its inputs. Both kinds of layered models are read into it.
import type { InputColumns } from './input-columns.ts'
import type { PartShape } from './parameters.ts'

export const ACTIVATIONS = ['relu', 'tanh', 'sigmoid', 'elu', 'selu', 'softplus', 'swish', 'leaky-relu'] as const
export type ActivationName = (typeof ACTIVATIONS)[number]

export type MergeName = 'concatenate' | 'add' | 'multiply' | 'average'

export type Operation =
  /** values at these places of a row of the input matrix */
  | { readonly does: 'input'; readonly places: readonly number[] }
  /**
   * the vector of a code, from a table of `vectors`. A missing or unknown code has the last vector if there are more
   * vectors than codes, otherwise zeros, which do not learn.
   */
  | { readonly does: 'embedding'; readonly column: number; readonly codes: number; readonly vectors: number }
  /** x·kernel + bias; zeroStart: the kernel starts at 0 */
  | { readonly does: 'dense'; readonly bias: boolean; readonly zeroStart?: boolean }
  /** alpha: slope of leaky-relu below 0, limit of elu */
  | { readonly does: 'activation'; readonly activation: ActivationName; readonly alpha: number }
  /** of each row over its values (Ba et al. 2016) */
  | { readonly does: 'layer-norm'; readonly epsilon: number; readonly scale: boolean; readonly center: boolean }
  | { readonly does: 'merge'; readonly merge: MergeName }
  /** its input, unchanged */
  | { readonly does: 'same' }

/** Gives rows × width. */
export type GraphNode = Operation & {
  readonly name: string
  /** positions of its inputs in the list, all before it */
  readonly from: readonly number[]
  readonly width: number
}

export interface Graph {
  readonly input: InputColumns
  /** the last one is the output: one value a row, log odds of bad */
  readonly nodes: readonly GraphNode[]
}

/** Weights of a node in the order that its operation takes them. */
export function weightShapes(node: GraphNode, nodes: readonly GraphNode[]): Omit<PartShape, 'last'>[] {
  const vector = (name: string, start: 'zeros' | 'ones') => {
    return { name: `${node.name} ${name}`, shape: [node.width], start, decays: false } as const
  }
  if (node.does === 'dense') {
    const shape = [nodes[node.from[0]!]!.width, node.width]
    const start = node.zeroStart === true ? 'zeros' : 'glorot'
    const kernel = { name: `${node.name} kernel`, shape, start, decays: true } as const
    return node.bias ? [kernel, vector('bias', 'zeros')] : [kernel]
  }
  if (node.does === 'layer-norm')
    return [...(node.scale ? [vector('gamma', 'ones')] : []), ...(node.center ? [vector('beta', 'zeros')] : [])]
  if (node.does !== 'embedding') return []
  return [{ name: `${node.name} vectors`, shape: [node.vectors, node.width], start: 'embedding', decays: true }]
}
