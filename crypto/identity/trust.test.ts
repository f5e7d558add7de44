import 'reflect-metadata' // @peculiar/x509 needs it first
import { X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { beforeAll, describe, expect, test } from 'vitest'
import { issueTlsCertificate, makeRoot, type Root } from './certificates.ts'
import { agentId } from './names.ts'
import { type PartyCard, signCard } from './party-card.ts'
import { makeSigningKey, openSigner } from './signing.ts'
import {
  formatTrustBundle,
  makeTrustBundle,
  parseTrustBundle,
  signingKeyOf,
  type TrustBundle,
  verifyPeer,
} from './trust.ts'

const DAY_MS = 86_400_000
const NOW = new Date('2026-11-21T12:00:00Z')

interface Member {
  readonly root: Root
  readonly card: PartyCard
}

let coordinator: Root
let bank: Member
let tax: Member
let bundle: TrustBundle

beforeAll(async () => {
  coordinator = await makeRoot({ federation: 'credit', name: 'coordinator', now: NOW })
  bank = await makeMember('bank')
  tax = await makeMember('tax')
  bundle = makeTrustBundle('credit', coordinator.pem, [bank.card, tax.card])
})

async function makeMember(party: string, federation = 'credit'): Promise<Member> {
  const root = await makeRoot({ federation, name: party, uriDomain: federation, now: NOW })
  const signer = openSigner(makeSigningKey().privateKey)
  return { root, card: signCard(signer, { federation, party, rootPem: root.pem }) }
}

/** A client certificate with this URI, or a server certificate. */
async function certificateOf(
  root: Root,
  uri: string,
  options: { now?: Date; days?: number } = {},
): Promise<Uint8Array> {
  const subject = { kind: 'client', name: 'agent', uri } as const
  const { pem } = await issueTlsCertificate({ root, subject, now: NOW, ...options })
  return new X509Certificate(pem).raw
}

/** A certificate that our own code would not issue: the right agent id with other extensions. */
async function oddCertificate(root: Root, extensions: x509.Extension[]): Promise<Uint8Array> {
  const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify'])
  const names = new x509.SubjectAlternativeNameExtension([{ type: 'url', value: agentId('credit', 'bank') }])
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=odd',
    issuer: new x509.X509Certificate(root.pem).subjectName,
    notBefore: NOW,
    notAfter: new Date(NOW.getTime() + DAY_MS),
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', Uint8Array.from(root.privateKey), P256, false, ['sign']),
    signingAlgorithm: P256,
    extensions: [names, ...extensions],
  })
  return new Uint8Array(certificate.rawData)
}

const problems = (change: unknown) => {
  try {
    parseTrustBundle(JSON.stringify(change))
  } catch (error) {
    expect(error).toMatchObject({ code: 'config.invalid' })
    return (error as { detail: { problems: string[] } }).detail.problems
  }
  return []
}

