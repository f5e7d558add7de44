// Messages to one peer: stored before they leave, sent in order, kept until acknowledged, sent again as they were.
import type { CopiedBody } from '#crypto/copied-body.ts'
import { envelopeDigest } from '#crypto/envelope.ts'
import type { MessageHeader } from '#protocols/core/contract.ts'
import { chunksOf } from '#protocols/core/reassembly.ts'
import { encodeTaskMessage, MAX_MESSAGE_BYTES } from '#protocols/core/task-message.ts'
import { PlatformError } from '#runtime/errors.ts'
import { MAX_IN_FLIGHT_BYTES, MAX_UNWRITTEN_BYTES, type PeerContext } from './context.ts'
import type { FrameHeader } from './frame.ts'
import { FrameLog } from './frame-log.ts'
import type { Together } from './together.ts'

export type MessageAddress = Pick<MessageHeader, 'round' | 'step' | 'part'>

export interface Backlog {
  readonly messages: number
  readonly bytes: number
}
export const NO_BACKLOG: Backlog = { messages: 0, bytes: 0 }

export function addedUp(one: Backlog, other: Backlog): Backlog {
  return { messages: one.messages + other.messages, bytes: one.bytes + other.bytes }
}

export class Outbox {
  readonly #context: PeerContext
  readonly #log: FrameLog
  readonly #byAddress = new Map<string, FrameHeader>()
  /** by number, messages that other peers get as well and that did not leave yet */
  readonly #together = new Map<number, Together>()
  /** everything up to this number is on the peer's disk */
  #acknowledged: number
  /** everything up to this number is in the peer's memory, as long as the connection lasts */
  #held = 0
  /** the next number to hand to the wire */
  #next: number
  #inFlightBytes = 0
  #unwrittenBytes = 0
  #online = false
  /** counts restarts of sending, so that a send under way notices one */
  #epoch = 0
  #sending = false
  #resendTimer: NodeJS.Timeout | undefined
  #resendsWithoutProgress = 0

  private constructor(context: PeerContext, log: FrameLog) {
    this.#context = context
    this.#log = log
    for (const header of log.headers()) this.#byAddress.set(addressKey(header.task, header), header)
    this.#acknowledged = log.firstKept - 1
    this.#next = log.firstKept
  }

  /** @throws PlatformError storage.damaged */
  static async open(folder: string, context: PeerContext): Promise<Outbox> {
    const { log, signal, write, times } = context
    const options = { log, signal, retryMs: times.diskRetryMs, ...(write === undefined ? {} : { write }) }
    return new Outbox(context, await FrameLog.open(folder, options))
  }

  get lastSeq(): number {
    return this.#log.lastSeq
  }

