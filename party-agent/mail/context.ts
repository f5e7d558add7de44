// What outbox and inbox of one pair of parties share.
import type { CopiedBody } from '#crypto/copied-body.ts'
import { MAX_MESSAGE_BYTES } from '#protocols/core/task-message.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { Logger } from '#runtime/log.ts'
import type { FrameWriter } from './frame-log.ts'
import type { MailGuard } from './guard.ts'

/** The link to the coordinator as a mailbox sees it. */
export interface MailWire {
  /** Resolves when the frame was taken and there is room for the next; false when there is no connection. */
  send(frame: AgentFrame): Promise<boolean>
}

/** Seals for one peer and opens what it sealed: `EnvelopePair` of crypto/envelope.ts. */
export interface Sealing {
  seal(seq: number, body: Uint8Array): Uint8Array
  /** what several peers get alike, the same from whichever pair of this party */
  copiedBody(body: Uint8Array): CopiedBody
  sealCopied(seq: number, copied: CopiedBody): Uint8Array
  /** @throws PlatformError envelope.* */
  open(seq: number, envelope: Uint8Array): Uint8Array
}

export interface MailTimes {
  /** pause before a full disk is tried again */
  readonly diskRetryMs: number
  /** pause between the sign of a gap and the resend; doubles without progress */
  readonly gapMs: number
  /** without any acknowledgement for so long, everything in flight is sent again */
  readonly stallMs: number
  /** of a message to several peers: how long the first waits for the others' disks, and what is before it in their outboxes */
  readonly gatherMs: number
}

export const MAIL_TIMES: MailTimes = { diskRetryMs: 1000, gapMs: 200, stallMs: 15_000, gatherMs: 250 }

export interface PeerContext {
  readonly job: string
  readonly self: string
  readonly peer: string
  readonly sealing: Sealing
  readonly wire: MailWire
  readonly log: Logger
  /** aborted when the job ends or the agent stops */
  readonly signal: AbortSignal
  readonly times: MailTimes
  /** what ends the job: a damaged store, a peer that breaks the contract */
  fail(error: unknown): void
  /** who has a say before a message leaves */
  readonly guard?: MailGuard
  /** tests put a disk here that fills up */
  readonly write?: FrameWriter
}

/** Header of the message, signature, key and tag around the payload. */
export const MAX_ENVELOPE_BYTES = MAX_MESSAGE_BYTES + 16 * 1024
/** So much may be sent to one peer and not yet be acknowledged. A larger message travels alone. */
export const MAX_IN_FLIGHT_BYTES = 16 * 2 ** 20
/** So much may wait for the disk before `send` waits too. */
export const MAX_UNWRITTEN_BYTES = 8 * 2 ** 20
