// Masks of answers that several parties give together: each adds its share of masks that cancel to the plaintexts it answers
// with, so that the key's owner reads nothing but the sum over the parties. What a mask costs in noise: README, "Masked sums".
import { PlatformError } from '#runtime/errors.ts'
import { type SetName, setNamed } from './params.ts'

/**
 * The plaintexts of masks, one a shown cell, below the plain modulus of the set.
 * @throws he.range on another number of masks, or one that is no residue
 */
export function checkMasks(masks: BigUint64Array, cells: number, set: SetName): void {
  const modulus = BigInt(setNamed(set).plainModulus)
  if (masks.length === cells && masks.every((mask) => mask < modulus)) return
  throw new PlatformError('he.range', { masks: masks.length, cells })
}

/** Opened sums of several answers, of equal lengths, added modulo the plain modulus of the set. @throws he.range */
export function addModulo(set: SetName, opened: readonly Float64Array[]): Float64Array {
  const modulus = setNamed(set).plainModulus
  const total = new Float64Array(opened[0]?.length ?? 0)
  for (const sums of opened) {
    if (sums.length !== total.length)
      throw new PlatformError('he.range', { cells: sums.length, expected: total.length })
    for (let i = 0; i < total.length; i++) {
      const sum = (total[i] as number) + (sums[i] as number) // both are below 2^52
      total[i] = sum >= modulus ? sum - modulus : sum
    }
  }
  return total
}

/** sum − times · total, modulo the plain modulus of the set. @param sum and `total`: residues */
export function takeOff(set: SetName, sum: number, total: number, times: number): number {
  const { plainModulus } = setNamed(set)
  const left = sum - Number((BigInt(total) * BigInt(times)) % BigInt(plainModulus))
  return left < 0 ? left + plainModulus : left
}
