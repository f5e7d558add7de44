// Envelopes of one party to the adder: put together, known again, and acknowledged in order once what they were needed
// for has arrived. Until then the party hears that they are held. Nothing is stored: they come again after a restart.
import { Reassembly } from '#protocols/core/reassembly.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { MemoryBudget } from './memory-budget.ts'

/** Largest envelope to the adder: what an agent has in flight to one peer. */
export const MAX_UPDATE_BYTES = 16 * 2 ** 20
/** Room for an envelope and for the sum that it may begin: residues of 27 bits stand in words of 32 there. */
const ROOM = 2.2

export interface UpdateInboxOptions {
  readonly budget: MemoryBudget
  /** how long a sender waits for memory; after that its envelope is dropped, and comes again */
  readonly waitMs: number
  /** @param seq all up to it are done @param held all up to it are here */
  acknowledge(seq: number, held: number): void
}

export class UpdateInbox {
  readonly #options: UpdateInboxOptions
  readonly #reassembly = new Reassembly(MAX_UPDATE_BYTES)
  /** the envelope whose chunks are put together, with the memory that is set aside for it */
  #current = { seq: 0, reserved: 0 }
  /** all envelopes up to this number are done; unknown before the first, with which a sender goes on where it stood */
  #acknowledged: number | undefined
  /** digests of the envelopes that are held, in order from the one after `#acknowledged` */
  readonly #held: { readonly digest: string; done: boolean }[] = []

  constructor(options: UpdateInboxOptions) {
    this.#options = options
  }

  /**
   * Takes a chunk. Resolves to the envelope when this was its last; its room is given back with `finish`.
   * @throws PlatformError transport.too-large, envelope.malformed
   */
  async take(chunk: Chunk__Output): Promise<Uint8Array | undefined> {
    if (chunk.index === 0 && !(await this.#begin(chunk))) return undefined
    if (chunk.seq !== this.#current.seq) return undefined // it had no room: the rest of it is dropped
    return this.#reassembly.add(chunk)
  }

  /** So much of the room of the envelope under way is somebody else's from now on, who gives it back. */
  handOver(bytes: number): void {
    this.#current.reserved -= bytes
  }

  /** The envelope under way was used, or will not come: with the connection it begins again. */
  finish(): void {
    this.#options.budget.release(this.#current.reserved)
    this.#current = { seq: 0, reserved: 0 }
  }

  /** Digest of a held envelope of this number; '' for one that is done; undefined for one that is new. */
  known(seq: number): string | undefined {
    if (this.#acknowledged === undefined) return undefined
    return seq <= this.#acknowledged ? '' : this.#held[seq - this.#acknowledged - 1]?.digest
  }

  /** Whether this is the next envelope. */
  isNext(seq: number): boolean {
    return this.#acknowledged === undefined || seq === this.#acknowledged + this.#held.length + 1
  }

  /** An envelope is taken. Only the next one may be. */
  hold(seq: number, digest: string): void {
    this.#acknowledged ??= seq - 1
    this.#held.push({ digest, done: false })
  }

  /** What the envelope was needed for has arrived. */
  done(seq: number): void {
    const envelope = this.#held[seq - (this.#acknowledged ?? 0) - 1]
    if (envelope !== undefined) envelope.done = true
    while (this.#held[0]?.done === true) {
      this.#held.shift()
      this.#acknowledged = (this.#acknowledged ?? 0) + 1
    }
  }

  /** Tells the sender where things stand. */
  acknowledge(): void {
    const seq = this.#acknowledged
    if (seq !== undefined) this.#options.acknowledge(seq, seq + this.#held.length)
  }

  async #begin(chunk: Chunk__Output): Promise<boolean> {
    this.finish()
    const { seq, total_bytes: bytes } = chunk
    if (bytes > MAX_UPDATE_BYTES) throw new PlatformError('transport.too-large', { bytes, limit: MAX_UPDATE_BYTES })
    const own = { seq, reserved: 0 }
    this.#current = own
    const { budget, waitMs } = this.#options
    const room = Math.ceil(ROOM * bytes)
    const granted = await budget.reserve(room, waitMs)
    if (granted && this.#current === own) own.reserved = room
    else if (granted)
      budget.release(room) // the connection ended while it waited
    else if (this.#current === own) this.finish()
    return own.reserved > 0
  }
}
