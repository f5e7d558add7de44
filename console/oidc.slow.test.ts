// The whole road of an account at an OIDC provider, against oidc-provider on the loopback: linking, signing in, and what
// an attacker can put between.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { keyIdOf } from '#crypto/log/ed25519.ts'
import type { ProviderAnswer } from './api/oidc.ts'
import { ACCESS, codeOf, EntranceBench, PASSPHRASES, type TestBrowser } from './entrance-fixture.ts'
import { oidcProblems } from './server/oidc-config.ts'
import { OidcProvider } from './server/oidc-provider.ts'
import { TestProvider } from './provider-fixture.ts'

const SECRET = 'a secret of the client, long enough'
const passphrase = PASSPHRASES['li-wei']
let folder: string
let provider: TestProvider
let issuer: string
let bench: EntranceBench

beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined) // the provider keeps all in memory, and says so
  folder = await mkdtemp(join(tmpdir(), 'oidc-'))
  const clientSecretFile = join(folder, 'secret')
  await writeFile(clientSecretFile, `${SECRET}\n`)
  provider = await TestProvider.open()
  const oidc = { issuer: provider.issuer, clientId: 'console', clientSecretFile, name: 'Bank ID' }
  bench = await EntranceBench.open({ oidc })
  provider.serve(`${bench.origin}/`, SECRET)
  ;({ issuer } = provider)
})
afterEach(() => vi.unstubAllGlobals())
afterAll(async () => {
  await bench[Symbol.asyncDispose]()
  await provider[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** A browser at the provider: follows every redirect until it leads back to the console. */
async function visitProvider(url: string, login: string): Promise<ProviderAnswer> {
  const cookies = new Map<string, string>()
  let next = url
  for (let i = 0; i < 12; i++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(next, { redirect: 'manual', headers: { cookie, 'x-login': login } })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    next = new URL(answer.headers.get('location') ?? '', next).href
    if (next.startsWith(bench.origin)) return Object.fromEntries(new URL(next).searchParams) as ProviderAnswer
  }
  throw new Error('the provider leads nowhere')
}

async function enter(login: string): Promise<TestBrowser> {
  const browser = bench.browser()
  const { url, flow } = await browser.client.oidcDeparture()
  const answer = await visitProvider(url, login)
  browser.session = await browser.client.oidcSignIn({ body: { flow, answer } })
  return browser
}

async function signedIn(person: keyof typeof PASSPHRASES = 'li-wei'): Promise<TestBrowser> {
  const browser = bench.browser()
  await browser.signIn(person)
  return browser
}

async function link(owner: TestBrowser, login: string) {
  const { url, flow } = await owner.client.accountDeparture()
  const shown = await owner.client.accountArrival({ body: { flow, answer: await visitProvider(url, login) } })
  expect(shown).toMatchObject({ account: `${login}@bank`, issuer, subject: login })
  return await owner.client.linkAccount({ body: { proof: shown.proof, name: 'Bank', passphrase } })
}

const lastReason = () => bench.entrance.record.page(1)[0]?.reason

test('an account that its owner linked signs in, reads under a key of its own, and is gone when removed', async () => {
  expect(await bench.browser().client.about()).toMatchObject({ provider: 'Bank ID' })
  expect(await codeOf(enter('lw-7'))).toBe('console.not-linked') // whatever the provider says that he is called
  const owner = await signedIn()
  const { id } = await link(owner, 'lw-7')
  const browser = await enter('lw-7')
  expect(browser.session).toMatchObject({ how: 'oidc', person: { id: 'li-wei', role: 'steward' } })
  const { publicKey } = await browser.client.whoReads({ body: { type: ACCESS } })
  expect(keyIdOf(Buffer.from(publicKey, 'base64'))).toBe(id)
  const approval = { type: 'application/vnd.tributary.approval.v1+json' }
  expect(await codeOf(browser.client.whoReads({ body: approval }))).toBe('internal.unexpected')
  const strength = { acr: 'urn:bank:mfa', amr: ['pwd', 'otp'] }
  const entered = { event: 'signed-in', how: 'oidc', link: id, person: 'li-wei', ...strength }
  expect(bench.entrance.record.page(1)).toMatchObject([entered])
  expect((await browser.client.ownSessions()).items.find(({ isThis }) => isThis)).toMatchObject(strength)
  expect(await codeOf(enter('somebody-else'))).toBe('console.not-linked')
  await owner.client.removeLink({ params: { id } })
  expect(await codeOf(browser.client.session())).toBe('console.signed-out')
  expect(await codeOf(enter('lw-7'))).toBe('console.not-linked')
})

test('an answer is good once, in time, for the browser page that left, and for what it left for', async () => {
  const { client } = bench.browser()
  const { url, flow } = await client.oidcDeparture()
  const answer = await visitProvider(url, 'lw-8')
  expect(await codeOf(client.oidcSignIn({ body: { flow, answer: { ...answer, state: 'x' } } }))).toBe('console.sign-in')
  expect(await codeOf(client.oidcSignIn({ body: { flow, answer } }))).toBe('console.sign-in') // spent with the wrong one
  expect(lastReason()).toBe('flow')

  const late = await client.oidcDeparture()
  const inTime = await visitProvider(late.url, 'lw-8')
  bench.wait(601)
  expect(await codeOf(client.oidcSignIn({ body: { flow: late.flow, answer: inTime } }))).toBe('console.sign-in')

  // somebody sends a person to the console with an answer of their own: the page has another flow
  const [victim, attacker] = [await client.oidcDeparture(), await client.oidcDeparture()]
  const planted = await visitProvider(attacker.url, 'attacker')
  expect(await codeOf(client.oidcSignIn({ body: { flow: victim.flow, answer: planted } }))).toBe('console.sign-in')

  // an answer for signing in links nothing, and one session's link is none of another
  const owner = await signedIn()
  const forSignIn = await client.oidcDeparture()
  const body = { flow: forSignIn.flow, answer: await visitProvider(forSignIn.url, 'lw-8') }
  expect(await codeOf(owner.client.accountArrival({ body }))).toBe('console.provider')
  const forLink = await owner.client.accountDeparture()
  const other = await signedIn('wang-fang')
  const stolen = { flow: forLink.flow, answer: await visitProvider(forLink.url, 'lw-8') }
  expect(await codeOf(other.client.accountArrival({ body: stolen }))).toBe('console.provider')
})

test('a proof links in the session that it was given to, once, with the passphrase', async () => {
  const owner = await signedIn()
  const { url, flow } = await owner.client.accountDeparture()
  const { proof } = await owner.client.accountArrival({ body: { flow, answer: await visitProvider(url, 'lw-9') } })
  const other = await signedIn('wang-fang')
  const asOther = { proof, name: 'mine', passphrase: PASSPHRASES['wang-fang'] }
  expect(await codeOf(other.client.linkAccount({ body: asOther }))).toBe('console.request')
  const wrong = owner.client.linkAccount({ body: { proof, name: 'Bank', passphrase: 'guess' } })
  expect(await codeOf(wrong)).toBe('console.passphrase')
  expect((await owner.client.ownLinks()).items).toEqual([])
})

test('a refusal of the provider, another issuer in the answer, and a code of another client are refused', async () => {
  const { client } = bench.browser()
  const leave = async () => {
    const { url, flow } = await client.oidcDeparture()
    const state = new URL(url).searchParams.get('state') ?? ''
    return { url, flow, state }
  }
  const denied = await leave()
  const no = { flow: denied.flow, answer: { state: denied.state, error: 'access_denied', iss: issuer } }
  expect(await codeOf(client.oidcSignIn({ body: no }))).toBe('console.sign-in')
  expect(lastReason()).toBe('provider: access_denied')
  const mixed = await leave()
  const answer = await visitProvider(mixed.url, 'lw-7')
  const fromOther = { flow: mixed.flow, answer: { ...answer, iss: 'https://evil.example' } }
  expect(await codeOf(client.oidcSignIn({ body: fromOther }))).toBe('console.sign-in')
  const ofIssuer = lastReason()
  const without = await leave()
  const { iss: _, ...unnamed } = await visitProvider(without.url, 'lw-7')
  expect(await codeOf(client.oidcSignIn({ body: { flow: without.flow, answer: unnamed } }))).toBe('console.sign-in')
  const swapped = [await leave(), await leave()] as const
  const { code = '' } = await visitProvider(swapped[1].url, 'lw-7') // its PKCE verifier is that of the other departure
  const injected = { flow: swapped[0].flow, answer: { state: swapped[0].state, iss: issuer, code } }
  expect(await codeOf(client.oidcSignIn({ body: injected }))).toBe('console.sign-in')
  expect([ofIssuer, lastReason()]).toEqual(['provider: OAUTH_INVALID_RESPONSE', 'provider: invalid_grant'])
})

test('an ID token that somebody changed on its way is refused', async () => {
  const { client } = bench.browser()
  const { url, flow } = await client.oidcDeparture()
  const answer = await visitProvider(url, 'attacker')
  const real = fetch
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const got = await real(input as string, init)
    if (!String(input instanceof Request ? input.url : input).endsWith('/token')) return got
    const tokens = (await got.json()) as { id_token: string }
    const [head = '', payload = '', signature = ''] = tokens.id_token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'lw-7' })).toString('base64url')
    return Response.json({ ...tokens, id_token: [head, changed, signature].join('.') })
  })
  expect(await codeOf(client.oidcSignIn({ body: { flow, answer } }))).toBe('console.sign-in')
  expect(lastReason()).toMatch(/^provider: OAUTH_/)
})

