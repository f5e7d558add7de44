// Boosted trees beside a scorecard on the synthetic federation, over real gRPC and with people who approve: the trees are
// those that one process grows that holds all columns, thresholds stay with their owners, and the evidence holds. Then a
// job of trees alone, with what each partner is worth.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { comparedRuns } from '#party-agent/results/compared-runs.ts'
import { jobBytes } from '#party-agent/planning/job-file.ts'
import { hasEnded } from '#party-agent/planning/progress.ts'
import { type LocalResult, readLocalJob } from '#party-agent/results/local-job.ts'
import { testContext } from '#cli/test-context.ts'
import { JOB_SPEC_CONTEXT } from '#protocols/core/job-spec.ts'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import { packTables, type Table } from '#credit/evaluation/pack.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { openDataset } from '#party-agent/data/dataset.ts'
import type { ModelVersion } from '#party-agent/results/registry.ts'
import { writeReport } from '#party-agent/results/report.ts'
import { loadScores } from '#party-agent/results/score-store.ts'
import { readJson } from '#party-agent/results/stored.ts'
import type { StoredSplits, StoredTrees } from '#party-agent/results/tree-facts.ts'
import { loadAlignment } from '#party-agent/tasks/alignment.ts'
import { boostOf, type JobSpec } from '#protocols/core/job-spec.ts'
import type { OwnedSplit } from '#protocols/secureboost/params.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { startTap, type Tap } from '../lab/tap.ts'
import { writeSyntheticFederation } from '../synth/federation.ts'
import type { Host } from '../synth/parties.ts'
import { spellingsIn, spellingsOf } from './canaries.ts'
import { present } from './fixtures.ts'
import { addModeler, asModeler } from './modeler.ts'
import { planSynthetic } from './synthetic-plan.ts'
import { dirOf, growInTheClear } from './trees-in-the-clear.ts'

const HOSTS = ['tax', 'property'] as const satisfies readonly Host[]
const PARTIES = ['bank', ...HOSTS]
const BOOST = { trees: 3, depth: 3, bins: 8, minLeafShare: 0.02 }
/** Values that no computation would make by itself, planted in a column of each party. */
const CANARIES = { bank: 271828.18284590452, tax: 987654.3219, property: 31415.926535 }

let folder = ''
let result: LabResult
/** what the tests read of the lab before it goes */
const seen = {} as {
  metrics: LocalResult
  trees: StoredTrees
  splits: Record<string, readonly OwnedSplit[]>
  scores: Float64Array
  clear: { readonly margins: Float64Array; readonly nodes: number }
  files: Record<string, readonly string[]>
  report: ReadonlyMap<string, string>
  tables: ReadonlyMap<string, Table>
  compared: Awaited<ReturnType<typeof comparedRuns>>
  registered: readonly ModelVersion[]
  cards: readonly Table[]
  shown: string
  sent: readonly { readonly party: string; readonly recorded: number; readonly ledger: number }[]
  alone: { readonly metrics: LocalResult; readonly value: Table | undefined; readonly files: readonly string[] }
  scored: Awaited<ReturnType<typeof scoreAgain>>
  plain: Buffer
  encrypted: Buffer
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-trees-'))
  const directory = join(folder, 'synth')
  const size = { applications: 3000, seed: 20220101, badRate: 0.25 }
  await writeSyntheticFederation({ directory, ...size, parties: ['bank', ...HOSTS], raw: false, reference: false })
  for (const [party, value] of Object.entries(CANARIES)) await plant(join(directory, party), value)
  const plan = await planSynthetic(directory, HOSTS, {
    align: { mode: 'left', minIntersection: 200, decoys: 0.2 },
    split: { kind: 'keyed-hash', holdout: 0.3, outOfTime: { column: 'vintage', from: '2023-04', recent: '2023-10' } },
    bin: { bins: 4, minimumShare: 0.03 },
    train: { columns: 'woe', rounds: 3 },
    scorecard: {},
    boost: { ...BOOST, precision: 'exact' },
  })
  let tap: Tap | undefined
  result = await runLab(
    { ...plan, approvals: 'lab' },
    {
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
        seen.encrypted = (tap as Tap).encrypted()
        await look(lab, plan.job)
      },
    },
  )
  await tap?.[Symbol.asyncDispose]()
}, 600_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** One row in twelve of the first feature of a party's table has the value. */
async function plant(party: string, value: number): Promise<void> {
  const name = (await readdir(party)).find((file) => file.endsWith('.csv') && file !== 'consent.csv') ?? ''
  const [header = '', ...rows] = (await readFile(join(party, name), 'utf8')).trimEnd().split('\n')
  const at = header.split(',').findIndex((column) => /^[btp]_/.test(column))
  const planted = rows.map((row, i) => {
    const cells = row.split(',')
    if (i % 12 === 0) cells[at] = String(value)
    return cells.join(',')
  })
  await writeFile(join(party, name), `${[header, ...planted].join('\n')}\n`)
}

