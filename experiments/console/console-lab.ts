// A federation of real processes whose consoles are open, with a finished job: what tests of the console look at.
import { randomBytes } from 'node:crypto'
import { testContext } from '#cli/test-context.ts'
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
export async function openConsoleLab(applications = 3000): Promise<ConsoleLab> {
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
  send(
    path: string,
    init?: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response>
}

/** @param who signs in; without, nobody does */
export async function visit(
  origin: string,
  who?: { readonly person: string; readonly passphrase: string },
): Promise<Visiting> {
  let [cookie, csrf] = ['', '']
  const send = (path: string, init: RequestInit = {}) => {
    const headers = { origin, cookie, 'x-csrf': csrf, ...(init.headers as Record<string, string>) }
    return fetch(`${origin}${path}`, { ...init, headers })
  }
  if (who !== undefined) {
    const headers = { 'content-type': 'application/json' }
    const answer = await send('/api/session', { method: 'POST', headers, body: JSON.stringify(who) })
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    csrf = ((await answer.json()) as { csrf: string }).csrf
  }
  return { send }
}