  /** What the peer has not acknowledged, in messages and bytes of their envelopes. */
  get backlog(): Backlog {
    let bytes = 0
    for (let seq = this.#acknowledged + 1; seq <= this.lastSeq; seq++)
      bytes += this.#log.header(seq)?.envelopeBytes ?? 0
    return { messages: this.lastSeq - this.#acknowledged, bytes }
  }

  /** What was stored under this address, now or before a restart. */
  find(task: string, address: MessageAddress): FrameHeader | undefined {
    return this.#byAddress.get(addressKey(task, address))
  }

  /** What was stored in this round of a task, in the order of sending. */
  sentIn(task: string, round: number): readonly FrameHeader[] {
    return [...this.#byAddress.values()]
      .filter((header) => header.task === task && header.round === round)
      .toSorted((a, b) => a.seq - b.seq)
  }

  /**
   * Seals and stores a message; it leaves when it is on disk. Resolves when there is room for the next.
   * @throws PlatformError transport.too-large, storage.damaged
   */
  async post(task: string, header: MessageHeader, payload: Uint8Array): Promise<FrameHeader> {
    const envelope = this.#context.sealing.seal(this.#log.lastSeq + 1, bodyOf(task, header, payload))
    return await this.#store(task, header, payload.length, envelope)
  }

  /** A message that other peers get as well, for `postCopied` of the outbox to each. @throws PlatformError transport.too-large */
  copiedBody(task: string, header: MessageHeader, payload: Uint8Array): CopiedBody {
    return this.#context.sealing.copiedBody(bodyOf(task, header, payload))
  }

  /** `post` for it. The first time it leaves together with the others. @param payloadBytes of the message */
  async postCopied(
    task: string,
    header: MessageHeader,
    payloadBytes: number,
    copied: CopiedBody,
    together: Together,
  ): Promise<FrameHeader> {
    const seq = this.#log.lastSeq + 1
    this.#together.set(seq, together)
    return await this.#store(task, header, payloadBytes, this.#context.sealing.sealCopied(seq, copied))
  }

  async #store(task: string, header: MessageHeader, payloadBytes: number, envelope: Uint8Array): Promise<FrameHeader> {
    const stored = {
      task,
      ...header,
      payloadBytes,
      envelopeBytes: envelope.length,
      digest: hex(envelopeDigest(envelope)),
    }
    const { seq, durable } = this.#log.append(stored, envelope)
    const whole = { ...stored, seq }
    this.#byAddress.set(addressKey(task, header), whole)
    this.#unwrittenBytes += envelope.length
    const written = durable.finally(() => {
      this.#unwrittenBytes -= envelope.length
      this.#wake()
    })
    written.catch((error) => this.#context.fail(error))
    if (this.#unwrittenBytes > MAX_UNWRITTEN_BYTES) await written
    return whole
  }

  /** The connection is up: everything that is not acknowledged goes out again. */
  resend(): void {
    this.#online = true
    this.#epoch += 1
    this.#held = 0
    this.#next = this.#acknowledged + 1
    this.#inFlightBytes = 0
    this.#wake()
  }

  /** The connection is gone: nothing is sent until `resend`. */
  pause(): void {
    this.#online = false
    this.#epoch += 1
    clearTimeout(this.#resendTimer)
    this.#resendTimer = undefined
  }

  /**
   * The peer has everything up to `seq` on its disk. A number it said before means that it misses the one after, but
   * for what it says it holds: that waits there for something else, and need not come again on this connection.
   */
  acknowledge(seq: number, held = 0): void {
    if (Math.max(seq, held) > this.#log.durableSeq) {
      this.#context.log.warn('ack.refused', { peer: this.#context.peer, seq, held, sent: this.#log.durableSeq })
      return
    }
    this.#held = held
    if (seq > this.#acknowledged) {
      for (let i = this.#acknowledged + 1; i <= seq && i < this.#next; i++)
        this.#inFlightBytes -= this.#log.header(i)?.envelopeBytes ?? 0
      this.#acknowledged = seq
      if (this.#next <= seq) this.#next = seq + 1
      this.#resendsWithoutProgress = 0
      this.#scheduleResend(this.#context.times.stallMs)
      this.#wake()
    } else if (seq === this.#acknowledged) {
      const { gapMs, stallMs } = this.#context.times
      this.#scheduleResend(Math.min(stallMs, gapMs * 2 ** Math.min(this.#resendsWithoutProgress, 16)))
    }
  }

  /** Resolves when all that was posted is on disk. @throws PlatformError storage.damaged */
  async flush(): Promise<void> {
    await this.#log.flush()
  }

  /** Deletes what is acknowledged among the messages up to `seq`. */
  async release(seq: number): Promise<void> {
    await this.#log.release(Math.min(seq, this.#acknowledged))
  }

  async close(): Promise<void> {
    this.pause()
    await this.#log.close()
  }

  #scheduleResend(afterMs: number): void {
    clearTimeout(this.#resendTimer)
    this.#resendTimer = undefined
    if (!this.#online || this.#next <= Math.max(this.#acknowledged, this.#held) + 1) return
    this.#resendTimer = setTimeout(() => {
      this.#resendTimer = undefined
      this.#resendsWithoutProgress += 1
      this.#context.log.info('envelopes.resent', { peer: this.#context.peer, fromSeq: this.#acknowledged + 1 })
      this.resend()
    }, afterMs)
  }

  #wake(): void {
    if (this.#sending || !this.#online) return
    this.#sending = true
    this.#sendAll().then(
      () => {
        this.#sending = false
        if (this.#maySend()) this.#wake()
      },
      (error) => {
        this.#sending = false
        this.#context.fail(error)
      },
    )
  }

  #maySend(): boolean {
    if (!this.#online || this.#context.signal.aborted || this.#next > this.#log.durableSeq) return false
    if (this.#context.guard?.verdict() !== undefined) return false // the job is failed by whoever holds the guard
    const size = this.#log.header(this.#next)?.envelopeBytes ?? 0
    return this.#inFlightBytes === 0 || this.#inFlightBytes + size <= MAX_IN_FLIGHT_BYTES
  }

  /** There was no connection; the word of an earlier one does not stop what goes out on the next. */
  #lost(epoch: number): void {
    if (this.#epoch === epoch) this.pause()
  }

  async #sendAll(): Promise<void> {
    const { job, self, peer, wire } = this.#context
    while (this.#maySend()) {
      const seq = this.#next
      const epoch = this.#epoch
      const envelope = await this.#log.read(seq).catch((error) => {
        if (seq > this.#acknowledged) throw error
        return undefined // acknowledged and released while it was being read
      })
      if (envelope === undefined) continue
      const together = this.#together.get(seq)
      this.#together.delete(seq)
      const isCurrent = () => this.#epoch === epoch
      if (together !== undefined) {
        if (!(await together.send({ envelope, to: peer, seq, isCurrent }))) return this.#lost(epoch)
      } else {
        for (const chunk of chunksOf(envelope, { job, from: self, to: peer, seq })) {
          if (!isCurrent()) break
          if (!(await wire.send({ body: 'chunk', chunk }))) return this.#lost(epoch)
        }
      }
      if (this.#epoch !== epoch || this.#next !== seq) continue
      this.#next = seq + 1
      this.#inFlightBytes += envelope.length
      if (this.#resendTimer === undefined) this.#scheduleResend(this.#context.times.stallMs)
    }
  }
}

/** @throws PlatformError transport.too-large */
function bodyOf(task: string, header: MessageHeader, payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_MESSAGE_BYTES) {
    const detail = { step: header.step, bytes: payload.length, limit: MAX_MESSAGE_BYTES }
    throw new PlatformError('transport.too-large', detail)
  }
  return encodeTaskMessage({ task, header, payload })
}

function addressKey(task: string, address: MessageAddress): string {
  return `${task}/${address.round}/${address.step}/${address.part}`
}

function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex')
}
