// Parties, trust and certificates as the operator sees them.
import type { PartyLine, Trust } from '#console/api/coordinator.ts'
import type { Certificate } from '#console/api/operation.ts'
import { certificateView } from '#console/server/certificate-view.ts'
import { bundleDigest, signersOf } from '#crypto/identity/bundle-signatures.ts'
import { COORDINATOR_PEER } from '#crypto/identity/names.ts'
import type { RevocationList } from '#crypto/identity/revocation.ts'
import type { TrustedParty } from '#crypto/identity/trust.ts'
import { partiesOfRecord } from '../jobs/job-record.ts'
import type { RevocationState } from '../membership/held-trust.ts'
import { type InvitationRecord, listInvitations, MAX_TRIES } from '../membership/invitations.ts'
import { type CoordinatorParts, enrolmentFolder } from './parts.ts'

/** Every party of the bundle in force, by name. */
export function partyLines(parts: CoordinatorParts): PartyLine[] {
  const { trust, store, relay, presence, book } = parts
  const open = book.jobs({ open: true })
  return trust.bundle.parties.map((member) => {
    const { party } = member
    const seen = presence.of(party)
    const catalog = store.catalog(party)
    const outlet = relay.outletOf(party)
    const certificate = agentCertificate(parts, party)
    return {
      party,
      connected: outlet !== undefined,
      since: timeOrNone(seen?.sinceMs),
      lastSeen: timeOrNone(seen?.lastSeenMs),
      software: seen?.software ?? catalog?.software ?? '',
      ...(certificate === undefined ? {} : { certificate }),
      rootEnds: rootOf(parts, member).validTo,
      revoked: trust.isRevoked(party),
      datasets: catalog?.datasets.length ?? 0,
      runningJobs: open.filter((job) => job.state === 'running' && partiesOfRecord(job).includes(party)).length,
      queuedBytes: outlet?.queuedBytes ?? 0,
    }
  })
}

/** The first to end first: the coordinator's two, each party's root, and the certificates of agents that connected. */
export function certificates(parts: CoordinatorParts): Certificate[] {
  const { trust, identity, now } = parts
  const at = new Date(now())
  const { certificatePem, rootPem } = identity()
  const own = [
    certificateView({ holder: COORDINATOR_PEER, what: 'server', certificate: certificatePem }, at),
    certificateView({ holder: COORDINATOR_PEER, what: 'root', certificate: rootPem }, at),
  ]
  const ofParties = trust.bundle.parties.flatMap((member) => [
    rootOf(parts, member),
    ...[agentCertificate(parts, member.party)].filter((view) => view !== undefined),
  ])
  return [...own, ...ofParties].sort((a, b) => (a.validTo < b.validTo ? -1 : 1))
}

export async function trustView({ trust, enrolment, config, now }: CoordinatorParts): Promise<Trust> {
  const { bundle } = trust
  const { waitingFor, proposal, openedAt = '', signed = [], needed = 0, missing = [] } = enrolment.pending()
  const known = new Set(bundle.parties.map(({ party }) => party))
  const joins = proposal?.parties.map(({ party }) => party).filter((party) => !known.has(party)) ?? []
  const invitations = await listInvitations(enrolmentFolder(config.home))
  return {
    edition: bundle.edition,
    digest: bundleDigest(bundle),
    previous: bundle.previous,
    parties: bundle.parties.map(({ party }) => party),
    signers: signersOf(bundle, bundle),
    waitingFor: [...waitingFor],
    ...(proposal === undefined
      ? {}
      : {
          proposal: { edition: proposal.edition, openedAt, joins, signed: [...signed], needed, missing: [...missing] },
        }),
    revocations: bundle.parties.flatMap(({ party }) => revocationLines(trust.revocationsOf(party))),
    invitations: invitations
      .map((record) => {
        const { party, expires, tries, usedAt } = record
        return { party, expires, tries, usedAt, state: invitationState(record, now()) }
      })
      .sort((one, other) => (one.expires > other.expires ? -1 : 1)),
  }
}

export function connectedParties({ trust, relay }: Pick<CoordinatorParts, 'trust' | 'relay'>): string[] {
  return trust.bundle.parties.map(({ party }) => party).filter((party) => relay.outletOf(party) !== undefined)
}

function revocationLines({ list, pending, signed, needed }: RevocationState): Trust['revocations'] {
  const line = (state: 'in-force' | 'pending', { party, edition, serials, wholeParty }: RevocationList) => {
    // the signatures that are counted are those of the list that waits, where one does
    const isCounted = state === 'pending' || pending === undefined
    return {
      party,
      state,
      edition,
      certificates: serials.length,
      wholeParty,
      signed: isCounted ? [...signed] : [],
      needed,
    }
  }
  return [
    ...(list === undefined ? [] : [line('in-force', list)]),
    ...(pending === undefined ? [] : [line('pending', pending)]),
  ]
}

function invitationState(invitation: InvitationRecord, nowMs: number): Trust['invitations'][number]['state'] {
  const { usedAt, tries, expires } = invitation
  if (usedAt !== '') return 'used'
  if (tries >= MAX_TRIES) return 'exhausted'
  return nowMs >= Date.parse(expires) ? 'expired' : 'open'
}

function rootOf({ trust, now }: CoordinatorParts, { party, rootPem }: TrustedParty): Certificate {
  const isRevoked = trust.isRevoked(party)
  return certificateView({ holder: party, what: 'root', certificate: rootPem, isRevoked }, new Date(now()))
}

/** Of the connection that is or was last; undefined where there was none since the start. */
function agentCertificate({ presence, trust, now }: CoordinatorParts, party: string): Certificate | undefined {
  const certificate = presence.of(party)?.certificate
  if (certificate === undefined) return undefined
  const view = certificateView({ holder: party, what: 'agent', certificate }, new Date(now()))
  const { list } = trust.revocationsOf(party)
  return trust.isRevoked(party) || list?.serials.includes(view.serial) === true ? { ...view, state: 'revoked' } : view
}

function timeOrNone(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString()
}
