// What a party sends of its training, before weight and clipping.

/** trained − start, exact in float64: what the mean of all parties moves the model by. */
export function updateOf(trained: Float32Array, start: Float32Array): Float64Array {
  return Float64Array.from(trained, (value, i) => value - start[i]!)
}
