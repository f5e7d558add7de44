// Who runs the command: the party of an agent.yaml, with its keys, its trust bundle and its line to the coordinator.
import { readFile } from 'node:fs/promises'
import { openFreshPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { parseTrustBundle, type TrustBundle } from '#crypto/identity/trust.ts'
import { type AgentConfig, readAgentConfig } from '#party-agent/config.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from './context.ts'
import { type CoordinatorClient, connectCoordinator } from '#party-agent/link/coordinator-client.ts'
import { readPassphrase } from './passphrase.ts'

export interface PartySession extends Disposable {
  readonly config: AgentConfig
  readonly identity: PartyIdentity
  readonly bundle: TrustBundle
  readonly client: CoordinatorClient
}

/** @throws PlatformError config.*, keys.* */
export async function openSession(cli: CliContext, configFile: string): Promise<PartySession> {
  const config = await readAgentConfig(configFile)
  const bundle = parseTrustBundle(await readBundle(config.trustBundle))
  const identity = await openFreshPartyHome(config.home, await readPassphrase(cli, config.passphraseFile))
  const client = connectCoordinator(config.coordinator, identity, bundle.coordinator.rootPem)
  return { config, identity, bundle, client, [Symbol.dispose]: () => client[Symbol.dispose]() }
}

async function readBundle(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file, key: 'trustBundle' }, cause)
  }
}
