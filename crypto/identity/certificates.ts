// The X.509 part: a root per party and per coordinator, and the TLS certificates they issue. All keys are P-256,
// the one curve that every TLS stack and key vault has.
import 'reflect-metadata' // @peculiar/x509 needs it first
import { randomBytes, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

const DAY_MS = 86_400_000
/** of a root; renewing one means a new trust bundle for the whole federation */
const ROOT_DAYS = 3650
/** of the coordinator's server certificate */
export const TLS_DAYS = 90
/** of an agent's certificate: short, because the agent renews it by itself */
export const AGENT_DAYS = 7
/** certificates start a little in the past, because the clocks of two companies differ */
const BACKDATE_MS = 3_600_000

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export interface Root {
  readonly pem: string
  /** PKCS#8 DER; secret */
  readonly privateKey: Uint8Array
}

export interface TlsCertificate {
  readonly pem: string
  /** PKCS#8 PEM; secret */
  readonly privateKeyPem: string
}

/**
 * A self-signed certificate authority that may issue end certificates only.
 * @param uriDomain when given, a critical name constraint: this root may name spiffe://<uriDomain>/… and no DNS
 *   name or address, so a party's root can never stand in for a server
 */
export async function makeRoot(options: {
  federation: string
  name: string
  uriDomain?: string
  now?: Date
}): Promise<Root> {
  const keys = await generateKeys()
  const usages = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: [options.federation] }, { CN: [options.name] }], // each at most 64 characters (RFC 5280, A.1)
    ...validity(options.now ?? new Date(), ROOT_DAYS),
    serialNumber: makeSerial(),
    keys,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(options.uriDomain === undefined ? [] : [onlyUrisOf(options.uriDomain)]),
    ],
  })
  return { pem: certificate.toString('pem'), privateKey: await exportPrivateKey(keys.privateKey) }
}

/** What a TLS certificate is for: a client certificate names an agent, a server certificate its hosts. */
export type TlsSubject =
  | { readonly kind: 'client'; readonly name: string; readonly uri: string }
  | { readonly kind: 'server'; readonly name: string; readonly hosts: readonly string[] }

/** A new key and a certificate for it, valid for `days` from `now`. */
export async function issueTlsCertificate(options: {
  root: Root
  subject: TlsSubject
  now?: Date
  days?: number
}): Promise<TlsCertificate> {
  const { root, subject } = options
  const issuer = new x509.X509Certificate(root.pem)
  const keys = await generateKeys()
  const usage = subject.kind === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [subject.name] }],
    issuer: issuer.subjectName,
    ...validity(options.now ?? new Date(), options.days ?? TLS_DAYS),
    serialNumber: makeSerial(),
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', Uint8Array.from(root.privateKey), P256, false, ['sign']),
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage], true),
      new x509.SubjectAlternativeNameExtension(alternativeNames(subject)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  const pkcs8 = await exportPrivateKey(keys.privateKey)
  return { pem: certificate.toString('pem'), privateKeyPem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') }
}

/** Reads one PEM certificate that is a self-signed authority, or says what is wrong with it. */
export function readRoot(pem: string): { readonly root: X509Certificate } | { readonly problem: string } {
  if (pem.split('-----BEGIN ').length !== 2) return { problem: 'expected exactly one PEM certificate' }
  let root: X509Certificate
  try {
    root = new X509Certificate(pem)
  } catch {
    return { problem: 'is not a readable certificate' }
  }
  if (!root.ca) return { problem: 'is not a certificate authority' }
  if (root.publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return { problem: 'is not a P-256 key' }
  if (!root.checkIssued(root) || !root.verify(root.publicKey)) return { problem: 'is not signed by itself' }
  return { root }
}

function alternativeNames(subject: TlsSubject): x509.JsonGeneralNames {
  if (subject.kind === 'client') return [{ type: 'url', value: subject.uri }]
  return subject.hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host }))
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  }
}

/** 127 random bits: positive, so its DER is never longer than 16 bytes. */
function makeSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(P256, true, ['sign', 'verify'])
}

async function exportPrivateKey(key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.exportKey('pkcs8', key))
}

/** RFC 5280 4.2.1.10: permitted the one URI host, excluded every DNS name and address. The library has no class for it. */
function onlyUrisOf(domain: string): x509.Extension {
  const SEQUENCE = 0x30
  const permitted = der(SEQUENCE, der(0x86, Buffer.from(domain, 'ascii')))
  const excluded = [
    der(SEQUENCE, der(0x82, Buffer.alloc(0))),
    der(SEQUENCE, der(0x87, Buffer.alloc(8))), // 0.0.0.0/0
    der(SEQUENCE, der(0x87, Buffer.alloc(32))), // ::/0
  ]
  const value = der(SEQUENCE, Buffer.concat([der(0xa0, permitted), der(0xa1, Buffer.concat(excluded))]))
  return new x509.Extension('2.5.29.30', true, Uint8Array.from(value))
}

/** Tag, length, value, for values below 128 bytes: names are bounded so that longer ones cannot occur. */
function der(tag: number, value: Buffer): Buffer {
  if (value.length > 127) throw new RangeError(`DER value of ${value.length} bytes, at most 127 expected`)
  return Buffer.concat([Buffer.from([tag, value.length]), value])
}
