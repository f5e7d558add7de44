// A real browser for tests of the console: Debian's Chromium, driven by playwright-core, which brings no browser of its own.
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Of the operating system; CHROMIUM names another. */
const PLACES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
export const CHROMIUM = PLACES.find((path) => path !== '' && existsSync(path))
/** For the name of a test that is left out. */
export const NO_CHROMIUM = 'no Chromium on this machine: set CHROMIUM to one'

/** What a page shows may wait for a whole job, on a machine that does other things too: the test's own limit comes later. */
const PATIENCE_MS = 300_000

export async function openBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error(NO_CHROMIUM)
  // no sandbox: tests run as root in containers, and open pages of this project only
  return await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}

export interface Watched {
  readonly page: Page
  /** what the console of the browser said of errors, refused scripts and styles, and requests to other origins */
  readonly complaints: string[]
}

/** A page of one visitor, whose complaints are kept. @param origin scheme://host:port that it may talk to */
export async function openPage(
  browser: Browser,
  origin: string,
  options: { readonly language?: 'en' | 'zh'; readonly dark?: boolean; readonly width?: number } = {},
): Promise<Watched> {
  const { language = 'en', dark = false, width = 1280 } = options
  const context = await browser.newContext({
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height: width < 600 ? 780 : 900 },
    serviceWorkers: 'block',
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // asking who is signed in is answered by 401 when nobody is, which the browser writes down as an error
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    const { origin: asked, protocol } = new URL(request.url())
    if (asked !== origin && protocol !== 'data:' && protocol !== 'blob:') complaints.push(`asked ${request.url()}`)
  })
  return { page, complaints }
}
