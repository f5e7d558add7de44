// The road of a data owner in a real browser, on a phone: a job of the bank waits at tax, two people of tax read what it
// asks and sign, it runs, one of them withdraws, and it stops.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProgram } from '#cli/program.ts'
import { testContext } from '#cli/test-context.ts'
import { readLocalJob } from '#party-agent/results/local-job.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import { held } from '../lab/processes.ts'
import { TableFolder } from '../whole-job/fixtures.ts'
import { planSmallJob } from '../whole-job/small-job.ts'
import { barriersOf } from './accessible.ts'
import { CHROMIUM, NO_CHROMIUM, openBrowser, openPage, type Watched } from './browser.ts'
import { enter, openPath } from './every-page.ts'

const PASSPHRASE = 'plum blossom in winter'
const PHONE = { width: 360 } as const

let folder: TableFolder
let browser: Browser
if (CHROMIUM !== undefined) {
  beforeAll(async () => {
    folder = await TableFolder.open()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await folder[Symbol.asyncDispose]()
  })
}

const PEOPLE = [
  ['li-wei', 'steward'],
  ['wang-fang', 'compliance'],
] as const

async function tributary(member: LabMember, words: readonly string[]): Promise<string> {
  const environment = { TRIBUTARY_PASSPHRASE: member.passphrase, TRIBUTARY_PERSON_PASSPHRASE: PASSPHRASE }
  const cli = testContext({ environment })
  await buildProgram(cli).parseAsync([...words], { from: 'user' })
  return cli.printed.join('\n')
}

async function addPeople(member: LabMember): Promise<void> {
  for (const [id, role] of PEOPLE)
    await tributary(member, ['keys', 'person', 'add', '--name', id, '--role', role, '--home', member.home])
}

/** The bank's own people, at the command line. */
async function approveAtBank(lab: RunningLab): Promise<void> {
  const bank = lab.homes.parties['bank'] as LabMember
  await addPeople(bank)
  let what = lab.job
  for (const [id] of PEOPLE) {
    const words = ['approve', what, '--as', id, '--config', bank.config, '--json']
    const said = await untilKnown(() => tributary(bank, words))
    what = (JSON.parse(said) as { id: string }).id
  }
}

/** The invitation may be on its way. */
async function untilKnown<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!String(error).includes('approval.unknown')) throw error
      await sleep(200)
    }
  }
}

/** Signs in and waits until the request is in the inbox. */
async function inbox({ page, complaints }: Watched, origin: string, person: string): Promise<void> {
  await enter(page, origin, person, PASSPHRASE)
  complaints.splice(0) // the browser notes that nobody was signed in at first
  await openPath(page, origin, '/inbox')
  await page.getByRole('region').getByRole('link').first().waitFor()
}

/** From the inbox to the signature; each press counts. */
async function approveInBrowser(page: Page, words: { approve: RegExp; sign: RegExp }): Promise<number> {
  let presses = 0
  const press = async (locator: ReturnType<Page['locator']>) => {
    presses += 1
    await locator.click()
  }
  await press(page.getByRole('region').getByRole('link').first())
  const approve = page.getByRole('button', { name: words.approve })
  await approve.waitFor()
  expect(await barriersOf(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  await press(approve)
  await page.locator('input[type=password]').fill(PASSPHRASE)
  await press(page.getByRole('dialog').getByRole('button', { name: words.sign }))
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  return presses
}

/** Withdraws the one approval, which says what it stops. */
async function withdraw(page: Page, origin: string, job: string): Promise<void> {
  await openPath(page, origin, '/approvals')
  await page.getByRole('region').getByRole('link').first().click()
  await page.getByRole('button', { name: /^Withdraw/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(job).waitFor()
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('contract ended')
  await dialog.locator('input[type=password]').fill(PASSPHRASE)
  await dialog.getByRole('button', { name: 'Withdraw' }).click()
  await page.getByText('contract ended').waitFor()
}

describe.skipIf(CHROMIUM === undefined)(`a data owner on a phone (${CHROMIUM ?? NO_CHROMIUM})`, () => {
  test('two people approve a job with three presses each, and one stops it', async () => {
    const complaints: string[] = []
    const presses: number[] = []
    const plan = await planSmallJob(folder, { rounds: 30 })
    const result = await runLab(plan, {
      cli: testContext(),
      quiet: true,
      people: 'meanwhile',
      console: { passphrase: PASSPHRASE },
      meanwhile: async (lab) => {
        const tax = lab.homes.parties['tax'] as LabMember
        const origin = String(lab.process('tax').announcement['console'])
        await addPeople(tax)
        const first = await openPage(browser, origin, PHONE)
        await inbox(first, origin, 'li-wei')
        presses.push(await approveInBrowser(first.page, { approve: /^Approve/, sign: /^Sign$/ }))
        await first.page.getByText('Nothing happens before the second person does').waitFor()

        const second = await openPage(browser, origin, { ...PHONE, language: 'zh', dark: true })
        await inbox(second, origin, 'wang-fang')
        presses.push(await approveInBrowser(second.page, { approve: /^批准/, sign: /^签署$/ }))
        await second.page.getByText('双方均已签署').waitFor()
        await approveAtBank(lab)

        const trained = async () => (await readLocalJob(tax.home, lab.job)).record.some(({ task }) => task === 'train')
        while (!(await trained())) await sleep(50)
        await held(lab.process('bank'), () => withdraw(first.page, origin, lab.job))
        complaints.push(...first.complaints, ...second.complaints)
      },
    })
    expect(result).toMatchObject({ state: 'failed', failure: { code: 'approval.withdrawn', party: 'tax' } })
    expect(presses).toEqual([3, 3])
    expect(complaints).toEqual([])
  })
})
