// For tests: the plan of a lab on a folder that writeSyntheticFederation has made, each party with the declaration
// that stands in its own folder.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type LabPlan, parseLab } from '../lab/lab-file.ts'

interface Declared {
  readonly source: { readonly csv: string }
  readonly consent?: { readonly source: { readonly csv: string }; readonly scopes: Readonly<Record<string, string>> }
  readonly [key: string]: unknown
}

/** @param job sections of the job beside its name and its parties; nobody is asked for approval */
export async function planSynthetic(
  folder: string,
  hosts: readonly string[],
  job: Readonly<Record<string, unknown>>,
): Promise<LabPlan> {
  const parties: Record<string, Readonly<Record<string, unknown>> & { readonly dataset: string }> = {}
  for (const party of ['bank', ...hosts]) parties[party] = await declared(folder, party, hosts)
  const take = (party: string) => ({ party, dataset: parties[party]?.dataset })
  const whole = {
    name: 'synthetic',
    purpose: '贷前审批',
    guest: take('bank'),
    hosts: hosts.map(take),
    ...job,
  }
  return parseLab(JSON.stringify({ approvals: 'off', parties, job: whole }), folder)
}

async function declared(folder: string, party: string, hosts: readonly string[]) {
  const text = await readFile(join(folder, party, 'dataset.yaml'), 'utf8')
  const { datasets } = parse(text) as { datasets: Record<string, Declared> }
  const [dataset, { source, consent, ...rest }] = Object.entries(datasets)[0] as [string, Declared]
  const below = ({ csv }: { readonly csv: string }) => ({ csv: join(party, csv) })
  if (consent === undefined) return { dataset, ...rest, source: below(source) }
  const scopes = Object.entries(consent.scopes).filter(([host]) => hosts.includes(host))
  const asked = { ...consent, source: below(consent.source), scopes: Object.fromEntries(scopes) }
  return { dataset, ...rest, source: below(source), consent: asked }
}
