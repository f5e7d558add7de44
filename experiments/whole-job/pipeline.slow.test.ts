// The credit pipeline as a modeler runs it on the synthetic federation: all rows of the bank kept, bins, selection,
// scorecard and the worth of each partner; then a second job that goes on from the columns that the first selected.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasEnded } from '#party-agent/planning/progress.ts'
import { jobBytes } from '#party-agent/planning/job-file.ts'
import type { JobView } from '#party-agent/link/coordinator-client.ts'
import { buildProgram } from '#cli/program.ts'
import { testContext } from '#cli/test-context.ts'
import { JOB_SPEC_CONTEXT } from '#protocols/core/job-spec.ts'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import { packFromJson } from '#credit/report/files.ts'
import { packTables } from '#credit/evaluation/pack.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { openDataset } from '#party-agent/data/dataset.ts'
import type { ModelVersion } from '#party-agent/results/registry.ts'
import { writeReport } from '#party-agent/results/report.ts'
import { loadResultFile } from '#party-agent/results/stored.ts'
import { loadAlignment } from '#party-agent/tasks/alignment.ts'
import { labelsAndWeights } from '#party-agent/tasks/guest-rows.ts'
import { loadBins, woeColumns } from '#party-agent/tasks/woe-bins.ts'
import { rangeOf } from '#protocols/core/aligned-rows.ts'
import { type JobSpec, trainOf } from '#protocols/core/job-spec.ts'
import type { PsiReport } from '#protocols/psi/report.ts'
import { WOE_BITS } from '#protocols/vertical-lr/params.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { writeSyntheticFederation } from '../synth/federation.ts'
import type { FederationManifest } from '../synth/manifest.ts'
import type { Host } from '../synth/parties.ts'
import { type CentralFit, fitColumns } from './centralised.ts'
import { present } from './fixtures.ts'
import { planSynthetic } from './synthetic-plan.ts'

const HOSTS = ['tax', 'social', 'property'] as const satisfies readonly Host[]
const L2 = { first: 1, second: 40 } as const
/** What tells labels, or what can be computed from them only. */
const OF_THE_GUEST = ['result.json', 'scores', 'binning.json', 'selection.json', 'coefficients.json']

interface Model {
  readonly features: readonly { readonly name: string; readonly coefficient: number }[]
  readonly intercept?: number
}

let folder = ''
let manifest: FederationManifest
let result: LabResult
/** what the tests read of the lab before it goes */
const seen = {} as {
  first: Record<string, Model>
  second: Record<string, Model>
  central: Record<'first' | 'second', CentralFit>
  files: Record<string, readonly string[]>
  texts: Record<string, string>
  reuseTasks: readonly string[]
  taken: Record<string, boolean>
  refused: JobView
  registered: readonly ModelVersion[]
  shown: readonly ModelVersion[]
  report: ReadonlyMap<string, string>
  chosen: Readonly<Record<string, readonly string[]>>
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-pipeline-'))
  const size = { applications: 3000, seed: 20220101, badRate: 0.25 }
  const directory = join(folder, 'synth')
  manifest = await writeSyntheticFederation({
    directory,
    ...size,
    parties: ['bank', ...HOSTS],
    raw: false,
    reference: false,
  })
  const plan = await planSynthetic(directory, HOSTS, {
    align: { mode: 'left', minIntersection: 200 },
    split: { kind: 'keyed-hash', holdout: 0.3, outOfTime: { column: 'vintage', from: '2023-04', recent: '2023-10' } },
    bin: { bins: 4, minimumShare: 0.03 },
    select: { maximumStability: 10, maximumColumns: 8 },
    train: { columns: 'woe', l2: L2.first, rounds: 20, standardErrors: true },
    scorecard: {},
    value: {},
  })
  result = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    split: 0,
    before: async (lab, { state, failure }) => {
      expect([state, failure]).toEqual(['succeeded', undefined])
      await look(lab, plan.job)
    },
  })
}, 600_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

