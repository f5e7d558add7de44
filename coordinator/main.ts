// `node coordinator/main.ts --config coordinator.yaml`: reads the configuration, starts, says so, drains on SIGTERM.
import { parseArgs } from 'node:util'
import { explainError, PlatformError, toPlatformError } from '#runtime/errors.ts'
import { requirePassphrase } from '#runtime/passphrase.ts'
import { readCoordinatorConfig } from './config.ts'
import { startCoordinator } from './coordinator.ts'

try {
  const { values } = parseArgs({ options: { config: { type: 'string' } } })
  if (values.config === undefined)
    throw new PlatformError('config.invalid', { problems: ['--config FILE is required'] })
  const config = readCoordinatorConfig(values.config)
  const coordinator = await startCoordinator(config, requirePassphrase(process.env, config.passphraseFile))
  let closing: Promise<void> | undefined
  const drain = () => {
    closing ??= coordinator.close()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, drain)
  const { address, console: pages } = coordinator
  const said = { event: 'coordinator.listening', address, ...(pages === undefined ? {} : { console: pages }) }
  process.stdout.write(`${JSON.stringify(said)}\n`)
} catch (thrown) {
  const error = toPlatformError(thrown)
  process.stderr.write(`${explainError(error)}\n`)
  if (error.code === 'internal.unexpected') process.stderr.write(`${(thrown as Error).stack}\n`)
  process.exitCode = 1
}
