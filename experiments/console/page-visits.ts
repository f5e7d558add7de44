// Every page of the consoles of a finished job, in a real browser, as each of the people: it opens, it says nothing went
// wrong, it asks no other origin, and axe finds no barrier.
import type { Browser } from 'playwright-core'
import { PAGES } from '#console/web/pages.ts'
import { barriersOf } from './accessible.ts'
import { openPage } from './browser.ts'
import type { ConsoleLab } from './console-lab.ts'
import { enter, openPath, type Reached, walk } from './every-page.ts'

const VISITORS = [
  ['lab-modeler', 'bank'],
  ['lab-steward', 'tax'],
  ['lab-compliance', 'bank'],
  ['lab-auditor', 'bank'],
  ['lab-operator', 'bank'],
  ['lab-operator', 'coordinator'],
  ['lab-auditor', 'coordinator'],
] as const
/** Both languages, both themes and both widths, without all eight together. */
export const LOOKS = [
  { language: 'en', dark: false, width: 1280 },
  { language: 'zh', dark: true, width: 360 },
] as const

/** Kinds of pages that no link leads to from those that others have seen. What they show may be a refusal. */
const unlinked = (job: string): Readonly<Record<string, readonly Reached[]>> => ({
  'lab-modeler': [
    { pattern: '/results/compare/:jobs', path: `/results/compare/${job},${job}` },
    { pattern: '/models/:name', path: '/models/none' },
  ],
  'lab-steward': [{ pattern: '/requests/:job', path: `/requests/${job}` }],
  'lab-compliance': [{ pattern: '/record/verify/:job', path: `/record/verify/${job}` }],
})

/** @returns what is amiss, page by page, and the kinds of pages that nobody got to */
export async function visitPages(
  lab: ConsoleLab,
  browser: Browser,
  look: (typeof LOOKS)[number],
): Promise<{ readonly wrong: readonly string[]; readonly missed: readonly string[] }> {
  const wrong: string[] = []
  const { job } = lab.lab
  const known = { agent: new Set<string>(), coordinator: new Set<string>() }
  for (const [person, place] of VISITORS) {
    const origin = lab.origin(place)
    const seen = known[place === 'coordinator' ? place : 'agent']
    const { page, complaints } = await openPage(browser, origin, look)
    const check = async (one: Reached, mayRefuse = false) => {
      const alarms = mayRefuse ? [] : await page.locator('[role=alert]').allInnerTexts()
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      const found = [...(await barriersOf(page)), ...alarms, ...(wide > 0 ? [`${wide} px too wide`] : [])]
      wrong.push(...found.map((what) => told(person, place, one, what)))
    }
    await enter(page, origin, person, lab.passphrase)
    const reached = await walk(page, origin, seen, check)
    for (const pattern of reached) if (pattern !== '/') seen.add(pattern)
    wrong.push(...complaints.map((what) => `${person}@${place}: ${what}`))
    for (const one of unlinked(job)[person] ?? []) {
      await openPath(page, origin, one.path)
      await check(one, true)
      seen.add(one.pattern)
    }
    await page.context().close()
  }
  const missed = PAGES.map(({ path }) => path).filter((path) => !known.agent.has(path) && !known.coordinator.has(path))
  return { wrong, missed }
}

function told(person: string, place: string, { path }: Reached, what: string): string {
  return `${person}@${place} ${path}: ${what.replaceAll('\n', ' ').slice(0, 300)}`
}
