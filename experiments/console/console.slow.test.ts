// The demonstration as a whole: what it tells, and the consoles of its parties for everybody who opens one.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Call, Calls } from '#console/api/contract.ts'
import { AGENT_CALLS, COORDINATOR_CALLS } from '#console/api/interfaces.ts'
import { oidcCalls } from '#console/api/oidc.ts'
import { urlOf } from '#console/sdk/client.ts'
import { COORDINATOR_ROLES, type PersonRole, ROLES } from '#crypto/people/people.ts'
import { CHROMIUM, NO_CHROMIUM, openBrowser } from './browser.ts'
import { type ConsoleLab, openConsoleLab, type Visiting, visit } from './console-lab.ts'
import {
  approveAtConsole,
  approveByInterface,
  leave,
  submitScorecard,
  verifyAtConsole,
  walk,
  withdrawAtConsole,
  withdrawByInterface,
} from './roads.ts'
import { expectDemoFacts } from './demo-facts.ts'
import { LOOKS, visitPages } from './page-visits.ts'

let lab: ConsoleLab
beforeAll(async () => {
  lab = await openConsoleLab()
}, 900_000)
afterAll(() => lab[Symbol.asyncDispose]())

test('the demo builds a joint scorecard, says what each partner is worth, and leaves report and evidence', async () => {
  await expectDemoFacts(lab)
})

/** No provider is configured in the lab, and then its calls are not there: console/oidc.slow.test.ts has one. */
const withoutProvider = (table: Calls): Calls =>
  Object.fromEntries(Object.entries(table).filter(([name]) => !Object.hasOwn(oidcCalls, name)))

describe.each([
  ['agent', 'bank', withoutProvider(AGENT_CALLS), ROLES],
  ['coordinator', 'coordinator', withoutProvider(COORDINATOR_CALLS), COORDINATOR_ROLES],
] as const)('the interface of the %s', (_, place, table: Calls, roles) => {
  test('is the one of the contract', async () => {
    const answer = await fetch(`${lab.origin(place)}/api/openapi.json`)
    const { paths } = (await answer.json()) as { paths: Record<string, Record<string, { operationId: string }>> }
    const served = Object.values(paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId))
    expect(served.toSorted()).toEqual(Object.keys(table).toSorted())
  })

  test('refuses everybody who is not signed in', async () => {
    const stranger = await visit(lab.origin(place))
    expect(await outcomes(stranger, table)).toEqual(expected(table, undefined))
  })

  test.each(roles)('refuses a person of the role %s all that the role may not do, and nothing else', async (role) => {
    const { passphrase } = lab
    const person = await visit(lab.origin(place), { person: `lab-${role}`, passphrase })
    expect(await outcomes(person, table)).toEqual(expected(table, role))
  })

  test('refuses a call of another site, and one without the token of the session', async () => {
    const { passphrase } = lab
    const person = await visit(lab.origin(place), { person: `lab-${roles[0]}`, passphrase })
    const codes = async (headers: Record<string, string>) => {
      const writing = Object.values(table).filter(({ method, who }) => method !== 'GET' && who !== 'anyone')
      return [...new Set(await Promise.all(writing.map((call) => outcome(person, call, headers))))]
    }
    expect(await codes({ origin: 'https://evil.example' })).toEqual(['console.origin'])
    expect(await codes({ 'x-csrf': '' })).toEqual(['console.origin'])
  })
})

describe.skipIf(CHROMIUM === undefined)(`in a browser${CHROMIUM === undefined ? ` (${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  test.each(LOOKS)('no page has a barrier or an error: $language, dark $dark, $width wide', async (look) => {
    expect(await visitPages(lab, browser, look)).toEqual({ wrong: [], missed: [] })
  })

  test('from the template to the joint scorecard: five clicks, and three for each signature', async () => {
    const { passphrase } = lab
    const withdrawing = await walk(browser, lab, 'tax', 'steward', { to: '/approvals' })
    await withdrawAtConsole(withdrawing, passphrase)
    for (const party of ['bank', 'social', 'property']) await withdrawByInterface(lab, party)

    const modeler = await walk(browser, lab, 'bank', 'modeler')
    const job = await submitScorecard(modeler)
    await modeler.main.getByText('waiting for approval').first().waitFor()
    const name = 'Joint scorecard'
    for (const person of ['steward', 'compliance'] as const) {
      const owner = await walk(browser, lab, 'tax', person, { to: '/inbox', width: 360 })
      await approveAtConsole(owner, name, passphrase)
      expect(owner.clicks()).toBeLessThanOrEqual(3)
      expect(await leave(owner)).toEqual([])
    }
    for (const party of ['bank', 'social', 'property']) await approveByInterface(lab, party, job)

    await modeler.click(
      modeler.main.getByRole('link', { name: 'Open the result' }).and(modeler.page.locator(':visible')),
    )
    await modeler.main.getByText('AUC · joint').waitFor()
    expect(modeler.clicks()).toBeLessThanOrEqual(5)
    expect(await leave(modeler)).toEqual([])
    expect(await leave(withdrawing)).toEqual([])
  })

  test('compliance reads the record of the run and verifies it here; that it was read is there to read', async () => {
    const { plan, homes } = lab.lab
    const compliance = await walk(browser, lab, 'bank', 'compliance', { to: '/record' })
    const { main, page, click } = compliance
    expect(await verifyAtConsole(compliance, plan.job.name, homes.trustBundle)).toMatch(/^Verified/)
    await click(page.getByRole('link', { name: 'Who read what' }))
    await main.getByText('Lab Compliance').first().waitFor()
    expect(await leave(compliance)).toEqual([])
  })
})

/** Refusals for who somebody is; everything else counts as let in. */
const REFUSALS = new Set(['console.signed-out', 'person.wrong-role', 'console.origin'])
const LET_IN = 'let in'

/** The call with a place that leads nowhere, and nothing in it. */
async function outcome(who: Visiting, call: Call, headers: Record<string, string> = {}): Promise<string> {
  const params = Object.fromEntries([...call.path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => [name, 'nothing']))
  const answer = await who.send(urlOf(call, { params }), { method: call.method, headers })
  if (answer.ok || !answer.headers.get('content-type')?.includes('json')) {
    await answer.body?.cancel()
    return LET_IN
  }
  const { code } = (await answer.json()) as { code: string }
  return REFUSALS.has(code) ? code : LET_IN
}

/** By name of the call; signing out comes last. */
async function outcomes(who: Visiting, table: Calls): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [name, call] of Object.entries(table)) if (name !== 'signOut') found[name] = await outcome(who, call)
  return found
}

function expected(table: Calls, role: PersonRole | undefined): Record<string, string> {
  const forRole = ({ who }: Call) => {
    if (who === 'anyone') return LET_IN
    if (role === undefined) return 'console.signed-out'
    return who === 'signed-in' || who.includes(role) ? LET_IN : 'person.wrong-role'
  }
  const names = Object.entries(table).filter(([name]) => name !== 'signOut')
  return Object.fromEntries(names.map(([name, call]) => [name, forRole(call)]))
}
