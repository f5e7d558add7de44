// Counts every byte of a job that is handed to the connection, beside and independent of the mailbox: chunk by chunk.
// The disclosure ledger must come to the same sums.
import { setTimeout as delay } from 'node:timers/promises'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import { messageType } from '#protos/load.ts'
import type { MailWire } from '../mail/context.ts'
import type { Disclosure } from './disclosures.ts'

const frameType = messageType<unknown>('tributary.v1.AgentFrame')

export interface MeterReading {
  /** frames of the job that were taken by the connection */
  readonly frames: number
  /** all their bytes, framing and control included */
  readonly frameBytes: number
  /** bytes of sealed envelopes among them */
  readonly envelopeBytes: number
  /** of those, what had gone out before: sent again after a reconnect */
  readonly repeatedBytes: number
}

/** Stands in front of the connection of one job. */
export class Meter implements MailWire {
  readonly #wire: MailWire
  #frames = 0
  #frameBytes = 0
  #envelopeBytes = 0
  #repeatedBytes = 0
  /** frames of which it is not known yet whether the connection takes them */
  readonly #underWay = new Set<Promise<boolean>>()
  /** receiver → number of the last envelope, and bytes of it, that went out for the first time */
  readonly #furthest = new Map<string, { seq: number; index: number }>()

  constructor(wire: MailWire) {
    this.#wire = wire
  }

  async send(frame: AgentFrame): Promise<boolean> {
    const undo = this.#count(frame) // before it is known to be taken: a reading may come in between
    const sending = this.#wire.send(frame)
    this.#underWay.add(sending)
    try {
      const taken = await sending
      if (!taken) undo()
      return taken
    } finally {
      this.#underWay.delete(sending)
    }
  }

  /** Resolves when the connection has taken or refused all frames so far; a connection that is stuck is not waited for. */
  async settled(atMostMs = 2000): Promise<void> {
    const stop = new AbortController()
    const waited = delay(atMostMs, undefined, { signal: stop.signal }).catch(() => undefined)
    await Promise.race([Promise.allSettled(this.#underWay), waited])
    stop.abort()
  }

  read(): MeterReading {
    return {
      frames: this.#frames,
      frameBytes: this.#frameBytes,
      envelopeBytes: this.#envelopeBytes,
      repeatedBytes: this.#repeatedBytes,
    }
  }

  /** The reading so far, and zero from here. */
  take(): MeterReading {
    const reading = this.read()
    this.#frames = this.#frameBytes = this.#envelopeBytes = this.#repeatedBytes = 0
    return reading
  }

  /** Returns what takes the count back. */
  #count(frame: AgentFrame): () => void {
    const bytes = frameBytes(frame)
    const data = frame.chunk?.data?.length ?? 0
    const repeated = this.#isRepeated(frame) ? data : 0
    const add = (sign: 1 | -1) => {
      this.#frames += sign
      this.#frameBytes += sign * bytes
      this.#envelopeBytes += sign * data
      this.#repeatedBytes += sign * repeated
    }
    add(1)
    return () => add(-1)
  }

  #isRepeated({ chunk }: AgentFrame): boolean {
    if (chunk === null || chunk === undefined) return false
    const { to = '', seq = 0, index = 0 } = chunk
    const before = this.#furthest.get(to) ?? { seq: 0, index: -1 }
    if (Number(seq) < before.seq || (Number(seq) === before.seq && index <= before.index)) return true
    this.#furthest.set(to, { seq: Number(seq), index })
    return false
  }
}

/**
 * What crossed beside the envelopes of the rounds, as lines of the disclosure ledger: framing and control frames of the
 * job, and envelopes that were sent again. With them the ledger's sum is the meter's.
 */
export function framesOf(reading: MeterReading, job: string, now: Date): Disclosure[] {
  const line = (step: string, messages: number, envelopeBytes: number): Disclosure => ({
    job,
    task: '',
    round: 0,
    step,
    to: 'coordinator',
    class: 'control',
    messages,
    bytes: 0,
    envelopeBytes,
    sha256: '',
    keyId: '',
    decryptableBy: [],
    approval: '',
    decision: 'allowed',
    time: now.toISOString(),
  })
  const { frames, frameBytes: all, envelopeBytes, repeatedBytes } = reading
  return [
    ...(frames === 0 ? [] : [line('frames', frames, all - envelopeBytes)]),
    ...(repeatedBytes === 0 ? [] : [line('sent-again', 0, repeatedBytes)]),
  ]
}

/** Bytes of a frame on the stream, gRPC's own five aside. Chunks and acks are not encoded to find out: there are thousands. */
export function frameBytes(frame: AgentFrame): number {
  const { chunk, ack } = frame
  const most = chunk ?? ack
  if (most === null || most === undefined) return frameType.encode(frame).length
  const { job = '', from = '', to = '', seq = 0 } = most
  const { index = 0, count = 0, total_bytes = 0, data } = chunk ?? {}
  const texts = textBytes(job) + textBytes(from) + textBytes(to)
  const numbers = numberBytes(Number(seq)) + numberBytes(index) + numberBytes(count) + numberBytes(Number(total_bytes))
  const body = texts + numbers + fieldBytes(data?.length ?? 0)
  return 1 + varintBytes(body) + body
}

function textBytes(text: string): number {
  return fieldBytes(Buffer.byteLength(text))
}

/** A field of so many bytes, with its tag and its length; nothing is written where it is empty. */
function fieldBytes(length: number): number {
  return length === 0 ? 0 : 1 + varintBytes(length) + length
}

function numberBytes(value: number): number {
  return value === 0 ? 0 : 1 + varintBytes(value)
}

function varintBytes(value: number): number {
  return Math.max(1, Math.ceil(Math.log2(value + 1) / 7))
}