async function look(lab: RunningLab, spec: JobSpec): Promise<void> {
  seen.first = await modelsOf(lab, lab.job)
  seen.files = await filesOf(lab, lab.job)
  seen.texts = await hostTexts(lab)
  seen.chosen = (await loadResultFile(dirOf(lab, 'bank', lab.job), 'selection'))?.chosen ?? {}
  seen.central = {
    first: await fitInTheClear(lab, lab.job, L2.first),
    second: await fitInTheClear(lab, lab.job, L2.second),
  }
  seen.report = await report(lab)
  const names = ['bank', 'tax'] as const
  const registered = []
  const shown = []
  for (const party of names) {
    registered.push((await command(lab, party, ['model', 'register', lab.job, '--name', 'sme'])) as ModelVersion)
    shown.push(((await command(lab, party, ['model', 'show', 'sme'])) as ModelVersion[])[0] as ModelVersion)
  }
  seen.registered = registered
  seen.shown = shown

  const { value: _, nonce: __, ...rest } = spec
  const reuse = { job: lab.job, through: 'select' } as const
  const goesOn = { ...rest, reuse, train: { ...trainOf(spec), l2: L2.second } }
  const second = await submit(lab, goesOn)
  expect([second.state, second.failure_code]).toEqual(['succeeded', ''])
  seen.reuseTasks = second.tasks.map(({ task }) => task)
  await Promise.all(
    Object.keys(lab.homes.parties).map((party) => present(join(dirOf(lab, party, second.job), 'model.json'))),
  )
  seen.second = await modelsOf(lab, second.job)
  seen.taken = await sameFiles(lab, second.job)
  seen.refused = await submit(lab, { ...goesOn, bin: { ...spec.bin, bins: 5 } as NonNullable<JobSpec['bin']> })
}

function dirOf(lab: RunningLab, party: string, job: string): string {
  return join((lab.homes.parties[party] as LabMember).home, 'jobs', job)
}

/** Signed by the bank and followed to its end. */
async function submit(lab: RunningLab, spec: JobSpec): Promise<JobView> {
  const { home, passphrase } = lab.homes.parties['bank'] as LabMember
  const identity = await openPartyHome(home, passphrase)
  const bytes = jobBytes(spec)
  const { job } = await lab.client.submit(bytes, identity.sign(JOB_SPEC_CONTEXT, bytes))
  for await (const view of lab.client.watch(job, new AbortController().signal)) if (hasEnded(view)) return view
  throw new Error('the stream ended before the job')
}

async function modelsOf(lab: RunningLab, job: string): Promise<Record<string, Model>> {
  const parties = Object.keys(lab.homes.parties)
  const models = parties.map(async (party) => {
    const text = await readFile(join(dirOf(lab, party, job), 'model.json'), 'utf8')
    return [party, JSON.parse(text) as Model] as const
  })
  return Object.fromEntries(await Promise.all(models))
}

async function filesOf(lab: RunningLab, job: string): Promise<Record<string, readonly string[]>> {
  const parties = Object.keys(lab.homes.parties)
  const files = parties.map(async (party) => [party, await readdir(dirOf(lab, party, job))] as const)
  return Object.fromEntries(await Promise.all(files))
}

/** Everything in a host's home that is text, by path; the key store names its keys, and one is for labels. */
async function hostTexts(lab: RunningLab): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const host of HOSTS) {
    const { home } = lab.homes.parties[host] as LabMember
    for (const file of await readdir(home, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name)
      if (file.isFile() && /\.jsonl?$/.test(file.name) && file.name !== 'keystore.json')
        texts[`${host}${path.slice(home.length)}`] = await readFile(path, 'utf8')
    }
  }
  return texts
}

