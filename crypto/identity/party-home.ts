// A party's keys: its own certificate authority, a TLS certificate, an Ed25519 signing key and a storage key.
// <home>/keys/keystore.json holds them; root.pem, tls.pem and card.json beside it are copies of the public parts.
import { randomBytes, X509Certificate } from 'node:crypto'
import type { Secret } from '#runtime/secret.ts'
import type { OpenKeystore } from '../keystore.ts'
import { openStatementSigner, type StatementSigner } from '../log/ed25519.ts'
import { AGENT_DAYS, issueTlsCertificate, makeRoot, type Root, type TlsCertificate } from './certificates.ts'
import {
  bytesOf,
  type HomeContents,
  makeKeysFolder,
  openKeysFolder,
  replaceKeys,
  requireMatchingTls,
  requireNoKeys,
  textOf,
} from './home.ts'
import { agentId, requireNames } from './names.ts'
import { type PartyCard, signCard } from './party-card.ts'
import { makeSigningKey, openSigner } from './signing.ts'

export type { PartyCard } from './party-card.ts'

export interface PartyIdentity {
  readonly federation: string
  readonly party: string
  readonly rootPem: string
  readonly tlsCertificatePem: string
  /** PKCS#8 PEM, as UTF-8 bytes */
  readonly tlsPrivateKeyPem: Secret
  readonly tlsIssuedAt: Date
  readonly tlsExpiresAt: Date
  /** Ed25519, 32 bytes */
  readonly signingPublicKey: Uint8Array
  /** Ed25519, 64 bytes, over context and bytes; see signing.ts */
  sign(context: string, bytes: Uint8Array): Uint8Array
  /** the same key over records and cosignatures of the round log */
  readonly signStatement: StatementSigner
  /** 32 bytes, for what the agent keeps on its own disk */
  readonly storageKey: Secret
}

/** When an agent's certificate starts and how long it holds; now and AGENT_DAYS unless given. */
export interface CertificateTimes {
  readonly now?: Date
  readonly days?: number
}

/**
 * Makes all keys of a party in <home>/keys.
 * @returns the card to hand to whoever writes the trust bundle; also in <home>/keys/card.json
 * @throws PlatformError keys.exists, config.invalid (names, empty passphrase), storage.full
 */
export async function createPartyHome(
  home: string,
  options: {
    readonly federation: string
    readonly party: string
    readonly passphrase: string
    readonly certificate?: CertificateTimes
  },
): Promise<PartyCard> {
  const { federation, party, passphrase, certificate = {} } = options
  requireNames({ federation, party })
  await requireNoKeys(home)
  const root = await makeRoot({ federation, name: `Tributary party ${party}`, uriDomain: federation })
  const tls = await issueAgentCertificate(root, federation, party, certificate)
  const { privateKey } = makeSigningKey()
  const keys = { root, tls, signingKey: privateKey, storageKey: randomBytes(32) }
  const { card, contents } = homeContents(federation, party, keys)
  await makeKeysFolder(home, contents, passphrase)
  return card
}

/** @throws PlatformError keys.missing, keys.wrong-passphrase, keys.damaged */
export async function openPartyHome(home: string, passphrase: string): Promise<PartyIdentity> {
  const keystore = await openKeysFolder(home, 'party', passphrase)
  const { federation = '', party = '' } = keystore.labels
  const rootPem = textOf(keystore, 'root-certificate')
  const tlsCertificatePem = textOf(keystore, 'tls-certificate')
  const tlsPrivateKeyPem = keystore.secret('tls-key')
  requireMatchingTls(rootPem, tlsCertificatePem, tlsPrivateKeyPem)
  const certificate = new X509Certificate(tlsCertificatePem)
  const signer = keystore.secret('signing-key').reveal(openSigner)
  keystore.secret('root-key')[Symbol.dispose]() // not needed to run: only a renewal opens it
  return {
    federation,
    party,
    rootPem,
    tlsCertificatePem,
    tlsPrivateKeyPem,
    tlsIssuedAt: certificate.validFromDate,
    tlsExpiresAt: certificate.validToDate,
    signingPublicKey: signer.publicKey,
    sign: signer.sign,
    signStatement: keystore.secret('signing-key').reveal((key) => openStatementSigner(key, 'party')),
    storageKey: keystore.secret('storage-key'),
  }
}