test('a provider that is lost on the way is no refusal, and names that could be read twice are', async () => {
  const { client } = bench.browser()
  const { url, flow } = await client.oidcDeparture()
  const answer = await visitProvider(url, 'lw-7')
  const real = fetch
  vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => {
    const isToken = String(input instanceof Request ? input.url : input).endsWith('/token')
    return isToken ? Promise.reject(new TypeError('fetch failed')) : real(input as string, init)
  })
  expect(await codeOf(client.oidcSignIn({ body: { flow, answer } }))).toBe('console.provider')
  vi.unstubAllGlobals()
  expect(await codeOf(enter('e%CC%81'))).toBe('console.sign-in') // e with an accent of its own
})

test('a provider that is away, or names another issuer, says so; and none is asked over the network in clear', async () => {
  const away = new OidcProvider({ issuer: 'http://127.0.0.1:9', clientId: 'console' })
  await expect(away.depart('http://localhost')).rejects.toMatchObject({ code: 'console.provider' })
  const renamed = new OidcProvider({ issuer: issuer.replace('127.0.0.1', 'localhost'), clientId: 'console' })
  await expect(renamed.depart('http://localhost')).rejects.toMatchObject({ code: 'console.provider' })
  expect(oidcProblems('/oidc', { issuer: 'http://id.bank.example', clientId: 'x' })).toHaveLength(1)
  expect(oidcProblems('/oidc', { issuer: 'https://id.bank.example', clientId: 'x' })).toEqual([])
})