async function look(lab: RunningLab, spec: JobSpec): Promise<void> {
  const bank = dirOf(lab, 'bank', lab.job)
  seen.metrics = (await readJson<LocalResult>(join(bank, 'result.json'))) as LocalResult
  seen.trees = (await readJson<StoredTrees>(join(bank, 'trees.json'))) as StoredTrees
  const splits: Record<string, readonly OwnedSplit[]> = { bank: seen.trees.splits }
  for (const host of HOSTS)
    splits[host] = (await readJson<StoredSplits>(join(dirOf(lab, host, lab.job), 'splits.json')))?.splits ?? []
  seen.splits = splits
  seen.scores = (await loadScores(bank, HOSTS, 'trees'))?.scores ?? new Float64Array()
  seen.clear = await growInTheClear(lab, spec, splits)
  seen.files = Object.fromEntries(
    await Promise.all(PARTIES.map(async (party) => [party, await readdir(dirOf(lab, party, lab.job))] as const)),
  )
  const out = join(folder, 'report')
  const { pack, files } = await writeReport(bank, lab.job, out)
  seen.tables = packTables(pack)
  seen.report = new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(out, file), 'utf8')] as const)),
  )
  seen.compared = await comparedRuns((lab.homes.parties['bank'] as LabMember).home, [lab.job])
  for (const party of ['bank', 'tax']) await addModeler(lab, party)
  seen.registered = await Promise.all(
    ['bank', 'tax'].map(
      async (party) => (await command(lab, party, ['model', 'register', lab.job, '--name', 'both'])) as ModelVersion,
    ),
  )
  await command(lab, 'tax', ['model', 'show', 'both'])
  seen.cards = (await command(lab, 'tax', ['job', 'card', lab.job])) as Table[]
  seen.shown = await asModeler(lab, 'tax', ['job', 'show', lab.job])
  seen.sent = await Promise.all(PARTIES.map((party) => sentBy(lab, party)))
  seen.alone = await treesAlone(lab, spec)
  seen.scored = await scoreAgain(lab, spec)
}

/** Messages by the round record and by the disclosure ledger. */
async function sentBy(lab: RunningLab, party: string) {
  const { record, ledger } = await readLocalJob((lab.homes.parties[party] as LabMember).home, lab.job)
  const sum = (lines: readonly { readonly messages: number }[]) =>
    lines.reduce((all, { messages }) => all + messages, 0)
  const ofTask = (lines: readonly (typeof ledger)[number][]) => lines.filter(({ step }) => step !== 'frames')
  return {
    party,
    recorded: sum(record.filter(({ direction }) => direction === 'sent')),
    ledger: sum(ofTask(ledger)),
  }
}

/** A second job on the same rows: quantised, membership hidden, and every partner's worth. */
async function treesAlone(lab: RunningLab, spec: JobSpec): Promise<(typeof seen)['alone']> {
  const { train: _, bin: __, scorecard: ___, nonce: ____, ...rest } = spec
  const boost = { ...boostOf(spec), trees: 1, precision: 'quantised' as const }
  const reuse = { job: lab.job, through: 'align' as const }
  const bytes = jobBytes({ ...rest, name: 'trees alone', reuse, boost, value: { coalitions: 'partners' } })
  const job = await finish(lab, bytes)
  const dir = dirOf(lab, 'bank', job)
  await present(join(dir, 'result.json'))
  await present(join(dirOf(lab, 'tax', job), 'splits.json'))
  const { pack } = await writeReport(dir, job, join(folder, 'report-alone'))
  const metrics = (await readJson<LocalResult>(join(dir, 'result.json'))) as LocalResult
  return { metrics, value: packTables(pack).get('partner_value'), files: await readdir(dirOf(lab, 'tax', job)) }
}

/** Submits another job. @returns its id once it has succeeded */
async function finish(lab: RunningLab, bytes: Uint8Array): Promise<string> {
  const { home, passphrase } = lab.homes.parties['bank'] as LabMember
  const identity = await openPartyHome(home, passphrase)
  const { job } = await lab.client.submit(bytes, identity.sign(JOB_SPEC_CONTEXT, bytes))
  for await (const view of lab.client.watch(job, new AbortController().signal)) {
    if (!hasEnded(view)) continue
    expect([view.state, view.failure_code, view.failure_detail]).toEqual(['succeeded', '', {}])
    break
  }
  return job
}

