// Sums on their way to one opener: in memory, sent in order, sent again until they are acknowledged. After a restart of
// this process they are made anew from the updates, which the parties send again.
import { chunksOf } from '#protocols/core/reassembly.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'

export interface SumTimes {
  /** pause between the sign of a gap and the resend; doubles without progress */
  readonly gapMs: number
  /** without any acknowledgement for so long, everything is sent again */
  readonly stallMs: number
}

export interface SumOutboxOptions {
  readonly address: { readonly job: string; readonly from: string; readonly to: string }
  readonly times: SumTimes
  isConnected(): boolean
  /** Resolves when the chunk was taken. */
  send(chunk: Chunk__Output): Promise<void>
  /** a chunk could not be sent: the job cannot go on */
  fail(error: unknown): void
}

export class SumOutbox {
  readonly #options: SumOutboxOptions
  readonly #envelopes = new Map<number, Uint8Array>()
  #acknowledged = 0
  /** the last number that was handed to the wire since sending began anew */
  #sent = 0
  /** counts beginnings, so that a sending under way notices one */
  #epoch = 0
  #sending = false
  #resends = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: SumOutboxOptions) {
    this.#options = options
  }

  /** The opener has every sum up to this number on its disk; 0 as long as it said nothing. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  put(number: number, envelope: Uint8Array): void {
    if (number <= this.#acknowledged) return
    this.#envelopes.set(number, envelope)
    this.#wake()
  }

  /** The opener is connected (again). */
  resend(): void {
    this.#epoch += 1
    this.#sent = this.#acknowledged
    this.#wake()
  }

  /** A number that is not above the last means that the one after it is missed. */
  acknowledge(seq: number): void {
    const { gapMs, stallMs } = this.#options.times
    if (seq > this.#acknowledged) {
      this.#acknowledged = seq
      this.#resends = 0
      for (const number of this.#envelopes.keys()) if (number <= seq) this.#envelopes.delete(number)
      this.#schedule(stallMs)
    } else this.#schedule(Math.min(stallMs, gapMs * 2 ** Math.min(this.#resends, 16)))
  }

  close(): void {
    this.#closed = true
    this.#epoch += 1
    clearTimeout(this.#timer)
    this.#envelopes.clear()
  }

  #schedule(afterMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#closed || this.#envelopes.size === 0) return
    this.#timer = setTimeout(() => {
      this.#resends += 1
      this.resend()
    }, afterMs)
  }

  #next(): [number: number, envelope: Uint8Array] | undefined {
    if (this.#closed || !this.#options.isConnected()) return undefined
    const waiting = [...this.#envelopes.keys()].filter((number) => number > this.#sent)
    const number = Math.min(...waiting)
    const envelope = this.#envelopes.get(number)
    return envelope === undefined ? undefined : [number, envelope]
  }

  #wake(): void {
    if (this.#sending) return
    this.#sending = true
    this.#sendAll().then(
      () => {
        this.#sending = false
        if (this.#next() !== undefined) this.#wake()
      },
      (error) => {
        this.#sending = false
        if (!this.#closed) this.#options.fail(error)
      },
    )
  }

  async #sendAll(): Promise<void> {
    const { address, send, times } = this.#options
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [seq, envelope] = next
      const epoch = this.#epoch
      for (const chunk of chunksOf(envelope, { ...address, seq })) {
        if (this.#epoch !== epoch) break
        await send(chunk)
      }
      if (this.#epoch !== epoch) continue
      this.#sent = seq
      this.#schedule(times.stallMs)
    }
  }
}
