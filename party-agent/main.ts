// `node party-agent/main.ts --config agent.yaml`: reads the configuration, starts, says so once connected, drains on SIGTERM.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import { parseTrustBundle, signingKeyOf } from '#crypto/identity/trust.ts'
import { explainError, PlatformError, toPlatformError } from '#runtime/errors.ts'
import { lockHome } from '#runtime/files.ts'
import { openLogger } from '#runtime/log.ts'
import { requirePassphrase } from '#runtime/passphrase.ts'
import { startAgent } from './agent.ts'
import { readAgentConfig } from './config.ts'
import { openGate } from './gate.ts'
import { Programs } from './tasks/programs.ts'

const SOFTWARE = 'tributary/0.1.0'

try {
  const { values } = parseArgs({ options: { config: { type: 'string' } } })
  if (values.config === undefined)
    throw new PlatformError('config.invalid', { problems: ['--config FILE is required'] })
  const config = await readAgentConfig(values.config)
  await using cleanup = new AsyncDisposableStack()
  cleanup.use(await lockHome(config.home))
  const identity = await openPartyHome(config.home, requirePassphrase(process.env, config.passphraseFile))
  const { party } = identity
  const log = openLogger(config.logLevel, { part: 'party-agent', party })
  const trust = parseTrustBundle(await readTrustBundle(config.trustBundle))
  requireSame('federation', trust.federation, identity.federation)
  const ours = Buffer.from(identity.signingPublicKey).toString('base64')
  requireSame(`signing key of ${party}`, Buffer.from(signingKeyOf(trust, party)).toString('base64'), ours)
  const gate = await openGate(config, party, log)
  const programs = cleanup.use(new Programs(gate, config.resources.heWorkers))
  const agent = cleanup.use(await startAgent({ config, identity, trust, programs, gate, log, software: SOFTWARE }))
  const owned = cleanup.move()
  let closing: Promise<void> | undefined
  const drain = () => {
    closing ??= owned.disposeAsync().catch((error) => {
      log.error('agent.failed-to-stop', error)
      process.exitCode = 1
    })
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, drain)
  await agent.connected
  process.stdout.write(`${JSON.stringify({ event: 'agent.started', party })}\n`)
} catch (thrown) {
  const error = toPlatformError(thrown)
  process.stderr.write(`${explainError(error)}\n`)
  if (error.code === 'internal.unexpected') process.stderr.write(`${(thrown as Error).stack}\n`)
  process.exitCode = 1
}

async function readTrustBundle(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file: path }, cause)
  }
}

function requireSame(what: string, inBundle: string, inHome: string): void {
  if (inBundle === inHome) return
  const problem = `the ${what} of the trust bundle is not that of this home`
  throw new PlatformError('config.invalid', { problems: [`trustBundle: ${problem}`] })
}
