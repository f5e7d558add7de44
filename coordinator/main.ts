// `node coordinator/main.ts --config coordinator.yaml`: reads the configuration, starts, says so, drains on SIGTERM.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { explainError, PlatformError, toPlatformError } from '#runtime/errors.ts'
import { type CoordinatorConfig, readCoordinatorConfig } from './config.ts'
import { startCoordinator } from './coordinator.ts'

try {
  const { values } = parseArgs({ options: { config: { type: 'string' } } })
  if (values.config === undefined)
    throw new PlatformError('config.invalid', { problems: ['--config FILE is required'] })
  const config = readCoordinatorConfig(values.config)
  const coordinator = await startCoordinator(config, readPassphrase(config))
  let closing: Promise<void> | undefined
  const drain = () => {
    closing ??= coordinator.close()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, drain)
  process.stdout.write(`${JSON.stringify({ event: 'coordinator.listening', address: coordinator.address })}\n`)
} catch (thrown) {
  const error = toPlatformError(thrown)
  process.stderr.write(`${explainError(error)}\n`)
  if (error.code === 'internal.unexpected') process.stderr.write(`${(thrown as Error).stack}\n`)
  process.exitCode = 1
}

function readPassphrase(config: CoordinatorConfig): string {
  const given = process.env['TRIBUTARY_PASSPHRASE']
  if (given !== undefined && given !== '') return given
  if (config.passphraseFile === undefined) {
    const problem = 'set TRIBUTARY_PASSPHRASE or passphraseFile'
    throw new PlatformError('config.invalid', { problems: [problem] })
  }
  try {
    return readFileSync(config.passphraseFile, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file: config.passphraseFile }, cause)
  }
}
