// What each of the people does at the console, click by click, as a person sees the page: by roles and names, never by
// classes. Every click of the road is counted.
import type { Browser, Locator } from 'playwright-core'
import { approvalCalls } from '#console/api/approvals.ts'
import { openPage, type Watched } from './browser.ts'
import { type ConsoleLab, visit } from './console-lab.ts'

type LabPerson = 'steward' | 'compliance' | 'modeler' | 'operator' | 'auditor'

export interface Walker extends Watched {
  readonly main: Locator
  /** so far */
  clicks(): number
  click(what: Locator): Promise<void>
}

/** Signed in by the address that the demonstration tells. @param to path of the console */
export async function walk(
  browser: Browser,
  lab: ConsoleLab,
  place: string,
  person: LabPerson,
  { to = '/', ...options }: { readonly to?: string } & Parameters<typeof openPage>[2] = {},
): Promise<Walker> {
  const origin = lab.origin(place)
  const watched = await openPage(browser, origin, options)
  const { page } = watched
  const values = new URLSearchParams({ person: `lab-${person}`, passphrase: lab.passphrase, to })
  await page.goto(`${origin}/#enter?${values}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  let clicks = 0
  const click = async (what: Locator) => {
    clicks += 1
    await what.click()
  }
  return { ...watched, main: page.getByRole('main'), clicks: () => clicks, click }
}

/** A job from the template for a scorecard, without the models that value the partners. @returns its number */
export async function submitScorecard({ page, main, click }: Walker): Promise<string> {
  await click(main.getByRole('link', { name: 'New job' }))
  const template = main
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: 'Scorecard', exact: true }) })
  await click(template.getByRole('link', { name: 'Use this template' }))
  const text = main.getByLabel('Job file (YAML)')
  await text.waitFor()
  // half the applications of the demonstration: a column moves more from month to month
  const changed = (await text.inputValue())
    .replace(/^value:.*\n/m, '')
    .replace('maximumStability: 0.1', 'maximumStability: 0.5')
  await text.fill(changed)
  await main.getByText('No mistakes').waitFor()
  await click(main.getByRole('button', { name: 'Submit' }))
  await page.waitForURL(/#\/jobs\/job-/)
  return /job-[0-9a-f]+/.exec(page.url())?.[0] ?? ''
}

/** From the inbox to the signature. */
export async function approveAtConsole({ main, page, click }: Walker, job: string, passphrase: string): Promise<void> {
  await click(main.getByRole('link', { name: job }))
  await click(main.getByRole('button', { name: /^(Approve|Sign) …$/ }))
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Passphrase').fill(passphrase)
  await click(dialog.getByRole('button', { name: 'Sign', exact: true }))
  await dialog.waitFor({ state: 'hidden' })
}

export async function withdrawAtConsole({ main, page, click }: Walker, passphrase: string): Promise<void> {
  await click(main.getByRole('link', { name: /^approval-/ }).first())
  await click(main.getByRole('button', { name: 'Withdraw …' }))
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('the quarter is over')
  await dialog.getByLabel('Passphrase').fill(passphrase)
  await click(dialog.getByRole('button', { name: 'Withdraw', exact: true }))
  await main.getByText('withdrawn').first().waitFor()
}

/** From the list of runs to the verdict, with the officer's own copy of the trust bundle. @returns the verdict's words */
export async function verifyAtConsole(
  { main, page, click }: Walker,
  job: string,
  trustBundle: string,
): Promise<string> {
  await click(main.getByRole('link', { name: job }))
  await click(main.getByRole('link', { name: 'Verify in this browser' }))
  await click(main.getByRole('button', { name: 'Fetch it from this agent' }))
  await main.getByText(/^job-[0-9a-f]+\.tar/).waitFor()
  await page.locator('input[type=file]').nth(1).setInputFiles(trustBundle)
  await click(main.getByRole('button', { name: 'Verify', exact: true }))
  return await main.getByRole('alert').innerText()
}

/** The same by the HTTP interface, for parties whose pages are not what a test looks at. */
export async function withdrawByInterface(lab: ConsoleLab, place: string): Promise<void> {
  const { passphrase } = lab
  const steward = (await visit(lab.origin(place), { person: 'lab-steward', passphrase })).client(approvalCalls)
  for (const { id, state } of (await steward.approvals({ query: {} })).items)
    if (state === 'active')
      await steward.revoke({ params: { id }, body: { reason: 'the quarter is over', passphrase } })
}

/** Both people of a party, by the HTTP interface. */
export async function approveByInterface(lab: ConsoleLab, place: string, job: string): Promise<void> {
  const { passphrase } = lab
  const person = async (name: string) =>
    (await visit(lab.origin(place), { person: name, passphrase })).client(approvalCalls)
  const [steward, compliance] = [await person('lab-steward'), await person('lab-compliance')]
  const wishes = { template: 'pilot', narrow: [], language: 'en' } as const
  const { id, at, digest } = await steward.draft({ params: { job }, body: { ...wishes, narrow: [] } })
  await steward.approve({ params: { job }, body: { ...wishes, narrow: [], id, at, digest, passphrase } })
  await compliance.sign({ params: { id }, body: { digest, passphrase } })
}

/** Leaves the page nothing to say: errors, refused scripts and styles, other origins. */
export async function leave({ page, complaints }: Watched): Promise<readonly string[]> {
  await page.context().close()
  return complaints
}
