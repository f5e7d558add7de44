// Every page of the consoles of a finished job, in a real browser, as each of the people: it opens, it says nothing went
// wrong, it asks no other origin, and axe finds no barrier.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PAGES } from '#console/web/pages.ts'
import { barriersOf } from './accessible.ts'
import { CHROMIUM, NO_CHROMIUM, openBrowser, openPage } from './browser.ts'
import { type ConsoleLab, openConsoleLab } from './console-lab.ts'
import { enter, type Reached, walk } from './every-page.ts'

const VISITORS = [
  ['lab-modeler', 'bank'],
  ['lab-steward', 'tax'],
  ['lab-compliance', 'bank'],
  ['lab-auditor', 'bank'],
  ['lab-operator', 'bank'],
  ['lab-operator', 'coordinator'],
] as const
/** Both languages and both themes, without all four pairs. */
const LOOKS = [
  { language: 'en', dark: false, width: 1280 },
  { language: 'zh', dark: true, width: 1280 },
  { language: 'en', dark: true, width: 360 },
] as const

let lab: ConsoleLab
let browser: Browser
if (CHROMIUM !== undefined) {
  beforeAll(async () => {
    lab = await openConsoleLab()
    browser = await openBrowser()
  }, 300_000)
  afterAll(async () => {
    await browser.close()
    await lab[Symbol.asyncDispose]()
  })
}

describe.skipIf(CHROMIUM === undefined)(`every page (${CHROMIUM ?? NO_CHROMIUM})`, () => {
  test.each(LOOKS)('has no barrier and no error: $language, dark $dark, $width wide', async (look) => {
    const wrong: string[] = []
    const known = new Map<string, Set<string>>()
    for (const [person, place] of VISITORS) {
      const origin = lab.origin(place)
      const { page, complaints } = await openPage(browser, origin, look)
      await enter(page, origin, person, lab.passphrase)
      const kind = place === 'coordinator' ? 'coordinator' : 'agent'
      const seen = known.get(kind) ?? new Set<string>()
      known.set(kind, seen)
      const reached = await walk(page, origin, seen, async (one) => {
        const alarms = await page.locator('[role=alert]').allInnerTexts()
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        const found = [...(await barriersOf(page)), ...alarms, ...(wide > 0 ? [`${wide} px too wide`] : [])]
        wrong.push(...found.map((what) => told(person, place, one, what)))
      })
      for (const pattern of reached) if (pattern !== '/') seen.add(pattern)
      wrong.push(...complaints.map((what) => `${person}@${place}: ${what}`))
      await page.context().close()
    }
    const seen = new Set([...known.values()].flatMap((patterns) => [...patterns]))
    expect(wrong).toEqual([])
    expect(PAGES.map(({ path }) => path).filter((pattern) => !seen.has(pattern))).toEqual([])
  })
})

function told(person: string, place: string, { path }: Reached, what: string): string {
  return `${person}@${place} ${path}: ${what.replaceAll('\n', ' ').slice(0, 300)}`
}
