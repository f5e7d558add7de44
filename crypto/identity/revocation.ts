// What counts no more: certificates of a party by serial number, or the party as a whole. One list a party that only
// grows, signed by the party itself or by two thirds of all parties. The coordinator hands lists on and can make none.
import { createHash, X509Certificate } from 'node:crypto'
import Type from 'typebox'
import Compile from 'typebox/compile'
import { PlatformError } from '#runtime/errors.ts'
import { type Signer, signaturesNeeded } from './bundle-signatures.ts'
import { verifySignature } from './signing.ts'
import { type BundleSignature, signingKeyOf, type TrustBundle, verifyPeer } from './trust.ts'

export const REVOCATION_CONTEXT = 'revocation'
const MAX_SERIALS = 1000
const MAX_LIST_CHARS = 262_144

export interface RevocationList {
  readonly federation: string
  readonly party: string
  /** from 1; a higher one takes the place of a lower one */
  readonly edition: number
  /** upper-case hex as X509Certificate.serialNumber gives it, sorted */
  readonly serials: readonly string[]
  /** nothing of this party counts any more, whatever the certificate */
  readonly wholeParty: boolean
  readonly signatures: readonly BundleSignature[]
}

const closed = { additionalProperties: false } as const
const validator = Compile(
  Type.Object(
    {
      federation: Type.String({ maxLength: 64 }),
      party: Type.String({ maxLength: 64 }),
      edition: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      serials: Type.Array(Type.String({ pattern: '^[0-9A-F]{2,40}$' }), { maxItems: MAX_SERIALS, uniqueItems: true }),
      wholeParty: Type.Boolean(),
      signatures: Type.Array(
        Type.Object({ party: Type.String({ maxLength: 64 }), signature: Type.String({ maxLength: 128 }) }, closed),
        { maxItems: 256 },
      ),
    },
    closed,
  ),
)

/** @throws PlatformError protocol.malformed */
export function parseRevocation(text: string): RevocationList {
  const malformed = (problem: string) => new PlatformError('protocol.malformed', { message: 'revocation', problem })
  if (text.length > MAX_LIST_CHARS) throw malformed('too long')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed('not JSON')
  }
  if (!validator.Check(value)) throw malformed('has other fields than it should')
  return value
}

export function revocationBytes({ federation, party, edition, serials, wholeParty }: RevocationList): Uint8Array {
  const sorted = [...serials].sort()
  return Buffer.from(JSON.stringify(['tributary/revocation/v1', federation, party, edition, sorted, wholeParty]))
}

export function revocationDigest(list: RevocationList): string {
  return createHash('sha256').update(revocationBytes(list)).digest('hex')
}

/** The list with this party's signature added. */
export function signRevocation({ party, sign }: Signer, list: RevocationList): RevocationList {
  const signature = Buffer.from(sign(REVOCATION_CONTEXT, revocationBytes(list))).toString('base64')
  return { ...list, signatures: [...list.signatures.filter((other) => other.party !== party), { party, signature }] }
}

/** Parties of the bundle whose signature is right, and whether that is enough for the list to count. */
export function revocationConsent(bundle: TrustBundle, list: RevocationList) {
  const bytes = revocationBytes(list)
  const right = list.signatures.filter(
    ({ party, signature }) =>
      bundle.parties.some((member) => member.party === party) &&
      verifySignature(signingKeyOf(bundle, party), REVOCATION_CONTEXT, bytes, Buffer.from(signature, 'base64')),
  )
  const signed = [...new Set(right.map(({ party }) => party))].sort()
  const needed = signaturesNeeded(bundle.parties.length)
  return { signed, needed, effective: signed.includes(list.party) || signed.length >= needed }
}

/** The list that revokes more than `held` does; unsigned. */
export function extendRevocation(
  federation: string,
  party: string,
  held: RevocationList | undefined,
  more: { readonly serials: readonly string[]; readonly wholeParty: boolean },
): RevocationList {
  const serials = [...new Set([...(held?.serials ?? []), ...more.serials])].sort()
  const wholeParty = more.wholeParty || held?.wholeParty === true
  return { federation, party, edition: (held?.edition ?? 0) + 1, serials, wholeParty, signatures: [] }
}

/** The lists in force, in memory. */
export class RevocationBook {
  readonly #lists = new Map<string, RevocationList>()

  /**
   * Takes a list into force. False when it is in force already.
   * @throws PlatformError identity.unknown (party or federation), revocation.unsigned, revocation.stale (not newer,
   *   or takes something back)
   */
  accept(bundle: TrustBundle, list: RevocationList): boolean {
    const { party, edition } = list
    if (!requireNewer(bundle, this.#lists.get(party), list)) return false
    const { signed, needed, effective } = revocationConsent(bundle, list)
    if (!effective) throw new PlatformError('revocation.unsigned', { party, edition, signed, needed })
    this.#lists.set(party, list)
    return true
  }

  of(party: string): RevocationList | undefined {
    return this.#lists.get(party)
  }

  all(): RevocationList[] {
    return [...this.#lists.values()]
  }

  isPartyRevoked(party: string): boolean {
    return this.#lists.get(party)?.wholeParty === true
  }

  isSerialRevoked(party: string, serial: string): boolean {
    return this.#lists.get(party)?.serials.includes(serial.toUpperCase()) === true
  }
}

/** False when the two say the same. @throws PlatformError identity.unknown, revocation.stale */
export function requireNewer(bundle: TrustBundle, held: RevocationList | undefined, list: RevocationList): boolean {
  const { federation, party, edition } = list
  if (federation !== bundle.federation) throw new PlatformError('identity.unknown', { federation })
  signingKeyOf(bundle, party)
  if (held === undefined) return true
  if (revocationDigest(held) === revocationDigest(list)) return false
  const shrinks = held.serials.some((serial) => !list.serials.includes(serial)) || (held.wholeParty && !list.wholeParty)
  if (edition <= held.edition || shrinks) {
    throw new PlatformError('revocation.stale', { party, held: held.edition, got: edition, takesBack: shrinks })
  }
  return true
}

/**
 * verifyPeer, and that neither the certificate nor its party is revoked.
 * @throws PlatformError identity.*
 */
export async function verifyUnrevokedPeer(
  bundle: TrustBundle,
  revocations: RevocationBook,
  certificateDer: Uint8Array,
  now: Date,
): Promise<string> {
  const party = await verifyPeer(bundle, certificateDer, now)
  const serial = new X509Certificate(certificateDer).serialNumber
  const revokedParty = revocations.isPartyRevoked(party)
  if (revokedParty || revocations.isSerialRevoked(party, serial)) {
    throw new PlatformError('identity.revoked', revokedParty ? { party } : { party, serial })
  }
  return party
}
