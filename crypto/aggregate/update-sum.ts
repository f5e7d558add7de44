// Adding up encrypted updates without a key, chunk by chunk: what is held is one running sum, whatever the number of
// parties. A sum exists only when every participant of the round has given its chunk, once.
import { PlatformError } from '#runtime/errors.ts'
import { type ChunkPlace, readChunk, writeChunk } from './chunk-bytes.ts'
import { addInto, type Residues } from './ring-transform.ts'

/** The sum of one chunk over all participants. */
export class ChunkSum {
  readonly #place: ChunkPlace
  readonly #missing: Set<string>
  readonly #total: Residues

  /** @param place of the sum @param participants of the round */
  constructor(place: Omit<ChunkPlace, 'kind'>, participants: readonly string[]) {
    this.#place = { ...place, kind: 'sum' }
    const { degree, primes } = place.fields.ring
    this.#missing = new Set(participants)
    this.#total = primes.map(() => new Uint32Array(degree))
    if (this.#missing.size !== place.fields.parties) {
      throw new PlatformError('he.range', { parties: this.#missing.size, expected: place.fields.parties })
    }
  }

  /**
   * Adds one participant's chunk; nothing of it is kept.
   * @throws PlatformError he.malformed, he.wrong-key; aggregate.repeated for a stranger or a second chunk of the same party
   */
  add(participant: string, bytes: Uint8Array): void {
    if (!this.#missing.has(participant)) {
      throw new PlatformError('aggregate.repeated', { party: participant, chunk: this.#place.chunk })
    }
    const residues = readChunk(bytes, { ...this.#place, kind: 'update' })
    this.#missing.delete(participant)
    for (const [j, p] of this.#place.fields.ring.primes.entries()) {
      addInto(this.#total[j] as Uint32Array, residues[j] as Uint32Array, p)
    }
  }

  /** The sum's wire bytes. @throws PlatformError aggregate.incomplete while a participant's chunk is missing */
  bytes(): Uint8Array {
    if (this.#missing.size > 0) {
      throw new PlatformError('aggregate.incomplete', { missing: [...this.#missing], chunk: this.#place.chunk })
    }
    return writeChunk(this.#place, this.#total)
  }
}
