// coordinator.yaml: where the coordinator lives, listens and whom it trusts.
import { dirname, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { consoleProblems, ConsoleSchema, resolveConsole } from '#console/server/config.ts'
import { readYamlConfig } from '#runtime/config.ts'

const closed = { additionalProperties: false } as const
const MIB = 1024 * 1024

export const CoordinatorConfigSchema = Type.Object(
  {
    home: Type.String({ minLength: 1, description: 'folder of the keys and the database' }),
    listen: Type.String({
      pattern: '^(\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$',
      default: '127.0.0.1:7443',
      description: 'host:port; port 0 takes a free one',
    }),
    trustBundle: Type.String({ minLength: 1, description: 'file with the roots of the parties' }),
    passphraseFile: Type.Optional(
      Type.String({ minLength: 1, description: 'file with the passphrase of the keys; else TRIBUTARY_PASSPHRASE' }),
    ),
    logLevel: Type.Union(
      [
        Type.Literal('debug'),
        Type.Literal('info'),
        Type.Literal('warn'),
        Type.Literal('error'),
        Type.Literal('silent'),
      ],
      { default: 'info' },
    ),
    quotas: Type.Object(
      {
        jobBytes: Type.Integer({
          minimum: MIB,
          maximum: Number.MAX_SAFE_INTEGER,
          default: 1024 * 1024 * MIB,
          description: 'bytes that one job may send through the relay, resends included',
        }),
        adderBytes: Type.Integer({
          minimum: 64 * MIB,
          maximum: Number.MAX_SAFE_INTEGER,
          default: 512 * MIB,
          description: 'memory for encrypted updates that are being added, over all jobs',
        }),
      },
      { ...closed, default: {} },
    ),
    console: Type.Optional(ConsoleSchema),
  },
  { ...closed, title: 'Tributary coordinator' },
)

export type CoordinatorConfig = Static<typeof CoordinatorConfigSchema>

/** Paths in the file are relative to the file. @throws PlatformError config.unreadable, config.invalid */
export function readCoordinatorConfig(path: string): CoordinatorConfig {
  const config = readYamlConfig(CoordinatorConfigSchema, path, ({ listen, console }) => {
    const port = Number(listen.slice(listen.lastIndexOf(':') + 1))
    return [
      ...(port <= 65_535 ? [] : [{ path: '/listen', message: `expected a port up to 65535, got ${port}` }]),
      ...(console === undefined ? [] : consoleProblems('/console', console)),
    ]
  })
  const at = (file: string) => resolve(dirname(path), file)
  return {
    ...config,
    home: at(config.home),
    trustBundle: at(config.trustBundle),
    ...(config.passphraseFile === undefined ? {} : { passphraseFile: at(config.passphraseFile) }),
    ...(config.console === undefined ? {} : { console: resolveConsole(config.console, at) }),
  }
}
