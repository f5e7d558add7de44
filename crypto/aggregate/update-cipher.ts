// Encryption of a quantised update by one party, its ring masks included. BFV without a wrap: c0 = Δ·m + e − a·s + masks.
// The sum of all parties' values stays below the plain modulus, so the noise of the opened sum is Σe and tells nothing of
// any m (SEAL's round(q·m/t) would add a rounding error that depends on each).
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { type ChunkPlace, writeChunk } from './chunk-bytes.ts'
import { chunksOf, type Fields, VALUES_PER_CHUNK } from './fields.ts'
import { addInto, addProduct, DEGREE, mulMod, PRIMES, transform } from './ring-transform.ts'
import { maskStream, noiseStream, publicStream, type RoundKey } from './round-keys.ts'
import type { Expansion } from './streams.ts'

/** One other participant of the round. */
export interface MaskPartner {
  readonly pair: Secret
  /** 1 at the earlier of the two in the agreed order, −1 at the later: the masks of a pair cancel */
  readonly sign: 1 | -1
}

export interface UpdateKeys {
  /** what this party encrypts under for the opener */
  readonly key: RoundKey
  /** all other participants, the opener among them */
  readonly partners: readonly MaskPartner[]
  /** drawn once for this round by this party: the same seed must never encrypt two updates */
  readonly noise: Secret
}

/** Encrypts the chunks of one update in their order. */
export class UpdateCipher {
  readonly #fields: Fields
  readonly #label: Uint8Array
  readonly #key: RoundKey
  readonly #masks: readonly { readonly stream: Expansion; readonly sign: 1 | -1 }[]
  readonly #public: Expansion
  readonly #noise: Expansion
  readonly #chunks: number
  /** Δ and Δ·2^bits modulo each prime */
  readonly #scales: readonly (readonly [number, number])[]
  #chunk = 0

  /** @param values length of the update */
  constructor(fields: Fields, label: Uint8Array, values: number, { key, partners, noise }: UpdateKeys) {
    this.#fields = fields
    this.#label = label
    this.#key = key
    this.#masks = partners.map(({ pair, sign }) => ({ stream: maskStream(pair, label), sign }))
    this.#public = publicStream(label)
    this.#noise = noiseStream(noise, label)
    this.#chunks = chunksOf(values)
    this.#scales = PRIMES.map((p) => [fields.delta % p, (fields.delta * 2 ** fields.bits) % p])
  }

  /** The next chunk. values: at most 4,096 integers in [0, levels]; missing ones count as zero. @throws PlatformError he.range */
  next(values: Uint32Array): Uint8Array {
    const { levels } = this.#fields
    if (values.length > VALUES_PER_CHUNK || this.#chunk >= this.#chunks) {
      throw new PlatformError('he.range', { values: values.length, chunk: this.#chunk, chunks: this.#chunks })
    }
    for (const value of values) if (value > levels) throw new PlatformError('he.range', { limit: levels })
    const noise = this.#noise.noise()
    const c0 = PRIMES.map((p, j) => {
      const residues = this.#encode(values, noise, p, this.#scales[j] as readonly [number, number])
      transform(residues, j)
      addProduct(residues, this.#public.residues(j), this.#key[j] as Uint32Array, j, -1)
      for (const { stream, sign } of this.#masks) addInto(residues, stream.residues(j), j, sign)
      return residues
    }) as unknown as readonly [Uint32Array, Uint32Array]
    const place: ChunkPlace = {
      kind: 'update',
      fields: this.#fields,
      label: this.#label,
      chunk: this.#chunk++,
      chunks: this.#chunks,
    }
    return writeChunk(place, c0)
  }

  /** Δ·(v₀ + v₁·2^bits) + e modulo p. */
  #encode(values: Uint32Array, noise: Int8Array, p: number, [first, second]: readonly [number, number]): Uint32Array {
    const out = new Uint32Array(DEGREE)
    for (let i = 0; i < DEGREE; i++) {
      const low = mulMod(values[2 * i] ?? 0, first, p)
      const high = mulMod(values[2 * i + 1] ?? 0, second, p)
      out[i] = (low + high + (noise[i] as number) + p) % p
    }
    return out
  }
}

/** How many of the values of an update go in one chunk, by chunk. */
export function* chunkRanges(values: number): Generator<readonly [from: number, to: number]> {
  for (let chunk = 0; chunk < chunksOf(values); chunk++) {
    yield [chunk * VALUES_PER_CHUNK, Math.min(values, (chunk + 1) * VALUES_PER_CHUNK)]
  }
}
