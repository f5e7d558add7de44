// What agents answer, read with its limits.
import type { InviteAnswer__Output } from '#protos/gen/tributary/v1/InviteAnswer.ts'
import type { RoundClosed__Output } from '#protos/gen/tributary/v1/RoundClosed.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { RoundClosing } from '../store/store.ts'
import type { InviteReply } from './job-record.ts'

const SEALING_KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const DIGEST_BYTES = 32

/** @param answer that accepts @throws PlatformError protocol.malformed */
export function readReply({ sealing_key: key, sealing_signature: signature }: InviteAnswer__Output): InviteReply {
  if (key.length !== SEALING_KEY_BYTES || signature.length !== SIGNATURE_BYTES) {
    throw new PlatformError('protocol.malformed', { message: 'InviteAnswer', problem: 'length of key or signature' })
  }
  return { accepted: true, sealingKey: key.toString('base64'), sealingSignature: signature.toString('base64') }
}

/** @throws PlatformError protocol.malformed */
export function readClosing(party: string, closed: RoundClosed__Output, closedAt: string): RoundClosing {
  const { job, task, round, finished, record_digest: digest } = closed
  if (digest.length !== DIGEST_BYTES) {
    throw new PlatformError('protocol.malformed', { message: 'RoundClosed', problem: 'length of record_digest' })
  }
  const bytes = { sentBytes: closed.sent_bytes, receivedBytes: closed.received_bytes }
  return { job, task, round, party, finished, recordDigest: digest.toString('hex'), ...bytes, closedAt }
}
