// The synthetic federation with its three parks as one group, as a lab; and the same with one host that has all their rows.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LOAN_PURPOSE } from '../synth/consent.ts'
import { bankDataset, hostDataset } from '../synth/declaration.ts'
import { writeSyntheticFederation } from '../synth/federation.ts'
import { FILE_PARTIES, type FileParty, PARTY_FILES, tablePath } from '../synth/parties.ts'
import type { FederationOptions } from '../synth/plan.ts'

export const GROUP = 'parks'
export const MEMBERS = ['park-a', 'park-b', 'park-c'] as const satisfies readonly FileParty[]
/** Hosts in no group; the first of them makes the keys of the hosts' side. */
export const OTHERS = ['tax', 'social', 'property'] as const satisfies readonly FileParty[]

export interface HybridChoice {
  /** one host with the rows of all parks in the place of the group */
  readonly pooled?: boolean
  /** by party, or of the parks by GROUP; default all that is offered */
  readonly columns?: Readonly<Partial<Record<FileParty | typeof GROUP, readonly string[]>>>
}

/** All seven parties, as files. */
export async function writeHybridFederation(
  directory: string,
  size: Pick<FederationOptions, 'applications' | 'seed' | 'badRate'>,
): Promise<void> {
  await writeSyntheticFederation({ directory, ...size, raw: false, reference: false })
}

/** Puts the tenants of the three parks into one file, for `pooled`. */
export async function poolParks(directory: string): Promise<void> {
  const tables = await Promise.all(MEMBERS.map((park) => readFile(join(directory, tablePath(park)), 'utf8')))
  const lines = tables.flatMap((text, i) =>
    text
      .trimEnd()
      .split('\n')
      .slice(i === 0 ? 0 : 1),
  )
  await mkdir(join(directory, GROUP), { recursive: true })
  await writeFile(join(directory, pooledPath()), `${lines.join('\n')}\n`)
}

/** Parties and job of a lab file. @param job its sections beside who takes part */
export function hybridLab(job: Readonly<Record<string, unknown>>, { pooled = false, columns = {} }: HybridChoice = {}) {
  const files = { format: 'csv', parties: FILE_PARTIES } as const
  const own = (party: FileParty) => ({
    dataset: PARTY_FILES[party].dataset,
    ...hostDataset(files, party, 'federation'),
  })
  const dataset = PARTY_FILES[MEMBERS[0]].dataset
  const parks = pooled ? [GROUP] : MEMBERS
  const ofParks = pooled
    ? { [GROUP]: { ...own(MEMBERS[0]), source: { csv: pooledPath() } } }
    : Object.fromEntries(MEMBERS.map((park) => [park, own(park)]))
  const shown = (owner: FileParty | typeof GROUP) => (columns[owner] === undefined ? {} : { columns: columns[owner] })
  return {
    parties: {
      bank: { dataset: PARTY_FILES.bank.dataset, ...bankOf(parks) },
      ...Object.fromEntries(OTHERS.map((party) => [party, own(party)])),
      ...ofParks,
    },
    job: {
      purpose: LOAN_PURPOSE,
      ...job,
      guest: { party: 'bank', dataset: PARTY_FILES.bank.dataset, ...shown('bank') },
      hosts: [
        ...OTHERS.map((party) => ({ party, dataset: PARTY_FILES[party].dataset, ...shown(party) })),
        ...parks.map((party) => ({ party, dataset, ...shown(GROUP) })),
      ],
      ...(pooled ? {} : { groups: [{ name: GROUP, members: MEMBERS }] }),
    },
  }
}

/** A consent that names the parks is one for whoever stands for them. */
function bankOf(parks: readonly string[]): object {
  const declared = bankDataset({ format: 'csv', parties: ['bank', ...OTHERS] }, 'federation') as {
    readonly consent: { readonly scopes: Readonly<Record<string, unknown>> }
  }
  const scopes = Object.fromEntries(parks.map((party) => [party, PARTY_FILES[MEMBERS[0]].scope]))
  return { ...declared, consent: { ...declared.consent, scopes: { ...declared.consent.scopes, ...scopes } } }
}

function pooledPath(): string {
  return `${GROUP}/${PARTY_FILES[MEMBERS[0]].dataset}.csv`
}
