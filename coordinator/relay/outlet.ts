// The way out to one connected agent: one queue in order, bounded in bytes, that makes sources wait while it is full.
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { PlatformError } from '#runtime/errors.ts'

/** Bytes that may wait for one destination before its sources are paused. */
export const MAX_QUEUED_BYTES = 4 * 1024 * 1024
/** Control frames (invitations, acknowledgements …) are never paused; an agent that lets so many pile up is cut off. */
const MAX_CONTROL_BYTES = 8 * 1024 * 1024
/** Bytes handed to gRPC at a time: enough to fill the line, little enough that the queue is ours to count. */
const MAX_WRITING_BYTES = 1024 * 1024
const FRAME_OVERHEAD_BYTES = 128

/** Where frames go: the part of a gRPC stream that an outlet needs. */
export interface FrameSink {
  /** `flushed` is called when the transport took the bytes, or with an error when the stream is gone. */
  write(frame: CoordinatorFrame, flushed: (error?: Error | null) => void): unknown
}

interface Queued {
  readonly frame: CoordinatorFrame
  readonly bytes: number
}
interface Waiting {
  readonly bytes: number
  readonly wake: (open: boolean) => void
}

/**
 * Frames to one agent, in the order in which they were given. Holds at most MAX_QUEUED_BYTES of relayed
 * frames: `offer` resolves when there is room, and sources await it before they read on.
 */
export class Outlet {
  readonly party: string
  readonly #sink: FrameSink
  readonly #cutOff: (error: PlatformError) => void
  readonly #stallMs: number
  readonly #queue: Queued[] = []
  readonly #waiting: Waiting[] = []
  #queuedBytes = 0
  #writingBytes = 0
  #highestQueuedBytes = 0
  #closed = false
  #stallTimer: NodeJS.Timeout | undefined

  /**
   * @param cutOff ends the connection with a fatal refusal
   * @param stallMs an agent that takes no byte for so long while bytes wait is cut off, since it keeps its peers waiting
   */
  constructor(party: string, sink: FrameSink, cutOff: (error: PlatformError) => void, stallMs = 60_000) {
    this.party = party
    this.#sink = sink
    this.#cutOff = cutOff
    this.#stallMs = stallMs
  }

  /** True once the connection ended or was cut off: nothing more goes out, and nothing it sends counts. */
  get closed(): boolean {
    return this.#closed
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** The most bytes that ever waited here: what the memory bound is checked with. */
  get highestQueuedBytes(): number {
    return this.#highestQueuedBytes
  }

  /** A small control frame: queued at once. */
  control(frame: CoordinatorFrame, bytes = 0): void {
    if (this.#closed) return
    if (this.#queuedBytes + bytes > MAX_QUEUED_BYTES + MAX_CONTROL_BYTES) return this.end(stuck(this.party))
    this.#push({ frame, bytes: bytes + FRAME_OVERHEAD_BYTES })
  }

  /**
   * A relayed frame. Resolves to true once it is queued, to false when the agent went away first.
   * A source must await this before it offers its next frame: that is what keeps its order.
   */
  async offer(frame: CoordinatorFrame, payloadBytes: number): Promise<boolean> {
    if (this.#closed) return false
    const bytes = payloadBytes + FRAME_OVERHEAD_BYTES
    if (this.#waiting.length > 0 || this.#queuedBytes + bytes > MAX_QUEUED_BYTES) {
      const open = await new Promise<boolean>((wake) => this.#waiting.push({ bytes, wake }))
      if (!open) return false
      // the bytes were reserved when this was woken
      this.#queuedBytes -= bytes
    }
    this.#push({ frame, bytes })
    return true
  }

  /** Ends the connection: the agent is told why, and what waits for it is dropped. */
  end(error: PlatformError): void {
    if (this.#closed) return
    this.close()
    this.#cutOff(error)
  }

  /** Drops what is queued and lets every waiting source go on. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#stallTimer)
    this.#queue.length = 0
    for (const waiting of this.#waiting.splice(0)) waiting.wake(false)
  }

  #push(queued: Queued): void {
    if (this.#closed) return
    this.#queue.push(queued)
    this.#queuedBytes += queued.bytes
    this.#highestQueuedBytes = Math.max(this.#highestQueuedBytes, this.#queuedBytes)
    this.#pump()
  }

  #pump(): void {
    while (!this.#closed && this.#queue.length > 0 && this.#writingBytes < MAX_WRITING_BYTES) {
      const { frame, bytes } = this.#queue.shift() as Queued
      this.#writingBytes += bytes
      this.#stallTimer ??= this.#startStallTimer()
      this.#sink.write(frame, (error) => {
        if (error === undefined || error === null) this.#flushed(bytes)
      })
    }
  }

  #flushed(bytes: number): void {
    this.#writingBytes -= bytes
    this.#queuedBytes -= bytes
    clearTimeout(this.#stallTimer)
    this.#stallTimer = undefined
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#queuedBytes + next.bytes > MAX_QUEUED_BYTES) break
      this.#waiting.shift()
      this.#queuedBytes += next.bytes
      next.wake(true)
    }
    this.#pump()
    if (this.#writingBytes > 0) this.#stallTimer ??= this.#startStallTimer()
  }

  #startStallTimer(): NodeJS.Timeout {
    return setTimeout(() => this.end(stuck(this.party)), this.#stallMs).unref()
  }
}

function stuck(party: string): PlatformError {
  return new PlatformError('transport.unavailable', { party, problem: 'the agent does not read its stream' })
}
