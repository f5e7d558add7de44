// The trust bundle: who is in the federation, and which root and signing key each party has. Every agent and the
// coordinator read the same file. Nobody's root can certify another party, the coordinator's included.
import { X509Certificate } from 'node:crypto'
import Type from 'typebox'
import Compile from 'typebox/compile'
import { parse, stringify } from 'yaml'
import { PlatformError } from '#runtime/errors.ts'
import { readRoot } from './certificates.ts'
import { isFederationName, isPartyName, parseAgentId } from './names.ts'
import { isCardSigned, type PartyCard } from './party-card.ts'
import { isUsableSigningKey, SIGNING_KEY_BYTES } from './signing.ts'

const MAX_BUNDLE_CHARS = 2_097_152
const MAX_PARTIES = 256
/** OpenSSL's name for the extended key usage of a client certificate, as an OID */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

const closed = { additionalProperties: false } as const
const Pem = Type.String({ maxLength: 8192 })
const TrustBundleSchema = Type.Object(
  {
    version: Type.Literal(1),
    federation: Type.String({ maxLength: 64 }),
    edition: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    previous: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    coordinator: Type.Object({ rootPem: Pem, logKey: Type.Optional(Type.String({ maxLength: 64 })) }, closed),
    parties: Type.Array(
      Type.Object(
        { party: Type.String({ maxLength: 64 }), rootPem: Pem, signingKey: Type.String({ maxLength: 64 }) },
        closed,
      ),
      { maxItems: MAX_PARTIES },
    ),
    signatures: Type.Optional(
      Type.Array(
        Type.Object({ party: Type.String({ maxLength: 64 }), signature: Type.String({ maxLength: 128 }) }, closed),
        { maxItems: 2 * MAX_PARTIES },
      ),
    ),
  },
  closed,
)
const validator = Compile(TrustBundleSchema)

export interface TrustedParty {
  readonly party: string
  readonly rootPem: string
  /** base64 of the Ed25519 public key */
  readonly signingKey: string
}

export interface TrustedCoordinator {
  readonly rootPem: string
  /** base64 of the Ed25519 public key of its round log; a bundle made before there was one has none */
  readonly logKey?: string
}

/** base64 of an Ed25519 signature by this party's signing key */
export interface BundleSignature {
  readonly party: string
  readonly signature: string
}

/** `previous` of the first edition */
export const NO_PREVIOUS = '0'.repeat(64)

export interface TrustBundle {
  /** of the format: 1 */
  readonly version: number
  readonly federation: string
  /** 1, 2, 3 …; 0 is a federation whose founders have not signed yet, and has no parties */
  readonly edition: number
  /** digest of the edition before, hex; see bundle-signatures.ts */
  readonly previous: string
  readonly coordinator: TrustedCoordinator
  readonly parties: readonly TrustedParty[]
  /** none in a bundle that was handed round as a file */
  readonly signatures: readonly BundleSignature[]
}

/**
 * Reads a bundle from YAML or JSON.
 * @throws PlatformError config.unreadable (neither YAML nor JSON), config.invalid naming every problem
 */
export function parseTrustBundle(text: string): TrustBundle {
  if (text.length > MAX_BUNDLE_CHARS)
    throw new PlatformError('config.invalid', { problems: ['trust bundle: too long'] })
  let value: unknown
  try {
    value = parse(text, { maxAliasCount: 0, schema: 'core', logLevel: 'error' })
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file: 'trust bundle' }, cause)
  }
  if (!validator.Check(value)) {
    const problems = validator.Errors(value).map((error) => `${error.instancePath || '/'}: ${error.message}`)
    throw new PlatformError('config.invalid', { problems: problems.slice(0, 50) })
  }
  return checkedBundle({ edition: 1, previous: NO_PREVIOUS, signatures: [], ...value })
}

/**
 * Puts the cards of the parties together.
 * @throws PlatformError config.invalid naming each card that is of another federation or not signed by its key, and
 *   every problem that parseTrustBundle would find
 */
