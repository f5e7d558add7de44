// Keyed permutations of 0 … n−1 that need no table: a Feistel network over the next even power of two, walked until
// the value falls inside (J. Black, P. Rogaway, Ciphers with arbitrary finite domains, 2002). Not for secrets.
import { finalise } from './stream.ts'

const ROUNDS = 6

/** A permutation of the integers 0 … size−1; size ≤ 2^30. */
export function permutation(seed: number, label: number, size: number): (index: number) => number {
  if (!Number.isInteger(size) || size < 1 || size > 2 ** 30) throw new RangeError(`size ${size} is not in [1, 2^30]`)
  const halfBits = Math.max(1, Math.ceil(Math.log2(size) / 2))
  const mask = 2 ** halfBits - 1
  const keys = Array.from({ length: ROUNDS }, (_, round) => finalise(seed ^ finalise((label << 8) | round)))
  const encrypt = (value: number): number => {
    let left = value >>> halfBits
    let right = value & mask
    for (const key of keys) [left, right] = [right, left ^ (finalise(right ^ key) & mask)]
    return ((left << halfBits) | right) >>> 0
  }
  return (index) => {
    if (!Number.isInteger(index) || index < 0 || index >= size)
      throw new RangeError(`index ${index} is not in [0, ${size})`)
    let value = encrypt(index)
    while (value >= size) value = encrypt(value)
    return value
  }
}
