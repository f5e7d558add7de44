import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Type from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { calls } from '#console/api/contract.ts'
import { sessionCalls } from '#console/api/session.ts'
import { connect, ConsoleProblem } from '#console/sdk/client.ts'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import { addLocalPerson, localPeople } from '#crypto/people/local-people.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import { served } from './server/calls.ts'
import { Entrance } from './server/entrance.ts'
import { type RunningConsole, startConsole } from './server/serve.ts'

const closed = { additionalProperties: false } as const
const table = calls({
  sum: {
    method: 'GET',
    path: '/sum/:name',
    summary: 'Adds',
    who: 'anyone',
    params: Type.Object({ name: Type.String({ maxLength: 10 }) }, closed),
    query: Type.Object({ a: Type.Integer({ maximum: 10 }), b: Type.Optional(Type.Integer()) }, closed),
    reply: Type.Object({ name: Type.String(), sum: Type.Integer() }, closed),
  },
  write: {
    method: 'POST',
    path: '/write',
    summary: 'Writes',
    who: ['steward'],
    body: Type.Object({ text: Type.String({ maxLength: 20 }) }, closed),
    reply: Type.Object({ by: Type.String() }, closed),
  },
  read: { method: 'GET', path: '/read', summary: 'Reads', who: ['auditor'], reply: Type.String() },
  count: { method: 'GET', path: '/count', summary: 'Counts', who: 'signed-in', events: Type.Integer() },
  wait: { method: 'GET', path: '/wait', summary: 'Says nothing', who: 'signed-in', events: Type.Integer() },
  keep: { method: 'GET', path: '/keep', summary: 'A file', who: 'signed-in', file: 'text/plain' },
  wrong: { method: 'GET', path: '/wrong', summary: 'Breaks the contract', who: 'anyone', reply: Type.Integer() },
})

const signer = openSigner(makeSigningKey().privateKey)
const tax = { party: 'tax', signingPublicKey: signer.publicKey, sign: signer.sign }
let home = ''
let running: RunningConsole
let clock = 0

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'console-'))
  await addLocalPerson(home, tax, { id: 'li-wei', name: 'Li Wei', role: 'steward', passphrase: 'plum blossom' })
  const entrance = new Entrance({
    home,
    federation: 'credit',
    key: tax,
    storageKey: new Secret('storage-key', new Uint8Array(32)),
    people: localPeople(home, tax),
    log: silentLogger,
    now: () => clock,
  })
  running = await startConsole({
    config: { listen: '127.0.0.1:0' },
    about: { kind: 'agent', federation: 'credit', party: 'tax', software: 'tributary/0.1.0' },
    entrance,
    served: [
      served(table, {
        sum: ({ params, query }) => ({ name: params.name, sum: query.a + (query.b ?? 0) }),
        write: (_, { visitor }) => ({ by: visitor.person.id }),
        read: () => 'x',
        count: async function* () {
          yield 1
          yield 2
          throw new PlatformError('job.unknown', { job: 'x' })
        },
        wait: async function* (_, { signal }) {
          yield 1
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
        keep: () => ({ name: '评分卡.txt', content: 'text' }),
        wrong: () => 'secret' as never,
      }),
    ],
    log: silentLogger,
    now: () => clock,
    limits: { idleMs: 1000, absoluteMs: 5000 },
  })
})
afterAll(async () => {
  await running.close()
  await rm(home, { recursive: true, force: true })
})

/** A browser as far as cookies go. */
function browser() {
  let cookie = ''
  let csrf: string | undefined
  const send = async (url: string | URL | Request, init: RequestInit = {}) => {
    const headers = { origin: running.origin, cookie, ...(init.headers as Record<string, string>) }
    const answer = await fetch(url as string, { ...init, headers })
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return answer
  }
  const client = connect({ ...sessionCalls, ...table }, { origin: running.origin, csrf: () => csrf, fetch: send })
  return {
    client,
    send: (path: string, init?: RequestInit) => send(`${running.origin}${path}`, init),
    signIn: async () => {
      const session = await client.signIn({ body: { person: 'li-wei', passphrase: 'plum blossom' } })
      csrf = session.csrf
      return session
    },
    get cookie() {
      return cookie
    },
  }
}

