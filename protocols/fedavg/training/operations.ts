// What each operation computes and how slopes go back through it, in calls of TensorFlow.js. Slopes are written out: the
// Node build of the core package comes without its table of gradients, and a step needs fewer calls this way.
import * as tf from '@tensorflow/tfjs-core'
import type { ActivationName, GraphNode, MergeName } from './graph.ts'

/** Operations whose inputs are other nodes. */
export type InnerNode = Extract<GraphNode, { does: 'dense' | 'activation' | 'layer-norm' | 'merge' | 'same' }>

/** What a node saw and gave: rows × width each. */
export interface NodeValues {
  readonly inputs: readonly tf.Tensor2D[]
  readonly weights: readonly tf.Tensor[]
  readonly output: tf.Tensor2D
}

export function compute(node: InnerNode, inputs: readonly tf.Tensor2D[], weights: readonly tf.Tensor[]): tf.Tensor2D {
  const x = inputs[0]!
  switch (node.does) {
    case 'dense': {
      const kernel = weights[0] as tf.Tensor2D
      return node.bias ? (tf.fused.matMul({ a: x, b: kernel, bias: weights[1]! }) as tf.Tensor2D) : tf.matMul(x, kernel)
    }
    case 'activation':
      return ACTIVATION[node.activation].value(x, node.alpha)
    case 'layer-norm': {
      const { centred } = normalised(x, node.epsilon)
      const scaled = node.scale ? tf.mul(centred, weights[0]!) : centred
      return (node.center ? tf.add(scaled, weights.at(-1)!) : scaled) as tf.Tensor2D
    }
    case 'merge':
      return merged(inputs, node.merge)
    case 'same':
      return x
  }
}

/**
 * Slopes of the weights of a node, and of its inputs.
 * @param dy slopes of its output
 * @param wanted whether anything before it learns; otherwise the slopes of inputs are not made
 */
export function slopesOf(
  node: InnerNode,
  { inputs, weights, output }: NodeValues,
  dy: tf.Tensor2D,
  wanted: boolean,
): { readonly weights: readonly tf.Tensor[]; readonly inputs: readonly tf.Tensor2D[] } {
  const x = inputs[0]!
  switch (node.does) {
    case 'dense': {
      const own = [transposedTimes(x, dy), ...(node.bias ? [tf.sum(dy, 0)] : [])]
      return { weights: own, inputs: wanted ? [tf.matMul(dy, tf.transpose(weights[0] as tf.Tensor2D))] : [] }
    }
    case 'activation':
      return { weights: [], inputs: [tf.mul(dy, ACTIVATION[node.activation].slope(x, output, node.alpha))] }
    case 'layer-norm': {
      const { centred, deviation } = normalised(x, node.epsilon)
      const own = [...(node.scale ? [tf.sum(tf.mul(dy, centred), 0)] : []), ...(node.center ? [tf.sum(dy, 0)] : [])]
      const slope = node.scale ? tf.mul(dy, weights[0]!) : dy
      const along = tf.mul(centred, tf.mean(tf.mul(slope, centred), 1, true))
      const across = tf.sub(tf.sub(slope, tf.mean(slope, 1, true)), along)
      return { weights: own, inputs: [tf.div(across, deviation)] }
    }
    case 'merge':
      return { weights: [], inputs: mergeSlopes(inputs, node.merge, dy) }
    case 'same':
      return { weights: [], inputs: [dy] }
  }
}

/**
 * xᵀ·dy. Transposed first: the WASM backend hands only plain products to XNNPACK, and is 30 times slower at those that
 * ask for a transposed factor (256 × 1024 by 256 × 640: 554 ms against 17 ms of CPU).
 */
function transposedTimes(x: tf.Tensor2D, dy: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(tf.transpose(x), dy)
}

interface ActivationOf {
  value(x: tf.Tensor2D, alpha: number): tf.Tensor2D
  /** derivative at x, where the value is y */
  slope(x: tf.Tensor2D, y: tf.Tensor2D, alpha: number): tf.Tensor2D
}

/** Klambauer et al. 2017: scale λ and λ·α of selu. */
const SELU_SCALE = 1.0507009873554805
const SELU_LIMIT = 1.7580993408473766

/** above where x > 0, below(y) elsewhere */
function split(x: tf.Tensor2D, above: number, below: tf.Tensor2D): tf.Tensor2D {
  const positive = tf.step(x)
  return tf.add(tf.mul(positive, above), tf.mul(tf.sub(1, positive), below))
}

const ACTIVATION: Readonly<Record<ActivationName, ActivationOf>> = {
  relu: { value: (x) => tf.relu(x), slope: (x) => tf.step(x) },
  tanh: { value: (x) => tf.tanh(x), slope: (_, y) => tf.sub(1, tf.square(y)) },
  sigmoid: { value: (x) => tf.sigmoid(x), slope: (_, y) => tf.mul(y, tf.sub(1, y)) },
  elu: {
    value: (x, alpha) => tf.add(tf.relu(x), tf.mul(tf.sub(tf.exp(tf.minimum(x, 0)), 1), alpha)),
    slope: (x, y, alpha) => split(x, 1, tf.add(y, alpha)),
  },
  selu: { value: (x) => tf.selu(x), slope: (x, y) => split(x, SELU_SCALE, tf.add(y, SELU_LIMIT)) },
  softplus: { value: (x) => tf.softplus(x), slope: (x) => tf.sigmoid(x) },
  swish: {
    value: (x) => tf.mul(x, tf.sigmoid(x)),
    slope: (x, y) => {
      const s = tf.sigmoid(x)
      return tf.add(s, tf.mul(y, tf.sub(1, s)))
    },
  },
  'leaky-relu': {
    value: (x, alpha) => tf.leakyRelu(x, alpha),
    slope: (x, _, alpha) => tf.add(tf.mul(tf.step(x), 1 - alpha), alpha),
  },
}

/** Each row less its mean, over its deviation. */
function normalised(x: tf.Tensor2D, epsilon: number): { centred: tf.Tensor2D; deviation: tf.Tensor2D } {
  const apart: tf.Tensor2D = tf.sub(x, tf.mean(x, 1, true))
  const deviation: tf.Tensor2D = tf.sqrt(tf.add(tf.mean(tf.square(apart), 1, true), epsilon))
  return { centred: tf.div(apart, deviation), deviation }
}

const product = (factors: readonly tf.Tensor2D[]) => factors.reduce((a, b) => tf.mul(a, b))

function merged(inputs: readonly tf.Tensor2D[], merge: MergeName): tf.Tensor2D {
  if (merge === 'concatenate') return tf.concat2d([...inputs], 1)
  if (merge === 'multiply') return product(inputs)
  const sum = inputs.reduce((a, b) => tf.add(a, b))
  return merge === 'add' ? sum : tf.mul(sum, 1 / inputs.length)
}

function mergeSlopes(inputs: readonly tf.Tensor2D[], merge: MergeName, dy: tf.Tensor2D): tf.Tensor2D[] {
  if (merge === 'multiply') return inputs.map((_, i) => product([dy, ...inputs.toSpliced(i, 1)]))
  if (merge !== 'concatenate') {
    const each: tf.Tensor2D = merge === 'add' ? dy : tf.mul(dy, 1 / inputs.length)
    return inputs.map((): tf.Tensor2D => each)
  }
  let at = 0
  return inputs.map((input) => {
    const part = tf.slice2d(dy, [0, at], [-1, input.shape[1]])
    at += input.shape[1]
    return part
  })
}