/**
 * A new TLS key and certificate from the party's own root; everything else stays, and so does the trust bundle.
 * A running agent does this by itself; see party-agent/membership/certificate-keeper.ts.
 * @throws PlatformError keys.missing, keys.wrong-passphrase, keys.damaged, storage.full
 */
export async function renewTlsCertificate(
  home: string,
  passphrase: string,
  certificate: CertificateTimes = {},
): Promise<void> {
  const keystore = await openKeysFolder(home, 'party', passphrase)
  const { federation = '', party = '' } = keystore.labels
  const root = rootOf(keystore)
  const keys = {
    root,
    tls: await issueAgentCertificate(root, federation, party, certificate),
    signingKey: bytesOf(keystore, 'signing-key'),
    storageKey: bytesOf(keystore, 'storage-key'),
  }
  await replaceKeys(home, homeContents(federation, party, keys).contents, passphrase)
}

interface PartyKeys {
  readonly root: Root
  readonly tls: TlsCertificate
  readonly signingKey: Uint8Array
  readonly storageKey: Uint8Array
}

function homeContents(federation: string, party: string, keys: PartyKeys): { card: PartyCard; contents: HomeContents } {
  const card = signCard(openSigner(keys.signingKey), { federation, party, rootPem: keys.root.pem })
  const contents = {
    labels: { kind: 'party', federation, party },
    entries: {
      'root-key': keys.root.privateKey,
      'root-certificate': Buffer.from(keys.root.pem),
      'tls-key': Buffer.from(keys.tls.privateKeyPem),
      'tls-certificate': Buffer.from(keys.tls.pem),
      'signing-key': keys.signingKey,
      'storage-key': keys.storageKey,
    },
    publicFiles: {
      'root.pem': keys.root.pem,
      'tls.pem': keys.tls.pem,
      'card.json': `${JSON.stringify(card, null, 2)}\n`,
    },
  }
  return { card, contents }
}

function rootOf(keystore: OpenKeystore): Root {
  return { pem: textOf(keystore, 'root-certificate'), privateKey: bytesOf(keystore, 'root-key') }
}

function issueAgentCertificate(
  root: Root,
  federation: string,
  party: string,
  { now = new Date(), days = AGENT_DAYS }: CertificateTimes,
): Promise<TlsCertificate> {
  const uri = agentId(federation, party)
  return issueTlsCertificate({ root, subject: { kind: 'client', name: `Tributary agent of ${party}`, uri }, now, days })
}

/** True once two thirds of the certificate's life are over. */
export function isRenewalDue({ tlsIssuedAt, tlsExpiresAt }: CertificateLife, now: Date): boolean {
  const life = tlsExpiresAt.getTime() - tlsIssuedAt.getTime()
  return now.getTime() >= tlsIssuedAt.getTime() + (2 * life) / 3
}
export type CertificateLife = Pick<PartyIdentity, 'tlsIssuedAt' | 'tlsExpiresAt'>

/** openPartyHome, after a renewal when one is due. @throws as openPartyHome and renewTlsCertificate */
export async function openFreshPartyHome(
  home: string,
  passphrase: string,
  { now = new Date(), days = AGENT_DAYS }: CertificateTimes = {},
): Promise<PartyIdentity> {
  const identity = await openPartyHome(home, passphrase)
  if (!isRenewalDue(identity, now)) return identity
  await renewTlsCertificate(home, passphrase, { now, days })
  return openPartyHome(home, passphrase)
}
