// One message to several peers on its way out: the letters one by one, and what follows them, which is the same for all,
// once. The coordinator copies it. A peer that is not ready in time, or is resent to, gets an envelope by itself.
import { LETTER_BYTES } from '#crypto/envelope.ts'
import { chunksOf } from '#protocols/core/reassembly.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import type { MailTimes, MailWire } from './context.ts'

export interface Sending {
  readonly envelope: Uint8Array
  readonly to: string
  readonly seq: number
  /** false once the outbox began anew: what is sent for it from then on is of no use */
  isCurrent(): boolean
}

export interface TogetherOptions {
  readonly job: string
  readonly self: string
  readonly wire: MailWire
  /** peers that get this message */
  readonly peers: number
  readonly times: Pick<MailTimes, 'gatherMs'>
}

export class Together {
  readonly #options: TogetherOptions
  readonly #sendings: Sending[] = []
  readonly #done = Promise.withResolvers<boolean>()
  #left = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: TogetherOptions) {
    this.#options = options
  }

  /** Resolves when the envelope was handed to the wire; to false where there is no connection. */
  async send(sending: Sending): Promise<boolean> {
    if (this.#left) return await this.#alone(sending)
    this.#sendings.push(sending)
    if (this.#sendings.length === this.#options.peers) this.#leave()
    else this.#timer ??= setTimeout(() => this.#leave(), this.#options.times.gatherMs)
    return await this.#done.promise
  }

  #leave(): void {
    this.#left = true
    clearTimeout(this.#timer)
    this.#all().then(this.#done.resolve, this.#done.reject)
  }

  async #all(): Promise<boolean> {
    for (const sending of this.#sendings) {
      const [letter] = this.#cut(sending)
      if (sending.isCurrent() && !(await this.#put(letter as Chunk__Output))) return false
    }
    for (const chunk of this.#cut(this.#sendings[0] as Sending)) {
      if (chunk.index === 0) continue
      const [first, ...copies] = this.#sendings.filter((one) => one.isCurrent()).map(({ to, seq }) => ({ to, seq }))
      if (first !== undefined && !(await this.#put({ ...chunk, ...first, copies }))) return false
    }
    return true
  }

  async #alone(sending: Sending): Promise<boolean> {
    for (const chunk of this.#cut(sending)) if (sending.isCurrent() && !(await this.#put(chunk))) return false
    return true
  }

  #cut({ envelope, to, seq }: Sending): Generator<Chunk__Output> {
    const { job, self: from } = this.#options
    return chunksOf(envelope, { job, from, to, seq }, LETTER_BYTES)
  }

  #put(chunk: Chunk__Output): Promise<boolean> {
    return this.#options.wire.send({ body: 'chunk', chunk })
  }
}
