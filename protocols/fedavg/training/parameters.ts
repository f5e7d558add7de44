// The flat vector of parameters: its parts in order, and the first values, from a seed that all parties share.
import { expandBytes } from '#crypto/prg.ts'
import type { ParameterPart } from './types.ts'

/** Half the width of the range that vectors of categories start in. */
const EMBEDDING_RANGE = 0.05

export type PartShape = Omit<ParameterPart, 'offset' | 'length'>

/** Parts one behind the other. */
export function layOut(shapes: readonly PartShape[]): ParameterPart[] {
  let offset = 0
  return shapes.map((shape) => {
    const length = shape.shape.reduce((product, size) => product * size, 1)
    const part = { ...shape, offset, length }
    offset += length
    return part
  })
}

/** Length of the flat vector. */
export function parameterCount(parts: readonly ParameterPart[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

/**
 * First values: dense weights uniform in ±√(6 / (inputs + units)) (Glorot and Bengio 2010), vectors of categories uniform
 * in ±0.05, biases 0. Only sums, products and a square root, which IEEE 754 rounds alike everywhere: all parties start
 * from the same bits.
 */
export function initialParameters(parts: readonly ParameterPart[], seed: Uint8Array): Float32Array {
  const weights = new Float32Array(parameterCount(parts))
  for (const part of parts) {
    const into = weights.subarray(part.offset, part.offset + part.length)
    if (part.start === 'zeros' || part.start === 'ones') into.fill(part.start === 'ones' ? 1 : 0)
    else fillUniform(into, seed, part)
  }
  return weights
}

function fillUniform(into: Float32Array, seed: Uint8Array, part: ParameterPart): void {
  const limit = part.start === 'embedding' ? EMBEDDING_RANGE : Math.sqrt(6 / part.shape.reduce((sum, n) => sum + n, 0))
  const bytes = expandBytes(seed, `average initial ${part.offset} ${part.name}`, 4 * into.length)
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, into.length)
  for (let i = 0; i < into.length; i++) into[i] = ((words[i]! >>> 8) * 2 ** -23 - 1) * limit
}
