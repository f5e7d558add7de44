// Passkeys: adding one, signing in with it, and every answer of an authenticator that is not in order.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyIdOf } from '#crypto/log/ed25519.ts'
import { ACCESS, codeOf, EntranceBench, PASSPHRASES, type TestBrowser } from './entrance-fixture.ts'
import { type Deviation, SoftwareAuthenticator } from './software-authenticator.ts'

const passphrase = PASSPHRASES['li-wei']
const device = new SoftwareAuthenticator(true)
let bench: EntranceBench
let signedIn: TestBrowser
let link: string

beforeAll(async () => {
  bench = await EntranceBench.open()
  signedIn = bench.browser()
  await signedIn.signIn('li-wei')
  const options = await signedIn.client.newPasskey({ body: { passphrase } })
  const attestation = device.create(options, bench.origin)
  const added = await signedIn.client.addPasskey({ body: { name: ' 笔记本 ', passphrase, attestation } })
  expect(added).toMatchObject({ kind: 'passkey', name: '笔记本', host: 'localhost', syncs: true })
  link = added.id
  expect(await codeOf(signedIn.client.addPasskey({ body: { name: 'again', passphrase, attestation } }))).toBe(
    'console.passkey', // the challenge was good once
  )
})
afterAll(() => bench[Symbol.asyncDispose]())

async function enter(
  by: SoftwareAuthenticator,
  deviation: Deviation = {},
  origin = bench.origin,
): Promise<TestBrowser> {
  const browser = bench.browser()
  const options = await browser.client.passkeyChallenge()
  const assertion = by.get(options, origin, deviation)
  browser.session = await browser.client.passkeySignIn({ body: { assertion } })
  return browser
}

test('a challenge names no person and no passkey, and the options ask for verification of the user', async () => {
  const options = await bench.browser().client.passkeyChallenge()
  expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
  expect(options.allowCredentials ?? []).toEqual([])
})

test('who signs in with it reads in their name under the key that they delegated, and signs nothing else', async () => {
  const browser = await enter(device)
  expect(browser.session).toMatchObject({ how: 'passkey', person: { id: 'li-wei', role: 'steward' } })
  const { publicKey } = await browser.client.whoReads({ body: { type: ACCESS } })
  expect(keyIdOf(Buffer.from(publicKey, 'base64'))).toBe(link)
  const approval = { type: 'application/vnd.tributary.approval.v1+json' }
  expect(await codeOf(browser.client.whoReads({ body: approval }))).toBe('internal.unexpected')
  expect(await codeOf(signedIn.client.whoReads({ body: approval }))).toBe('internal.unexpected')
  expect(await codeOf(browser.client.newPasskey({ body: { passphrase: 'guessed' } }))).toBe('console.passphrase')
})

test.each<[string, string, Deviation]>([
  ['another site', 'assertion', { rpId: 'evil.example' }],
  ['a challenge that was never given', 'assertion', { challenge: Buffer.alloc(80).toString('base64url') }],
  ['a user who was not verified', 'assertion', { isVerified: false }],
  ['an answer to a registration', 'assertion', { type: 'webauthn.create' }],
  ['a counter that went back', 'counter went back', { counter: 1 }],
  ['a device that cannot sync, though it could', 'another kind of passkey', { canSync: false, counter: 1000 }],
  ['the handle of another person', 'user handle', { userHandle: 'd2FuZw', counter: 1001 }],
])('%s is refused, and the record says %s', async (_, reason, deviation) => {
  await enter(device)
  expect(await codeOf(enter(device, deviation))).toBe('console.sign-in')
  const [refused] = bench.entrance.record.page(1)
  expect(refused).toMatchObject({ event: 'refused', how: 'passkey', person: 'li-wei', link, reason })
})

test('an answer that was given on another page, by a stranger, twice, or late is refused', async () => {
  expect(await codeOf(enter(device, {}, 'http://evil.example'))).toBe('console.sign-in')
  expect(await codeOf(enter(new SoftwareAuthenticator()))).toBe('console.sign-in')
  expect(bench.entrance.record.page(1)).toMatchObject([{ reason: 'unknown passkey', person: '' }])
  const { client } = bench.browser()
  const options = await client.passkeyChallenge()
  await client.passkeySignIn({ body: { assertion: device.get(options, bench.origin) } })
  const again = client.passkeySignIn({ body: { assertion: device.get(options, bench.origin) } })
  expect(await codeOf(again)).toBe('console.sign-in')
  const late = device.get(await client.passkeyChallenge(), bench.origin)
  bench.wait(121)
  expect(await codeOf(client.passkeySignIn({ body: { assertion: late } }))).toBe('console.sign-in')
})

test('nobody adds a passkey with the challenge of another session, or for another site', async () => {
  const other = new SoftwareAuthenticator()
  const first = bench.browser()
  await first.signIn('li-wei')
  const options = await first.client.newPasskey({ body: { passphrase } })
  const second = await enter(device)
  const add = (browser: TestBrowser, origin: string) =>
    browser.client.addPasskey({ body: { name: 'x', passphrase, attestation: other.create(options, origin) } })
  expect(await codeOf(add(first, 'http://evil.example'))).toBe('console.passkey')
  expect(await codeOf(add(second, bench.origin))).toBe('console.passkey')
})

test('under a number instead of a name there are no passkeys', async () => {
  const browser = bench.browser(bench.origin.replace('localhost', '127.0.0.1'))
  expect((await browser.client.about()).methods).toEqual(['passphrase'])
  expect(await codeOf(browser.client.passkeyChallenge())).toBe('console.passkey')
})

test('after its end it opens nothing until it is renewed, and removed it ends its sessions', async () => {
  bench.wait(91 * 86_400)
  expect(await codeOf(enter(device))).toBe('console.link-expired')
  const owner = bench.browser()
  await owner.signIn('li-wei')
  const renewed = await owner.client.renewLink({ params: { id: link }, body: { passphrase } })
  expect(renewed.id).not.toBe(link)
  const browser = await enter(device)
  const files = join(bench.home, 'people')
  await cp(files, `${files}-copy`, { recursive: true })
  await owner.client.removeLink({ params: { id: renewed.id } })
  expect(await codeOf(browser.client.session())).toBe('console.signed-out')
  expect(await codeOf(enter(device))).toBe('console.sign-in')
  expect((await owner.client.ownLinks()).items).toEqual([])
  await cp(`${files}-copy`, files, { recursive: true }) // somebody puts the files back
  expect(await codeOf(enter(device))).toBe('console.sign-in')
  expect(bench.entrance.record.page(1)).toMatchObject([{ link: renewed.id, reason: 'removed before' }])
  const events = bench.entrance.record.page(200).map(({ event }) => event)
  for (const event of ['link-added', 'link-renewed', 'link-removed', 'session-ended'] as const)
    expect(events).toContain(event)
})