/** A third job aligns the rows anew and scores them with the trees of the first. */
async function scoreAgain(lab: RunningLab, spec: JobSpec) {
  const { train: _, bin: __, boost: ___, scorecard: ____, nonce: _____, ...rest } = spec
  const score = { protocol: 'secureboost', job: lab.job } as const
  const job = await finish(lab, jobBytes({ ...rest, name: 'new scores', score }))
  const out = join(folder, 'scores.csv')
  const dir = dirOf(lab, 'bank', job)
  await present(join(dir, 'scores.csv'))
  const told = (await command(lab, 'bank', ['job', 'scores', job, '--out', out])) as { rows: number }
  const trained = await loadAlignment(dirOf(lab, 'bank', lab.job))
  const ids = await loanIds(lab)
  return {
    ...told,
    lines: (await readFile(out, 'utf8')).trimEnd().split('\n'),
    // what training said of the same loans
    expected: new Map(
      Array.from(trained.rows, (row, at) => [ids[row] ?? '', seen.scores[at] ?? Number.NaN] as const).filter(
        ([id]) => id !== '',
      ),
    ),
    files: await readdir(dirOf(lab, 'tax', job)),
    sent: (await readLocalJob((lab.homes.parties['tax'] as LabMember).home, job)).record.filter(
      ({ task, direction }) => task === 'score' && direction === 'sent',
    ),
  }
}

async function loanIds(lab: RunningLab): Promise<readonly (string | null)[]> {
  const { datasets } = await readAgentConfig((lab.homes.parties['bank'] as LabMember).config)
  const [name = '', declared] = Object.entries(datasets)[0] ?? []
  await using dataset = await openDataset(name, declared as NonNullable<typeof declared>)
  return await dataset.texts(declared?.ids.sampleId ?? '')
}

async function command(lab: RunningLab, party: string, words: readonly string[]): Promise<unknown> {
  return JSON.parse(await asModeler(lab, party, [...words, '--json']))
}

function cellsOf(table: Table | undefined): readonly Readonly<Record<string, unknown>>[] {
  return (table?.rows ?? []).map((row) => Object.fromEntries((table?.columns ?? []).map((name, i) => [name, row[i]])))
}

test('the trees are those that one process grows on the same bins', () => {
  const nodes = seen.trees.trees.reduce((sum, tree) => sum + tree.nodes.length, 0)
  expect(seen.trees.trees).toHaveLength(BOOST.trees)
  expect(nodes).toBe(seen.clear.nodes)
  expect(seen.scores).toHaveLength(seen.clear.margins.length)
  const largest = seen.scores.reduce(
    (most, score, row) => Math.max(most, Math.abs(score - (seen.clear.margins[row] ?? 0))),
    0,
  )
  expect(largest).toBeLessThan(1e-6)
})

test('several parties own splits, and thresholds are at their owners only', () => {
  const owners = new Set(seen.trees.trees.flatMap(({ nodes }) => nodes.flatMap(({ split }) => split?.owner ?? [])))
  expect(owners.size).toBeGreaterThan(1)
  const atBank = JSON.stringify(seen.trees)
  const ofHosts = HOSTS.flatMap((host) => seen.splits[host] ?? [])
  expect(ofHosts.length).toBeGreaterThan(2)
  for (const { name, threshold, alias } of ofHosts) {
    expect(atBank).toContain(alias)
    expect(atBank).not.toContain(`"${name}"`)
    if (String(threshold).length > 6) expect(atBank).not.toContain(String(threshold))
  }
  for (const host of HOSTS) {
    expect(seen.files[host]).toContain('splits.json')
    for (const file of ['trees.json', 'trees-result.json', 'result.json', 'scores'])
      expect(seen.files[host]).not.toContain(file)
  }
})

test('no planted value and no threshold crosses the network', () => {
  const thresholds = HOSTS.flatMap((host) => seen.splits[host] ?? [])
    .map(({ threshold }) => threshold)
    .filter((threshold) => String(threshold).length > 8)
  const canaries = Object.values(CANARIES)
  expect(spellingsIn(seen.plain, [...canaries, ...thresholds.slice(0, 2)].flatMap(spellingsOf))).toEqual([])
  expect(spellingsIn(seen.encrypted, canaries.flatMap(spellingsOf))).toEqual([])
  const total = Object.values(result.sent)
    .flatMap((byKind) => Object.values(byKind))
    .reduce((a, b) => a + b, 0)
  // up and down, but what all hosts are told goes up once
  expect(seen.plain.length).toBeGreaterThan(1.5 * total)
})