const codeOf = async (answer: Promise<Response>) => {
  const got = await answer
  return [got.status, ((await got.json()) as { code: string }).code]
}

describe('a call', () => {
  test('is answered as the contract says', async () => {
    const { client } = browser()
    expect(await client.sum({ params: { name: '税务' }, query: { a: 3, b: 4 } })).toEqual({ name: '税务', sum: 7 })
    expect(await client.about()).toMatchObject({ party: 'tax', people: true, methods: ['passphrase'] })
  })

  test.each([
    ['/api/sum/x?a=11', 400, 'console.request'],
    ['/api/sum/x', 400, 'console.request'],
    ['/api/sum/x?a=1&c=2', 400, 'console.request'],
    ['/api/sum/12345678901?a=1', 400, 'console.request'],
    ['/api/nothing', 404, 'console.unknown'],
    ['/nothing.html', 404, 'console.unknown'],
    ['/api/session', 401, 'console.signed-out'],
    ['/api/keep', 401, 'console.signed-out'],
    ['/api/wrong', 500, 'internal.unexpected'],
  ])('%s is refused with %i %s', async (path, status, code) => {
    expect(await codeOf(browser().send(path))).toEqual([status, code])
  })

  test('tells nothing of an answer that breaks the contract', async () => {
    expect(await (await browser().send('/api/wrong')).text()).not.toContain('secret')
  })

  test('with a body that is no JSON, too large, or of another shape is refused', async () => {
    const us = browser()
    const { csrf } = await us.signIn()
    const post = (body: string, type = 'application/json') =>
      codeOf(us.send('/api/write', { method: 'POST', body, headers: { 'content-type': type, 'x-csrf': csrf } }))
    expect(await post('{')).toEqual([400, 'console.request'])
    expect(await post('{}')).toEqual([400, 'console.request'])
    expect(await post('{"text":"a","more":1}')).toEqual([400, 'console.request'])
    expect(await post(`{"text":"${'a'.repeat(70_000)}"}`)).toEqual([400, 'console.request'])
    expect(await post('text=a', 'application/x-www-form-urlencoded')).toEqual([400, 'console.request'])
  })
})

