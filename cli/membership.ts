// Who confirms a trust bundle: a member by its agent.yaml, or a party that is just joining by what it kept of its
// invitation. And the checks that a person's machine makes before it signs or believes a bundle.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleDigest, requireFollows, requireSuccessor, signersOf } from '#crypto/identity/bundle-signatures.ts'
import { openFreshPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { emptyTrustBundle, formatTrustBundle, parseTrustBundle, type TrustBundle } from '#crypto/identity/trust.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'
import type { CliContext } from './context.ts'
import type { CoordinatorAddress } from './enrolment-client.ts'
import { readPassphrase } from './passphrase.ts'

export interface Membership {
  readonly identity: PartyIdentity
  readonly address: CoordinatorAddress
  readonly trustFile: string
  /** undefined while this party joins */
  readonly held: TrustBundle | undefined
}

/** What `federation join` keeps in <home>/enrolment.json until there is a trust bundle. */
export async function keepAddress(home: string, address: CoordinatorAddress): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  await writeFile(join(home, 'enrolment.json'), `${JSON.stringify(address, null, 2)}\n`, { mode: 0o600 })
}

/**
 * The party of a configuration: its keys, its bundle if it has one, and where the coordinator is.
 * @throws PlatformError config.*, keys.*
 */
export async function openMembership(cli: CliContext, configFile: string): Promise<Membership> {
  const config = await readAgentConfig(configFile)
  const identity = await openFreshPartyHome(config.home, await readPassphrase(cli, config.passphraseFile))
  const trustFile = config.trustBundle
  const kept = await readIfPresent(trustFile)
  const { federation } = identity
  if (kept !== undefined) {
    const held = parseTrustBundle(Buffer.from(kept).toString('utf8'))
    const rootPem = held.coordinator.rootPem
    return { identity, trustFile, held, address: { federation, coordinator: config.coordinator, rootPem } }
  }
  const text = await readFile(join(config.home, 'enrolment.json'), 'utf8').catch((cause: unknown) => {
    const problem = `no ${trustFile} and no invitation: run tributary federation join first`
    throw new PlatformError('config.invalid', { problems: [problem] }, cause)
  })
  return { identity, trustFile, held: undefined, address: JSON.parse(text) as CoordinatorAddress }
}

/**
 * Refuses to sign what is not ours: our own entry, the coordinator's pinned root, and the chain from the bundle held.
 * @throws PlatformError trust.broken-chain
 */
export function requireSignable({ identity, address, held }: Membership, bundle: TrustBundle): void {
  const refuse = (problem: string) =>
    new PlatformError('trust.broken-chain', { held: held?.edition ?? 0, got: bundle.edition, problem })
  const key = Buffer.from(identity.signingPublicKey).toString('base64')
  const own = bundle.parties.find(({ party }) => party === identity.party)
  if (own?.signingKey !== key || own.rootPem.trim() !== identity.rootPem.trim()) {
    throw refuse('it does not have our keys under our name')
  }
  if (bundle.federation !== address.federation) throw refuse('another federation')
  if (bundle.coordinator.rootPem.trim() !== address.rootPem.trim()) throw refuse('another coordinator')
  if (held !== undefined) {
    requireFollows(held, bundle)
    if (held.coordinator.logKey !== bundle.coordinator.logKey) throw refuse('another log key of the coordinator')
  }
}

/**
 * Writes the bundle in force as this party's trust bundle, when it is the one that the officers compared.
 * @throws PlatformError trust.*, enrolment.words-differ
 */
export async function adoptBundle(membership: Membership, bundle: TrustBundle, compared: string): Promise<void> {
  const { held, address, trustFile } = membership
  if (bundleDigest(bundle) !== compared) throw new PlatformError('enrolment.words-differ', { edition: bundle.edition })
  if (held !== undefined) requireSuccessor(held, bundle)
  else if (bundle.edition === 1) requireSuccessor(emptyTrustBundle(address.federation, address.rootPem), bundle)
  else requireMostSigned(bundle)
  await writeDurably(trustFile, formatTrustBundle(bundle))
}

/** A newcomer does not know who voted before; those who are in now must have signed, itself included. */
function requireMostSigned(bundle: TrustBundle): void {
  const signed = signersOf(bundle, bundle)
  const needed = Math.ceil((2 * (bundle.parties.length - 1)) / 3) + 1
  if (signed.length < needed) throw new PlatformError('trust.unsigned', { edition: bundle.edition, signed, needed })
}