/** Which files of the tasks that were taken over are the same, byte for byte. */
async function sameFiles(lab: RunningLab, second: string): Promise<Record<string, boolean>> {
  const same: Record<string, boolean> = {}
  for (const party of Object.keys(lab.homes.parties)) {
    const own = party === 'bank' ? ['binning.json', 'selection.json'] : []
    for (const file of ['alignment.json', 'alignment.rows', 'bins.json', 'chosen.json', ...own]) {
      const bytes = [lab.job, second].map((job) => readFile(join(dirOf(lab, party, job), file)))
      const [before, now] = await Promise.all(bytes)
      same[`${party} ${file}`] = before?.equals(now ?? Buffer.alloc(0)) ?? false
    }
  }
  return same
}

/** The model of the selected columns where one process holds them all: the parties' columns put side by side. */
async function fitInTheClear(lab: RunningLab, job: string, l2: number): Promise<CentralFit> {
  const columns: Float64Array[] = []
  let counted: number[] = []
  let labels: number[] = []
  for (const party of ['bank', ...HOSTS]) {
    const { config } = lab.homes.parties[party] as LabMember
    const { datasets } = await readAgentConfig(config)
    const [name = '', declared] = Object.entries(datasets)[0] ?? []
    await using dataset = await openDataset(name, declared as NonNullable<typeof declared>)
    const dir = dirOf(lab, party, job)
    const alignment = await loadAlignment(dir)
    if (party === 'bank') {
      const { to } = rangeOf(alignment, 'train')
      const own = await labelsAndWeights(dataset, alignment)
      counted = Array.from({ length: to }, (_, row) => row).filter((row) => own.weights[row] === 1)
      labels = counted.map((row) => own.labels[row] ?? 0)
    }
    const woe = await woeColumns(dataset, alignment.rows, await loadBins(dir))
    for (const column of woe) columns.push(Float64Array.from(counted, (row) => (column[row] ?? 0) / 2 ** WOE_BITS))
  }
  return fitColumns(columns, labels, l2)
}

async function report(lab: RunningLab): Promise<ReadonlyMap<string, string>> {
  const out = join(folder, 'report')
  const { files } = await writeReport(dirOf(lab, 'bank', lab.job), lab.job, out)
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(join(out, file), 'utf8')] as const)))
}

/** What a person at the party sees of `tributary … --json`. */
async function command(lab: RunningLab, party: string, words: readonly string[]): Promise<unknown> {
  const { config, passphrase } = lab.homes.parties[party] as LabMember
  const cli = testContext({ environment: { TRIBUTARY_PASSPHRASE: passphrase } })
  await buildProgram(cli).parseAsync([...words, '--config', config, '--json'], { from: 'user' })
  return JSON.parse(cli.printed.join('\n'))
}

/** Coefficients in the order of the parties, the intercept last. */
function numbersOf(models: Readonly<Record<string, Model>>): number[] {
  const weights = ['bank', ...HOSTS].flatMap((party) => models[party]?.features.map((of) => of.coefficient) ?? [])
  return [...weights, models['bank']?.intercept ?? Number.NaN]
}

function largestDifference(models: Readonly<Record<string, Model>>, { weights, intercept }: CentralFit): number {
  const expected = [...weights, intercept]
  const found = numbersOf(models)
  expect(found).toHaveLength(expected.length)
  return Math.max(...found.map((value, j) => Math.abs(value - (expected[j] ?? Number.NaN))))
}

test('statuses of the rows are those of the manifest', () => {
  const { hosts = [] } = (result.metrics?.alignment ?? {}) as Partial<PsiReport>
  expect(hosts.map(({ host }) => host)).toEqual([...HOSTS])
  for (const found of hosts) {
    const expected = manifest.alignment[found.host as Host]
    expect(found, found.host).toMatchObject({
      present: expected?.present.loans,
      absent: expected?.absent.loans,
      notCovered: expected?.notCovered.loans,
      // the manifest leaves out loans whose code is wrong: nobody is asked about them
      noConsent: (expected?.noConsent.loans ?? 0) + manifest.bank.invalidIds.loans,
    })
  }
})