export function makeTrustBundle(
  federation: string,
  coordinatorRootPem: string,
  cards: readonly PartyCard[],
  logKey?: string,
): TrustBundle {
  const problems: string[] = []
  for (const card of cards) {
    if (card.federation !== federation) problems.push(`card of ${card.party}: is for federation ${card.federation}`)
    if (!isCardSigned(card)) problems.push(`card of ${card.party}: is not signed by its signing key`)
  }
  if (problems.length > 0) throw new PlatformError('config.invalid', { problems })
  const parties = cards.map(({ party, rootPem, signingKey }) => ({ party, rootPem, signingKey }))
  const chain = { edition: 1, previous: NO_PREVIOUS, signatures: [] }
  return checkedBundle({
    version: 1,
    federation,
    ...chain,
    coordinator: coordinatorOf(coordinatorRootPem, logKey),
    parties,
  })
}

/** Edition 0: a coordinator's bundle before its federation has parties. @throws PlatformError config.invalid */
export function emptyTrustBundle(federation: string, coordinatorRootPem: string, logKey?: string): TrustBundle {
  const chain = { edition: 0, previous: NO_PREVIOUS, signatures: [] }
  return checkedBundle({
    version: 1,
    federation,
    ...chain,
    coordinator: coordinatorOf(coordinatorRootPem, logKey),
    parties: [],
  })
}

function coordinatorOf(rootPem: string, logKey: string | undefined): TrustedCoordinator {
  return logKey === undefined ? { rootPem } : { rootPem, logKey }
}

/** YAML that parseTrustBundle reads back to an equal bundle. */
export function formatTrustBundle(bundle: TrustBundle): string {
  return stringify(bundle, { lineWidth: 0 })
}

/**
 * Says which party a TLS certificate belongs to. It must be issued by that party's own root, carry one agent id of
 * this federation and nothing else, be for client authentication, and be valid now, as must its root.
 * @param certificateDer as the TLS layer gives it (`getPeerCertificate().raw`)
 * @returns the party
 * @throws PlatformError identity.unknown, identity.wrong-party (another member's root issued it), identity.expired
 */
export async function verifyPeer(bundle: TrustBundle, certificateDer: Uint8Array, now: Date): Promise<string> {
  const certificate = readCertificate(certificateDer)
  const id = parseAgentId(certificate.subjectAltName ?? '')
  if (id === undefined) throw new PlatformError('identity.unknown', { problem: 'no agent id in the certificate' })
  if (id.federation !== bundle.federation) {
    throw new PlatformError('identity.unknown', { expected: bundle.federation, got: id.federation })
  }
  const member = bundle.parties.find((entry) => entry.party === id.party)
  if (member === undefined) throw new PlatformError('identity.unknown', { party: id.party })
  const root = new X509Certificate(member.rootPem)
  if (!isIssuedBy(certificate, root)) {
    const issuer = bundle.parties.find((entry) => isIssuedBy(certificate, new X509Certificate(entry.rootPem)))
    if (issuer === undefined)
      throw new PlatformError('identity.unknown', { party: id.party, problem: 'foreign issuer' })
    throw new PlatformError('identity.wrong-party', { claimed: id.party, issuer: issuer.party })
  }
  // Node's keyUsage lists the *extended* usages
  const usages: readonly string[] | undefined = certificate.keyUsage
  if (certificate.ca || usages === undefined || !usages.includes(CLIENT_AUTH)) {
    throw new PlatformError('identity.unknown', { party: id.party, problem: 'not a client certificate' })
  }
  requireValidAt(certificate, now, id.party, 'certificate')
  requireValidAt(root, now, id.party, 'root')
  return id.party
}

/** The party's Ed25519 public key, 32 bytes. @throws PlatformError identity.unknown */
export function signingKeyOf(bundle: TrustBundle, party: string): Uint8Array {
  const member = bundle.parties.find((entry) => entry.party === party)
  if (member === undefined) throw new PlatformError('identity.unknown', { party })
  return new Uint8Array(Buffer.from(member.signingKey, 'base64'))
}

