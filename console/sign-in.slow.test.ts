// Signing in with a passphrase, sessions, and what somebody on the outside can try.
import { createHook } from 'node:async_hooks'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, EntranceBench, PASSPHRASES } from './entrance-fixture.ts'

let bench: EntranceBench
beforeAll(async () => {
  bench = await EntranceBench.open()
})
afterAll(() => bench[Symbol.asyncDispose]())

const answerOf = async (person: string, passphrase: string) => {
  const body = JSON.stringify({ person, passphrase })
  const headers = { 'content-type': 'application/json' }
  const answer = await bench.browser().send('/api/session', { method: 'POST', body, headers })
  const names = [...answer.headers.keys()].toSorted()
  return { status: answer.status, names, text: await answer.text() }
}

/** Passphrases compared for one guess. */
async function workOf(person: string): Promise<number> {
  let comparisons = 0
  const hook = createHook({
    init(_, type) {
      if (type === 'SCRYPTREQUEST') comparisons += 1
    },
  }).enable()
  await answerOf(person, 'guess')
  hook.disable()
  return comparisons
}

describe('a guess', () => {
  test('at a stranger is answered like one at a person, in every byte, and the typed name is not kept', async () => {
    const known = await answerOf('li-wei', 'guess')
    expect(known.status).toBe(401)
    expect(await answerOf('lotus-pond', 'guess')).toEqual(known)
    const [stranger, person] = bench.entrance.record.page(2)
    expect(stranger).toMatchObject({ event: 'refused', person: '', reason: 'nobody of here', code: 'console.sign-in' })
    expect(person).toMatchObject({ event: 'refused', person: 'li-wei', reason: 'passphrase', address: '127.0.0.1' })
    const [ofKnown, ofStranger] = [await workOf('li-wei'), await workOf('lotus-pond')]
    expect([ofKnown, ofStranger]).toEqual([1, 1])
    for (const file of await readdir(bench.home))
      if (file.startsWith('sign-ins')) expect(await readFile(join(bench.home, file), 'latin1')).not.toContain('lotus')
  })

  test('has to wait after some, also for the right passphrase, and an open session goes on', async () => {
    const inside = bench.browser()
    await inside.signIn('wang-fang')
    for (let i = 0; i < 6; i++) expect(await codeOf(inside.signIn('wang-fang', `guess ${i}`))).toBe('console.sign-in')
    const refused = await answerOf('wang-fang', PASSPHRASES['wang-fang'])
    expect(refused).toMatchObject({ status: 429 })
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'console.too-many', detail: { seconds: 1 } })
    expect(refused.names).toContain('retry-after')
    expect((await inside.client.session()).person.id).toBe('wang-fang')
    const before = bench.entrance.record.page(1)
    for (let i = 0; i < 5; i++) await answerOf('wang-fang', 'x') // told once, not five times
    expect(bench.entrance.record.page(1)).toEqual(before)
    bench.wait(1)
    expect((await inside.signIn('wang-fang')).how).toBe('passphrase')
  })

  test('at a signature counts too, in a count of its own, and the session stays', async () => {
    const { client, ...us } = await signedIn('li-wei')
    const guess = () => codeOf(client.newPasskey({ body: { passphrase: 'guess' } }))
    const codes = [
      await guess(),
      await guess(),
      await guess(),
      await guess(),
      await guess(),
      await guess(),
      await guess(),
    ]
    expect(codes).toEqual([...Array(6).fill('console.passphrase'), 'console.too-many'])
    expect((await client.session()).person.id).toBe('li-wei')
    expect(us).toBeDefined()
    expect(await codeOf(bench.browser().signIn('li-wei'))).toBe('none')
    bench.wait(1)
  })
})

async function signedIn(person: keyof typeof PASSPHRASES) {
  const browser = bench.browser()
  await browser.signIn(person)
  return browser
}

