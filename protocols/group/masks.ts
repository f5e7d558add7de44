// Masks of two members that cancel: one adds what the other subtracts, so that over all members they add up to nothing.
import { openStream } from '#crypto/prg.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'

/** Everything modulo 2^64, as BigUint64Array wraps by itself. */
export const WORDS = 2n ** 64n

/** What a member shares with another. */
export interface MaskPair {
  readonly secret: Secret
  /** whether this member adds: the one that stands earlier in the group */
  readonly adds: boolean
}

/**
 * total ± the masks of the pairs under this label, modulo `modulus`: uniform to everybody who lacks one of the pairs.
 * @param total each below the modulus; changed in place
 * @param modulus 2 … 2^64
 */
export function addMasks(total: BigUint64Array, pairs: readonly MaskPair[], label: string, modulus: bigint): void {
  if (modulus < 2n || modulus > WORDS) throw new PlatformError('he.range', { modulus: String(modulus) })
  for (const pair of pairs) {
    if (modulus === WORDS) addWords(total, pair, label)
    else addBelow(total, pair, label, modulus)
  }
}

function addWords(total: BigUint64Array, { secret, adds }: MaskPair, label: string): void {
  const next = wordsOf(secret, label)
  for (let i = 0; i < total.length; i++) total[i] = adds ? total[i]! + next() : total[i]! - next()
}

/** Words from the last whole multiple of the modulus on are drawn again: they would favour small masks. */
function addBelow(total: BigUint64Array, { secret, adds }: MaskPair, label: string, modulus: bigint): void {
  const next = wordsOf(secret, label)
  const end = WORDS - (WORDS % modulus)
  for (let i = 0; i < total.length; i++) {
    let word = next()
    while (word >= end) word = next()
    const mask = word % modulus
    total[i] = (total[i]! + (adds ? mask : modulus - mask)) % modulus
  }
}

function wordsOf(secret: Secret, label: string): () => bigint {
  const next = openStream(secret, label)
  let words = new BigUint64Array(0)
  let at = 0
  return () => {
    if (at === words.length) {
      words = new BigUint64Array(Uint8Array.from(next()).buffer)
      at = 0
    }
    return words[at++]!
  }
}
