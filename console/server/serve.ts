// The HTTP server of a console: takes calls as the contract says, lets in who may, and answers with values, events, files
// or problems. It knows no call by itself but signing in and out.
import { readFile } from 'node:fs/promises'
import fastifyCookie from '@fastify/cookie'
import fastifyRateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import fastifySwagger from '@fastify/swagger'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Call } from '#console/api/contract.ts'
import { PROBLEM_TYPE } from '#console/api/problem.ts'
import type { About } from '#console/api/session.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { accountServed } from './account.ts'
import type { Download, Served } from './calls.ts'
import { type ConsoleConfig, hostOf, isLoopback } from './config.ts'
import { answerCheck, requestCheck } from './checks.ts'
import type { Entrance } from './entrance.ts'
import { sendEvents } from './events.ts'
import { requireOwnOrigin, securityHeaders } from './headers.ts'
import { oidcServed } from './oidc.ts'
import { openApi } from './openapi.ts'
import { passkeyServed } from './passkeys.ts'
import { problemOf } from './problems.ts'
import { type OpenSession, requireCsrf, type SessionLimits, Sessions } from './sessions.ts'
import { sessionFacts, signInCalls } from './sign-in.ts'
import type { Browser, Visitor } from './visitor.ts'

const BODY_BYTES = 64 * 1024
const CALLS_PER_MINUTE = 1200
const READ_MS = 30_000
/** of one session at once */
const MOST_STREAMS = 20

export interface ConsoleOptions {
  readonly config: ConsoleConfig
  readonly about: Pick<About, 'kind' | 'federation' | 'party' | 'software'>
  /** closed with the console */
  readonly entrance: Entrance
  readonly served: readonly Served[]
  /** folder of the built pages; without it the HTTP interface alone */
  readonly pages?: string
  readonly log: Logger
  readonly now?: () => number
  readonly limits?: Partial<SessionLimits>
}

export interface RunningConsole {
  /** scheme://host:port that a browser on this machine opens */
  readonly origin: string
  close(): Promise<void>
}

/** @throws PlatformError transport.unavailable when the address cannot be taken, config.unreadable (certificate, key) */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const { config, log } = options
  const tls = config.tls === undefined ? undefined : await readTls(config.tls)
  const app = fastify({
    bodyLimit: BODY_BYTES,
    requestTimeout: READ_MS,
    forceCloseConnections: true,
    ...(tls === undefined ? {} : { https: tls }),
  }) as unknown as FastifyInstance
  const sessions = new Sessions(options.now, options.limits)
  const origins = new Set(config.origins)
  const door = new Door(options, sessions, origins, tls !== undefined)
  await door.build(app)
  try {
    await app.listen({ host: hostOf(config.listen), port: portOf(config.listen) })
  } catch (cause) {
    throw new PlatformError('transport.unavailable', { listen: config.listen, reason: (cause as Error).message }, cause)
  }
  const port = String((app.server.address() as { port: number }).port)
  const scheme = tls === undefined ? 'http' : 'https'
  const host = hostOf(config.listen)
  const own = host.includes(':') ? `[${host}]` : host
  const names = isLoopback(host) ? [own, '127.0.0.1', 'localhost', '[::1]'] : [own]
  for (const name of names) origins.add(new URL(`${scheme}://${name}:${port}`).origin)
  const origin = new URL(`${scheme}://${own}:${port}`).origin
  log.info('console.started', { origin })
  return {
    origin,
    async close() {
      sessions[Symbol.dispose]()
      await app.close()
      options.entrance[Symbol.dispose]()
    },
  }
}

/** Everything between a request and the handler that answers it. */
class Door {
  readonly #options: ConsoleOptions
  readonly #sessions: Sessions
  readonly #origins: ReadonlySet<string>
  readonly #headers: Readonly<Record<string, string>>
  readonly #isSecure: boolean

  constructor(options: ConsoleOptions, sessions: Sessions, origins: ReadonlySet<string>, isSecure: boolean) {
    this.#options = options
    this.#sessions = sessions
    this.#origins = origins
    this.#isSecure = isSecure
    this.#headers = securityHeaders(isSecure)
  }

