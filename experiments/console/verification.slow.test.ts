// An officer verifies evidence in a real browser: from the agent with keys of their own, and tampered files from disk. The
// page works under the content security policy and trusted types, and asks no other origin.
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { builtConsole } from '#console/build.ts'
import { Entrance } from '#console/server/entrance.ts'
import { type RunningConsole, startConsole } from '#console/server/serve.ts'
import { createPartyHome, openPartyHome } from '#crypto/identity/party-home.ts'
import { addLocalPerson, localPeople } from '#crypto/people/local-people.ts'
import type { AgentParts } from '#party-agent/console/parts.ts'
import { recordCalls } from '#party-agent/console/record-calls.ts'
import { FEDERATION, JOB, keys, LogBench, NAMES, SPEC } from '#party-agent/log/log-bench.ts'
import { silentLogger } from '#runtime/log.ts'
import { LogEditor } from '../log/log-editing.ts'
import { packParts, seeded } from '../log/tamper-runs.ts'
import { TAMPERINGS } from '../log/tampering.ts'
import { CHROMIUM, NO_CHROMIUM, openBrowser, openPage } from './browser.ts'

const PASSPHRASE = 'wang blossom'
const folder = mkdtempSync(join(tmpdir(), 'verification-'))
const bench = new LogBench()
const editor = new LogEditor('verification')
let browser: Browser
let running: RunningConsole

if (CHROMIUM !== undefined) {
  beforeAll(async () => {
    bench.accept()
    bench.accept()
    bench.hub.seal()
    await bench.honestRound(0)
    for (const name of NAMES) bench.of(name).ended(JOB, SPEC, 'succeeded', '', new Map())
    bench.hub.publish()
    bench.hub.seal()
    await writeFile(join(folder, 'trust.yaml'), stringify(keys.bundle))
    await writeFile(join(folder, 'other.yaml'), stringify(editor.log.trust))
    running = await serveRecord(join(bench.folder, 'tax'))
    browser = await openBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await running.close()
    bench[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
}

/** The console of an agent that holds the bench's log, with the calls of the record alone. */
async function serveRecord(home: string): Promise<RunningConsole> {
  await createPartyHome(home, { federation: FEDERATION, party: 'tax', passphrase: 'a long passphrase' })
  const identity = await openPartyHome(home, 'a long passphrase')
  const officer = { id: 'wang-fang', name: 'Wang Fang', role: 'compliance', passphrase: PASSPHRASE } as const
  await addLocalPerson(home, identity, officer)
  const { storageKey } = identity
  const log = silentLogger
  const people = localPeople(home, identity)
  const entrance = new Entrance({ home, federation: FEDERATION, key: identity, storageKey, people, log, now: Date.now })
  const config = { home, trustBundle: join(folder, 'trust.yaml') }
  const parts = { config, identity, people, trust: { bundle: keys.bundle }, now: () => new Date() }
  return await startConsole({
    config: { listen: '127.0.0.1:0' },
    about: { kind: 'agent', federation: FEDERATION, party: 'tax', software: 'test' },
    entrance,
    served: [recordCalls(parts as unknown as AgentParts)],
    pages: await builtConsole(),
    log,
  })
}

/** Signs in, and comes to the page to verify. @param path of the page */
async function opened(path: string): Promise<{ page: Page; complaints: string[] }> {
  const { page, complaints } = await openPage(browser, running.origin)
  await page.goto(`${running.origin}/#${path}`)
  await page.locator('form input').first().fill('wang-fang')
  await page.locator('input[type=password]').fill(PASSPHRASE)
  await page.locator('form button[type=submit]').click()
  await page.locator('[data-tour=verify]').waitFor()
  // pages of other areas have no calls here
  complaints.length = 0
  return { page, complaints }
}

async function verify(page: Page): Promise<{ verdict: string; wrong: string }> {
  await page.locator('[data-tour=verify-run] button').first().click()
  const verdict = page.locator('.verdict')
  await verdict.waitFor()
  const wrong = await page.locator('[data-tour=verify-run] tr[data-mark=bad]').allInnerTexts()
  return { verdict: (await verdict.getAttribute('class')) ?? '', wrong: wrong.join('\n') }
}

const choose = (page: Page, name: string, file: string) =>
  page
    .locator('input[type=file]')
    .nth(name === 'bundle' ? 0 : 1)
    .setInputFiles(join(folder, file))

describe.skipIf(CHROMIUM === undefined)(`evidence in a browser (${CHROMIUM ?? NO_CHROMIUM})`, () => {
  test('from the agent: right in itself without keys, verified with one’s own, refused with others', async () => {
    const { page, complaints } = await opened(`/record/verify/${JOB}`)
    await page.getByRole('button', { name: 'Fetch it from this agent' }).click()
    await page.getByText(`${JOB}.tar`).waitFor()
    expect((await verify(page)).verdict).toContain('verdict-unpinned')
    await choose(page, 'keys', 'trust.yaml')
    expect((await verify(page)).verdict).toContain('verdict-good')
    await choose(page, 'keys', 'other.yaml')
    const { verdict, wrong } = await verify(page)
    expect(verdict).toContain('verdict-bad')
    expect(wrong).toContain('unknown-key')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('from disk: what was done to a bundle is named', async () => {
    const { page, complaints } = await opened('/record/verify')
    await choose(page, 'keys', 'other.yaml')
    const drafts = editor.drafts({ jobs: 1 })
    const honest = editor.agreeOn(drafts)
    await writeFile(join(folder, 'honest.tar'), await packParts(editor, honest))
    await choose(page, 'bundle', 'honest.tar')
    expect((await verify(page)).verdict).toContain('verdict-good')
    const kinds = TAMPERINGS.filter(({ jobs = 1, averaging }, i) => jobs === 1 && averaging !== true && i % 12 === 1)
    expect(kinds.length).toBeGreaterThan(2)
    for (const tampering of kinds) {
      const world = { editor, drafts, honest, below: seeded(tampering.name) }
      const packed = await packParts(editor, tampering.apply(world))
      await writeFile(join(folder, 'tampered.tar'), tampering.onBundle?.(packed, world.below) ?? packed)
      await choose(page, 'bundle', 'tampered.tar')
      await page.locator('.verdict').waitFor({ state: 'detached' })
      const { verdict, wrong } = await verify(page)
      expect(verdict, tampering.name).toContain('verdict-bad')
      for (const code of tampering.all) expect(wrong, tampering.name).toContain(code)
    }
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
