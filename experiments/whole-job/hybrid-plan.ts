// The synthetic federation with its three parks as one group, and the same with one host that has all their rows.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { LabPlan } from '../lab/lab-file.ts'
import { writeSyntheticFederation } from '../synth/federation.ts'
import { type FileParty, PARTY_FILES } from '../synth/parties.ts'
import { planSynthetic } from './synthetic-plan.ts'

export const GROUP = 'parks'
export const MEMBERS = ['park-a', 'park-b', 'park-c'] as const
/** Hosts in no group, the first of which makes the keys of the hosts' side. */
export const OTHERS = ['tax', 'social', 'property'] as const satisfies readonly FileParty[]
const SCOPE = 'PARK'

export interface HybridSize {
  readonly applications: number
  readonly seed: number
  readonly badRate: number
}

/** All seven parties, and `parks`, whose rows are those of the three parks. */
export async function writeHybridFederation(directory: string, size: HybridSize): Promise<void> {
  await writeSyntheticFederation({ directory, ...size, raw: false, reference: false })
  await poolParks(directory)
}

/** To be called again where a park's file was changed. */
export async function poolParks(directory: string): Promise<void> {
  const pooled = join(directory, GROUP)
  await mkdir(pooled, { recursive: true })
  await cp(join(directory, MEMBERS[0], 'dataset.yaml'), join(pooled, 'dataset.yaml'))
  const tables = await Promise.all(MEMBERS.map((park) => readFile(join(directory, park, 'tenants.csv'), 'utf8')))
  const lines = tables.flatMap((text, i) =>
    text
      .trimEnd()
      .split('\n')
      .slice(i === 0 ? 0 : 1),
  )
  await writeFile(join(pooled, 'tenants.csv'), `${lines.join('\n')}\n`)
  // a consent that names the parks is one for the host that stands for all of them
  const declaration = join(directory, 'bank', 'dataset.yaml')
  const bank = parse(await readFile(declaration, 'utf8')) as {
    readonly datasets: { readonly loans: { readonly consent: { readonly scopes: Record<string, string> } } }
  }
  bank.datasets.loans.consent.scopes[GROUP] = SCOPE
  await writeFile(declaration, stringify(bank))
}

export interface HybridChoice {
  /** hosts in no group; default all of them */
  readonly others?: readonly FileParty[]
  /** of the parks; default all that they offer */
  readonly columns?: readonly string[]
}

/** Bank, the other hosts, and the three parks as one. */
export function planHybrid(
  directory: string,
  sections: Readonly<Record<string, unknown>>,
  choice: HybridChoice = {},
): Promise<LabPlan> {
  const groups = [{ name: GROUP, members: MEMBERS }]
  return plan(directory, MEMBERS, { ...sections, groups }, choice)
}

/** The same job with one host in the place of the group. */
export function planPooled(
  directory: string,
  sections: Readonly<Record<string, unknown>>,
  choice: HybridChoice = {},
): Promise<LabPlan> {
  return plan(directory, [GROUP], sections, choice)
}

function plan(
  directory: string,
  parks: readonly string[],
  sections: Readonly<Record<string, unknown>>,
  { others = OTHERS, columns }: HybridChoice,
): Promise<LabPlan> {
  const hosts = [
    ...others.map((party) => ({ party, dataset: PARTY_FILES[party].dataset })),
    ...parks.map((party) => ({
      party,
      dataset: PARTY_FILES[MEMBERS[0]].dataset,
      ...(columns === undefined ? {} : { columns }),
    })),
  ]
  const names = hosts.map(({ party }) => party)
  return planSynthetic(directory, names, { ...sections, hosts })
}
