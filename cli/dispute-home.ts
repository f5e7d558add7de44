// What the commands of a dispute need of a party: its configuration, keys, trust, what it kept of rounds, and who acts.
import { join } from 'node:path'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import type { AgentConfig } from '#party-agent/config.ts'
import type { RoundArchive } from '#party-agent/disputes/round-archive.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { CliContext } from './context.ts'
import { readPassphrase } from './passphrase.ts'
import type { Reading } from '#party-agent/log/reading.ts'
import type { ReadingOptions } from './reading-options.ts'

export interface DisputeHome extends Disposable {
  readonly config: AgentConfig
  readonly identity: PartyIdentity
  readonly archive: RoundArchive
  readonly reading: Reading
  readonly spec: JobSpec
  signingKeyOf(party: string): Uint8Array
  /** @param use separates sealed files of one use from all others */
  key(use: string): Secret
  /** @throws PlatformError job.unknown-party for another party than the guest */
  requireGuest(): void
}

/** @throws PlatformError job.unknown, config.invalid, keys.*, person.*, identity.* */
export async function openDisputeHome(
  cli: CliContext,
  job: string,
  options: ReadingOptions & { readonly config: string },
): Promise<DisputeHome> {
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const { openPartyHome } = await import('#crypto/identity/party-home.ts')
  const { signingKeyOf } = await import('#crypto/identity/trust.ts')
  const { RoundArchive: Archive } = await import('#party-agent/disputes/round-archive.ts')
  const { sealingKey } = await import('#crypto/sealed-file.ts')
  const { AgentTrust } = await import('#party-agent/membership/agent-trust.ts')
  const { parseJobSpec } = await import('#protocols/core/job-spec.ts')
  const { readIfPresent } = await import('#runtime/files.ts')
  const { openReading } = await import('./reading.ts')
  const config = await readAgentConfig(options.config)
  const { home, passphraseFile } = config
  const bytes = /^job-[0-9a-f]{20}$/.test(job) ? await readIfPresent(join(home, 'jobs', job, 'spec.json')) : undefined
  if (bytes === undefined) throw new PlatformError('job.unknown', { job: job.slice(0, 64) })
  const spec = parseJobSpec(bytes)
  const identity = await openPartyHome(home, await readPassphrase(cli, passphraseFile))
  const { bundle } = await AgentTrust.open({ bundle: config.trustBundle, home })
  const reading = await openReading(cli, config, options, identity)
  return {
    config,
    identity,
    reading,
    spec,
    archive: new Archive(home, identity.storageKey),
    signingKeyOf: (party) => signingKeyOf(bundle, party),
    key: (use) => sealingKey(identity.storageKey, use),
    requireGuest() {
      if (spec.guest.party !== identity.party)
        throw new PlatformError('job.unknown-party', { party: identity.party, expected: spec.guest.party })
    },
    [Symbol.dispose]: () => reading[Symbol.dispose](),
  }
}
