// An invitation to a job: what may come of it, and what it has to be before anything of it is believed or stored.
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import { verifySignature } from '#crypto/identity/signing.ts'
import { signingKeyOf } from '#crypto/identity/trust.ts'
import { JOB_SPEC_CONTEXT, type JobSpec, jobIdOf, parseJobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import type { Invite__Output } from '#protos/gen/tributary/v1/Invite.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { AgentTrust } from '../membership/agent-trust.ts'

export type InvitationState = 'awaiting' | 'accepted' | 'declined'

/** The specification that the guest signed. @throws PlatformError job.*, identity.unknown, identity.revoked */
export function verifiedInvitation(
  invite: Invite__Output,
  { trust, identity }: { readonly trust: AgentTrust; readonly identity: Pick<PartyIdentity, 'party'> },
): JobSpec {
  if (jobIdOf(invite.job_spec) !== invite.job)
    throw new PlatformError('job.invalid', { problem: 'the id is not that of the spec' })
  const spec = parseJobSpec(invite.job_spec)
  for (const party of partiesOf(spec))
    if (!trust.bundle.parties.some((known) => known.party === party))
      throw new PlatformError('job.unknown-party', { party })
  const guestKey = signingKeyOf(trust.bundle, spec.guest.party)
  if (!verifySignature(guestKey, JOB_SPEC_CONTEXT, invite.job_spec, invite.signature))
    throw new PlatformError('job.bad-signature', { job: invite.job, guest: spec.guest.party })
  if (!partiesOf(spec).includes(identity.party))
    throw new PlatformError('job.unknown-party', { party: identity.party, problem: 'not a party of this job' })
  for (const party of partiesOf(spec)) trust.requireTrusted(party)
  return spec
}
