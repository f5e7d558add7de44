// The ways in, in a real browser: a passkey of Chromium's virtual authenticator, and an account at a provider of another
// site, each added on the account page and then used to sign in.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { builtConsole } from './build.ts'
import { EntranceBench, PASSPHRASES } from './entrance-fixture.ts'
import { TestProvider, USUAL_LOGIN } from './provider-fixture.ts'

const SECRET = 'a secret of the client, long enough'
const passphrase = PASSPHRASES['li-wei']
let folder: string
let provider: TestProvider
let bench: EntranceBench
let browser: Browser
let page: Page
const seen: string[] = []

beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined) // the provider keeps all in memory, and says so
  folder = await mkdtemp(join(tmpdir(), 'ways-in-'))
  const clientSecretFile = join(folder, 'secret')
  await writeFile(clientSecretFile, SECRET)
  provider = await TestProvider.open()
  const oidc = { issuer: provider.issuer, clientId: 'console', clientSecretFile, name: 'Bank ID' }
  bench = await EntranceBench.open({ oidc, pages: await builtConsole() })
  provider.serve(`${bench.origin}/`, SECRET)
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  page = await (await browser.newContext({ locale: 'en-US' })).newPage()
  page.setDefaultTimeout(120_000) // a busy machine is no fault of the page
  page.on('pageerror', (error) => seen.push(error.message))
  page.on('console', (message) => {
    // refusals and the calls of an agent, which this bench has none of
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) seen.push(message.text())
  })
  const devices = await page.context().newCDPSession(page)
  await devices.send('WebAuthn.enable')
  const device = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true } as const
  const options = { ...device, isUserVerified: true, automaticPresenceSimulation: true }
  await devices.send('WebAuthn.addVirtualAuthenticator', { options })
})
afterAll(async () => {
  await browser.close()
  await bench[Symbol.asyncDispose]()
  await provider[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const field = (name: string) => page.getByRole('textbox', { name })

async function signOut(): Promise<void> {
  await page.locator('.frame-tools').getByRole('button', { name: 'Sign out' }).click()
  await button('Sign in').waitFor()
}

test('a passkey is added with the passphrase, and signs in', async () => {
  await page.goto(`${bench.origin}/#/account`)
  await field('Person').fill('li-wei')
  await field('Passphrase').fill(passphrase)
  await button('Sign in').click()
  await button('Add a passkey').click()
  await field('Name').fill('work laptop')
  await field('Passphrase').fill('not it')
  await button('Add').click()
  await page.getByText('console.passphrase').first().waitFor() // and the session goes on
  await field('Passphrase').fill(passphrase)
  await button('Add').click()
  await page.getByRole('rowheader', { name: 'work laptop' }).waitFor()
  await signOut()
  await button('Sign in with a passkey').click()
  await page.getByRole('rowheader', { name: 'work laptop' }).waitFor()
  expect(await page.getByRole('row', { name: /this one/ }).innerText()).toContain('passkey')
  expect(bench.entrance.record.page(1)).toMatchObject([{ event: 'signed-in', how: 'passkey', person: 'li-wei' }])
})

test('an account of another site is linked, and signs in; nothing of the way stays in the address', async () => {
  await button('Link an account at Bank ID').click()
  await page.getByText(`${USUAL_LOGIN}@bank`).waitFor()
  expect(page.url()).toBe(`${bench.origin}/#/account`)
  await field('Passphrase').fill(passphrase)
  await button('Link').click()
  await page.getByRole('rowheader', { name: 'Bank ID' }).waitFor()
  await signOut()
  await button('Sign in with Bank ID').click()
  await page.getByRole('rowheader', { name: 'Bank ID' }).waitFor()
  expect(page.url()).toBe(`${bench.origin}/#/account`)
  expect(await page.getByRole('row', { name: /this one/ }).innerText()).toContain('urn:bank:mfa')
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
})

test('the account page has no serious fault of accessibility, light and dark, and nothing failed on the way', async () => {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Page.setBypassCSP', { enabled: true }) // for the checker alone
  await page.reload()
  await page.getByRole('rowheader', { name: 'Bank ID' }).waitFor()
  await page.addScriptTag({ path: axe })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const found = await page.evaluate(async () => {
      const run = (globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }).axe.run
      type Violation = { id: string; impact: string; nodes: { html: string }[] }
      return (await run()).violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`)
    })
    expect(found.filter((line) => /^(serious|critical)/.test(line))).toEqual([])
  }
  expect(seen).toEqual([])
})
