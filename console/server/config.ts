// The section `console` of agent.yaml and coordinator.yaml: where the pages and the HTTP interface are, if anywhere.
import { isIP } from 'node:net'
import Type, { type Static } from 'typebox'
import type { ConfigProblem } from '#runtime/schema-problems.ts'
import { oidcProblems, OidcSchema } from './oidc-config.ts'

const closed = { additionalProperties: false } as const
const ORIGIN = '^https?://[^/?#\\s]+$'

export const ConsoleSchema = Type.Object(
  {
    listen: Type.String({
      pattern: '^(\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$',
      default: '127.0.0.1:8080',
      description: 'host:port of the pages; port 0 takes a free one',
    }),
    origins: Type.Optional(
      Type.Array(Type.String({ pattern: ORIGIN, maxLength: 300 }), {
        maxItems: 20,
        description: 'further addresses under which browsers open it, such as https://tributary.bank.example',
      }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          certificate: Type.String({ minLength: 1, description: 'PEM file with the chain, relative to this file' }),
          key: Type.String({ minLength: 1, description: 'PEM file, relative to this file' }),
        },
        { ...closed, description: 'needed where it listens beyond this machine' },
      ),
    ),
    oidc: Type.Optional(OidcSchema),
    demo: Type.Optional(
      Type.Boolean({ description: 'says on every page that this is a demonstration on synthetic data' }),
    ),
  },
  { ...closed, description: 'pages and HTTP interface for the people of this party; none without this section' },
)
export type ConsoleConfig = Static<typeof ConsoleSchema>

/** What one key alone cannot show. @param at JSON pointer of the section */
export function consoleProblems(at: string, { listen, tls, oidc, origins = [] }: ConsoleConfig): ConfigProblem[] {
  const problems = oidc === undefined ? [] : oidcProblems(`${at}/oidc`, oidc)
  const port = Number(listen.slice(listen.lastIndexOf(':') + 1))
  if (port > 65_535) problems.push({ path: `${at}/listen`, message: `expected a port up to 65535, got ${port}` })
  if (!isLoopback(hostOf(listen)) && tls === undefined)
    problems.push({ path: `${at}/tls`, message: `needed: ${hostOf(listen)} can be reached from other machines` })
  for (const [i, origin] of origins.entries())
    if (!isUsableOrigin(origin))
      problems.push({
        path: `${at}/origins/${i}`,
        message: `expected https://host[:port] in small letters and without the usual port, as browsers say it; http for this machine only; got ${origin}`,
      })
  return problems
}

function isUsableOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return url.origin === origin && (url.protocol === 'https:' || isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
}

/** @param absolute of a path that is relative to the configuration file */
export function resolveConsole(raw: ConsoleConfig, absolute: (path: string) => string): ConsoleConfig {
  const { tls, oidc, ...rest } = raw
  const secret = oidc?.clientSecretFile
  return {
    ...rest,
    ...(tls === undefined ? {} : { tls: { certificate: absolute(tls.certificate), key: absolute(tls.key) } }),
    ...(oidc === undefined
      ? {}
      : { oidc: { ...oidc, ...(secret === undefined ? {} : { clientSecretFile: absolute(secret) }) } }),
  }
}

export function hostOf(listen: string): string {
  return listen.slice(0, listen.lastIndexOf(':')).replace(/^\[|\]$/g, '')
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
