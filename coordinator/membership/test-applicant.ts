// For tests: an enrolment client as a party's officer drives it, without a client certificate.
import { createSecureContext } from 'node:tls'
import { credentials } from '@grpc/grpc-js'
import { bundleDigest, signBundle } from '#crypto/identity/bundle-signatures.ts'
import { type Invitation, JOIN_CONTEXT, joinBytes, SHOW_CONTEXT, showBytes } from '#crypto/identity/invitation.ts'
import { coordinatorName } from '#crypto/identity/names.ts'
import type { PartyCard, PartyIdentity } from '#crypto/identity/party-home.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import type { EnrolmentClient } from '#protos/gen/tributary/v1/Enrolment.ts'
import type { Proposal__Output } from '#protos/gen/tributary/v1/Proposal.ts'
import { loadService } from '#protos/load.ts'
import { CLIENT_OPTIONS } from '#runtime/grpc-options.ts'
import { answerOf } from '../test-federation.ts'

export interface Applicant {
  readonly client: EnrolmentClient
  join(invitation: Invitation, identity: PartyIdentity, card: PartyCard, token?: string): Promise<Proposal__Output>
  show(identity: PartyIdentity, time?: Date): Promise<Proposal__Output>
  confirm(identity: PartyIdentity, bundle: TrustBundle): Promise<Proposal__Output>
}

/** A caller of the enrolment service that pins this root. */
export function openApplicant(federation: string, address: string, rootPem: string): Applicant {
  const secure = createSecureContext({ ca: rootPem, minVersion: 'TLSv1.3' })
  const client = new (loadService().tributary.v1.Enrolment)(address, credentials.createFromSecureContext(secure), {
    ...CLIENT_OPTIONS,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.ssl_target_name_override': coordinatorName(federation),
  })
  return {
    client,
    join({ id, token: own }, identity, partyCard, token = own) {
      const card = JSON.stringify(partyCard)
      const proof = Buffer.from(identity.sign(JOIN_CONTEXT, joinBytes(federation, id, token, card)))
      return answerOf((done) => client.Join({ invitation: id, token, card, proof }, done as never))
    },
    show(identity, at = new Date()) {
      const { party } = identity
      const time = at.toISOString()
      const signature = Buffer.from(identity.sign(SHOW_CONTEXT, showBytes(federation, party, time)))
      return answerOf((done) => client.Show({ party, time, signature }, done as never))
    },
    confirm(identity, bundle) {
      const signature = Buffer.from(signBundle(identity, bundle).signature, 'base64')
      const asked = { party: identity.party, digest: bundleDigest(bundle), signature }
      return answerOf((done) => client.Confirm(asked, done as never))
    },
  }
}
