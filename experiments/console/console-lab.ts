// A federation of real processes whose consoles are open, with a finished job: what tests of the console look at.
import { randomBytes } from 'node:crypto'
import { testContext } from '#cli/test-context.ts'
import type { Calls } from '#console/api/contract.ts'
import { sessionCalls } from '#console/api/session.ts'
import { type Client, connect } from '#console/sdk/client.ts'
import { runDemo } from '../lab/demo.ts'
import type { RunningLab } from '../lab/lab.ts'

export interface ConsoleLab extends AsyncDisposable {
  readonly lab: RunningLab
  /** of all people: lab-steward, lab-compliance, lab-modeler, lab-operator, lab-auditor */
  readonly passphrase: string
  /** scheme://host:port of the console of a party, or of `coordinator` */
  origin(name: string): string
}

/** Runs the demo's job on fewer applications, and stays there until it is disposed. */
export async function openConsoleLab(applications = 6000): Promise<ConsoleLab> {
  const passphrase = randomBytes(9).toString('base64url')
  const opened = Promise.withResolvers<RunningLab>()
  const enough = Promise.withResolvers<void>()
  const ended = runDemo({
    cli: testContext(),
    size: 'S',
    applications,
    quiet: true,
    console: { passphrase },
    before: async (lab, { state, failure }) => {
      if (state !== 'succeeded') throw new Error(`the job ended as ${state}: ${failure?.code}`)
      opened.resolve(lab)
      await enough.promise
    },
  })
  ended.catch((error) => opened.reject(error))
  const lab = await opened.promise
  return {
    lab,
    passphrase,
    origin: (name) => String(lab.process(name).announcement['console']),
    async [Symbol.asyncDispose]() {
      enough.resolve()
      await ended
    },
  }
}

/** A program in the place of a browser: it keeps the cookie and sends the token of its session. */
export interface Visiting {
  /** @param path below the origin */
  send(path: string, init?: RequestInit & { readonly headers?: Readonly<Record<string, string>> }): Promise<Response>
  client<const T extends Calls>(table: T): Client<T>
}

/** @param who signs in; without, nobody does */
export async function visit(
  origin: string,
  who?: { readonly person: string; readonly passphrase: string },
): Promise<Visiting> {
  let [cookie, csrf] = ['', '']
  const fetchAs: typeof fetch = async (url, init = {}) => {
    const headers = { origin, cookie, 'x-csrf': csrf, ...(init.headers as Record<string, string>) }
    const answer = await fetch(url, { ...init, headers })
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return answer
  }
  const client = <const T extends Calls>(table: T) => connect(table, { origin, fetch: fetchAs })
  if (who !== undefined) csrf = (await client(sessionCalls).signIn({ body: who })).csrf
  return { send: (path, init) => fetchAs(`${origin}${path}`, init), client }
}
