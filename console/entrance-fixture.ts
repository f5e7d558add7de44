// A console with people of a party, and browsers as far as cookies go: what the tests of signing in stand on.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Type from 'typebox'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import { pae } from '#crypto/log/dsse.ts'
import { addLocalPerson, localPeople } from '#crypto/people/local-people.ts'
import type { PersonRole } from '#crypto/people/people.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import { accountCalls } from './api/account.ts'
import { calls } from './api/contract.ts'
import { oidcCalls } from './api/oidc.ts'
import { passkeyCalls } from './api/passkeys.ts'
import { type Session, sessionCalls } from './api/session.ts'
import { type Client, connect, ConsoleProblem } from './sdk/client.ts'
import { served } from './server/calls.ts'
import { Entrance } from './server/entrance.ts'
import type { OidcConfig } from './server/oidc-config.ts'
import { OidcProvider } from './server/oidc-provider.ts'
import { type RunningConsole, startConsole } from './server/serve.ts'

export const ACCESS = 'application/vnd.tributary.access.v1+json'
export const PASSPHRASES = { 'li-wei': 'plum blossom', 'wang-fang': 'lotus pond' } as const
const ROLES: Readonly<Record<keyof typeof PASSPHRASES, PersonRole>> = { 'li-wei': 'steward', 'wang-fang': 'compliance' }

/** What a session can do beside reading: `sign` gives what its key signs of a statement of this type. */
const probe = calls({
  whoReads: {
    method: 'POST',
    path: '/who-reads',
    summary: 'Signs with the key of the session',
    who: 'signed-in',
    body: Type.Object({ type: Type.String({ maxLength: 100 }) }, { additionalProperties: false }),
    reply: Type.Object({ publicKey: Type.String(), signature: Type.String() }, { additionalProperties: false }),
  },
})
const TABLE = { ...sessionCalls, ...accountCalls, ...passkeyCalls, ...oidcCalls, ...probe }

export class EntranceBench implements AsyncDisposable {
  readonly home: string
  readonly entrance: Entrance
  readonly #running: RunningConsole
  readonly #clock: { ms: number }

  constructor(home: string, entrance: Entrance, running: RunningConsole, clock: { ms: number }) {
    this.home = home
    this.entrance = entrance
    this.#running = running
    this.#clock = clock
  }

  /** @param pages folder of the built pages; without it the HTTP interface alone */
  static async open({ oidc, pages }: { oidc?: OidcConfig; pages?: string } = {}): Promise<EntranceBench> {
    const home = await mkdtemp(join(tmpdir(), 'entrance-'))
    const signer = openSigner(makeSigningKey().privateKey)
    const key = { party: 'tax', signingPublicKey: signer.publicKey, sign: signer.sign }
    for (const [id, passphrase] of Object.entries(PASSPHRASES))
      await addLocalPerson(home, key, { id, name: id, role: ROLES[id as keyof typeof ROLES], passphrase })
    const clock = { ms: Date.now() }
    const entrance = new Entrance({
      home,
      federation: 'credit',
      key,
      storageKey: new Secret('storage-key', new Uint8Array(32).fill(3)),
      people: localPeople(home, key),
      log: silentLogger,
      now: () => clock.ms,
      refusalMs: 0,
      ...(oidc === undefined ? {} : { oidc: new OidcProvider(oidc) }),
    })
    const running = await startConsole({
      config: { listen: '127.0.0.1:0' },
      about: { kind: 'agent', federation: 'credit', party: 'tax', software: 'tributary/0.1.0' },
      entrance,
      served: [
        served(probe, {
          whoReads: ({ body }, { visitor }) => {
            const { publicKey, sign } = visitor.reader
            const signature = sign(pae(body.type, Buffer.from('{}')))
            const [left, right] = [publicKey, signature].map((bytes) => Buffer.from(bytes).toString('base64'))
            return { publicKey: left ?? '', signature: right ?? '' }
          },
        }),
      ],
      ...(pages === undefined ? {} : { pages }),
      log: silentLogger,
      now: () => clock.ms,
    })
    return new EntranceBench(home, entrance, running, clock)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.close()
    await rm(this.home, { recursive: true, force: true })
  }

  /** Under the name that browsers make passkeys for. */
  get origin(): string {
    return this.#running.origin.replace('127.0.0.1', 'localhost')
  }

  /** Time goes by. */
  wait(seconds: number): void {
    this.#clock.ms += seconds * 1000
  }

  browser(origin = this.origin): TestBrowser {
    return new TestBrowser(origin)
  }
}

/** One browser with its cookies. */
export class TestBrowser {
  readonly origin: string
  readonly client: Client<typeof TABLE>
  cookie = ''
  session: Session | undefined
  lastCookieLine = ''

  constructor(origin: string) {
    this.origin = origin
    const send = (url: string | URL | Request, init?: RequestInit) => this.send(url as string, init)
    this.client = connect(TABLE, { origin, csrf: () => this.session?.csrf, fetch: send })
  }

  async send(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = { origin: this.origin, cookie: this.cookie, ...(init.headers as Record<string, string>) }
    const answer = await fetch(url.startsWith('/') ? `${this.origin}${url}` : url, { ...init, headers })
    const [line] = answer.headers.getSetCookie()
    if (line !== undefined) [this.lastCookieLine, this.cookie] = [line, line.split(';')[0] ?? '']
    return answer
  }

  async signIn(person: keyof typeof PASSPHRASES, passphrase: string = PASSPHRASES[person]): Promise<Session> {
    this.session = await this.client.signIn({ body: { person, passphrase } })
    return this.session
  }
}

/** The code of a refusal; 'none' where there was none. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    if (error instanceof ConsoleProblem) return error.code
    throw error
  }
}
