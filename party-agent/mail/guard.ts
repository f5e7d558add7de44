// Who has a say before a message leaves. The approvals of the owner are one such voice.
import type { MessageHeader } from '#protocols/core/contract.ts'
import type { PlatformError } from '#runtime/errors.ts'

/** Answers from memory: it is asked before every message. */
export interface MailGuard {
  /** Whether anything may still leave; the error says why not. */
  verdict(): PlatformError | undefined
  /** @throws PlatformError for a message that may not be made */
  check(task: string, peer: string, header: MessageHeader): void
}
