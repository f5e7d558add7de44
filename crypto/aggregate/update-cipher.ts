// Encryption of a quantised update by one party, its ring masks included. BFV without a wrap: c0 = Δ·m + e − a·s + masks.
// The sum of all parties' values stays below the plain modulus, so the noise of the opened sum is Σe and tells nothing of
// any m (SEAL's round(q·m/t) would add a rounding error that depends on each).
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { type ChunkPlace, writeChunk } from './chunk-bytes.ts'
import { chunksOf, type Fields, valuesPerChunk } from './fields.ts'
import { addProduct, mulMod, transform } from './ring-transform.ts'
import { maskStream, noiseStream, publicStream, type RoundKey } from './round-keys.ts'
import type { Expansion } from './streams.ts'

/** One other participant of the round. */
export interface MaskPartner {
  readonly pair: Secret
  /** 1 at the earlier of the two in the agreed order, −1 at the later: the masks of a pair cancel */
  readonly sign: 1 | -1
}

export interface UpdateKeys {
  /** what this party encrypts under: for the opener, or its own where nobody opens alone */
  readonly key: RoundKey
  /** all other participants, each once, the opener among them */
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
  readonly #values: number
  readonly #chunks: number
  /** Δ and Δ·2^bits modulo each prime */
  readonly #scales: readonly (readonly [number, number])[]
  #chunk = 0

  /** @param values length of the update @throws PlatformError he.range where a partner's mask is missing or twice there */
  constructor(fields: Fields, label: Uint8Array, values: number, { key, partners, noise }: UpdateKeys) {
    requireAllPartners(fields, partners)
    this.#fields = fields
    this.#label = label
    this.#key = key
    this.#masks = partners.map(({ pair, sign }) => ({ stream: maskStream(pair, label), sign }))
    this.#public = publicStream(label)
    this.#noise = noiseStream(noise, label)
    this.#values = values
    this.#chunks = chunksOf(values, fields.ring)
    this.#scales = fields.ring.primes.map((p) => [
      Number(fields.delta % BigInt(p)),
      Number((fields.delta << BigInt(fields.bits)) % BigInt(p)),
    ])
  }

  /** The next chunk. values: integers in [0, levels], as many as chunkRanges says. @throws PlatformError he.range */
  next(values: Uint32Array): Uint8Array {
    const { levels, ring } = this.#fields
    const expected = Math.min(valuesPerChunk(ring), this.#values - this.#chunk * valuesPerChunk(ring))
    if (values.length !== expected) {
      throw new PlatformError('he.range', { values: values.length, chunk: this.#chunk, chunks: this.#chunks })
    }
    for (const value of values) if (value > levels) throw new PlatformError('he.range', { limit: levels })
    const noise = this.#noise.noise(ring.degree)
    const c0 = ring.primes.map((p, j) => {
      const residues = this.#encode(values, noise, p, this.#scales[j] as readonly [number, number])
      transform(residues, p)
      addProduct(residues, this.#public.residues(p, ring.degree), this.#key[j] as Uint32Array, p, -1)
      for (const { stream, sign } of this.#masks) stream.addResidues(residues, p, sign)
      return residues
    })
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
    const out = new Uint32Array(noise.length)
    for (let i = 0; i < noise.length; i++) {
      const low = mulMod(values[2 * i] ?? 0, first, p)
      const high = mulMod(values[2 * i + 1] ?? 0, second, p)
      out[i] = (low + high + (noise[i] as number) + p) % p
    }
    return out
  }
}

/** An update with a mask too few can be opened by those who hold the others; a pair that is twice there masks nothing. */
export function requireAllPartners({ parties }: Fields, partners: readonly MaskPartner[]): void {
  const distinct = new Set(partners.map(({ pair }) => pair)).size
  if (partners.length !== parties - 1 || distinct !== partners.length) {
    throw new PlatformError('he.range', { partners: partners.length, distinct, expected: parties - 1 })
  }
}
