// Goes through the pages of a console the way a visitor does: from the menu along the links, one page of each kind.
import type { Page as BrowserPage } from 'playwright-core'
import { leadsTo } from '#console/web/page.ts'
import { PAGES } from '#console/web/pages.ts'

export interface Reached {
  /** of the registry, '/jobs/:job' */
  readonly pattern: string
  /** '/jobs/9f…' */
  readonly path: string
}

/** Home and all pages of the registry, the narrowest first. */
const PATTERNS = ['/', ...PAGES.map(({ path }) => path)].toSorted((a, b) => placesIn(a) - placesIn(b))

/** The kind of page that a path leads to; undefined: none. */
function patternOf(path: string): string | undefined {
  return PATTERNS.find((pattern) => leadsTo(pattern, path.split('?')[0] ?? ''))
}

function placesIn(pattern: string): number {
  return pattern.split(':').length
}

/**
 * Opens one page of each kind that links lead to, beginning with the first page and its menu.
 * @param page already signed in
 * @param known kinds that need no other visit
 * @param look is asked when a page has settled
 */
export async function walk(
  page: BrowserPage,
  origin: string,
  known: ReadonlySet<string>,
  look: (reached: Reached) => Promise<void>,
): Promise<readonly string[]> {
  const waiting = new Map([['/', '/']])
  const seen = new Set<string>()
  for (const [pattern, path] of waiting) {
    await openPath(page, origin, path)
    for (const link of await linksOf(page)) {
      const other = patternOf(link)
      if (other !== undefined && !waiting.has(other) && !known.has(other)) waiting.set(other, link)
    }
    seen.add(pattern)
    await look({ pattern, path })
  }
  return [...seen]
}

/** Opens a path and waits until nothing on it is loading any more. */
export async function openPath(page: BrowserPage, origin: string, path: string): Promise<void> {
  await page.goto(`${origin}/#${path}`)
  await page.locator('main h1').first().waitFor()
  // what is asked in turn begins a moment after what came before
  for (let quiet = 0; quiet < 3; quiet++) {
    await page.locator('main .loading').first().waitFor({ state: 'detached' })
    await page.waitForTimeout(80)
  }
}

async function linksOf(page: BrowserPage): Promise<string[]> {
  const hrefs = await page
    .locator('a[href^="#/"]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''))
  return hrefs.map((href) => href.slice(1))
}

/** Signs in by the address that a demonstration opens. */
export async function enter(page: BrowserPage, origin: string, person: string, passphrase: string): Promise<void> {
  const values = new URLSearchParams({ person, passphrase, to: '/' })
  await page.goto(`${origin}/#enter?${values}`)
  await page.locator('.frame main h1').waitFor()
}
