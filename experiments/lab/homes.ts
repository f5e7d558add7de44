// The folder of a lab: a home for the coordinator and for each party, their configurations and the trust bundle.
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { createCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { createPartyHome } from '#crypto/identity/party-home.ts'
import { formatTrustBundle, makeTrustBundle } from '#crypto/identity/trust.ts'
import { PROTOCOLS } from '#protocols/core/job-spec.ts'
import type { LabParty, LabPlan } from './lab-file.ts'

export interface LabMember {
  readonly name: string
  readonly home: string
  readonly config: string
  readonly passphrase: string
}

export interface LabHomes {
  readonly folder: string
  readonly federation: string
  readonly coordinator: LabMember
  readonly parties: Readonly<Record<string, LabMember>>
  readonly trustBundle: string
}

/** Makes keys for everyone and writes the trust bundle and the coordinator's configuration. */
export async function makeHomes(plan: LabPlan, withConsole = false): Promise<LabHomes> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-lab-')) // mode 0700
  const { federation } = plan
  const coordinator = member(folder, 'coordinator', 'coordinator.yaml')
  const parties = Object.fromEntries(
    Object.keys(plan.parties).map((party) => [party, member(join(folder, 'parties'), party, 'agent.yaml')]),
  )
  const { rootPem, logKey } = await createCoordinatorHome(coordinator.home, {
    federation,
    passphrase: coordinator.passphrase,
    hosts: ['127.0.0.1', 'localhost'],
  })
  const cards = await Promise.all(
    Object.values(parties).map(({ name, home, passphrase }) =>
      createPartyHome(home, { federation, party: name, passphrase }),
    ),
  )
  const trustBundle = join(folder, 'trust.yaml')
  await writeFile(trustBundle, formatTrustBundle(makeTrustBundle(federation, rootPem, cards, logKey)))
  await writeFile(coordinator.config, coordinatorConfig(0, withConsole))
  return { folder, federation, coordinator, parties, trustBundle }
}

function member(folder: string, name: string, config: string): LabMember {
  const home = join(folder, name)
  return { name, home, config: join(home, config), passphrase: randomBytes(24).toString('base64url') }
}

/** Pages on a free port of this machine that say that nothing here is real. */
const LAB_CONSOLE = { listen: '127.0.0.1:0', demo: true } as const

/** @param port 0 for any free one; a coordinator that is started again gets the port that it had */
export function coordinatorConfig(port: number, withConsole = false): string {
  const pages = withConsole ? { console: LAB_CONSOLE } : {}
  const listen = `127.0.0.1:${port}`
  return stringify({ home: '.', listen, trustBundle: '../trust.yaml', logLevel: 'warn', ...pages })
}

export interface AgentWishes {
  /** host:port */
  readonly coordinator: string
  /** whether people must approve jobs */
  readonly approvals: boolean
  /** parties that compute with SEAL alone */
  readonly withoutKernels: readonly string[]
  /** whether people can open a console */
  readonly console: boolean
}

/** The agent's configuration: its data set, and a policy that allows the lab's guest to use it. */
export async function writeAgentConfig(
  homes: LabHomes,
  plan: LabPlan,
  party: string,
  { coordinator, approvals, withoutKernels, console }: AgentWishes,
): Promise<void> {
  const { config, home } = homes.parties[party] as LabMember
  const { dataset, declaration } = plan.parties[party] as LabParty
  await mkdir(home, { recursive: true, mode: 0o700 })
  await writeFile(
    config,
    stringify({
      home: '.',
      coordinator,
      trustBundle: homes.trustBundle,
      logLevel: 'warn',
      resources: {
        heWorkers: Math.max(1, Math.floor(availableParallelism() / Object.keys(plan.parties).length)),
        heEngine: withoutKernels.includes(party) ? 'seal' : 'auto',
      },
      datasets: { [dataset]: absoluteSource(declaration, plan.folder) },
      ...(approvals ? {} : { approvals: 'off' }),
      ...(console ? { console: LAB_CONSOLE } : {}),
      policy: {
        jobs: [
          {
            guest: plan.job.guest.party,
            protocols: [...PROTOCOLS],
            datasets: { [dataset]: { columns: 'all' } },
            peers: 'any',
            minIntersection: 50,
            maxRounds: 500,
          },
        ],
      },
    }),
  )
}

/** Paths of the lab file are relative to it; the configuration stands elsewhere. */
function absoluteSource(declaration: LabParty['declaration'], folder: string): Readonly<Record<string, unknown>> {
  const absolute = (source: unknown) =>
    Object.fromEntries(
      Object.entries(source as Record<string, string>).map(([kind, path]) => [
        kind,
        kind === 'sql' ? path : resolve(folder, path),
      ]),
    )
  const consent = declaration['consent'] as { source: unknown } | undefined
  return {
    ...declaration,
    source: absolute(declaration['source']),
    ...(consent === undefined ? {} : { consent: { ...consent, source: absolute(consent.source) } }),
  }
}
