// Opening by all, where no party may be the opener: each encrypts under a key of its own that it shows nobody, and for one
// sum gives a flooded and masked share of what that key contributed. All shares together open the sum; fewer are noise.
import { createHash } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { type ChunkPlace, readChunk, writeChunk } from './chunk-bytes.ts'
import { decodeChunk } from './decoding.ts'
import { chunkRanges, chunksOf, type Fields, sharedFieldsFor } from './fields.ts'
import { addInto, addProduct, transform, transformBack } from './ring-transform.ts'
import { floodStream, publicStream, shareMaskStream } from './round-keys.ts'
import { requireAllPartners, type UpdateKeys } from './update-cipher.ts'

/** What one sum is known by: SHA-256 over the bytes of its chunks in their order. */
export function sumDigest(sums: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const chunk of sums) hash.update(chunk)
  return new Uint8Array(hash.digest())
}

/** One party's shares of the sum of one round. */
export class ShareRelease {
  readonly #fields: Fields
  readonly #label: Uint8Array
  readonly #values: number
  readonly #keys: UpdateKeys
  #answered: Uint8Array | undefined

  /**
   * @param fields of sharedFieldsFor @param keys the same that encrypted this party's update
   * @param answered digest of the sum that this party gave shares of in an earlier life: the caller stores it before it sends any
   * @throws PlatformError he.range for fields with too little flooding, or where a partner is missing
   */
  constructor(fields: Fields, label: Uint8Array, values: number, keys: UpdateKeys, answered?: Uint8Array) {
    // of another ring, or of a shorter update: too little flooding for all coefficients together
    const least = sharedFieldsFor(fields.parties, values).flood
    if (fields.flood < least) throw new PlatformError('he.range', { flood: fields.flood, least })
    requireAllPartners(fields, keys.partners)
    this.#fields = fields
    this.#label = label
    this.#values = values
    this.#keys = keys
    this.#answered = answered
  }

  /**
   * The share of each chunk: a·s + flooding ± masks. Asked again for the same sum it gives the same bytes.
   * @throws PlatformError aggregate.repeated for a second sum under this label; he.malformed, he.wrong-key, he.range for what is no sum of it
   */
  release(sums: readonly Uint8Array[]): Uint8Array[] {
    const { ring, flood } = this.#fields
    const chunks = this.#requireSum(sums)
    const digest = sumDigest(sums)
    if (this.#answered !== undefined && Buffer.compare(this.#answered, digest) !== 0) {
      throw new PlatformError('aggregate.repeated', { shares: 'of another sum of this round' })
    }
    this.#answered = digest
    const open = publicStream(this.#label)
    const noise = floodStream(this.#keys.noise, this.#label)
    const masks = this.#keys.partners.map(({ pair, sign }) => ({
      stream: shareMaskStream(pair, this.#label, digest),
      sign,
    }))
    return sums.map((_, chunk) => {
      const share = noise.flood(flood, ring)
      for (const [j, p] of ring.primes.entries()) {
        const own = share[j] as Uint32Array
        transform(own, p)
        addProduct(own, open.residues(p, ring.degree), this.#keys.key[j] as Uint32Array, p, 1)
        for (const { stream, sign } of masks) stream.addResidues(own, p, sign)
      }
      return writeChunk({ kind: 'share', fields: this.#fields, label: this.#label, chunk, chunks }, share)
    })
  }

  #requireSum(sums: readonly Uint8Array[]): number {
    const chunks = requireCount(sums, this.#fields, this.#values)
    for (const [chunk, bytes] of sums.entries()) {
      readChunk(bytes, { kind: 'sum', fields: this.#fields, label: this.#label, chunk, chunks })
    }
    return chunks
  }
}

export interface SharedOpening {
  /** of sharedFieldsFor */
  readonly fields: Fields
  readonly label: Uint8Array
  /** length of an update */
  readonly values: number
  readonly participants: readonly string[]
}

/**
 * The sum of all updates, each value in [0, parties · levels]: exact. Whoever holds the sum and all shares can do it, so a
 * receiver that alone may learn the sum keeps its own share to itself.
 * @param shares of every participant, by name
 * @throws PlatformError aggregate.incomplete where one is missing, aggregate.repeated for a stranger; he.noise where shares
 * are of another sum; he.malformed, he.wrong-key, he.range
 */
export function openThreshold(
  { fields, label, values, participants }: SharedOpening,
  sums: readonly Uint8Array[],
  shares: ReadonlyMap<string, readonly Uint8Array[]>,
): Uint32Array {
  const missing = participants.filter((name) => !shares.has(name))
  if (missing.length > 0) throw new PlatformError('aggregate.incomplete', { missing, shares: shares.size })
  const stranger = [...shares.keys()].find((name) => !participants.includes(name))
  if (stranger !== undefined) throw new PlatformError('aggregate.repeated', { party: stranger })
  const chunks = requireCount(sums, fields, values)
  for (const own of shares.values()) requireCount(own, fields, values)
  const out = new Uint32Array(values)
  for (const [chunk, [from, to]] of [...chunkRanges(values, fields.ring)].entries()) {
    const place: ChunkPlace = { kind: 'sum', fields, label, chunk, chunks }
    const total = readChunk(sums[chunk] as Uint8Array, place)
    for (const own of shares.values()) {
      const share = readChunk(own[chunk] as Uint8Array, { ...place, kind: 'share' })
      for (const [j, p] of fields.ring.primes.entries()) addInto(total[j] as Uint32Array, share[j] as Uint32Array, p)
    }
    for (const [j, p] of fields.ring.primes.entries()) transformBack(total[j] as Uint32Array, p)
    out.set(decodeChunk(fields, total, chunk, to - from), from)
  }
  return out
}

function requireCount(parts: readonly Uint8Array[], { ring }: Fields, values: number): number {
  const chunks = chunksOf(values, ring)
  if (parts.length !== chunks) throw new PlatformError('he.malformed', { field: 'chunks', got: parts.length })
  return chunks
}
