// The adder: adds up the encrypted updates of a round without any key. Knows no node and no network; the coordinator runs
// it, tests run it in memory.
import { chunksOf } from '#crypto/aggregate/fields.ts'
import { OPENER_RING, SHARED_RING } from '#crypto/aggregate/ring-transform.ts'
import { ChunkSum } from '#crypto/aggregate/update-sum.ts'
import type { PartyId } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { sum, type SumBody, type UpdateBody, type UpdateHeader, update } from './bodies.ts'
import { sumFields } from './sum-fields.ts'

/** The body of a step `update`; its chunks are views. @throws PlatformError protocol.malformed */
export function decodeUpdate(payload: Uint8Array): UpdateBody {
  return update.decode(payload)
}

/** Bytes that a running sum holds in memory, whatever the number of parties. */
export function sumBytes({ parameters, shared = false }: Pick<UpdateHeader, 'parameters' | 'shared'>): number {
  const ring = shared ? SHARED_RING : OPENER_RING
  return chunksOf(parameters, ring) * ring.primes.length * 4 * ring.degree
}

/** The running sum of one round. What is held of a party are the digest of its update and what it committed to. */
export class UpdateSum {
  readonly #header: Required<UpdateHeader>
  readonly #chunks: readonly ChunkSum[]
  readonly #digests = new Map<PartyId, Uint8Array>()
  readonly #commitments = new Map<PartyId, Uint8Array>()

  /** @param header of the first update that came @throws PlatformError he.range */
  constructor(header: UpdateHeader) {
    const { label, opener, number, participants, parameters, shared = false } = header
    this.#header = { label: label.slice(), opener, number, participants: [...participants], parameters, shared }
    const fields = sumFields(participants.length, shared)
    const chunks = chunksOf(parameters, fields.ring)
    const place = { fields, label: this.#header.label, chunks }
    this.#chunks = Array.from({ length: chunks }, (_, chunk) => new ChunkSum({ ...place, chunk }, participants))
  }

  get header(): UpdateHeader {
    return this.#header
  }

  /** Participants whose update is not in the sum. */
  get missing(): readonly PartyId[] {
    return this.#header.participants.filter((party) => !this.#digests.has(party))
  }

  /**
   * Adds one party's update. Where it throws he.malformed or he.wrong-key, the sum is lost.
   * @param digest of the whole update, to know it again
   * @returns false where this very update is in the sum already: it came once more
   * @throws PlatformError aggregate.repeated for a stranger, and for a second update of a party that is another one;
   * average.other-round where the updates of a label disagree; he.malformed, he.wrong-key
   */
  add(from: PartyId, body: UpdateBody, digest: Uint8Array): boolean {
    const steps = this.adding(from, body, digest)
    let step = steps.next()
    while (step.done !== true) step = steps.next()
    return step.value
  }

  /** The same in steps of a chunk, for a process with other work too. The party is missing until the last of them. */
  *adding(from: PartyId, body: UpdateBody, digest: Uint8Array): Generator<void, boolean> {
    this.#checkHeader(from, body)
    if (!this.#header.participants.includes(from)) throw new PlatformError('aggregate.repeated', { party: from })
    const known = this.#digests.get(from)
    if (known !== undefined) {
      if (Buffer.compare(known, digest) === 0) return false
      throw new PlatformError('aggregate.repeated', { party: from, number: this.#header.number })
    }
    for (const [i, chunk] of body.chunks.entries()) {
      ;(this.#chunks[i] as ChunkSum).add(from, chunk)
      yield
    }
    this.#digests.set(from, digest.slice())
    if (body.commitment !== undefined) this.#commitments.set(from, body.commitment.slice())
    return true
  }

  /** The sum: a function of the updates, not of their order. @throws PlatformError aggregate.incomplete */
  body(): SumBody {
    const { label, shared, participants } = this.#header
    const commitments = participants.flatMap((party) => this.#commitments.get(party) ?? [])
    return { label, shared, commitments, chunks: this.#chunks.map((chunk) => chunk.bytes()) }
  }

  /** Bytes of the step `sum`. @throws PlatformError aggregate.incomplete */
  payload(): Uint8Array {
    return sum.encode(this.body())
  }

  #checkHeader(
    party: PartyId,
    { label, opener, number, participants, parameters, shared = false }: UpdateHeader,
  ): void {
    const own = this.#header
    const differing = [
      ['label', Buffer.compare(label, own.label) === 0],
      ['opener', opener === own.opener],
      ['number', number === own.number],
      ['participants', participants.join() === own.participants.join()],
      ['parameters', parameters === own.parameters],
      ['shared', shared === own.shared],
    ].flatMap(([what, same]) => (same === true ? [] : [String(what)]))
    if (differing.length > 0) throw new PlatformError('average.other-round', { party, differing })
  }
}
