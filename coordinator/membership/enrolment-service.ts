// Enrolment on the wire: the one service that answers callers without a certificate, so every field is bounded here.
import type { handleUnaryCall } from '@grpc/grpc-js'
import type { EnrolmentHandlers } from '#protos/gen/tributary/v1/Enrolment.ts'
import type { Proposal } from '#protos/gen/tributary/v1/Proposal.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import { toServiceError } from '#runtime/grpc-errors.ts'
import type { Logger } from '#runtime/log.ts'
import type { Enrolment, ProposalView } from './enrolment.ts'

const MAX_TEXT = { name: 64, token: 64, card: 16_384 } as const
const MAX_SIGNATURE_BYTES = 64

export function enrolmentService(enrolment: Enrolment, log: Logger): EnrolmentHandlers {
  return {
    Join: answering(log, ({ invitation, token, card, proof }) => {
      requireBounds([invitation, MAX_TEXT.name], [token, MAX_TEXT.token], [card, MAX_TEXT.card])
      requireBounds([proof, MAX_SIGNATURE_BYTES])
      return enrolment.join({ invitation, token, card, proof })
    }),
    Show: answering(log, async ({ party, time, signature }) => {
      requireBounds([party, MAX_TEXT.name], [time, MAX_TEXT.name], [signature, MAX_SIGNATURE_BYTES])
      return enrolment.show({ party, time, signature })
    }),
    Confirm: answering(log, ({ party, digest, signature }) => {
      requireBounds([party, MAX_TEXT.name], [digest, MAX_TEXT.name], [signature, MAX_SIGNATURE_BYTES])
      return enrolment.confirm({ party, digest, signature })
    }),
  }
}

function answering<Request>(
  log: Logger,
  answer: (request: Request) => Promise<ProposalView>,
): handleUnaryCall<Request, Proposal> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (view) => callback(null, onWire(view)),
        (thrown) => {
          const { code } = toPlatformError(thrown)
          if (code === 'internal.unexpected') log.error('call.failed', thrown, { path: call.getPath() })
          else log.warn('enrolment.refused', { path: call.getPath(), code, peer: call.getPeer() })
          callback(toServiceError(thrown))
        },
      )
  }
}

function onWire({ waitingFor, signed, missing, ...rest }: ProposalView): Proposal {
  return { ...rest, waiting_for: [...waitingFor], signed: [...signed], missing: [...missing] }
}

function requireBounds(...fields: readonly (readonly [value: { readonly length: number }, most: number])[]): void {
  for (const [{ length }, most] of fields) {
    if (length > most) throw new PlatformError('protocol.malformed', { message: 'Enrolment', length, most })
  }
}
