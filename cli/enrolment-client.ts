// The line to the coordinator for a party that is not a member yet: no client certificate, the coordinator pinned by
// the root in the invitation (or in the trust bundle), and every request signed.
import { createSecureContext } from 'node:tls'
import { credentials, type ServiceError } from '@grpc/grpc-js'
import { type Signer, signBundle } from '#crypto/identity/bundle-signatures.ts'
import { type Invitation, JOIN_CONTEXT, joinBytes, SHOW_CONTEXT, showBytes } from '#crypto/identity/invitation.ts'
import { coordinatorName } from '#crypto/identity/names.ts'
import type { PartyCard } from '#crypto/identity/party-card.ts'
import { bundleDigest } from '#crypto/identity/bundle-signatures.ts'
import { parseTrustBundle, type TrustBundle } from '#crypto/identity/trust.ts'
import type { Proposal__Output } from '#protos/gen/tributary/v1/Proposal.ts'
import { loadService } from '#protos/load.ts'
import { PlatformError } from '#runtime/errors.ts'
import { fromServiceError } from '#runtime/grpc-errors.ts'
import { CLIENT_OPTIONS } from '#runtime/grpc-options.ts'

const CALL_SECONDS = 20

/** Where the coordinator is and how to know it. */
export interface CoordinatorAddress {
  readonly federation: string
  /** host:port */
  readonly coordinator: string
  readonly rootPem: string
}

export interface ProposalState {
  readonly waitingFor: readonly string[]
  readonly bundle: TrustBundle | undefined
  readonly adopted: boolean
  readonly signed: readonly string[]
  readonly needed: number
  readonly missing: readonly string[]
}

export interface EnrolmentClient extends Disposable {
  /** @throws PlatformError enrolment.*, transport.unavailable */
  join(invitation: Invitation, signer: Signer, card: PartyCard): Promise<ProposalState>
  /** @throws PlatformError identity.*, transport.unavailable */
  show(signer: Signer): Promise<ProposalState>
  /** Signs the bundle. @throws PlatformError enrolment.no-proposal, identity.*, transport.unavailable */
  confirm(signer: Signer, bundle: TrustBundle): Promise<ProposalState>
}

export function connectEnrolment({ federation, coordinator, rootPem }: CoordinatorAddress): EnrolmentClient {
  const secure = createSecureContext({ ca: rootPem, minVersion: 'TLSv1.3' })
  const { Enrolment } = loadService().tributary.v1
  const client = new Enrolment(coordinator, credentials.createFromSecureContext(secure), {
    ...CLIENT_OPTIONS,
    'grpc.ssl_target_name_override': coordinatorName(federation),
  })
  const ask = (start: (options: { deadline: number }, done: Done) => unknown) =>
    new Promise<Proposal__Output>((resolve, reject) => {
      start({ deadline: Date.now() + CALL_SECONDS * 1000 }, (error, value) => {
        if (error === null && value !== undefined) return resolve(value)
        const refusal = fromServiceError(error)
        const unreachable = refusal.code === 'transport.unavailable'
        const detail = unreachable ? { coordinator, ...refusal.detail } : refusal.detail
        reject(new PlatformError(refusal.code, detail, error))
      })
    }).then(readProposal)
  return {
    join(invitation, signer, partyCard) {
      const { id, token } = invitation
      const card = JSON.stringify(partyCard)
      const proof = Buffer.from(signer.sign(JOIN_CONTEXT, joinBytes(federation, id, token, card)))
      return ask((options, done) => client.Join({ invitation: id, token, card, proof }, options, done))
    },
    show(signer) {
      const time = new Date().toISOString()
      const signature = Buffer.from(signer.sign(SHOW_CONTEXT, showBytes(federation, signer.party, time)))
      return ask((options, done) => client.Show({ party: signer.party, time, signature }, options, done))
    },
    confirm(signer, bundle) {
      const signature = Buffer.from(signBundle(signer, bundle).signature, 'base64')
      const asked = { party: signer.party, digest: bundleDigest(bundle), signature }
      return ask((options, done) => client.Confirm(asked, options, done))
    },
    [Symbol.dispose]: () => client.close(),
  }
}

type Done = (error: ServiceError | null, value?: Proposal__Output) => void

function readProposal({ waiting_for, bundle, adopted, signed, needed, missing }: Proposal__Output): ProposalState {
  const read = bundle === '' ? undefined : parseTrustBundle(bundle)
  return { waitingFor: waiting_for, bundle: read, adopted, signed, needed, missing }
}
