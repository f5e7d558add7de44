// The coordinator's keys: its own certificate authority, a TLS server certificate, and the key of the round log, which
// signs checkpoints, the cards of the coordinator's own people, and as the adder of a job the envelopes that it seals itself.
// So it can decrypt no message between parties and sign for none of them.
import { hkdfSync, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'
import { type SealingKey, sealingKeyOf } from '../envelope.ts'
import { openStatementSigner, type StatementSigner } from '../log/ed25519.ts'
import { issueTlsCertificate, makeRoot, type Root, type TlsCertificate } from './certificates.ts'
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
import { COORDINATOR_PEER, coordinatorName, requireNames } from './names.ts'
import { isRenewalDue } from './party-home.ts'
import { makeSigningKey, openSigner } from './signing.ts'

export interface CoordinatorIdentity {
  readonly federation: string
  readonly rootPem: string
  readonly certificatePem: string
  /** PKCS#8 PEM, as UTF-8 bytes */
  readonly privateKeyPem: Secret
  readonly tlsIssuedAt: Date
  readonly tlsExpiresAt: Date
  /** base64 of the Ed25519 public key of the round log */
  readonly logKey: string
  /** signs checkpoints, see openStatementSigner */
  readonly signCheckpoint: StatementSigner
  readonly adder: AdderIdentity
  /** 32 bytes made from the log key, for what the coordinator keeps on its own disk */
  readonly storageKey: Secret
}

/** What the coordinator is to the parties of a job whose encrypted updates it adds: a peer that receives and sends. */
export interface AdderIdentity {
  /** 'coordinator' */
  readonly party: string
  /** with the key of the round log, which the trust bundle names */
  sign(context: string, bytes: Uint8Array): Uint8Array
  /**
   * The X25519 key of one job. It is made from the log key and the job's salt, and whoever has only one of them has
   * nothing: with the salt the key of the job is gone.
   * @param salt 32 random bytes
   */
  sealingKey(job: string, salt: Uint8Array): SealingKey
}

const MAX_HOSTS = 32
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/**
 * Makes the coordinator's keys in <home>/keys.
 * @param options.hosts DNS names and IP addresses under which agents reach the coordinator
 * @throws PlatformError keys.exists, config.invalid (name, hosts, empty passphrase), storage.full
 */
export async function createCoordinatorHome(
  home: string,
  options: { readonly federation: string; readonly passphrase: string; readonly hosts: readonly string[] },
): Promise<{ rootPem: string; logKey: string }> {
  const { federation, passphrase, hosts } = options
  requireNames({ federation })
  requireHosts(hosts)
  await requireNoKeys(home)
  const root = await makeRoot({ federation, name: 'Tributary coordinator' })
  const tls = await issueServerCertificate(root, federation, hosts)
  const { privateKey } = makeSigningKey()
  const contents = homeContents({ federation, hosts, root, tls, logKey: privateKey })
  await makeKeysFolder(home, contents, passphrase)
  return { rootPem: root.pem, logKey: publicLogKey(privateKey) }
}

/** @throws PlatformError keys.missing, keys.wrong-passphrase, keys.damaged */
export async function openCoordinatorHome(home: string, passphrase: string): Promise<CoordinatorIdentity> {
  const keystore = await openKeysFolder(home, 'coordinator', passphrase)
  const certificatePem = textOf(keystore, 'tls-certificate')
  const certificate = new X509Certificate(certificatePem)
  const identity = {
    federation: keystore.labels.federation ?? '',
    rootPem: textOf(keystore, 'root-certificate'),
    certificatePem,
    privateKeyPem: keystore.secret('tls-key'),
    tlsIssuedAt: certificate.validFromDate,
    tlsExpiresAt: certificate.validToDate,
    logKey: keystore.secret('log-key').reveal(publicLogKey),
    signCheckpoint: keystore.secret('log-key').reveal((key) => openStatementSigner(key, 'log')),
    adder: adderIdentity(keystore.secret('log-key')),
    storageKey: storageKeyOf(keystore.secret('log-key')),
  }
  requireMatchingTls(identity.rootPem, identity.certificatePem, identity.privateKeyPem)
  keystore.secret('root-key')[Symbol.dispose]() // not needed to run: only a renewal opens it
  return identity
}

/** openCoordinatorHome, with a new server certificate for the same hosts where that is due. */
export async function openFreshCoordinatorHome(
  home: string,
  passphrase: string,
  now = new Date(),
): Promise<CoordinatorIdentity> {
  const identity = await openCoordinatorHome(home, passphrase)
  if (!isRenewalDue(identity, now)) return identity
  await renewServerCertificate(home, passphrase, undefined, now)
  return await openCoordinatorHome(home, passphrase)
}

/**
 * A new TLS key and server certificate from the same root, for other hosts when given.
 * @throws PlatformError keys.missing, keys.wrong-passphrase, keys.damaged, config.invalid, storage.full
 */
export async function renewServerCertificate(
  home: string,
  passphrase: string,
  newHosts?: readonly string[],
  now = new Date(),
): Promise<void> {
  const keystore = await openKeysFolder(home, 'coordinator', passphrase)
  const hosts = newHosts ?? (JSON.parse(textOf(keystore, 'hosts')) as string[])
  requireHosts(hosts)
  const root = { pem: textOf(keystore, 'root-certificate'), privateKey: bytesOf(keystore, 'root-key') }
  const federation = keystore.labels.federation ?? ''
  const tls = await issueServerCertificate(root, federation, hosts, now)
  const contents = homeContents({ federation, hosts, root, tls, logKey: bytesOf(keystore, 'log-key') })
  await replaceKeys(home, contents, passphrase)
}

interface CoordinatorKeys {
  readonly federation: string
  readonly hosts: readonly string[]
  readonly root: Root
  readonly tls: TlsCertificate
  /** PKCS#8 DER */
  readonly logKey: Uint8Array
}

function homeContents({ federation, hosts, root, tls, logKey }: CoordinatorKeys): HomeContents {
  return {
    labels: { kind: 'coordinator', federation },
    entries: {
      'root-key': root.privateKey,
      'root-certificate': Buffer.from(root.pem),
      'tls-key': Buffer.from(tls.privateKeyPem),
      'tls-certificate': Buffer.from(tls.pem),
      hosts: Buffer.from(JSON.stringify(hosts)),
      'log-key': logKey,
    },
    publicFiles: { 'root.pem': root.pem, 'tls.pem': tls.pem, 'log-key.txt': `${publicLogKey(logKey)}\n` },
  }
}

function publicLogKey(privateKey: Uint8Array): string {
  return Buffer.from(openSigner(privateKey).publicKey).toString('base64')
}

function storageKeyOf(logKey: Secret): Secret {
  const info = 'tributary/coordinator-storage/v1'
  const bytes = logKey.reveal((key) => hkdfSync('sha256', key, new Uint8Array(), info, 32))
  return new Secret('storage-key', new Uint8Array(bytes))
}

function adderIdentity(logKey: Secret): AdderIdentity {
  return {
    party: COORDINATOR_PEER,
    sign: logKey.reveal((key) => openSigner(key).sign),
    sealingKey(job, salt) {
      const info = `tributary/adder-key/v1\0${job}`
      const bytes = logKey.reveal((key) => hkdfSync('sha256', key, salt, info, 32))
      return sealingKeyOf(new Secret('sealing-key', new Uint8Array(bytes)))
    },
  }
}

function issueServerCertificate(
  root: Root,
  federation: string,
  hosts: readonly string[],
  now = new Date(),
): Promise<TlsCertificate> {
  return issueTlsCertificate({
    root,
    now,
    subject: { kind: 'server', name: 'Tributary coordinator', hosts: [...hosts, coordinatorName(federation)] },
  })
}

function requireHosts(hosts: readonly string[]): void {
  const problems: string[] = []
  if (hosts.length < 1 || hosts.length > MAX_HOSTS) {
    problems.push(`hosts: expected 1 to ${MAX_HOSTS} names or addresses, got ${hosts.length}`)
  }
  for (const host of hosts.slice(0, MAX_HOSTS)) {
    if (isIP(host) === 0 && !DNS_NAME.test(host))
      problems.push(`hosts: ${host.slice(0, 80)} is no DNS name or IP address`)
  }
  if (problems.length > 0) throw new PlatformError('config.invalid', { problems })
}
