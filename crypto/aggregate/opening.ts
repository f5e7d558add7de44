// Opening the sum of all updates of a round, by its opener only.
import { PlatformError } from '#runtime/errors.ts'
import { type ChunkPlace, readChunk } from './chunk-bytes.ts'
import { chunksOf, type Fields, VALUES_PER_CHUNK } from './fields.ts'
import { addProduct, DEGREE, mulMod, powMod, PRIMES, transformBack } from './ring-transform.ts'
import { publicStream, type RoundKey } from './round-keys.ts'
import type { Expansion } from './streams.ts'

const [FIRST, SECOND] = PRIMES

/** Opens the chunks of a sum in their order. */
export class SumOpening {
  readonly #fields: Fields
  readonly #label: Uint8Array
  readonly #key: RoundKey
  readonly #public: Expansion
  readonly #values: number
  readonly #inverse = powMod(FIRST, SECOND - 2, SECOND)
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
   * The next 4,096 sums (fewer at the end), each in [0, parties · levels]: exact.
   * @throws PlatformError he.malformed, he.wrong-key; he.noise where keys or masks do not belong together, he.range for a
   * sum that no honest updates give
   */
  next(bytes: Uint8Array): Uint32Array {
    const { parties, levels, bits } = this.#fields
    const chunks = chunksOf(this.#values)
    const place: ChunkPlace = { kind: 'sum', fields: this.#fields, label: this.#label, chunk: this.#chunk, chunks }
    const residues = readChunk(bytes, place)
    for (const j of [0, 1] as const) {
      addProduct(residues[j], this.#public.residues(j), this.#key[j], j, 1)
      transformBack(residues[j], j)
    }
    const from = this.#chunk++ * VALUES_PER_CHUNK
    const out = new Uint32Array(Math.min(VALUES_PER_CHUNK, this.#values - from))
    for (let i = 0; i < DEGREE; i++) {
      const m = this.#coefficient(residues[0][i] as number, residues[1][i] as number)
      const high = Math.floor(m / 2 ** bits)
      for (const [at, value] of [m - high * 2 ** bits, high].entries()) {
        const limit = 2 * i + at < out.length ? parties * levels : 0
        if (value > limit) throw new PlatformError('he.range', { chunk: place.chunk, limit })
        if (limit > 0) out[2 * i + at] = value
      }
    }
    return out
  }

  /** m from Δ·m + noise modulo both primes. With Δ/2 added nothing wraps: Δ·m + noise + Δ/2 lies in [0, q). */
  #coefficient(first: number, second: number): number {
    const { delta, noise } = this.#fields
    const half = Math.floor(delta / 2)
    const r0 = (first + half) % FIRST
    const r1 = (second + half) % SECOND
    const h = mulMod((r1 - (r0 % SECOND) + SECOND) % SECOND, this.#inverse, SECOND)
    // x = r0 + FIRST·h has 54 bits: divided by Δ in two parts that doubles hold exactly
    const quotient = Math.floor(FIRST / delta)
    const rest = h * (FIRST - quotient * delta) + r0
    const carried = Math.floor(rest / delta)
    if (Math.abs(rest - carried * delta - half) > noise) throw new PlatformError('he.noise', { limit: noise })
    return h * quotient + carried
  }
}
