// The certificates in real TLS handshakes, set up as coordinator and agent set them up.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Secret } from '#runtime/secret.ts'
import { issueTlsCertificate, makeRoot, type Root } from './certificates.ts'
import { type CoordinatorIdentity, createCoordinatorHome, openCoordinatorHome } from './coordinator-home.ts'
import { agentId } from './names.ts'
import { createPartyHome, openPartyHome, type PartyIdentity } from './party-home.ts'
import { makeTrustBundle, type TrustBundle, verifyPeer } from './trust.ts'

const PASSPHRASE = 'correct horse'
let folder: string
let coordinator: CoordinatorIdentity
let bank: PartyIdentity
let stranger: PartyIdentity
let bundle: TrustBundle

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-tls-'))
  const hosts = ['localhost', '127.0.0.1']
  await createCoordinatorHome(join(folder, 'c'), { federation: 'credit', passphrase: PASSPHRASE, hosts })
  coordinator = await openCoordinatorHome(join(folder, 'c'), PASSPHRASE)
  const card = await createPartyHome(join(folder, 'bank'), {
    federation: 'credit',
    party: 'bank',
    passphrase: PASSPHRASE,
  })
  bank = await openPartyHome(join(folder, 'bank'), PASSPHRASE)
  // the same names from another root: not in the bundle
  await createPartyHome(join(folder, 'other'), { federation: 'credit', party: 'bank', passphrase: PASSPHRASE })
  stranger = await openPartyHome(join(folder, 'other'), PASSPHRASE)
  bundle = makeTrustBundle('credit', coordinator.rootPem, [card])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const pem = (secret: Secret) => secret.reveal((bytes) => Buffer.from(bytes))
const clientOf = (identity: PartyIdentity): ConnectionOptions => ({
  cert: identity.tlsCertificatePem,
  key: pem(identity.tlsPrivateKeyPem),
})

interface Outcome {
  /** what the server saw, when the handshake was complete on its side */
  readonly accepted: { readonly protocol: string | null; readonly certificate: Uint8Array } | undefined
  /** what the client was told */
  readonly received: string
  readonly clientError: string | undefined
}

/** One connection: the server says hello to whom it accepts. */
async function shake(client: ConnectionOptions, serverChanges: TlsOptions = {}): Promise<Outcome> {
  let accepted: Outcome['accepted']
  const server = createServer({
    cert: coordinator.certificatePem,
    key: pem(coordinator.privateKeyPem),
    ca: bundle.parties.map((party) => party.rootPem),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    ...serverChanges,
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    accepted = { protocol: socket.getProtocol(), certificate: socket.getPeerCertificate().raw }
    socket.on('error', () => socket.destroy()) // the client may be gone already
    socket.end('hello')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: bundle.coordinator.rootPem,
    ...client,
  })
  let received = ''
  let clientError: string | undefined
  socket.on('data', (bytes) => {
    received += bytes
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    clientError = error.code ?? error.message
  })
  await new Promise((resolve) => socket.once('close', resolve))
  server.close()
  await once(server, 'close')
  return { accepted, received, clientError }
}

describe('a TLS handshake between an agent and the coordinator', () => {
  test('is TLS 1.3, mutual, and its certificate names the party', async () => {
    const { accepted, received, clientError } = await shake(clientOf(bank))
    expect(clientError).toBeUndefined()
    expect(received).toBe('hello')
    expect(accepted?.protocol).toBe('TLSv1.3')
    expect(await verifyPeer(bundle, accepted?.certificate ?? Buffer.alloc(0), new Date())).toBe('bank')
  })

  test('is refused to a TLS 1.2 client', async () => {
    const outcome = await shake({ ...clientOf(bank), maxVersion: 'TLSv1.2' })
    expect(outcome).toEqual({
      accepted: undefined,
      received: '',
      clientError: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    })
  })

  test('is refused to a client of a foreign root, of no certificate, and of a server certificate', async () => {
    const server: ConnectionOptions = { cert: coordinator.certificatePem, key: pem(coordinator.privateKeyPem) }
    for (const client of [clientOf(stranger), {}, server]) {
      expect(await shake(client)).toMatchObject({ accepted: undefined, received: '' })
    }
  })

  test('is broken off by the agent when the server is a foreign one, or has another name', async () => {
    const foreign = await shake({ ...clientOf(bank), ca: stranger.rootPem })
    expect(foreign).toMatchObject({ received: '', clientError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    const renamed = await shake({ ...clientOf(bank), servername: 'relay.example' })
    expect(renamed).toMatchObject({ received: '', clientError: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  test("a party's own certificate does not pass as the coordinator's", async () => {
    const asServer = { cert: bank.tlsCertificatePem, key: pem(bank.tlsPrivateKeyPem) }
    const outcome = await shake({ ...clientOf(bank), ca: bank.rootPem, checkServerIdentity: () => undefined }, asServer)
    expect(outcome).toMatchObject({ received: '', clientError: 'INVALID_PURPOSE' })
  })

  test('an expired client certificate is refused', async () => {
    const root = await makeRoot({ federation: 'credit', name: 'bank', uriDomain: 'credit' })
    const subject = { kind: 'client', name: 'bank', uri: agentId('credit', 'bank') } as const
    const expired = await issueTlsCertificate({ root, subject, now: new Date(Date.now() - 100 * 86_400_000) })
    const fresh = await issueTlsCertificate({ root, subject })
    const trusting = { ca: root.pem }
    expect(await shake({ cert: expired.pem, key: expired.privateKeyPem }, trusting)).toMatchObject({
      accepted: undefined,
    })
    expect(await shake({ cert: fresh.pem, key: fresh.privateKeyPem }, trusting)).toMatchObject({ received: 'hello' })
  })
})

describe("the name constraint of a party's root", () => {
  // each case is run with an unconstrained root too, so that nothing but the constraint can be the reason
  const roots = async () => ({
    constrained: await makeRoot({ federation: 'credit', name: 'bank', uriDomain: 'credit' }),
    free: await makeRoot({ federation: 'credit', name: 'bank' }),
  })

  test('stops agent ids outside its federation', async () => {
    const { constrained, free } = await roots()
    const connectFrom = async (root: Root) => {
      const subject = { kind: 'client', name: 'bank', uri: agentId('medical', 'bank') } as const
      const { pem: cert, privateKeyPem: key } = await issueTlsCertificate({ root, subject })
      return (await shake({ cert, key }, { ca: root.pem })).received
    }
    expect(await connectFrom(constrained)).toBe('')
    expect(await connectFrom(free)).toBe('hello')
  })

  test.each([['localhost'], ['127.0.0.1']])('stops server certificates, here for %s', async (host) => {
    const { constrained, free } = await roots()
    const connectTo = async (root: Root) => {
      const subject = { kind: 'server', name: 'x', hosts: [host] } as const
      const { pem: cert, privateKeyPem } = await issueTlsCertificate({ root, subject })
      const client = { ...clientOf(bank), ca: root.pem, checkServerIdentity: () => undefined }
      return (await shake(client, { cert, key: Buffer.from(privateKeyPem) })).received
    }
    expect(await connectTo(constrained)).toBe('')
    expect(await connectTo(free)).toBe('hello')
  })
})
