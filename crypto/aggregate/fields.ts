// How an update stands in a plaintext: two values a coefficient, each in a field that holds the sum over all parties.
// Everything follows from the number of parties. Derivation: crypto/aggregate/README.md.
import { PlatformError } from '#runtime/errors.ts'
import { DEGREE, MODULUS } from './ring-transform.ts'

/** Values of an update in one ciphertext. */
export const VALUES_PER_CHUNK = 2 * DEGREE
/** Largest |e| of one encryption: a difference of two counts of 21 coins, as in SEAL. */
export const MOST_NOISE = 21
export const MOST_PARTIES = 1000
/** 2^27 values: a vector of 1 GiB as doubles. */
export const MOST_VALUES = 2 ** 27
const WIDEST_FIELD = 21

export interface Fields {
  readonly parties: number
  /** a coefficient holds v₀ + v₁·2^bits */
  readonly bits: number
  /** each party's value is an integer in [0, levels]; parties · levels < 2^bits */
  readonly levels: number
  /** a coefficient m is encrypted as delta · m */
  readonly delta: number
  /** |sum of the noises of all parties|, in the worst case */
  readonly noise: number
}

/**
 * The widest fields that so many parties can add up without an error: parties · 21 ≤ delta / 4, where ½ would already
 * be exact; the other half makes a wrong key show. @throws PlatformError he.range outside 2 … 1,000 parties
 */
export function fieldsFor(parties: number): Fields {
  if (!(Number.isInteger(parties) && parties >= 2 && parties <= MOST_PARTIES)) {
    throw new PlatformError('he.range', { parties, limit: MOST_PARTIES })
  }
  const noise = MOST_NOISE * parties
  let bits = WIDEST_FIELD
  while (deltaOf(bits) < 4 * noise) bits--
  return { parties, bits, levels: Math.floor((2 ** bits - 1) / parties), delta: deltaOf(bits), noise }
}

function deltaOf(bits: number): number {
  return Number(MODULUS >> BigInt(2 * bits))
}

/** Ciphertexts of an update of so many values. @throws PlatformError he.range */
export function chunksOf(values: number): number {
  if (!(Number.isInteger(values) && values >= 1 && values <= MOST_VALUES)) {
    throw new PlatformError('he.range', { values, limit: MOST_VALUES })
  }
  return Math.ceil(values / VALUES_PER_CHUNK)
}
