// A federation of real processes whose consoles are open, with a finished job: what tests of the console look at.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testContext } from '#cli/test-context.ts'
import type { Calls } from '#console/api/contract.ts'
import { sessionCalls } from '#console/api/session.ts'
import { type Client, connect } from '#console/sdk/client.ts'
import { runDemo } from '../lab/demo.ts'
import type { RunningLab } from '../lab/lab.ts'
import type { LabResult } from '../lab/lab-result.ts'

export interface ConsoleLab extends AsyncDisposable {
  readonly lab: RunningLab
  /** of the demo's job, with its report and evidence */
  readonly result: LabResult
  /** what the demo said */
  readonly cli: ReturnType<typeof testContext>
  /** of all people: lab-steward, lab-compliance, lab-modeler, lab-operator, lab-auditor */
  readonly passphrase: string
  /** scheme://host:port of the console of a party, or of `coordinator` */
  origin(name: string): string
}

/** Runs the demo, and stays there until it is disposed. */
export async function openConsoleLab(): Promise<ConsoleLab> {
  const cli = testContext()
  const passphrase = randomBytes(9).toString('base64url')
  const evidence = await mkdtemp(join(tmpdir(), 'demo-evidence-'))
  const opened = Promise.withResolvers<{ lab: RunningLab; result: LabResult }>()
  const enough = Promise.withResolvers<void>()
  const ended = runDemo({
    cli,
    size: 'S',
    quiet: true,
    split: 0,
    evidence,
    console: { passphrase },
    before: async (lab, result) => {
      opened.resolve({ lab, result })
      await enough.promise
    },
  })
  ended.catch((error) => opened.reject(error))
  const { lab, result } = await opened.promise
  return {
    lab,
    result,
    cli,
    passphrase,
    origin: (name) => String(lab.process(name).announcement['console']),
    async [Symbol.asyncDispose]() {
      enough.resolve()
      await ended
      await rm(evidence, { recursive: true, force: true })
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