describe('signing in', () => {
  test('lets in by role, and out again', async () => {
    const us = browser()
    expect((await us.signIn()).person).toEqual({ id: 'li-wei', name: 'Li Wei', role: 'steward' })
    expect(await us.client.write({ body: { text: 'a' } })).toEqual({ by: 'li-wei' })
    await expect(us.client.read()).rejects.toMatchObject({ code: 'person.wrong-role', problem: { status: 403 } })
    await us.client.signOut()
    await expect(us.client.session()).rejects.toMatchObject({ code: 'console.signed-out' })
  })

  test('is refused in the same words for a stranger and for another passphrase', async () => {
    const refusal = (person: string, passphrase: string) =>
      browser()
        .client.signIn({ body: { person, passphrase } })
        .catch((error: ConsoleProblem) => error.problem)
    const guess = await refusal('li-wei', 'other')
    expect(guess).toMatchObject({ status: 401, code: 'console.sign-in', detail: {} })
    expect(await refusal('nobody', 'plum blossom')).toEqual(guess)
  })

  test('gives a cookie that no script and no other site can use, new each time', async () => {
    const answer = await fetch(`${running.origin}/api/session`, {
      method: 'POST',
      headers: { origin: running.origin, 'content-type': 'application/json' },
      body: JSON.stringify({ person: 'li-wei', passphrase: 'plum blossom' }),
    })
    expect(answer.headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
    const us = browser()
    await us.signIn()
    const before = us.cookie
    await us.signIn()
    expect(us.cookie).not.toBe(before)
    expect(await codeOf(us.send('/api/session', { headers: { cookie: before } }))).toEqual([401, 'console.signed-out'])
  })

  test('ends when idle, and at last however busy', async () => {
    const us = browser()
    await us.signIn()
    clock += 999
    await us.client.session()
    clock += 1000
    await expect(us.client.session()).rejects.toMatchObject({ code: 'console.signed-out' })
    await us.signIn()
    for (let i = 0; i < 5; i++) {
      clock += 900
      await us.client.session()
    }
    clock += 900
    await expect(us.client.session()).rejects.toMatchObject({ code: 'console.signed-out' })
  })
})

test('a person who is taken out of the home is out at once', async () => {
  await addLocalPerson(home, tax, { id: 'wang-fang', name: 'Wang Fang', role: 'auditor', passphrase: 'pear blossom' })
  const us = browser()
  await us.client.signIn({ body: { person: 'wang-fang', passphrase: 'pear blossom' } })
  expect((await us.client.session()).person.role).toBe('auditor')
  await rm(join(home, 'people', 'wang-fang.json'))
  await expect(us.client.session()).rejects.toMatchObject({ code: 'console.signed-out' })
  expect(await us.client.about()).toMatchObject({ party: 'tax' })
})

describe('a request of another site', () => {
  const write = (us: ReturnType<typeof browser>, headers: Record<string, string>) =>
    codeOf(
      us.send('/api/write', {
        method: 'POST',
        body: '{"text":"a"}',
        headers: { 'content-type': 'application/json', ...headers },
      }),
    )

  test('is refused without the token of the session, and with another origin', async () => {
    const us = browser()
    const { csrf } = await us.signIn()
    expect(await write(us, {})).toEqual([403, 'console.origin'])
    expect(await write(us, { 'x-csrf': csrf.replace(/^./, '#') })).toEqual([403, 'console.origin'])
    expect(await write(us, { 'x-csrf': csrf, origin: 'https://evil.example' })).toEqual([403, 'console.origin'])
    expect(await write(us, { 'x-csrf': csrf, origin: 'null' })).toEqual([403, 'console.origin'])
  })
})

test('what a page of another port or site asks is refused before it is looked at', async () => {
  const us = browser()
  await us.signIn()
  const ask = (site: string) => us.send('/api/session', { headers: { 'sec-fetch-site': site } })
  expect(await codeOf(ask('same-site'))).toEqual([403, 'console.origin'])
  expect(await codeOf(ask('cross-site'))).toEqual([403, 'console.origin'])
  expect((await ask('same-origin')).status).toBe(200)
  expect((await ask('none')).status).toBe(200)
})

test('every answer says what the browser may do, and problems are told as such', async () => {
  const answer = await browser().send('/api/nothing')
  expect(answer.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'self'/,
  )
  expect(answer.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
})

test('events come one after the other, and a refusal in the middle is told', async () => {
  const us = browser()
  await us.signIn()
  const text = await (await us.send('/api/count')).text()
  expect(text).toMatch(/^retry: \d+\n\ndata: 1\n\ndata: 2\n\nevent: problem\ndata: \{.*"code":"job.unknown"/)
})

test('a session has twenty streams of events at most, and one more when one is left', async () => {
  const us = browser()
  await us.signIn()
  const leave = Array.from({ length: 20 }, () => new AbortController())
  const open: Response[] = [] // held: fetch hangs up where nobody does
  for (const { signal } of leave) open.push(await us.send('/api/wait', { signal }))
  expect(open.map(({ status }) => status)).toEqual(open.map(() => 200))
  expect(await codeOf(us.send('/api/wait'))).toEqual([429, 'console.too-many'])
  for (const one of leave) one.abort()
  const again = async () => {
    const { signal } = new AbortController()
    const answer = await us.send('/api/wait', { signal })
    await answer.body?.cancel()
    return answer.status
  }
  await expect.poll(again, { timeout: 15_000 }).toBe(200)
})

test('a file comes under its name', async () => {
  const us = browser()
  await us.signIn()
  const answer = await us.send('/api/keep')
  expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''%E8%AF%84%E5%88%86%E5%8D%A1.txt")
  expect(await answer.text()).toBe('text')
})

test('the OpenAPI document has every call with its roles', async () => {
  const document = (await (await browser().send('/api/openapi.json')).json()) as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string; 'x-roles': unknown }>>
  }
  expect(document.openapi).toBe('3.1.0')
  expect(document.paths['/api/write']?.['post']).toMatchObject({ operationId: 'write', 'x-roles': ['steward'] })
  expect(document.paths['/api/sum/{name}']?.['get']?.operationId).toBe('sum')
})
