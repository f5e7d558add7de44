// A bank, the tax bureau, the social-security bureau, the registry and three parks that stand side by side as one host:
// the whole job over real gRPC, with people who approve. What it finds is what one process finds that holds the rows of
// all parks, and no number of one park crosses the network.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testContext } from '#cli/test-context.ts'
import { type LocalResult, readLocalJob } from '#party-agent/results/local-job.ts'
import type { RecordLine } from '#party-agent/mail/record.ts'
import { writeReport } from '#party-agent/results/report.ts'
import { loadScores } from '#party-agent/results/score-store.ts'
import { loadResultFile, readJson, type StoredBinning, type StoredCoefficients } from '#party-agent/results/stored.ts'
import type { StoredSplits, StoredTrees } from '#party-agent/results/tree-facts.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import type { OwnedColumn } from '#protocols/binning-iv/params.ts'
import type { OwnedSplit } from '#protocols/secureboost/params.ts'
import type { LabMember } from '../lab/homes.ts'
import { GROUP, hybridLab, MEMBERS, OTHERS, writeHybridFederation } from '../lab/hybrid.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import { parseLab } from '../lab/lab-file.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { startTap, type Tap } from '../lab/tap.ts'
import { bothVerdicts } from '../log/two-verifiers.ts'
import { spellingsIn, spellingsOf, spellingsOfText } from './canaries.ts'
import type { CentralFit } from './centralised.ts'
import { type ClearRows, clearRows, countClear, fitClear, pooledAucs, routeClear } from './hybrid-in-the-clear.ts'
import { dirOf } from './trees-in-the-clear.ts'

const L2 = 1
/** Few, so that as many rounds as the model needs fit the rows. */
const COLUMNS = {
  bank: ['b_inflow', 'b_util', 'b_faildebit', 'b_inq3', 'b_rel', 'b_balr'],
  tax: ['t_sales', 't_late', 't_zero', 't_rating', 't_gap'],
  social: ['s_base', 's_arr', 's_turn', 's_tenure'],
  property: ['p_has', 'p_ltv', 'p_cnt'],
  [GROUP]: ['k_ten', 'k_rentarr', 'k_elecyoy', 'k_eleccv', 'k_lease', 'k_rating'],
} as const
/** Values that no computation would make by itself, planted in a column of each park. */
const CANARIES = { 'park-a': 271828.18284590452, 'park-b': 987654.3219, 'park-c': 31415.926535 }

interface Model {
  readonly features: readonly { readonly name: string; readonly alias: string; readonly coefficient: number }[]
  readonly intercept?: number
}

let folder = ''
let result: LabResult
/** what the tests read of the lab before it goes */
const seen = {} as {
  metrics: LocalResult
  binning: StoredBinning
  coefficients: StoredCoefficients
  bins: Record<string, readonly OwnedColumn[]>
  models: Record<string, Model>
  trees: StoredTrees
  splits: Record<string, readonly OwnedSplit[]>
  scores: Float64Array
  routed: Float64Array
  clear: ClearRows
  central: CentralFit
  pooled: Awaited<ReturnType<typeof pooledAucs>>
  record: Record<string, readonly RecordLine[]>
  report: string
  plain: Buffer
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-hybrid-'))
  const directory = join(folder, 'synth')
  await writeHybridFederation(directory, { applications: 3000, seed: 20220101, badRate: 0.25 })
  const bad = await badFirms(directory)
  for (const park of MEMBERS) await plant(directory, park, bad)
  const sections = {
    name: 'hybrid',
    // with decoys, the few rows of each park would be filled up to the bucket
    align: { mode: 'left', minIntersection: 50, decoys: 0 },
    split: { kind: 'keyed-hash', holdout: 0.3 },
    bin: { bins: 4, minimumShare: 0.03 },
    train: { columns: 'woe', rounds: 24, l2: L2 },
    scorecard: {},
    boost: { trees: 2, depth: 3, bins: 8, minLeafShare: 0.02 },
  }
  const plan = parseLab(JSON.stringify(hybridLab(sections, { columns: COLUMNS })), directory)
  let tap: Tap | undefined
  result = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    split: 0,
    evidence: join(folder, 'evidence'),
    through: async (homes, coordinator) => {
      tap = await startTap(homes, coordinator)
      return tap.address
    },
    before: async (lab, { state, failure }) => {
      expect([state, failure]).toEqual(['succeeded', undefined])
      seen.plain = (tap as Tap).plain()
      await look(lab, plan.job)
    },
  })
  await tap?.[Symbol.asyncDispose]()
}, 600_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/**
 * One row in ten of the park's first feature has the value; rents are in arrears at some of the firms whose loan was not
 * repaid, so that the parks have something to say.
 */
