// A whole federation on one machine: coordinator and agents as processes on loopback, one job, one result.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CliContext } from '#cli/context.ts'
import { type CoordinatorClient, connectCoordinator, type JobView } from '#party-agent/link/coordinator-client.ts'
import { jobBytes } from '#party-agent/planning/job-file.ts'
import { watchJob } from '#cli/job-watch.ts'
import { JOB_SPEC_CONTEXT } from '#protocols/core/job-spec.ts'
import { openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { AVERAGE_MODEL_FILE } from '#party-agent/results/average-facts.ts'
import { SPLITS_FILE, TREES_FILE } from '#party-agent/results/tree-facts.ts'
import { partiesOf, planTasks } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import { collectResult } from './collect.ts'
import {
  type AgentWishes,
  coordinatorConfig,
  type LabHomes,
  type LabMember,
  makeHomes,
  writeAgentConfig,
} from './homes.ts'
import { leaveEvidence } from './lab-evidence.ts'
import type { LabPlan } from './lab-file.ts'
import { addVisitors, approveInLab } from './lab-people.ts'
import { leaveReport } from './lab-report.ts'
import type { LabResult } from './lab-result.ts'
import { type LabProcess, startProcess } from './processes.ts'
import { fixSplit } from './split-seed.ts'

export interface LabOptions {
  readonly cli: CliContext
  /** leave the folder with all homes behind */
  readonly keep?: boolean
  /** no live lines: progress goes to standard error */
  readonly quiet?: boolean
  /** where the evidence bundle, its dossier and the report go */
  readonly evidence?: string
  /** for tests: `meanwhile` is the people of all parties, and the lab has none of its own */
  readonly people?: 'meanwhile'
  /** for tests: runs beside the job, from its submission on; its failure fails the lab */
  readonly meanwhile?: (lab: RunningLab) => Promise<void>
  /** for tests: everybody dials this address instead of the coordinator's */
  readonly through?: (homes: LabHomes, coordinatorAddress: string) => Promise<string>
  /** for tests: parties whose agents compute with SEAL alone */
  readonly withoutKernels?: readonly string[]
  /** for tests: a left alignment holds out the same rows in each run with the same number, 0 … 255 */
  readonly split?: number
  /** people can open consoles, all of them with this passphrase */
  readonly console?: { readonly passphrase: string }
  /** runs before everything is taken down and the folder goes */
  readonly before?: (lab: RunningLab, result: LabResult) => Promise<void>
}

/** A lab whose processes can be killed and started again. */
export interface RunningLab {
  readonly plan: LabPlan
  readonly homes: LabHomes
  readonly job: string
  readonly client: CoordinatorClient
  process(name: string): LabProcess
  start(name: string): Promise<void>
}

const CONNECT_SECONDS = 60
const SETTLE_SECONDS = 60
const POLL_MS = 100

/**
 * Runs the job of the plan and takes everything down again, also after Ctrl-C and after a failure.
 * A job that fails is a result, not an error.
 * @throws PlatformError what kept the lab from starting; job.cancelled after Ctrl-C
 */
export async function runLab(plan: LabPlan, options: LabOptions): Promise<LabResult> {
  const { cli } = options
  const begun = Date.now()
  await using scope = new AsyncDisposableStack()
  const withConsole = options.console !== undefined
  const homes = await makeHomes(plan, withConsole)
  if (options.console !== undefined) await addVisitors(homes, options.console.passphrase)
  if (!options.keep) scope.defer(() => rm(homes.folder, { recursive: true, force: true }))
  const processes = new Map<string, LabProcess>()
  scope.defer(async () => {
    await Promise.all([...processes.values()].map((process) => process.stop()))
  })
  cli.note(cli.t('starting the coordinator and the agents …', '正在启动协调方与各方代理 …'))
  const address = await startCoordinator(homes, processes, withConsole)
  const dialled = (await options.through?.(homes, address)) ?? address
  const withPeople = options.people === 'meanwhile' || plan.approvals === 'lab'
  const { withoutKernels = [] } = options
  await writeConfigs(plan, homes, {
    coordinator: dialled,
    approvals: withPeople,
    withoutKernels,
    console: withConsole,
  })
  const approving = withPeople && options.people === undefined
  // both to their end, also when one fails: what still writes must not meet the removal of the folder
  const [approved, started] = await Promise.allSettled([
    approving ? approveInLab(cli, homes, plan.job, options.console?.passphrase) : [],
    startAgents(homes, processes),
  ])
  if (started.status === 'rejected') throw started.reason
  if (approved.status === 'rejected') throw approved.reason
  for (const line of approved.value) cli.note(line)
  const { identity, client } = await connectGuest(plan, homes, dialled)
  scope.use(client)
  await allConnected(plan, homes, client, cli.signal)
  const setUp = (Date.now() - begun) / 1000

  const guestHome = (homes.parties[plan.job.guest.party] as LabMember).home
  const bytes = jobBytes(plan.job)
  if (options.split !== undefined) await fixSplit(guestHome, identity, bytes, options.split)
  const { job } = await client.submit(bytes, identity.sign(JOB_SPEC_CONTEXT, bytes))
  const lab: RunningLab = {
    plan,
    homes,
    job,
    client,
    process: (name) => named(processes, name),
    start: (name) => restart(homes, processes, name, withConsole),
  }
  const stopped = new AbortController()
  const meanwhile = options.meanwhile?.(lab).catch((thrown: unknown) => {
    stopped.abort()
    throw thrown
  })
  const watching = { ...cli, signal: AbortSignal.any([cli.signal, stopped.signal]) }
  const [view] = await Promise.all([
    watchJob(watching, client, job, { home: guestHome, quiet: options.quiet ?? false }),
    meanwhile,
  ])
  await settled(plan, homes, view, cli.signal)
  const collected = await collectResult(plan, homes, view, setUp, options.keep === true)
  const asked = { id: job, guest: plan.job.guest.party }
  const evidence = options.evidence === undefined ? undefined : await leaveEvidence(cli, homes, asked, options.evidence)
  const { bin, boost, value } = plan.job
  const reported = options.evidence !== undefined || [bin, boost, value].some((section) => section !== undefined)
  const report = reported ? await leaveReport(homes, asked, options.evidence) : undefined
  const result = {
    ...collected,
    ...(report === undefined ? {} : { report }),
    ...(evidence === undefined ? {} : { evidence }),
  }
  await options.before?.(lab, result)
  return result
}

async function startCoordinator(
  homes: LabHomes,
  processes: Map<string, LabProcess>,
  withConsole: boolean,
): Promise<string> {
  const coordinator = await startProcess('coordinator', homes.coordinator, 'coordinator.listening')
  processes.set('coordinator', coordinator)
  const address = String(coordinator.announcement['address'])
  const port = Number(address.slice(address.lastIndexOf(':') + 1))
  // a coordinator that comes back must be where the agents look for it
  await writeFile(homes.coordinator.config, coordinatorConfig(port, withConsole))
  return `localhost:${port}`
}

async function writeConfigs(plan: LabPlan, homes: LabHomes, wanted: AgentWishes): Promise<void> {
  await Promise.all(Object.keys(homes.parties).map((party) => writeAgentConfig(homes, plan, party, wanted)))
}

async function startAgents(homes: LabHomes, processes: Map<string, LabProcess>): Promise<void> {
  const started = await Promise.allSettled(
    Object.values(homes.parties).map(async (member) => {
      processes.set(member.name, await startProcess('party-agent', member, 'agent.started'))
    }),
  )
  // not Promise.all: every agent that came up must be known before the first failure takes the lab down
  for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason
}

async function restart(
  homes: LabHomes,
  processes: Map<string, LabProcess>,
  name: string,
  withConsole: boolean,
): Promise<void> {
  await named(processes, name).kill()
  if (name === 'coordinator') await startCoordinator(homes, processes, withConsole)
  else processes.set(name, await startProcess('party-agent', homes.parties[name] as LabMember, 'agent.started'))
}

function named(processes: ReadonlyMap<string, LabProcess>, name: string): LabProcess {
  const process = processes.get(name)
  if (process === undefined) throw new RangeError(`no process ${name} in this lab`)
  return process
}

/** The modeler's side: the guest's own keys sign the job, as `tributary job submit` would. */
async function connectGuest(
  plan: LabPlan,
  homes: LabHomes,
  address: string,
): Promise<{ identity: PartyIdentity; client: CoordinatorClient }> {
  const guest = homes.parties[plan.job.guest.party] as LabMember
  const identity = await openPartyHome(guest.home, guest.passphrase)
  const root = await readFile(`${homes.coordinator.home}/keys/root.pem`, 'utf8')
  return { identity, client: connectCoordinator(address, identity, root) }
}

/**
 * Each party of the job is connected and has said what it offers.
 * @throws PlatformError data.* of a data set that its agent could not offer; job.party-offline
 */
async function allConnected(
  plan: LabPlan,
  homes: LabHomes,
  client: CoordinatorClient,
  signal: AbortSignal,
): Promise<void> {
  const last = Date.now() + CONNECT_SECONDS * 1000
  for (;;) {
    const { parties } = await client.describe()
    const connected = parties.filter((party) => partiesOf(plan.job).includes(party.party) && party.connected)
    const ready = connected.filter((party) => party.datasets.length > 0)
    if (ready.length === partiesOf(plan.job).length) return
    if (signal.aborted) throw new PlatformError('job.cancelled')
    // an agent says what it offers when it connects, and leaves out what it cannot read
    const mute = connected.find((party) => party.software !== '' && party.datasets.length === 0)
    if (mute !== undefined) await refuseUnreadable(homes.parties[mute.party] as LabMember)
    if (Date.now() > last) {
      const missing = partiesOf(plan.job).filter((name) => !ready.some((party) => party.party === name))
      throw new PlatformError('job.party-offline', { parties: missing, waitedSeconds: CONNECT_SECONDS })
    }
    await sleep(POLL_MS)
  }
}

/** The reason why an agent offers nothing, from its own data check. */
async function refuseUnreadable({ name, config }: LabMember): Promise<void> {
  const { dataCheck } = await import('#party-agent/data/data-check.ts')
  const report = await dataCheck(await readAgentConfig(config))
  const problem = report.datasets.flatMap(({ problems }) => problems).find(({ level }) => level === 'error')
  if (problem !== undefined) throw new PlatformError(problem.code, { party: name, problem: problem.message })
}

/** Files of the party's part of each model of the job. */
function partsOf({ job }: LabPlan, party: string): string[] {
  const tasks = planTasks(job).map(({ task }) => task)
  return [
    ...(tasks.includes('train') ? ['model.json'] : []),
    ...(tasks.includes('average') ? [AVERAGE_MODEL_FILE, 'result.json'] : []),
    ...(tasks.includes('boost') ? [party === job.guest.party ? TREES_FILE : SPLITS_FILE] : []),
  ]
}

/** The agents hear of the end a little after whoever watches: wait for the last file that a success leaves. */
async function settled(plan: LabPlan, homes: LabHomes, view: JobView, signal: AbortSignal): Promise<void> {
  if (view.state !== 'succeeded') return
  const files = Object.values(homes.parties)
    .filter(({ name }) => name === view.guest || view.hosts.includes(name))
    .flatMap(({ name, home }) => partsOf(plan, name).map((file) => `${home}/jobs/${view.job}/${file}`))
  const last = Date.now() + SETTLE_SECONDS * 1000
  const absent = async () => {
    const found = await Promise.all(
      files.map((file) =>
        readFile(file).then(
          () => true,
          () => false,
        ),
      ),
    )
    return found.includes(false)
  }
  while ((await absent()) && Date.now() < last && !signal.aborted) await sleep(POLL_MS)
}
