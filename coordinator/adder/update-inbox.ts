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

/** Memory that is set aside for one envelope. Whoever has it gives it back. */
export interface Room {
  readonly seq: number
  reserved: number
}

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
  /** of the envelope whose chunks are put together */
  #room: Room = { seq: 0, reserved: 0 }
  /** all envelopes up to this number are done; unknown before the first, with which a sender goes on where it stood */
  #acknowledged: number | undefined
  /** digests of the envelopes that are held, in order from the one after `#acknowledged` */
  readonly #held: { readonly digest: string; done: boolean }[] = []

  constructor(options: UpdateInboxOptions) {
    this.#options = options
  }

  /**
   * Takes a chunk. Resolves to the envelope when this was its last, with its room.
   * @throws PlatformError transport.too-large, envelope.malformed
   */
  async take(chunk: Chunk__Output): Promise<{ readonly envelope: Uint8Array; readonly room: Room } | undefined> {
    if (chunk.index === 0 && !(await this.#begin(chunk))) return undefined
    if (chunk.seq !== this.#room.seq) return undefined // it had no room: the rest of it is dropped
    const envelope = this.#reassembly.add(chunk)
    if (envelope === undefined) return undefined
    const room = this.#room
    this.#room = { seq: 0, reserved: 0 }
    return { envelope, room }
  }

  /** The connection ended: what was under way begins again on the next. */
  abandon(): void {
    const { reserved } = this.#room
    this.#room = { seq: 0, reserved: 0 }
    this.#options.budget.release(reserved)
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
    this.abandon()
    const { seq, total_bytes: bytes } = chunk
    if (bytes > MAX_UPDATE_BYTES) throw new PlatformError('transport.too-large', { bytes, limit: MAX_UPDATE_BYTES })
    const own = { seq, reserved: 0 }
    this.#room = own
    const { budget, waitMs } = this.#options
    const needed = Math.ceil(ROOM * bytes)
    const granted = await budget.reserve(needed, waitMs)
    if (granted && this.#room === own) own.reserved = needed
    // the connection ended while it waited
    else if (granted) budget.release(needed)
    else if (this.#room === own) this.abandon()
    return own.reserved > 0
  }
}
