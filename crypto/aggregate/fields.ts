// How an update stands in a plaintext: two values a coefficient, each in a field that holds the sum over all parties.
// Everything follows from the number of parties, and for shared opening from the length. Derivation: README.md.
import { PlatformError } from '#runtime/errors.ts'
import { OPENER_RING, type Ring, SHARED_RING } from './ring-transform.ts'

/** Largest |e| of one encryption: a difference of two counts of 21 coins, as in SEAL. */
export const MOST_NOISE = 21
export const MOST_PARTIES = 1000
/** 2^27 values: a vector of 1 GiB as doubles. */
export const MOST_VALUES = 2 ** 27
/** Both values of a coefficient come out of one double. */
const WIDEST_FIELD = 21
/** Fewer levels than these are no update any more: shared opening by too many parties. */
const LEAST_LEVELS = 64
/** Shares of all chunks of an update are within 2^-40 of what a simulator makes from the sum. */
const DISTANCE_BITS = 40

export interface Fields {
  readonly ring: Ring
  readonly parties: number
  /** a coefficient holds v₀ + v₁·2^bits */
  readonly bits: number
  /** each party's value is an integer in [0, levels]; parties · levels < 2^bits */
  readonly levels: number
  /** a coefficient m is encrypted as delta · m */
  readonly delta: bigint
  /** a share carries uniform noise of [−2^flood, 2^flood) in each coefficient; 0 where one party opens, which takes no shares */
  readonly flood: number
  /** |sum of the noises of all parties|, flooding included, in the worst case */
  readonly noise: bigint
}

/**
 * The widest fields that so many parties can add up without an error: the noise stays below delta / 4, where ½ would
 * already be exact; the other half makes a wrong key show. @throws PlatformError he.range outside 2 … 1,000 parties
 */
export function fieldsFor(parties: number): Fields {
  return widest(OPENER_RING, parties, 0)
}

/**
 * Fields of a sum that no party opens alone. @param values length of an update: all its coefficients share the 2^-40
 * @throws PlatformError he.range for more parties than leave 64 levels
 */
export function sharedFieldsFor(parties: number, values: number): Fields {
  const coefficients = chunksOf(values, SHARED_RING) * SHARED_RING.degree
  const fields = widest(SHARED_RING, parties, floodFor(BigInt(coefficients * MOST_NOISE * parties)))
  if (fields.levels < LEAST_LEVELS) throw new PlatformError('he.range', { parties, values, levels: fields.levels })
  return fields
}

/** The least f with width / 2^(f + 1) ≤ 2^-40. */
function floodFor(width: bigint): number {
  return DISTANCE_BITS + (width - 1n).toString(2).length - 1
}

function widest(ring: Ring, parties: number, flood: number): Fields {
  if (!(Number.isInteger(parties) && parties >= 2 && parties <= MOST_PARTIES)) {
    throw new PlatformError('he.range', { parties, limit: MOST_PARTIES })
  }
  const noise = BigInt(parties) * (BigInt(MOST_NOISE) + (flood === 0 ? 0n : 1n << BigInt(flood)))
  const deltaOf = (bits: number) => ring.modulus >> BigInt(2 * bits)
  let bits = WIDEST_FIELD
  while (deltaOf(bits) < 4n * noise) bits--
  return { ring, parties, bits, levels: Math.floor((2 ** bits - 1) / parties), delta: deltaOf(bits), flood, noise }
}

/** Values of an update in one ciphertext. */
export function valuesPerChunk(ring: Ring): number {
  return 2 * ring.degree
}

/** Ciphertexts of an update of so many values. @throws PlatformError he.range */
export function chunksOf(values: number, ring = OPENER_RING): number {
  if (!(Number.isInteger(values) && values >= 1 && values <= MOST_VALUES)) {
    throw new PlatformError('he.range', { values, limit: MOST_VALUES })
  }
  return Math.ceil(values / valuesPerChunk(ring))
}

/** Which of the values of an update go in one chunk, by chunk. */
export function* chunkRanges(values: number, ring = OPENER_RING): Generator<readonly [from: number, to: number]> {
  const each = valuesPerChunk(ring)
  for (let chunk = 0; chunk < chunksOf(values, ring); chunk++) {
    yield [chunk * each, Math.min(values, (chunk + 1) * each)]
  }
}