describe('a trust bundle', () => {
  test('comes back from YAML and from JSON', () => {
    expect(parseTrustBundle(formatTrustBundle(bundle))).toEqual(bundle)
    expect(parseTrustBundle(JSON.stringify(bundle))).toEqual(bundle)
    expect(formatTrustBundle(bundle)).toContain('-----BEGIN CERTIFICATE-----\n')
  })

  test("gives each party's signing key and no other", () => {
    expect(Buffer.from(signingKeyOf(bundle, 'tax')).toString('base64')).toBe(tax.card.signingKey)
    expect(() => signingKeyOf(bundle, 'park')).toThrowError(expect.objectContaining({ code: 'identity.unknown' }))
  })

  test('is not made from a card that its key did not sign, whichever field changed', () => {
    const changes: Partial<PartyCard>[] = [
      { party: 'park' },
      { rootPem: tax.root.pem },
      { signingKey: tax.card.signingKey },
      { signature: tax.card.signature },
    ]
    for (const change of changes) {
      expect(() => makeTrustBundle('credit', coordinator.pem, [{ ...bank.card, ...change }])).toThrowError(
        expect.objectContaining({ code: 'config.invalid' }),
      )
    }
  })

  test('is not made from a card of another federation', async () => {
    const foreign = await makeMember('park', 'medical')
    expect(() => makeTrustBundle('credit', coordinator.pem, [bank.card, foreign.card])).toThrowError(
      expect.objectContaining({ detail: { problems: ['card of park: is for federation medical'] } }),
    )
  })

  test('refuses unknown keys, missing keys and other versions', () => {
    expect(problems({ ...bundle, extra: 1 })).not.toEqual([])
    expect(problems({ ...bundle, version: 2 })).not.toEqual([])
    expect(problems({ ...bundle, coordinator: {} })).not.toEqual([])
    expect(problems({ ...bundle, parties: [] })).not.toEqual([])
    expect(problems(null)).not.toEqual([])
  })

  test('text that is neither YAML nor JSON, or uses aliases, is config.unreadable', () => {
    for (const text of ['a: [', 'a: &x 1\nb: *x']) {
      expect(() => parseTrustBundle(text)).toThrowError(expect.objectContaining({ code: 'config.unreadable' }))
    }
  })

  test('names every problem at once', () => {
    const [first, second] = bundle.parties as [TrustBundle['parties'][0], TrustBundle['parties'][0]]
    const found = problems({
      ...bundle,
      federation: 'Credit',
      parties: [
        { ...first, party: 'Bank', signingKey: 'AAAA' },
        { ...second, rootPem: 'no certificate' },
      ],
    })
    expect(found).toEqual([
      '/federation: not a federation name',
      '/parties/0/party: not a party name',
      '/parties/0/signingKey: expected the base64 of an Ed25519 key of 32 bytes',
      '/parties/1/rootPem: expected exactly one PEM certificate',
    ])
  })

  test('refuses two members with one name, one root or one signing key', () => {
    const [first, second] = bundle.parties as [TrustBundle['parties'][0], TrustBundle['parties'][0]]
    const repeated = (change: object) => problems({ ...bundle, parties: [first, { ...second, ...change }] })
    expect(repeated({ party: 'bank' })).toEqual(['/parties/1/party: the same as /parties/0/party'])
    expect(repeated({ rootPem: first.rootPem })).toEqual(['/parties/1/rootPem: the same as /parties/0/rootPem'])
    expect(repeated({ signingKey: first.signingKey })).toEqual([
      '/parties/1/signingKey: the same as /parties/0/signingKey',
    ])
  })

  test("refuses the coordinator's root as a party's", () => {
    const [first] = bundle.parties as [TrustBundle['parties'][0]]
    expect(problems({ ...bundle, parties: [{ ...first, rootPem: coordinator.pem }] })).toEqual([
      '/parties/0/rootPem: the same as /coordinator/rootPem',
    ])
  })

  test('refuses as a root: two certificates, an end certificate, a signing key of small order', async () => {
    const [first] = bundle.parties as [TrustBundle['parties'][0]]
    const leaf = new X509Certificate(await certificateOf(bank.root, agentId('credit', 'bank'))).toString()
    const change = (parts: object) => problems({ ...bundle, parties: [{ ...first, ...parts }] })
    expect(change({ rootPem: first.rootPem + tax.root.pem })).toEqual([
      '/parties/0/rootPem: expected exactly one PEM certificate',
    ])
    expect(change({ rootPem: leaf })).toEqual(['/parties/0/rootPem: is not a certificate authority'])
    expect(change({ signingKey: Buffer.alloc(32).toString('base64') })).toHaveLength(1)
  })
})

