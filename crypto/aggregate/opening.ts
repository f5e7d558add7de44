// Opening the sum of all updates of a round, by its opener only.
import { type ChunkPlace, readChunk } from './chunk-bytes.ts'
import { decodeChunk } from './decoding.ts'
import { chunksOf, type Fields, valuesPerChunk } from './fields.ts'
import { addProduct, transformBack } from './ring-transform.ts'
import { publicStream, type RoundKey } from './round-keys.ts'
import type { Expansion } from './streams.ts'

/** Opens the chunks of a sum in their order. */
export class SumOpening {
  readonly #fields: Fields
  readonly #label: Uint8Array
  readonly #key: RoundKey
  readonly #public: Expansion
  readonly #values: number
  #chunk = 0

  /** @param key the sum of the keys of all participants @param values length of an update */
  constructor(fields: Fields, label: Uint8Array, values: number, key: RoundKey) {
    this.#fields = fields
    this.#label = label
    this.#key = key
    this.#public = publicStream(label)
    this.#values = values
  }

  /**
   * The next 4,096 sums (fewer at the end), each in [0, parties · levels]: exact. After an error there is no next one.
   * @throws PlatformError he.malformed, he.wrong-key; he.noise where keys or masks do not belong together; he.range for a
   * sum that no honest updates give, or beyond the last chunk
   */
  next(bytes: Uint8Array): Uint32Array {
    const { ring } = this.#fields
    const chunk = this.#chunk++
    const place: ChunkPlace = {
      kind: 'sum',
      fields: this.#fields,
      label: this.#label,
      chunk,
      chunks: chunksOf(this.#values, ring),
    }
    const residues = readChunk(bytes, place)
    for (const [j, p] of ring.primes.entries()) {
      const own = residues[j] as Uint32Array
      addProduct(own, this.#public.residues(p, ring.degree), this.#key[j] as Uint32Array, p, 1)
      transformBack(own, p)
    }
    const each = valuesPerChunk(ring)
    return decodeChunk(this.#fields, residues, chunk, Math.min(each, this.#values - chunk * each))
  }
}
