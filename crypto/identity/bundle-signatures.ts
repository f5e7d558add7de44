// Who may change the trust bundle: its parties. Each edition names the digest of the one before and counts only with
// the signatures of two thirds of the parties of that one; the first needs all founders. The coordinator signs nothing.
import { createHash } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { verifySignature } from './signing.ts'
import { type BundleSignature, NO_PREVIOUS, signingKeyOf, type TrustBundle } from './trust.ts'

export const BUNDLE_CONTEXT = 'trust-bundle'

export interface Signer {
  readonly party: string
  sign(context: string, bytes: Uint8Array): Uint8Array
}

/** What is signed and chained: everything but the signatures, as JSON of arrays and strings, parties by name. */
export function bundleBytes({ federation, edition, previous, coordinator, parties }: TrustBundle): Uint8Array {
  const members = parties
    .map(({ party, rootPem, signingKey }) => [party, rootPem, signingKey] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.from(
    JSON.stringify([
      'tributary/trust-bundle/v1',
      federation,
      edition,
      previous,
      coordinator.rootPem,
      members,
      ...(coordinator.logKey === undefined ? [] : [coordinator.logKey]),
    ]),
  )
}

/** SHA-256 of bundleBytes, hex. */
export function bundleDigest(bundle: TrustBundle): string {
  return createHash('sha256').update(bundleBytes(bundle)).digest('hex')
}

/** `previous` of the edition after this one. */
export function predecessorOf(held: TrustBundle): string {
  return held.edition === 0 ? NO_PREVIOUS : bundleDigest(held)
}

/** ⌈2n/3⌉ */
export function signaturesNeeded(parties: number): number {
  return Math.ceil((2 * parties) / 3)
}

export function signBundle({ party, sign }: Signer, bundle: TrustBundle): BundleSignature {
  return { party, signature: Buffer.from(sign(BUNDLE_CONTEXT, bundleBytes(bundle))).toString('base64') }
}

/** The parties of `voters` whose signature over `bundle` is there and right, each once, sorted. */
export function signersOf(bundle: TrustBundle, voters: TrustBundle): string[] {
  const bytes = bundleBytes(bundle)
  const right = bundle.signatures.filter(
    ({ party, signature }) =>
      voters.parties.some((voter) => voter.party === party) &&
      verifySignature(signingKeyOf(voters, party), BUNDLE_CONTEXT, bytes, Buffer.from(signature, 'base64')),
  )
  return [...new Set(right.map(({ party }) => party))].sort()
}

/** Whose signatures the next edition needs: how many of the parties held, and which new ones. */
export interface Consent {
  readonly signed: readonly string[]
  readonly needed: number
  /** parties that are new or have new keys and have not signed */
  readonly missing: readonly string[]
}

export function consentTo(held: TrustBundle, next: TrustBundle): Consent {
  const own = signersOf(next, next)
  const isHeld = (party: string, key: string) =>
    held.parties.some((member) => member.party === party && member.signingKey === key)
  const missing = next.parties
    .filter(({ party, signingKey }) => !isHeld(party, signingKey) && !own.includes(party))
    .map(({ party }) => party)
  return { signed: signersOf(next, held), needed: signaturesNeeded(held.parties.length), missing }
}

/**
 * Refuses what may not take the place of the bundle that is held.
 * @throws PlatformError trust.broken-chain (another federation, an edition left out or gone back, another
 *   predecessor), trust.unsigned (too few of the parties held, or a new party that did not agree)
 */
export function requireSuccessor(held: TrustBundle, next: TrustBundle): void {
  requireFollows(held, next)
  const { signed, needed, missing } = consentTo(held, next)
  if (signed.length < needed || missing.length > 0) {
    throw new PlatformError('trust.unsigned', { edition: next.edition, signed, needed, missing })
  }
}

/** The part of requireSuccessor that holds for a proposal too. @throws PlatformError trust.broken-chain */
export function requireFollows(held: TrustBundle, next: TrustBundle): void {
  const refuse = (problem: string) =>
    new PlatformError('trust.broken-chain', { held: held.edition, got: next.edition, problem })
  if (next.federation !== held.federation) throw refuse('another federation')
  if (next.edition !== held.edition + 1) throw refuse('not the next edition')
  if (next.previous !== predecessorOf(held)) throw refuse('another predecessor')
}
