// What the agent takes of the trust that a coordinator offers, and how it renews its certificate.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleDigest, signBundle } from '#crypto/identity/bundle-signatures.ts'
import { CertificateKeeper } from '#crypto/identity/certificate-keeper.ts'
import {
  createPartyHome,
  isRenewalDue,
  openFreshPartyHome,
  openPartyHome,
  type PartyIdentity,
} from '#crypto/identity/party-home.ts'
import { extendRevocation, signRevocation } from '#crypto/identity/revocation.ts'
import { formatTrustBundle, parseTrustBundle, type TrustBundle, verifyPeer } from '#crypto/identity/trust.ts'
import { silentLogger } from '#runtime/log.ts'
import { makeKeyring, type TestKeyring } from '../link/scripted-coordinator.ts'
import { AgentTrust } from './agent-trust.ts'

const NAMES = ['bank', 'tax', 'social']
let keyring: TestKeyring
let folder: string

beforeAll(async () => {
  keyring = await makeKeyring(NAMES)
  folder = mkdtempSync(join(tmpdir(), 'tributary-membership-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await keyring[Symbol.asyncDispose]()
})

const identity = (party: string) => keyring.parties[party] as PartyIdentity

/** The edition after `held` without the last party, signed by these. */
function next(held: TrustBundle, signers: readonly string[]): TrustBundle {
  const chain = { edition: held.edition + 1, previous: bundleDigest(held) }
  const bundle = { ...held, ...chain, parties: held.parties.slice(0, 2), signatures: [] }
  return { ...bundle, signatures: signers.map((party) => signBundle(identity(party), bundle)) }
}

async function makeTrust(name: string): Promise<AgentTrust> {
  const bundle = join(folder, `${name}.yaml`)
  writeFileSync(bundle, formatTrustBundle(keyring.trust))
  return AgentTrust.open({ bundle, home: folder })
}

const offer = (...bundles: readonly TrustBundle[]) => ({ bundles: bundles.map(formatTrustBundle), revocations: [] })

describe('the trust of an agent', () => {
  test('moves to the next edition that two thirds signed, also on disk, and to several in a row', async () => {
    const trust = await makeTrust('moves')
    const second = next(trust.bundle, ['bank', 'tax'])
    const third = next(second, ['bank', 'tax'])
    expect(await trust.take(offer(second, third))).toEqual({ edition: 3, revocations: 0 })
    expect(trust.bundle).toEqual(third)
    expect(parseTrustBundle(readFileSync(join(folder, 'moves.yaml'), 'utf8'))).toEqual(third)
  })

  test('stays as it is when a coordinator makes up, skips or takes back an edition', async () => {
    const trust = await makeTrust('stays')
    const good = next(trust.bundle, ['bank', 'tax'])
    const refusals: [TrustBundle, string][] = [
      [next(trust.bundle, ['bank']), 'trust.unsigned'],
      [{ ...good, parties: good.parties.slice(0, 1) }, 'trust.unsigned'],
      [next(good, ['bank', 'tax']), 'trust.broken-chain'],
      [keyring.trust, 'trust.broken-chain'],
    ]
    for (const [bundle, code] of refusals) {
      await expect(trust.take(offer(bundle))).rejects.toMatchObject({ code })
      expect(trust.bundle).toEqual(keyring.trust)
    }
    await trust.take(offer(good))
    await expect(trust.take(offer(keyring.trust))).rejects.toMatchObject({ code: 'trust.broken-chain' })
  })

  test('refuses a revoked party, also after a restart, and takes no revocation from the coordinator alone', async () => {
    const trust = await makeTrust('revoked')
    const list = extendRevocation(keyring.trust.federation, 'tax', undefined, { serials: [], wholeParty: true })
    const unsigned = { bundles: [], revocations: [JSON.stringify(list)] }
    await expect(trust.take(unsigned)).rejects.toMatchObject({ code: 'revocation.unsigned' })
    expect(trust.isRevoked('tax')).toBe(false)
    const signed = signRevocation(identity('social'), signRevocation(identity('bank'), list))
    expect(await trust.take({ bundles: [], revocations: [JSON.stringify(signed)] })).toMatchObject({ revocations: 1 })
    const again = await AgentTrust.open({ bundle: join(folder, 'revoked.yaml'), home: folder })
    expect(() => again.requireTrusted('tax')).toThrowError(expect.objectContaining({ code: 'identity.revoked' }))
    expect(() => again.requireTrusted('bank')).not.toThrow()
    expect(() => again.requireTrusted('mallory')).toThrowError(expect.objectContaining({ code: 'identity.unknown' }))
  })
})

describe("an agent's certificate", () => {
  const passphrase = 'correct horse battery staple'
  const DAY_MS = 86_400_000

  test('is renewed at two thirds of its life and not before, from the same root, and the old home opens', async () => {
    const home = join(folder, 'tax')
    const start = new Date()
    await createPartyHome(home, {
      federation: 'credit',
      party: 'tax',
      passphrase,
      certificate: { now: start, days: 3 },
    })
    const first = await openPartyHome(home, passphrase)
    let now = start
    const renewed: PartyIdentity[] = []
    using keeper = new CertificateKeeper({
      identity: first,
      renew: () => openFreshPartyHome(home, passphrase, { now, days: 3 }),
      renewed: (fresh) => renewed.push(fresh),
      log: silentLogger,
      now: () => now,
      checkMs: 3_600_000,
    })
    now = new Date(start.getTime() + 1.9 * DAY_MS)
    await keeper.check()
    expect(renewed).toEqual([])
    now = new Date(start.getTime() + 2 * DAY_MS)
    await keeper.check()
    await keeper.check()
    expect(renewed).toHaveLength(1)
    const fresh = renewed[0] as PartyIdentity
    expect(fresh.tlsCertificatePem).not.toBe(first.tlsCertificatePem)
    expect(fresh).toMatchObject({ rootPem: first.rootPem, signingPublicKey: first.signingPublicKey })
    expect(Math.round((fresh.tlsExpiresAt.getTime() - now.getTime()) / DAY_MS)).toBe(3)
    expect((await openPartyHome(home, passphrase)).tlsCertificatePem).toBe(fresh.tlsCertificatePem)
    now = new Date(now.getTime() + 2 * DAY_MS)
    await keeper.check()
    expect(renewed).toHaveLength(2)
  })

  test('that cannot be renewed is tried again, and the old one stays in use', async () => {
    const life = { tlsIssuedAt: new Date(0), tlsExpiresAt: new Date(3000) }
    const outcomes = [Promise.reject(new Error('disk')), Promise.resolve({ ...life, tlsExpiresAt: new Date(9e9) })]
    for (const outcome of outcomes) outcome.catch(() => undefined)
    const renewed: unknown[] = []
    using keeper = new CertificateKeeper({
      identity: life,
      renew: () => outcomes.shift() as Promise<typeof life>,
      renewed: (fresh) => renewed.push(fresh),
      log: silentLogger,
      now: () => new Date(2500),
    })
    await keeper.check()
    expect(renewed).toHaveLength(0)
    await keeper.check()
    await keeper.check()
    expect(renewed).toHaveLength(1)
  })

  test('is due by its own dates, and an expired one is due too', async () => {
    const life = { tlsIssuedAt: new Date(0), tlsExpiresAt: new Date(3000) }
    expect([0, 1999, 2000, 5000].map((at) => isRenewalDue(life, new Date(at)))).toEqual([false, false, true, true])
    const bank = new X509Certificate(identity('bank').tlsCertificatePem).raw
    expect(await verifyPeer(keyring.trust, bank, new Date())).toBe('bank')
  })
})