describe('a session', () => {
  test('has a secret that was never known before, so one that was planted opens nothing', async () => {
    const victim = bench.browser()
    const port = new URL(bench.origin).port
    victim.cookie = `tributary-tax-0=planted; tributary-tax-${port}=planted`
    await victim.signIn('li-wei')
    const first = victim.cookie
    expect(first).not.toContain('planted')
    const attacker = bench.browser()
    attacker.cookie = `tributary-tax-0=planted`
    expect(await codeOf(attacker.client.session())).toBe('console.signed-out')
    await victim.signIn('li-wei')
    expect(victim.cookie).not.toBe(first)
    attacker.cookie = first // what was open before the second sign-in is over
    expect(await codeOf(attacker.client.session())).toBe('console.signed-out')
    expect(victim.lastCookieLine).toMatch(/; HttpOnly/i)
    expect(victim.lastCookieLine).toMatch(/; SameSite=Strict/i)
  })

  test('is not to be used from another site: not without the token, not from another origin', async () => {
    const us = await signedIn('li-wei')
    const call = async (headers: object) => {
      const answer = await us.send('/api/account/sessions', { method: 'DELETE', headers: { ...headers } })
      return [answer.status, ((await answer.json()) as { code: string }).code]
    }
    expect(await call({})).toEqual([403, 'console.origin'])
    expect(await call({ 'x-csrf': 'guess' })).toEqual([403, 'console.origin'])
    const csrf = us.session?.csrf
    expect(await call({ 'x-csrf': csrf, origin: 'https://evil.example' })).toEqual([403, 'console.origin'])
    const other = await signedIn('wang-fang')
    expect(await call({ 'x-csrf': other.session?.csrf })).toEqual([403, 'console.origin'])
  })

  test('is seen by its owner alone, who ends one or all others', async () => {
    const [a, b, c] = [await signedIn('li-wei'), await signedIn('li-wei'), await signedIn('li-wei')]
    const other = await signedIn('wang-fang')
    const { items } = await a.client.ownSessions()
    expect(items.filter(({ isThis }) => isThis)).toHaveLength(1)
    expect(items[0]).toMatchObject({ how: 'passphrase', address: '127.0.0.1' })
    const ofC = (await c.client.ownSessions()).items.find(({ isThis }) => isThis)?.id ?? ''
    expect(await codeOf(other.client.endSession({ params: { id: ofC } }))).toBe('console.unknown')
    await a.client.endSession({ params: { id: ofC } })
    expect(await codeOf(c.client.session())).toBe('console.signed-out')
    const { ended } = await a.client.endOtherSessions()
    expect(ended).toBe(items.length - 2)
    expect(await codeOf(b.client.session())).toBe('console.signed-out')
    expect((await a.client.session()).person.id).toBe('li-wei')
    await a.client.signOut()
    expect(await codeOf(a.client.session())).toBe('console.signed-out')
    expect(bench.entrance.record.page(1)).toMatchObject([{ event: 'signed-out', person: 'li-wei' }])
  })

  test('ends after half an hour without a call, and after ten hours however busy', async () => {
    const idle = await signedIn('li-wei')
    bench.wait(29 * 60)
    expect(await codeOf(idle.client.session())).toBe('none')
    bench.wait(30 * 60)
    expect(await codeOf(idle.client.session())).toBe('console.signed-out')
    const busy = await signedIn('li-wei')
    for (let i = 0; i < 20; i++) {
      expect(await codeOf(busy.client.session())).toBe('none')
      bench.wait(29 * 60)
    }
    expect(await codeOf(busy.client.session())).toBe('none') // 9 h 40 min
    bench.wait(20 * 60)
    expect(await codeOf(busy.client.session())).toBe('console.signed-out')
  })

  test('leaves nothing on disk that opens it', async () => {
    const { cookie, session } = await signedIn('li-wei')
    const [, secret = ''] = cookie.split('=')
    const files = await readdir(bench.home, { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile())) {
      const content = await readFile(join(file.parentPath, file.name), 'latin1')
      expect(content).not.toContain(secret)
      expect(content).not.toContain(session?.csrf)
    }
  })
})

test('the record is for compliance and auditors, in pages; each sees what happened under the own name', async () => {
  const steward = await signedIn('li-wei')
  expect(await codeOf(steward.client.signIns({ query: {} }))).toBe('person.wrong-role')
  const own = await steward.client.ownSignIns({ query: { limit: 200 } })
  expect(new Set(own.items.map(({ person }) => person))).toEqual(new Set(['li-wei']))
  const { client } = await signedIn('wang-fang')
  const seen: number[] = []
  let after: string | undefined
  do {
    const page = await client.signIns({ query: { limit: 7, ...(after === undefined ? {} : { after }) } })
    seen.push(...page.items.map(({ seq }) => seq))
    after = page.next
  } while (after !== undefined)
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => seen.length - i))
  expect(bench.entrance.record.page(1)).toMatchObject([{ event: 'record-read', person: 'wang-fang' }])
  // also of whoever asks for a later page at once
  const auditing = (await signedIn('wang-fang')).client
  await auditing.signIns({ query: { after: '999999999' } })
  expect(bench.entrance.record.page(1)).toMatchObject([{ event: 'record-read', person: 'wang-fang' }])
  expect(await codeOf(client.signIns({ query: { after: '0; DROP TABLE records' } }))).toBe('console.request')
})