  async build(app: FastifyInstance): Promise<void> {
    const { about, entrance, config, pages } = this.#options
    app.setValidatorCompiler(() => () => true) // calls are checked below, with the messages of the platform
    app.setSerializerCompiler(() => (value) => JSON.stringify(value))
    app.setErrorHandler((error, request, reply) => this.#refuse(error, request, reply))
    app.setNotFoundHandler((request, reply) => this.#refuse(new PlatformError('console.unknown'), request, reply))
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(this.#headers)
      requireOwnOrigin(request.raw, this.#origins)
    })
    await app.register(fastifyCookie)
    await app.register(fastifyRateLimit, {
      max: CALLS_PER_MINUTE,
      timeWindow: 60_000,
      errorResponseBuilder: (_, { ttl }) => new PlatformError('console.too-many', { seconds: Math.ceil(ttl / 1000) }),
    })
    await app.register(fastifySwagger, openApi(about))
    const entering = [
      signInCalls({ ...about, demo: config.demo === true }, entrance, (id) => this.#sessions.byId(id)),
      accountServed(entrance, this.#sessions),
      passkeyServed(entrance),
      ...(entrance.oidc === undefined ? [] : [oidcServed(entrance, entrance.oidc)]),
    ]
    await app.register((api, _, done) => {
      for (const { calls, handlers } of [...entering, ...this.#options.served])
        for (const [name, call] of Object.entries(calls)) this.#route(api, name, call, handlers[name] as AnyHandler)
      api.get('/api/openapi.json', { schema: { hide: true } }, () => api.swagger())
      done()
    })
    if (pages !== undefined) {
      const setHeaders = (answer: FastifyReply, path: string) => {
        const isNamedByContent = path.includes('/assets/')
        void answer.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache')
      }
      await app.register(fastifyStatic, { root: pages, preCompressed: true, setHeaders })
    }
  }

  #route(api: FastifyInstance, name: string, call: Call, handler: AnyHandler): void {
    const { params, query, body, reply: replySchema, events } = call
    const check = {
      params: params === undefined ? undefined : requestCheck(params, true),
      query: query === undefined ? undefined : requestCheck(query, true),
      body: body === undefined ? undefined : requestCheck(body, false),
    }
    const answer = events ?? replySchema
    const checkAnswer = answer === undefined ? (value: unknown) => value : answerCheck(answer, name)
    api.route({
      method: call.method,
      url: `/api${call.path}`,
      bodyLimit: call.bodyLimit ?? BODY_BYTES,
      schema: {
        operationId: name,
        summary: call.summary,
        ...(params === undefined ? {} : { params }),
        ...(query === undefined ? {} : { querystring: query }),
        ...(body === undefined ? {} : { body }),
        response: responsesOf(call),
        security: call.who === 'anyone' ? [] : [{ session: [] }],
        'x-roles': call.who,
      } as object,
      handler: async (request, reply) => {
        const gone = new AbortController()
        reply.raw.on('close', () => gone.abort())
        const session = await this.#enter(request, call)
        const signal = session === undefined ? gone.signal : AbortSignal.any([gone.signal, session.ended.signal])
        const asked = {
          params: check.params?.(request.params),
          query: check.query?.(request.query),
          body: check.body?.(request.body),
        }
        const visit = {
          signal,
          browser: this.#browserOf(request, reply, session),
          ...(session === undefined ? {} : { visitor: session.visitor, session: session.id }),
        }
        if (events !== undefined && (session?.streams ?? 0) >= MOST_STREAMS)
          throw new PlatformError('console.too-many', { seconds: 10 })
        const value = await handler(asked, visit)
        reply.header('cache-control', 'no-store')
        if (events !== undefined) {
          reply.hijack()
          const failed = (thrown: unknown) => this.#logFailure(thrown, request)
          const headers = this.#headers
          if (session !== undefined) session.streams += 1
          try {
            const terms = { check: checkAnswer, signal, failed }
            await sendEvents(reply.raw, headers, value as AsyncIterable<unknown>, terms)
          } finally {
            if (session !== undefined) session.streams -= 1
          }
          return
        }
        if (call.file !== undefined) {
          const { name: file, content } = value as Download
          const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(file)}`
          return reply.type(call.file).header('content-disposition', disposition).send(content)
        }
        if (replySchema === undefined) return reply.code(204).send()
        return reply.send(checkAnswer(value))
      },
    })
  }

  /** The session of the caller, if the call may be made. @throws PlatformError console.*, person.wrong-role */
  async #enter(request: FastifyRequest, { who, method }: Call): Promise<OpenSession | undefined> {
    const session = await this.#sessionOf(request)
    if (who === 'anyone') return session
    if (session === undefined) throw new PlatformError('console.signed-out')
    if (method !== 'GET') requireCsrf(session, one(request.headers['x-csrf']))
    const { person } = session.visitor
    if (who !== 'signed-in' && !who.includes(person.role))
      throw new PlatformError('person.wrong-role', { person: person.id, role: person.role, needed: who })
    return session
  }

  /** Whoever was taken out of the home, or has another key or role there, is out at once. */
  async #sessionOf(request: FastifyRequest): Promise<OpenSession | undefined> {
    const session = this.#sessions.find(request.cookies[this.#cookieName])
    if (session === undefined) return undefined
    const { person } = session.visitor
    const known = await this.#options.entrance.people.find(person.id).catch(() => undefined)
    if (known?.role === person.role && Buffer.from(known.publicKey).equals(person.publicKey)) return session
    this.#sessions.end(session.id)
    return undefined
  }

  #browserOf(request: FastifyRequest, reply: FastifyReply, session: OpenSession | undefined): Browser {
    const origin = this.#originOf(request.headers.host)
    const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: origin.startsWith('https:') } as const
    const agent = one(request.headers['user-agent'])?.slice(0, 200) ?? ''
    return {
      address: request.ip,
      agent,
      origin,
      open: (visitor: Visitor) => {
        if (session !== undefined) {
          this.#sessions.end(session.id)
          this.#options.entrance.closed(session, 'session-ended', request.ip)
        }
        const opened = this.#sessions.open(visitor, agent, request.ip)
        this.#options.entrance.opened(opened.session)
        reply.setCookie(this.#cookieName, opened.secret, cookie)
        return sessionFacts(opened.session)
      },
      close: () => {
        if (session !== undefined) {
          this.#sessions.end(session.id)
          this.#options.entrance.closed(session, 'signed-out', request.ip)
        }
        reply.clearCookie(this.#cookieName, cookie)
      },
    }
  }

  /** As the browser has it: behind a proxy that ends TLS it is the one of `origins`. */
  #originOf(host = ''): string {
    const known = [...this.#origins].find((origin) => new URL(origin).host === host)
    return known ?? `${this.#isSecure ? 'https' : 'http'}://${host}`
  }

  /** Cookies do not know ports: consoles of several parties on one machine must not share one. */
  get #cookieName(): string {
    const port = portOf(this.#options.config.listen)
    return this.#isSecure ? '__Host-tributary' : `tributary-${this.#options.about.party}-${port}`
  }

  #refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const error = asPlatformError(thrown)
    this.#logFailure(error, request)
    const problem = problemOf(error)
    if (error.code === 'console.too-many') reply.header('retry-after', String(error.detail['seconds'] ?? 1))
    return reply.code(problem.status).type(PROBLEM_TYPE).header('cache-control', 'no-store').send(problem)
  }

  #logFailure(thrown: unknown, request: FastifyRequest): void {
    const error = toPlatformError(thrown)
    const path = request.routeOptions.url ?? '?'
    if (error.code === 'internal.unexpected') this.#options.log.error('console.failed', error, { path })
    else this.#options.log.debug('console.refused', { path, code: error.code })
  }
}

type AnyHandler = (asked: unknown, visit: unknown) => unknown

/** What fastify refuses by itself, in words of the catalogue. */
function asPlatformError(thrown: unknown): PlatformError {
  const { code, statusCode } = thrown as { code?: string; statusCode?: number }
  if (thrown instanceof PlatformError) return thrown
  if (statusCode === 404) return new PlatformError('console.unknown')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new PlatformError('console.request', { problems: [code ?? 'the request cannot be read'] }, thrown)
  return toPlatformError(thrown)
}

function responsesOf({ reply, events, file }: Call): object {
  if (file !== undefined) return { 200: { type: 'string', format: 'binary', description: file } }
  if (events !== undefined) return { 200: { ...events, description: 'text/event-stream; each event is one of these' } }
  return reply === undefined ? { 204: { type: 'null', description: 'done' } } : { 200: reply }
}

async function readTls({ certificate, key }: { readonly certificate: string; readonly key: string }) {
  const read = async (file: string, what: string) => {
    try {
      return await readFile(file)
    } catch (cause) {
      throw new PlatformError('config.unreadable', { file, key: `console.tls.${what}` }, cause)
    }
  }
  return { cert: await read(certificate, 'certificate'), key: await read(key, 'key'), minVersion: 'TLSv1.3' as const }
}

function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(':') + 1))
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
