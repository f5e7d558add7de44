// `node party-agent/main.ts --config agent.yaml`: reads the configuration, starts, says so once connected, drains on SIGTERM.
import { parseArgs } from 'node:util'
import { chooseEngine } from '#crypto/he/engine.ts'
import { openFreshPartyHome } from '#crypto/identity/party-home.ts'
import { signingKeyOf } from '#crypto/identity/trust.ts'
import { localPeople } from '#crypto/people/local-people.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { explainError, PlatformError, toPlatformError } from '#runtime/errors.ts'
import { lockHome } from '#runtime/files.ts'
import { openLogger } from '#runtime/log.ts'
import { requirePassphrase } from '#runtime/passphrase.ts'
import { softwareName } from '#runtime/version.ts'
import { startAgent } from './agent.ts'
import { openApprovals } from './approvals/open.ts'
import { ApprovalStore } from './approvals/store.ts'
import { readAgentConfig } from './config.ts'
import { CoordinatorLine } from './console/parts.ts'
import { RoundArchive } from './disputes/round-archive.ts'
import { openGate } from './gate.ts'
import { fileGovernanceRecord, toldToAll } from './governance.ts'
import { AgentLog } from './log/agent-log.ts'
import { AgentTrust } from './membership/agent-trust.ts'
import { BinningLedger } from './ledger/binnings.ts'
import { DifferencingGuard, LEAST_DIFFERENCE } from './ledger/guard.ts'
import { PrivacyBudget } from './ledger/privacy-budget.ts'
import { foreseeSpend, withPrivacyBudget } from './ledger/privacy-gate.ts'
import { Programs } from './tasks/programs.ts'

try {
  const { values } = parseArgs({ options: { config: { type: 'string' } } })
  if (values.config === undefined)
    throw new PlatformError('config.invalid', { problems: ['--config FILE is required'] })
  const config = await readAgentConfig(values.config)
  await using cleanup = new AsyncDisposableStack()
  cleanup.use(await lockHome(config.home))
  const passphrase = requirePassphrase(process.env, config.passphraseFile)
  const openIdentity = () => openFreshPartyHome(config.home, passphrase)
  const identity = await openIdentity()
  const { party } = identity
  const log = openLogger(config.logLevel, { part: 'party-agent', party })
  const trust = await AgentTrust.open({ bundle: config.trustBundle, home: config.home })
  requireSame('federation', trust.bundle.federation, identity.federation)
  const ours = Buffer.from(identity.signingPublicKey).toString('base64')
  requireSame(`signing key of ${party}`, Buffer.from(signingKeyOf(trust.bundle, party)).toString('base64'), ours)
  const gate = await openGate(config, party, log)
  const roundLog = new AgentLog({ home: config.home, identity, trust, log })
  const budgetFor = (name: string) => config.datasets[name]?.privacy
  const privacy = new PrivacyBudget(config.home, identity.storageKey, { budgetFor })
  const { engine, reason } = chooseEngine(config.resources.heEngine)
  if (engine === 'seal') log.warn('he.without-kernels', { reason })
  const programs = cleanup.use(
    new Programs(
      gate,
      { workers: config.resources.heWorkers, engine: config.resources.heEngine },
      new DifferencingGuard(config.home, identity.storageKey, {
        record: roundLog,
        leastFor: (job) => approvals?.grantFor(job)?.document.floors.minDifference ?? LEAST_DIFFERENCE,
      }),
      new BinningLedger(config.home),
      privacy,
      new RoundArchive(config.home, identity.storageKey),
    ),
  )
  const governance = toldToAll(fileGovernanceRecord(config.home, log), roundLog.governance)
  const foresee = (spec: JobSpec) => foreseeSpend(privacy, spec, party)
  const approvals = await openApprovals(config, identity, gate, governance, log, foresee)
  if (approvals !== undefined) cleanup.use(approvals)
  const approving = { governance, ...(approvals === undefined ? {} : { approvals }) }
  const options = {
    config,
    identity,
    trust,
    programs,
    gate: withPrivacyBudget(gate, privacy, party),
    roundLog,
    log,
    software: softwareName(),
    renew: openIdentity,
    ...approving,
  }
  const agent = cleanup.use(await startAgent(options))
  const people = localPeople(config.home, identity)
  const line = cleanup.use(new CoordinatorLine(config.coordinator, trust, openIdentity))
  const parts = {
    ...approving,
    config,
    identity,
    keys: openIdentity,
    trust,
    people,
    agent,
    gate,
    store: new ApprovalStore(config.home, party, people),
    privacy,
    coordinator: () => line.client(),
    log,
    now: () => new Date(),
  }
  // fastify and the pages are loaded only where there is a console
  const pages =
    config.console === undefined
      ? undefined
      : await (await import('./console/start.ts')).startAgentConsole(parts, config.console)
  if (pages !== undefined) cleanup.defer(() => pages.close())
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
  process.stdout.write(
    `${JSON.stringify({ event: 'agent.started', party, ...(pages === undefined ? {} : { console: pages.origin }) })}\n`,
  )
} catch (thrown) {
  const error = toPlatformError(thrown)
  process.stderr.write(`${explainError(error)}\n`)
  if (error.code === 'internal.unexpected') process.stderr.write(`${(thrown as Error).stack}\n`)
  process.exitCode = 1
}

function requireSame(what: string, inBundle: string, inHome: string): void {
  if (inBundle === inHome) return
  const problem = `the ${what} of the trust bundle is not that of this home`
  throw new PlatformError('config.invalid', { problems: [`trustBundle: ${problem}`] })
}