test('columns of several parties are selected, and each owner has the weights of its own', () => {
  expect(Object.values(seen.chosen).filter(({ length }) => length > 0).length).toBeGreaterThan(2)
  for (const [party, names] of Object.entries(seen.chosen))
    expect(seen.first[party]?.features.length).toBe(names.length)
})

test('the model is the one of all selected columns in one place', () => {
  expect(largestDifference(seen.first, seen.central.first)).toBeLessThan(5e-3)
})

test('hosts keep nothing that tells labels', () => {
  expect(seen.files['bank']).toEqual(expect.arrayContaining(OF_THE_GUEST))
  for (const host of HOSTS) for (const file of OF_THE_GUEST) expect(seen.files[host]).not.toContain(file)
  expect(Object.keys(seen.texts).length).toBeGreaterThan(20)
  for (const [path, text] of Object.entries(seen.texts))
    expect(/"(bad|good|labels|bad_?rate|auc|ks)" *:/i.exec(text), path).toBeNull()
})

test('a job that goes on takes over rows, bins and columns, and trains the model that all tasks again would give', () => {
  expect(seen.reuseTasks).toEqual(['train'])
  expect(Object.entries(seen.taken).filter(([, same]) => !same)).toEqual([])
  expect(largestDifference(seen.second, seen.central.second)).toBeLessThan(5e-3)
  // the other penalty makes another model
  expect(largestDifference(seen.second, seen.central.first)).toBeGreaterThan(0.02)
})

test('one that wants other bins than those it takes over is refused by name', () => {
  expect(seen.refused).toMatchObject({ state: 'rejected', failure_code: 'job.reuse-differs' })
})

test('shares of the partners add up to one', () => {
  const pack = packFromJson(seen.report.get('evaluation.json') ?? '')
  const { columns = [], rows = [] } = packTables(pack).get('partner_value') ?? {}
  const at = (name: string) => columns.indexOf(name)
  const ofHoldout = rows.filter((row) => row[at('set')] === 'holdout')
  expect(ofHoldout.map((row) => row[at('party')])).toEqual(expect.arrayContaining([...HOSTS]))
  expect(ofHoldout.reduce((sum, row) => sum + Number(row[at('share_pct')]), 0)).toBeCloseTo(1, 9)
  for (const row of ofHoldout) {
    expect(Number(row[at('bytes')])).toBeGreaterThan(100_000)
    expect(Number(row[at('seconds')])).toBeGreaterThan(0)
  }
})

test('the report is there in both languages, and every table as CSV', () => {
  const { tables } = packFromJson(seen.report.get('evaluation.json') ?? '')
  const names = tables.map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['scorecard', 'selection_log', 'woe_table', 'iv_ranking', 'partner_value', 'lr_coef']),
  )
  for (const { name, columns, rows } of tables) {
    const lines = (seen.report.get(`csv/${name}.csv`) ?? '').slice(1).trimEnd().split('\r\n')
    expect(lines[0], name).toBe(columns.join(','))
    expect(lines, name).toHaveLength(rows.length + 1)
  }
  for (const page of ['report', 'model-document']) {
    expect(seen.report.get(`${page}.zh.html`)).toMatch(/^<!doctype html>\s*<html lang="zh/i)
    expect(seen.report.get(`${page}.en.html`)).toMatch(/^<!doctype html>\s*<html lang="en/i)
  }
})

test('the model has the same digest at two parties, and lineage', () => {
  const [atBank, atTax] = seen.registered
  expect(atTax?.digest).toBe(atBank?.digest)
  expect(atBank?.parts.map(({ party }) => party)).toEqual(['bank', ...HOSTS])
  expect(atBank?.lineage).toMatchObject({ purpose: '贷前审批', parameters: { scorecard: { baseScore: 600 } } })
  expect(seen.shown.map(({ digest }) => digest)).toEqual([atBank?.digest, atBank?.digest])
})
