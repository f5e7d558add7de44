// Names that enter certificates: which are allowed, and the SPIFFE id that carries them.
import { PlatformError } from '#runtime/errors.ts'

const PARTY_NAME = /^[a-z][a-z0-9-]{0,31}$/
// the trust domain of a SPIFFE id; 63 characters so that the name constraint stays a short DER string
const FEDERATION_NAME = /^[a-z][a-z0-9.-]{0,62}$/
const AGENT_ID = /^URI:spiffe:\/\/([a-z][a-z0-9.-]{0,62})\/party\/([a-z][a-z0-9-]{0,31})\/agent\/[1-9][0-9]{0,3}$/

/** Under this name the coordinator is a peer of jobs whose updates it adds: a party cannot have it. */
export const COORDINATOR_PEER = 'coordinator'

export function isPartyName(name: string): boolean {
  return PARTY_NAME.test(name) && name !== COORDINATOR_PEER
}

export function isFederationName(name: string): boolean {
  return FEDERATION_NAME.test(name)
}

/** @throws PlatformError config.invalid naming each bad name */
export function requireNames(names: { readonly federation: string; readonly party?: string }): void {
  const problems: string[] = []
  if (!isFederationName(names.federation)) problems.push(`federation: expected a name like ${FEDERATION_NAME.source}`)
  if (names.party !== undefined && !isPartyName(names.party)) {
    const reserved = names.party === COORDINATOR_PEER
    problems.push(
      reserved
        ? `party: ${COORDINATOR_PEER} is reserved for the coordinator itself`
        : `party: expected a name like ${PARTY_NAME.source}`,
    )
  }
  if (problems.length > 0) throw new PlatformError('config.invalid', { problems })
}

/** The DNS name in every coordinator's certificate: what a dialler checks, whatever address or proxy it dials through. */
export function coordinatorName(federation: string): string {
  return `coordinator.${federation}`
}

/** The id in the certificate of a party's agent, such as spiffe://credit/party/bank/agent/1. */
export function agentId(federation: string, party: string, agent = 1): string {
  return `spiffe://${federation}/party/${party}/agent/${agent}`
}

/** Reads the subject alternative names as Node prints them. One agent id and nothing else, or undefined. */
export function parseAgentId(subjectAltName: string): { federation: string; party: string } | undefined {
  const match = AGENT_ID.exec(subjectAltName)
  return match === null ? undefined : { federation: match[1] as string, party: match[2] as string }
}
