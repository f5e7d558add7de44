// Messages from one peer: verified, stored, then acknowledged; handed out in order, once per run of the task.
import { envelopeDigest } from '#crypto/envelope.ts'
import type { MessageHeader } from '#protocols/core/contract.ts'
import { Reassembly } from '#protocols/core/reassembly.ts'
import { decodeTaskMessage, type TaskMessage } from '#protocols/core/task-message.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { type ErrorCode, PlatformError, toPlatformError } from '#runtime/errors.ts'
import { MAX_ENVELOPE_BYTES, type PeerContext } from './context.ts'
import type { FrameHeader } from './frame.ts'
import { FrameLog } from './frame-log.ts'

/** of messages that nobody has asked for yet; beyond this they wait on disk */
const MAX_OPENED_BYTES = 4 * 2 ** 20

export interface ReceivedMessage {
  /** as stored: address, sizes and digest */
  readonly stored: FrameHeader
  readonly header: MessageHeader
  readonly payload: Uint8Array
}

export class Inbox {
  readonly #context: PeerContext
  readonly #log: FrameLog
  readonly #reassembly = new Reassembly(MAX_ENVELOPE_BYTES)
  readonly #refusals = new Map<ErrorCode, number>()
  #unwrittenBytes = 0
  /** messages that arrived last, opened: who waits for them need not open them again */
  readonly #opened = new Map<number, TaskMessage>()
  #openedBytes = 0
  #arrival = Promise.withResolvers<void>()
  #gapReportedAt = 0

  private constructor(context: PeerContext, log: FrameLog) {
    this.#context = context
    this.#log = log
  }

  /** @throws PlatformError storage.damaged */
  static async open(folder: string, context: PeerContext): Promise<Inbox> {
    const { log, signal, write, times } = context
    const options = { log, signal, retryMs: times.diskRetryMs, ...(write === undefined ? {} : { write }) }
    return new Inbox(context, await FrameLog.open(folder, options))
  }

  /** How many envelopes were dropped, by code. */
  get refusals(): ReadonlyMap<ErrorCode, number> {
    return this.#refusals
  }

  /** Takes a chunk off the wire. Whatever is wrong with it is counted and logged, and changes nothing. */
  arrive(chunk: Chunk__Output): void {
    try {
      if (chunk.seq > this.#log.lastSeq + 1) throw new PlatformError('envelope.out-of-order', { seq: chunk.seq })
      if (this.#unwrittenBytes > MAX_ENVELOPE_BYTES) throw new PlatformError('storage.full', { seq: chunk.seq })
      const envelope = this.#reassembly.add(chunk)
      if (envelope !== undefined) this.#accept(chunk.seq, envelope)
    } catch (error) {
      this.refuse(toPlatformError(error), chunk.seq)
    }
  }

  /** Counts a refusal, and asks for the envelope again where that may help. */
  refuse(error: PlatformError, seq: number): void {
    const { log, peer, self, job } = this.#context
    const count = (this.#refusals.get(error.code) ?? 0) + 1
    this.#refusals.set(error.code, count)
    // A relay that plays foul must not fill the log: the 1st, 2nd, 4th, 8th … of a code is written.
    if ((count & (count - 1)) === 0) {
      if (error.code === 'envelope.duplicate') log.info('envelope.dropped', { code: error.code, peer, seq, count })
      else log.warn('envelope.refused', { code: error.code, peer, self, job, seq, count, reason: error.message })
    }
    // One re-acknowledgement per gap: every chunk behind the gap would give one otherwise.
    if (error.code === 'envelope.out-of-order' && this.#gapReportedAt === this.#log.lastSeq + 1) return
    if (error.code === 'envelope.out-of-order') this.#gapReportedAt = this.#log.lastSeq + 1
    this.acknowledge()
  }

  /** Tells the peer what is on this disk. */
  acknowledge(): void {
    const { job, self, peer, wire } = this.#context
    const ack = { job, from: self, to: peer, seq: this.#log.durableSeq }
    wire.send({ body: 'ack', ack }).catch((error) => this.#context.fail(error))
  }

  /** After a reconnect a gap may be reported again. */
  connected(): void {
    this.#gapReportedAt = 0
    if (this.#log.durableSeq > 0) this.acknowledge()
  }

  /**
   * The message of this number, when it is on disk.
   * @param signal that ends the waiting, of the job or of its round
   * @throws the reason of the signal; PlatformError storage.damaged
   */
  async take(seq: number, signal = this.#context.signal): Promise<ReceivedMessage> {
    const { sealing } = this.#context
    const aborted = Promise.withResolvers<never>()
    aborted.promise.catch(() => undefined)
    const abort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', abort)
    try {
      signal.throwIfAborted()
      while (this.#log.durableSeq < seq) await Promise.race([this.#arrival.promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
    const opened = this.#opened.get(seq) ?? decodeTaskMessage(sealing.open(seq, await this.#log.read(seq)))
    this.#forget(seq)
    return { stored: this.#log.header(seq) as FrameHeader, header: opened.header, payload: opened.payload }
  }

  /** Deletes the files that hold no message after `seq`. */
  async release(seq: number): Promise<void> {
    await this.#log.release(Math.min(seq, this.#log.durableSeq))
  }

  async close(): Promise<void> {
    await this.#log.close()
  }

  #accept(seq: number, envelope: Uint8Array): void {
    const digest = Buffer.from(envelopeDigest(envelope)).toString('hex')
    const known = this.#log.header(seq)
    if (known?.digest === digest) throw new PlatformError('envelope.duplicate', { seq })
    const body = this.#context.sealing.open(seq, envelope)
    // Both were signed by the peer, and only the peer can have signed them.
    if (known !== undefined)
      throw new PlatformError('envelope.equivocation', { seq, stored: known.digest, got: digest })
    const message = this.#decode(body)
    const { task, header, payload } = message
    const stored = { task, ...header, payloadBytes: payload.length, envelopeBytes: envelope.length, digest }
    const { durable } = this.#log.append(stored, envelope)
    this.#unwrittenBytes += envelope.length
    this.#keepOpened(seq, message)
    durable.then(
      () => {
        this.#unwrittenBytes -= envelope.length
        this.#arrival.resolve()
        this.#arrival = Promise.withResolvers()
        // One acknowledgement for all that one fdatasync stored.
        if (seq === this.#log.durableSeq) this.acknowledge()
      },
      (error) => this.#context.fail(error),
    )
  }

  #keepOpened(seq: number, message: TaskMessage): void {
    if (this.#openedBytes + message.payload.length > MAX_OPENED_BYTES) return
    this.#opened.set(seq, message)
    this.#openedBytes += message.payload.length
  }

  #forget(seq: number): void {
    this.#openedBytes -= this.#opened.get(seq)?.payload.length ?? 0
    this.#opened.delete(seq)
  }

  /** A verified envelope that does not decode is the peer's own doing, not the relay's: the job cannot go on. */
  #decode(body: Uint8Array): TaskMessage {
    try {
      return decodeTaskMessage(body)
    } catch (error) {
      this.#context.fail(error)
      throw error
    }
  }
}
