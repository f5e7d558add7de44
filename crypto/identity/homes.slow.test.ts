import { X509Certificate } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { signSealingKey, verifySealingKey } from '../envelope.ts'
import { COORDINATOR_PEER, isPartyName } from './names.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createCoordinatorHome,
  openCoordinatorHome,
  openFreshCoordinatorHome,
  renewServerCertificate,
} from './coordinator-home.ts'
import { parsePartyCard } from './party-card.ts'
import { createPartyHome, openPartyHome, type PartyCard, renewTlsCertificate } from './party-home.ts'
import { verifySignature } from './signing.ts'

const PASSPHRASE = 'correct horse'
let folder: string
let bank: string
let card: PartyCard
let coordinator: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-homes-'))
  bank = join(folder, 'bank')
  coordinator = join(folder, 'coordinator')
  card = await createPartyHome(bank, { federation: 'credit', party: 'bank', passphrase: PASSPHRASE })
  await createCoordinatorHome(coordinator, {
    federation: 'credit',
    passphrase: PASSPHRASE,
    hosts: ['relay.example', '10.0.0.7', '::1'],
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A copy of a home, to be damaged. */
async function copyOf(home: string): Promise<string> {
  const copy = await mkdtemp(join(folder, 'copy-'))
  await cp(home, copy, { recursive: true })
  return copy
}

describe("a party's home", () => {
  test('holds the four files, closed to others, and nothing half-made', async () => {
    expect(await readdir(bank)).toEqual(['keys'])
    expect((await stat(join(bank, 'keys'))).mode & 0o777).toBe(0o700)
    expect((await readdir(join(bank, 'keys'))).sort()).toEqual(['card.json', 'keystore.json', 'root.pem', 'tls.pem'])
    for (const name of await readdir(join(bank, 'keys'))) {
      expect((await stat(join(bank, 'keys', name))).mode & 0o777).toBe(0o600)
    }
  })

  test('opens to keys that belong together', async () => {
    const identity = await openPartyHome(bank, PASSPHRASE)
    expect(identity).toMatchObject({ federation: 'credit', party: 'bank', rootPem: card.rootPem })
    expect(Buffer.from(identity.signingPublicKey).toString('base64')).toBe(card.signingKey)
    const signature = identity.sign('job-spec', Buffer.from('spec'))
    expect(verifySignature(identity.signingPublicKey, 'job-spec', Buffer.from('spec'), signature)).toBe(true)
    expect(identity.storageKey.reveal((bytes) => bytes.length)).toBe(32)
    expect(identity.tlsPrivateKeyPem.reveal((bytes) => Buffer.from(bytes).toString())).toContain('BEGIN PRIVATE KEY')
  })

  test('its TLS certificate names the agent, is a P-256 client certificate and ends in 7 days', async () => {
    const identity = await openPartyHome(bank, PASSPHRASE)
    const certificate = new X509Certificate(identity.tlsCertificatePem)
    expect(certificate.subjectAltName).toBe('URI:spiffe://credit/party/bank/agent/1')
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(certificate.ca).toBe(false)
    const days = (certificate.validToDate.getTime() - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(7)
    expect(identity.tlsExpiresAt).toEqual(certificate.validToDate)
  })

  test('prints no secret', async () => {
    const identity = await openPartyHome(bank, PASSPHRASE)
    const key = identity.storageKey.reveal((bytes) => Buffer.from(bytes))
    for (const text of [inspect(identity, { depth: 9, showHidden: true }), JSON.stringify(identity)]) {
      expect(text).not.toContain('PRIVATE KEY')
      expect(text).not.toContain(key.toString('hex'))
      expect(text).not.toContain(key.toString('base64'))
      expect(text).toContain('Secret(storage-key)')
    }
  })

  test('two parties share no key', async () => {
    const other = join(folder, 'tax')
    const otherCard = await createPartyHome(other, { federation: 'credit', party: 'tax', passphrase: PASSPHRASE })
    expect(otherCard.signingKey).not.toBe(card.signingKey)
    expect(otherCard.rootPem).not.toBe(card.rootPem)
  })

  test('renewal makes a new TLS key from the same root and keeps everything else', async () => {
    const home = await copyOf(bank)
    const before = await openPartyHome(home, PASSPHRASE)
    await renewTlsCertificate(home, PASSPHRASE)
    const after = await openPartyHome(home, PASSPHRASE)
    expect(after.tlsCertificatePem).not.toBe(before.tlsCertificatePem)
    expect(after.rootPem).toBe(before.rootPem)
    expect(after.signingPublicKey).toEqual(before.signingPublicKey)
    expect(after.storageKey.reveal((bytes) => Buffer.from(bytes))).toEqual(
      before.storageKey.reveal((bytes) => Buffer.from(bytes)),
    )
    const certificate = new X509Certificate(after.tlsCertificatePem)
    expect(certificate.verify(new X509Certificate(card.rootPem).publicKey)).toBe(true)
    expect(await readFile(join(home, 'keys/tls.pem'), 'utf8')).toBe(after.tlsCertificatePem)
    expect(parsePartyCard(await readFile(join(home, 'keys/card.json'), 'utf8'))).toEqual(card)
  })

  test('is never overwritten, also not by two at once', async () => {
    await expect(
      createPartyHome(bank, { federation: 'credit', party: 'bank', passphrase: 'other' }),
    ).rejects.toMatchObject({ code: 'keys.exists' })
    const home = join(folder, 'race')
    const options = { federation: 'credit', party: 'park', passphrase: PASSPHRASE }
    const results = await Promise.allSettled([1, 2, 3].map(() => createPartyHome(home, options)))
    const made = results.filter((result) => result.status === 'fulfilled')
    expect(made.length).toBe(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'keys.exists' })
    }
    expect(await readdir(home)).toEqual(['keys'])
    const identity = await openPartyHome(home, PASSPHRASE)
    expect(identity.rootPem).toBe(made[0]?.value.rootPem)
  })
})

describe('refusals', () => {
  test('no keys is keys.missing, a wrong passphrase keys.wrong-passphrase', async () => {
    await expect(openPartyHome(join(folder, 'nowhere'), PASSPHRASE)).rejects.toMatchObject({ code: 'keys.missing' })
    await expect(renewTlsCertificate(join(folder, 'nowhere'), 'x')).rejects.toMatchObject({ code: 'keys.missing' })
    await expect(openPartyHome(bank, 'wrong')).rejects.toMatchObject({ code: 'keys.wrong-passphrase' })
    await expect(renewTlsCertificate(bank, 'wrong')).rejects.toMatchObject({ code: 'keys.wrong-passphrase' })
    await expect(openCoordinatorHome(coordinator, 'wrong')).rejects.toMatchObject({ code: 'keys.wrong-passphrase' })
  })

  test('a truncated or emptied key store is keys.damaged', async () => {
    const home = await copyOf(bank)
    const path = join(home, 'keys/keystore.json')
    for (const bytes of [1000, 10, 0]) {
      await truncate(path, bytes)
      await expect(openPartyHome(home, PASSPHRASE)).rejects.toMatchObject({ code: 'keys.damaged' })
    }
  })

  test("a coordinator's home is not a party's, and the other way round", async () => {
    await expect(openPartyHome(coordinator, PASSPHRASE)).rejects.toMatchObject({
      code: 'keys.damaged',
      detail: { expected: 'party', got: 'coordinator' },
    })
    await expect(openCoordinatorHome(bank, PASSPHRASE)).rejects.toMatchObject({ code: 'keys.damaged' })
  })

  test('names that may not enter a certificate are config.invalid, and nothing is made', async () => {
    const home = join(folder, 'bad')
    for (const party of ['', 'Bank', '1bank', 'a/b', 'a b', 'x'.repeat(33), 'bank\n', COORDINATOR_PEER]) {
      await expect(
        createPartyHome(home, { federation: 'credit', party, passphrase: PASSPHRASE }),
      ).rejects.toMatchObject({ code: 'config.invalid' })
    }
    await expect(
      createPartyHome(home, { federation: 'Credit/x', party: 'Bank', passphrase: PASSPHRASE }),
    ).rejects.toMatchObject({
      detail: { problems: [expect.stringMatching(/^federation/), expect.stringMatching(/^party/)] },
    })
    await expect(createPartyHome(home, { federation: 'credit', party: 'bank', passphrase: '' })).rejects.toMatchObject({
      code: 'config.invalid',
    })
    await expect(stat(home)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a card that is none is config.invalid', () => {
    for (const text of ['', '{}', JSON.stringify({ ...card, more: 1 }), ' '.repeat(20_000)]) {
      expect(() => parsePartyCard(text)).toThrowError(expect.objectContaining({ code: 'config.invalid' }))
    }
  })
})

describe("the coordinator's home", () => {
  test('opens to a server certificate for its hosts', async () => {
    const identity = await openCoordinatorHome(coordinator, PASSPHRASE)
    const certificate = new X509Certificate(identity.certificatePem)
    expect(identity.federation).toBe('credit')
    expect(certificate.checkHost('relay.example')).toBe('relay.example')
    expect(certificate.checkIP('10.0.0.7')).toBe('10.0.0.7')
    expect(certificate.checkIP('::1')).toBe('::1')
    expect(certificate.checkHost('other.example')).toBeUndefined()
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(await readFile(join(coordinator, 'keys/root.pem'), 'utf8')).toBe(identity.rootPem)
  })

  test('holds keys of certificates and of the round log: nothing that signs for a party or opens messages', async () => {
    const file = JSON.parse(await readFile(join(coordinator, 'keys/keystore.json'), 'utf8')) as {
      entries: { name: string }[]
    }
    expect(file.entries.map((entry) => entry.name).sort()).toEqual([
      'hosts',
      'log-key',
      'root-certificate',
      'root-key',
      'tls-certificate',
      'tls-key',
    ])
  })

  test('is a peer of jobs whose updates it adds: one key a job, which needs its salt too', async () => {
    const { adder, logKey } = await openCoordinatorHome(coordinator, PASSPHRASE)
    const again = (await openCoordinatorHome(coordinator, PASSPHRASE)).adder
    const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const key = adder.sealingKey('job-a', one)
    expect(again.sealingKey('job-a', one).publicKey).toEqual(key.publicKey)
    expect(adder.sealingKey('job-a', other).publicKey).not.toEqual(key.publicKey)
    expect(adder.sealingKey('job-b', one).publicKey).not.toEqual(key.publicKey)
    const signature = signSealingKey(adder, 'job-a', key.publicKey)
    verifySealingKey(Buffer.from(logKey, 'base64'), 'job-a', COORDINATOR_PEER, key.publicKey, signature)
    expect([adder.party, COORDINATOR_PEER, isPartyName(COORDINATOR_PEER)]).toEqual([
      'coordinator',
      'coordinator',
      false,
    ])
  })

  test('renewal keeps the root, and the hosts unless new ones are given', async () => {
    const home = await copyOf(coordinator)
    const before = await openCoordinatorHome(home, PASSPHRASE)
    await renewServerCertificate(home, PASSPHRASE)
    const same = await openCoordinatorHome(home, PASSPHRASE)
    expect(same.rootPem).toBe(before.rootPem)
    expect(same.certificatePem).not.toBe(before.certificatePem)
    expect(new X509Certificate(same.certificatePem).checkHost('relay.example')).toBe('relay.example')
    await renewServerCertificate(home, PASSPHRASE, ['new.example'])
    const moved = await openCoordinatorHome(home, PASSPHRASE)
    expect(new X509Certificate(moved.certificatePem).subjectAltName).toBe('DNS:new.example, DNS:coordinator.credit')
  })

  test('is opened with a new certificate once two thirds of its life are over', async () => {
    const home = await copyOf(coordinator)
    const before = await openCoordinatorHome(home, PASSPHRASE)
    const after = (share: number) => {
      const life = before.tlsExpiresAt.getTime() - before.tlsIssuedAt.getTime()
      return new Date(before.tlsIssuedAt.getTime() + share * life)
    }
    const early = await openFreshCoordinatorHome(home, PASSPHRASE, after(0.6))
    expect(early.certificatePem).toBe(before.certificatePem)
    const fresh = await openFreshCoordinatorHome(home, PASSPHRASE, after(0.7))
    expect(fresh.certificatePem).not.toBe(before.certificatePem)
    expect(fresh).toMatchObject({ rootPem: before.rootPem, logKey: before.logKey })
    expect(fresh.tlsExpiresAt.getTime()).toBeGreaterThan(before.tlsExpiresAt.getTime())
    expect((await openCoordinatorHome(home, PASSPHRASE)).certificatePem).toBe(fresh.certificatePem)
  })

  test('hosts that are none are refused together', async () => {
    const home = join(folder, 'bad-hosts')
    const options = { federation: 'credit', passphrase: PASSPHRASE }
    await expect(createCoordinatorHome(home, { ...options, hosts: [] })).rejects.toMatchObject({
      code: 'config.invalid',
    })
    await expect(
      createCoordinatorHome(home, { ...options, hosts: ['ok.example', 'not ok', 'http://x', '-a'] }),
    ).rejects.toMatchObject({ code: 'config.invalid', detail: { problems: { length: 3 } } })
  })

  test('is never overwritten', async () => {
    const options = { federation: 'credit', passphrase: 'x', hosts: ['a.example'] }
    await expect(createCoordinatorHome(coordinator, options)).rejects.toMatchObject({ code: 'keys.exists' })
  })

  test('a certificate that does not match its key is keys.damaged', async () => {
    const { sealKeystore, openKeystore } = await import('../keystore.ts')
    const home = await copyOf(coordinator)
    const path = join(home, 'keys/keystore.json')
    const keystore = await openKeystore(await readFile(path), PASSPHRASE)
    const other = await openPartyHome(bank, PASSPHRASE)
    const copy = (name: string) => keystore.secret(name).reveal((bytes) => Uint8Array.from(bytes))
    const entries = {
      'root-key': copy('root-key'),
      'root-certificate': copy('root-certificate'),
      'tls-certificate': copy('tls-certificate'),
      'tls-key': other.tlsPrivateKeyPem.reveal((bytes) => Uint8Array.from(bytes)),
    }
    await writeFile(path, await sealKeystore(keystore.labels, entries, PASSPHRASE))
    await expect(openCoordinatorHome(home, PASSPHRASE)).rejects.toMatchObject({ code: 'keys.damaged' })
  })
})