async function plant(directory: string, park: (typeof MEMBERS)[number], bad: ReadonlySet<string>): Promise<void> {
  const file = join(directory, park, 'tenants.csv')
  const { header, rows } = tableIn(await readFile(file, 'utf8'))
  const [id, first, arrears] = ['match_id', 'k_ten', 'k_rentarr'].map((name) => header.indexOf(name))
  const planted = rows.map((row, i) => {
    const cells = i % 10 === 0 ? row.with(first ?? 0, String(CANARIES[park])) : row
    return i % 2 === 0 && bad.has(cells[id ?? 0] ?? '') ? cells.with(arrears ?? 0, String(4 + (i % 5))) : cells
  })
  await writeFile(file, `${[header, ...planted].map((cells) => cells.join(',')).join('\n')}\n`)
}

/** Ids of the bank's firms with a loan that was not repaid. */
async function badFirms(directory: string): Promise<ReadonlySet<string>> {
  const { header, rows } = tableIn(await readFile(join(directory, 'bank', 'loans.csv'), 'utf8'))
  const [id, label] = [header.indexOf('match_id'), header.indexOf('y')]
  return new Set(rows.flatMap((row) => (row[label] === '1' ? [row[id] ?? ''] : [])))
}

function tableIn(text: string) {
  const [header = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  return { header, rows }
}

async function look(lab: RunningLab, spec: JobSpec): Promise<void> {
  const bank = dirOf(lab, 'bank', lab.job)
  const read = async <T>(party: string, file: string) =>
    (await readJson<T>(join(dirOf(lab, party, lab.job), file))) as T
  seen.metrics = await read('bank', 'result.json')
  seen.binning = (await loadResultFile(bank, 'binning')) as StoredBinning
  seen.coefficients = (await loadResultFile(bank, 'coefficients')) as StoredCoefficients
  seen.trees = await read('bank', 'trees.json')
  seen.bins = {}
  seen.models = {}
  seen.record = {}
  seen.splits = { bank: seen.trees.splits }
  for (const party of partiesOf(spec)) {
    seen.bins[party] = (await read<{ readonly columns: readonly OwnedColumn[] }>(party, 'bins.json')).columns
    seen.models[party] = await read(party, 'model.json')
    seen.record[party] = (await readLocalJob((lab.homes.parties[party] as LabMember).home, lab.job)).record
    if (party !== 'bank') seen.splits[party] = (await read<StoredSplits>(party, 'splits.json')).splits
  }
  const hosts = spec.hosts.map(({ party }) => party)
  seen.scores = (await loadScores(bank, hosts, 'trees'))?.scores ?? new Float64Array()
  seen.routed = await routeClear(lab, spec, seen.trees, seen.splits)
  seen.clear = await clearRows(lab, spec)
  seen.central = fitClear(seen.clear, L2)
  seen.pooled = await pooledAucs(lab, spec, seen.clear, seen.splits)
  const { files } = await writeReport(bank, lab.job, join(folder, 'report'))
  seen.report = await readFile(join(folder, 'report', files.find((file) => file === 'report.en.html') ?? ''), 'utf8')
}

test('to the bank the parks are one host: one name, one set of aliases, one weight a column', () => {
  const owners = new Set(seen.binning.features.map(({ party }) => party))
  expect([...owners].toSorted()).toEqual(['bank', GROUP, ...OTHERS].toSorted())
  const aliases = seen.binning.features.filter(({ party }) => party === GROUP).map(({ feature }) => feature)
  expect(aliases.length).toBeGreaterThan(5)
  for (const alias of aliases) expect(alias).toMatch(/^PARKS\.F\d\d$/)
  expect(seen.trees.owners).toEqual(['bank', ...OTHERS, GROUP])
  const weights = seen.coefficients.coefficients.filter(({ party }) => party === GROUP)
  expect(weights.map(({ feature }) => feature)).toEqual(aliases)
  for (const park of MEMBERS) expect(JSON.stringify([seen.binning, seen.coefficients, seen.trees])).not.toContain(park)
  expect(seen.report).toContain('parks (park-a, park-b, park-c)')
})

test('all parks have the same cut points, weights and splits', () => {
  const [first, ...others] = MEMBERS
  for (const park of others) {
    expect(seen.bins[park]).toEqual(seen.bins[first])
    expect(seen.models[park]?.features).toEqual(seen.models[first]?.features)
    expect(seen.splits[park]).toEqual(seen.splits[first])
  }
  expect(seen.bins[first]?.some(({ bins }) => bins.cuts.length > 1)).toBe(true)
})

test('the bank counts in each bin of the parks what one process counts that has the rows of all three', () => {
  expect(seen.clear.doubled).toBe(0)
  for (const owner of seen.clear.owners.slice(1)) {
    for (const [c, { alias }] of owner.columns.entries()) {
      const told = seen.binning.features.find(({ party, feature }) => party === owner.name && feature === alias)
      const counted = countClear(seen.clear, owner, c)
      expect(told?.bins.length, alias).toBe(counted.size)
      for (const { bin, counts } of told?.bins ?? [])
        expect([alias, bin, counts['train']?.n, counts['train']?.bad]).toEqual([
          alias,
          bin,
          counted.get(bin)?.n,
          counted.get(bin)?.bad,
        ])
    }
  }
})

test('the weights are those of all columns in one place', () => {
  const found = seen.clear.owners.flatMap(({ name, columns }) => {
    const model = seen.models[name === GROUP ? MEMBERS[0] : name]
    return columns.map((column) => model?.features.find((of) => of.name === column.name)?.coefficient ?? Number.NaN)
  })
  expect(found).toHaveLength(seen.central.weights.length)
  const differences = found.map((weight, j) => Math.abs(weight - (seen.central.weights[j] ?? Number.NaN)))
  expect(Math.max(...differences)).toBeLessThan(0.01)
})

test('the scores of the trees are those of rows that each park routes by itself', () => {
  const of = new Set(seen.trees.trees.flatMap(({ nodes }) => nodes.flatMap(({ split }) => split?.owner ?? [])))
  expect(of).toContain(seen.trees.owners.indexOf(GROUP))
  const scored = seen.scores.reduce((count, score) => count + Number(!Number.isNaN(score)), 0)
  expect(scored).toBeGreaterThan(500)
  for (const [row, score] of seen.scores.entries())
    if (!Number.isNaN(score) && seen.clear.weights[row] === 1)
      expect(Math.abs(score - (seen.routed[row] ?? Number.NaN)), `row ${row}`).toBeLessThan(1e-9)
})

test('both models rank the held-out rows as models do of one host with the rows of all parks', () => {
  const { bankOnly, joint, challenger } = seen.metrics
  expect(joint.auc.value).toBeGreaterThan(bankOnly.auc.value + 0.02)
  expect(Math.abs(joint.auc.value - seen.pooled.scorecard)).toBeLessThan(0.01)
  // few trees rank in few steps, and cut points on a grid are others than quantiles: within what the held-out rows can tell
  expect(seen.pooled.trees).toBeGreaterThan(challenger?.joint.auc.low ?? 1)
  expect(seen.pooled.trees).toBeLessThan(challenger?.joint.auc.high ?? 0)
})

test('no planted value and no cut point of a park crosses the network', () => {
  const cuts = (seen.bins[MEMBERS[0]] ?? []).flatMap(({ bins }) => bins.cuts)
  const thresholds = (seen.splits[MEMBERS[0]] ?? []).map(({ threshold }) => threshold)
  // short numbers occur in many bytes by chance
  const telling = [...cuts, ...thresholds].filter((cut) => String(cut).length > 6)
  const hidden = [
    ...Object.values(CANARIES).flatMap(spellingsOf),
    ...telling.slice(0, 4).flatMap((cut) => spellingsOfText(String(cut))),
  ]
  expect(spellingsIn(seen.plain, hidden)).toEqual([])
  const total = Object.values(result.sent).flatMap((byKind) => Object.values(byKind))
  // what all hosts are told goes up once
  expect(seen.plain.length).toBeGreaterThan(total.reduce((a, b) => a + b, 0))
})

test('both verifiers accept the evidence, in which the parks add up among themselves', async () => {
  expect(result.evidence).toMatchObject({ ok: true, problems: [] })
  const bundle = await readFile(result.evidence?.bundle ?? '')
  const { own, page } = await bothVerdicts(bundle)
  expect([own, page]).toEqual([
    { ok: true, codes: [] },
    { ok: true, codes: [] },
  ])
  for (const party of ['bank', ...OTHERS, ...MEMBERS]) {
    const among = (seen.record[party] ?? []).filter(({ step }) => step.startsWith('group-'))
    expect(among.length > 0, party).toBe(party.startsWith('park-'))
    for (const { from, to } of among) expect(MEMBERS).toEqual(expect.arrayContaining([from, to]))
  }
})
