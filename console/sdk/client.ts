// A typed client of the HTTP interface, for browsers and for programs: the tables of the contract are all it is made from.
import type { Asked, Call, Calls } from '#console/api/contract.ts'
import { type Problem, PROBLEM_TYPE } from '#console/api/problem.ts'
import type { Static, TSchema } from 'typebox'

/** A refusal: what happened, who must act, and what to do, in both languages. */
export class ConsoleProblem extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.title}`)
    this.name = 'ConsoleProblem'
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }
}

/** The server could not be reached, or what came was no answer of a console. */
export class ConsoleUnreachable extends Error {
  constructor(cause?: unknown) {
    super('the console cannot be reached', { cause })
    this.name = 'ConsoleUnreachable'
  }
}

/** Only what a call takes has to be given. */
type Given<C extends Call> = {
  readonly [K in 'params' | 'query' | 'body' as C[K] extends TSchema ? K : never]: Asked<C>[K]
}
type Arguments<C extends Call> = keyof Given<C> extends never
  ? [given?: Record<never, never>, options?: CallOptions]
  : Record<never, never> extends { [K in keyof Given<C>]: Given<C>[K] }
    ? [given?: Given<C>, options?: CallOptions]
    : [given: Given<C>, options?: CallOptions]

export interface CallOptions {
  readonly signal?: AbortSignal
}

type Got<C extends Call> = C extends { readonly events: TSchema }
  ? never
  : C extends { readonly file: string }
    ? Promise<Blob>
    : C extends { readonly reply: infer S extends TSchema }
      ? Promise<Static<S>>
      : Promise<void>

/** One method for each call that answers once. @throws ConsoleProblem, ConsoleUnreachable */
export type Client<T extends Calls> = { readonly [K in keyof T]: (...given: Arguments<T[K]>) => Got<T[K]> }

export interface ClientOptions {
  /** scheme://host:port; a page leaves it out and talks to its own origin */
  readonly origin?: string
  /** of the session, asked for before each call that changes something */
  readonly csrf?: () => string | undefined
  readonly fetch?: typeof fetch
}

export function connect<const T extends Calls>(table: T, options: ClientOptions = {}): Client<T> {
  const send = options.fetch ?? fetch
  const methods = Object.entries(table).map(([name, call]) => {
    const method = async (given: AnyGiven = {}, { signal }: CallOptions = {}) => {
      const csrf = call.method === 'GET' ? undefined : options.csrf?.()
      const answer = await send(`${options.origin ?? ''}${urlOf(call, given)}`, {
        method: call.method,
        credentials: 'same-origin',
        headers: {
          ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(csrf === undefined ? {} : { 'x-csrf': csrf }),
        },
        ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
        ...(signal === undefined ? {} : { signal }),
      }).catch((cause) => {
        throw signal?.aborted ? cause : new ConsoleUnreachable(cause)
      })
      return await readAnswer(answer, call)
    }
    return [name, method] as const
  })
  return Object.fromEntries(methods) as unknown as Client<T>
}

interface AnyGiven {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
}

/** Path and query of a call, for links to files and for streams of events. */
export function urlOf(call: Call, { params, query }: AnyGiven = {}): string {
  const values = (params ?? {}) as Readonly<Record<string, unknown>>
  const path = call.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(values[name])))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries((query ?? {}) as object))
    if (value !== undefined) search.set(name, String(value))
  return `/api${path}${search.size === 0 ? '' : `?${search}`}`
}

async function readAnswer(answer: Response, call: Call): Promise<unknown> {
  const type = answer.headers.get('content-type') ?? ''
  if (type.startsWith(PROBLEM_TYPE)) throw new ConsoleProblem((await answer.json()) as Problem)
  if (!answer.ok) throw new ConsoleUnreachable(answer.status)
  if (call.file !== undefined) return await answer.blob()
  return call.reply === undefined ? undefined : await answer.json()
}
