// What axe finds on a page. The debugger puts axe into the page, past the content security policy that the page keeps.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.2 A and AA, and the good practice that a screen reader's user feels */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** One line for each problem, with how grave it is. */
export async function barriersOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return await page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as { axe: { run(on: Document, how: object): Promise<AxeResults> } }
    return (await axe.run(document, { runOnly: rules })).violations.map(({ id, impact, nodes }) => {
      const [first] = nodes
      const why = first?.failureSummary?.split('\n').slice(1).join(' ').trim()
      return `${impact} ${id} (${nodes.length}): ${first?.target.join(' ')}: ${why}`
    })
  }, RULES)
}