/**
 * The Ed25519 public key of the coordinator's round log, 32 bytes.
 * @throws PlatformError log.unknown-key when the bundle names none
 */
export function logKeyOf({ coordinator }: TrustBundle): Uint8Array {
  if (coordinator.logKey === undefined) throw new PlatformError('log.unknown-key', { missing: 'coordinator.logKey' })
  return new Uint8Array(Buffer.from(coordinator.logKey, 'base64'))
}

/** What a schema cannot say: names, certificates, keys, and that no two members share a key. */
function checkedBundle(bundle: TrustBundle): TrustBundle {
  const problems: string[] = []
  if (!isFederationName(bundle.federation)) problems.push('/federation: not a federation name')
  const least = bundle.edition === 0 ? 0 : 1
  const most = bundle.edition === 0 ? 0 : MAX_PARTIES
  if (bundle.parties.length < least || bundle.parties.length > most) {
    problems.push(`/parties: expected ${least} to ${most}, got ${bundle.parties.length}`)
  }
  const names = new Map<string, string>()
  const rootKeys = new Map<string, string>()
  const signingKeys = new Map<string, string>()
  problems.push(...rootProblems('/coordinator/rootPem', bundle.coordinator.rootPem, rootKeys))
  const { logKey } = bundle.coordinator
  if (logKey !== undefined) {
    problems.push(...keyProblems('/coordinator/logKey', logKey))
    signingKeys.set(logKey, '/coordinator/logKey')
  }
  for (const [i, { party, rootPem, signingKey }] of bundle.parties.entries()) {
    const path = `/parties/${i}`
    if (!isPartyName(party)) problems.push(`${path}/party: not a party name`)
    problems.push(...repeatProblems(`${path}/party`, party, names))
    problems.push(...rootProblems(`${path}/rootPem`, rootPem, rootKeys))
    problems.push(...keyProblems(`${path}/signingKey`, signingKey))
    problems.push(...repeatProblems(`${path}/signingKey`, signingKey, signingKeys))
  }
  if (problems.length > 0) throw new PlatformError('config.invalid', { problems: problems.slice(0, 50) })
  return bundle
}

function keyProblems(path: string, text: string): string[] {
  const key = Buffer.from(text, 'base64')
  if (key.toString('base64') === text && isUsableSigningKey(key)) return []
  return [`${path}: expected the base64 of an Ed25519 key of ${SIGNING_KEY_BYTES} bytes`]
}

/** Two roots with one key would let their owners certify each other. */
function rootProblems(path: string, pem: string, seen: Map<string, string>): string[] {
  const result = readRoot(pem)
  if ('problem' in result) return [`${path}: ${result.problem}`]
  return repeatProblems(path, result.root.publicKey.export({ format: 'der', type: 'spki' }).toString('hex'), seen)
}

function repeatProblems(path: string, value: string, seen: Map<string, string>): string[] {
  const first = seen.get(value)
  if (first !== undefined) return [`${path}: the same as ${first}`]
  seen.set(value, path)
  return []
}

function readCertificate(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (cause) {
    throw new PlatformError('identity.unknown', { problem: 'not a certificate' }, cause)
  }
}

function isIssuedBy(certificate: X509Certificate, root: X509Certificate): boolean {
  return certificate.checkIssued(root) && certificate.verify(root.publicKey)
}

function requireValidAt(certificate: X509Certificate, now: Date, party: string, what: string): void {
  if (now >= certificate.validFromDate && now <= certificate.validToDate) return
  throw new PlatformError('identity.expired', {
    party,
    what,
    validFrom: certificate.validFromDate.toISOString(),
    validTo: certificate.validToDate.toISOString(),
    now: Number.isNaN(now.getTime()) ? 'invalid' : now.toISOString(),
  })
}