describe('verifyPeer', () => {
  test('names the party of a right certificate', async () => {
    expect(await verifyPeer(bundle, await certificateOf(bank.root, agentId('credit', 'bank')), NOW)).toBe('bank')
    expect(await verifyPeer(bundle, await certificateOf(tax.root, agentId('credit', 'tax', 2)), NOW)).toBe('tax')
  })

  test("refuses party B's name from party A's root", async () => {
    const minted = await certificateOf(bank.root, agentId('credit', 'tax'))
    await expect(verifyPeer(bundle, minted, NOW)).rejects.toMatchObject({
      code: 'identity.wrong-party',
      detail: { claimed: 'tax', issuer: 'bank' },
    })
  })

  test("refuses a party's name from the coordinator's root and from a stranger's of the same name", async () => {
    const stranger = await makeMember('bank')
    for (const root of [coordinator, stranger.root]) {
      const minted = await certificateOf(root, agentId('credit', 'bank'))
      await expect(verifyPeer(bundle, minted, NOW)).rejects.toMatchObject({ code: 'identity.unknown' })
    }
  })

  test('refuses a party that is not in the bundle, another federation, and ids of another form', async () => {
    const uris = [
      agentId('credit', 'park'),
      agentId('medical', 'bank'),
      'spiffe://credit/party/bank',
      'spiffe://credit/party/bank/agent/0',
      'spiffe://credit/party/bank/agent/1/x',
      'spiffe://credit/party/bank/agent/1, URI:x',
      'https://credit/party/bank/agent/1',
    ]
    for (const uri of uris) {
      const der = await certificateOf(bank.root, uri)
      await expect(verifyPeer(bundle, der, NOW)).rejects.toMatchObject({ code: 'identity.unknown' })
    }
  })

  test('refuses a certificate past its end and before its start', async () => {
    const der = await certificateOf(bank.root, agentId('credit', 'bank'))
    const at = (days: number) => verifyPeer(bundle, der, new Date(NOW.getTime() + days * DAY_MS))
    expect(await at(89.9)).toBe('bank')
    for (const days of [90.1, -1]) {
      await expect(at(days)).rejects.toMatchObject({ code: 'identity.expired', detail: { what: 'certificate' } })
    }
    await expect(verifyPeer(bundle, der, new Date(Number.NaN))).rejects.toMatchObject({ code: 'identity.expired' })
  })

  test('refuses a valid certificate of a root that has expired', async () => {
    const later = new Date(NOW.getTime() + 3700 * DAY_MS)
    const der = await certificateOf(bank.root, agentId('credit', 'bank'), { now: later })
    await expect(verifyPeer(bundle, der, later)).rejects.toMatchObject({
      code: 'identity.expired',
      detail: { what: 'root' },
    })
  })

  test('refuses a server certificate, the root itself, and bytes that are none', async () => {
    const subject = { kind: 'server', name: 'x', hosts: ['bank.example'] } as const
    const server = await issueTlsCertificate({ root: bank.root, subject, now: NOW })
    const ders = [
      new X509Certificate(server.pem).raw,
      new X509Certificate(bank.root.pem).raw,
      Buffer.from('no'),
      Buffer.alloc(0),
    ]
    for (const der of ders) {
      await expect(verifyPeer(bundle, der, NOW)).rejects.toMatchObject({ code: 'identity.unknown' })
    }
  })

  test("refuses the right name from the right root that is not for a client's end of TLS", async () => {
    const { clientAuth, serverAuth } = x509.ExtendedKeyUsage
    const clientUsage = new x509.ExtendedKeyUsageExtension([clientAuth])
    const right = await oddCertificate(bank.root, [clientUsage])
    expect(await verifyPeer(bundle, right, NOW)).toBe('bank')
    const wrong = [
      [],
      [new x509.ExtendedKeyUsageExtension([serverAuth])],
      [clientUsage, new x509.BasicConstraintsExtension(true, 0, true)],
    ]
    for (const extensions of wrong) {
      await expect(verifyPeer(bundle, await oddCertificate(bank.root, extensions), NOW)).rejects.toMatchObject({
        code: 'identity.unknown',
        detail: { problem: 'not a client certificate' },
      })
    }
  })

  test('refuses a certificate with any byte of its signed part changed', async () => {
    const der = await certificateOf(bank.root, agentId('credit', 'bank'))
    for (let at = 0; at < der.length; at += 7) {
      const changed = Uint8Array.from(der)
      changed[at] = (changed[at] as number) ^ 0x01
      await expect(verifyPeer(bundle, changed, NOW)).rejects.toMatchObject({
        code: expect.stringMatching(/^identity\./),
      })
    }
  })
})