test('every message stands in the ledger of its sender, and the evidence verifies', () => {
  for (const { party, recorded, ledger } of seen.sent) expect(`${party} ${ledger}`).toBe(`${party} ${recorded}`)
  expect(result.sent['tax']?.['split-sides']).toBeGreaterThan(0)
  expect(result.evidence).toMatchObject({ ok: true, problems: [] })
})

test('champion and challenger stand side by side in the result, the report and the comparison', () => {
  const { joint, bankOnly, challenger } = seen.metrics
  expect(challenger?.rounds).toBe(BOOST.trees)
  for (const { auc } of [joint, bankOnly, challenger?.joint, challenger?.bankOnly].flatMap((each) => each ?? []))
    expect(auc.value).toBeGreaterThan(0.5)
  const compared = cellsOf(seen.tables.get('champion_challenger'))
  const auc = (model: string) => compared.find((cell) => cell['set'] === 'holdout' && cell['model'] === model)?.['auc']
  expect(auc('champion')).toBeCloseTo(joint.auc.value, 9)
  expect(auc('challenger')).toBeCloseTo(challenger?.joint.auc.value ?? Number.NaN, 9)
  expect(seen.compared.models.map(({ model }) => model)).toEqual(['final', 'challenger'])
  for (const name of ['tree_importance', 'tree_losses', 'tree_view', 'swap_set', 'scorecard'])
    expect(seen.tables.get(name)?.rows.length, name).toBeGreaterThan(0)
  const shares = cellsOf(seen.tables.get('tree_importance')).reduce((sum, cell) => sum + Number(cell['gain_pct']), 0)
  expect(shares).toBeCloseTo(1, 9)
  for (const language of ['zh', 'en']) {
    expect(seen.report.get(`report.${language}.html`)).toContain('<section id="trees">')
    expect(seen.report.get(`report.${language}.html`)).toContain('<section id="champion">')
  }
})

test('the model of both has one digest at all parties, and an owner reads its own splits', () => {
  const [atBank, atTax] = seen.registered
  expect(atTax?.digest).toBe(atBank?.digest)
  expect(atBank?.parts.map(({ party, model }) => `${party} ${model ?? ''}`)).toEqual(
    ['', 'trees'].flatMap((model) => PARTIES.map((party) => `${party} ${model}`)),
  )
  expect(atBank?.lineage.parameters).toMatchObject({ boost: BOOST, train: { columns: 'woe' } })
  expect(seen.shown).toContain(`${seen.splits['tax']?.length} splits on columns of tax`)
  expect(seen.cards.map(({ name }) => name)).toEqual(['owner_scorecard', 'own_splits'])
  const thresholds = cellsOf(seen.cards[1]).map((cell) => Number(cell['threshold']))
  expect(thresholds).toEqual((seen.splits['tax'] ?? []).map(({ threshold }) => Number(threshold.toPrecision(12))))
})

test('a job of trees alone is evaluated like any model, and says what each partner is worth', () => {
  const { metrics, value, files } = seen.alone
  expect(metrics).toMatchObject({ protocol: 'secureboost', rounds: 1 })
  expect(metrics.challenger).toBeUndefined()
  expect(metrics.joint.auc.value).toBeGreaterThan(0.5)
  const ofHoldout = cellsOf(value).filter((cell) => cell['set'] === 'holdout')
  expect(new Set(ofHoldout.map((cell) => cell['party']))).toEqual(new Set(HOSTS))
  const worth = ofHoldout.reduce((sum, cell) => sum + Number(cell['shapley_auc']), 0)
  expect(worth).toBeCloseTo(metrics.joint.auc.value - metrics.bankOnly.auc.value, 9)
  expect(files).toContain('splits.json')
  expect(files).not.toContain('model.json')
})

test('a later job scores the loans as training did, in one exchange, and the scores are at the guest only', () => {
  const { rows, lines, expected, files, sent } = seen.scored
  const [head = '', ...scored] = lines
  expect(head.split(',').slice(1)).toEqual(['log_odds', 'pd', 'points'])
  expect(scored).toHaveLength(rows)
  expect(rows).toBe(expected.size)
  for (const line of scored) {
    const [id = '', margin] = line.split(',')
    expect(Math.abs(Number(margin) - (expected.get(id) ?? Number.NaN)), id).toBeLessThan(1e-12)
  }
  expect(files).not.toContain('scores.csv')
  expect(sent.map(({ step }) => step)).toEqual(['all-sides'])
  expect(sent[0]?.messages).toBe(seen.splits['tax']?.length)
})
