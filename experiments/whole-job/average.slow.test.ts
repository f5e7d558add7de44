// Three parks of the synthetic federation train one model on their own loans, over real gRPC, with people who approve and
// a party that is killed on the way: all end with the same bytes, what was opened are exact sums over all rows, nothing
// of a row crosses the network, and the model is as good as one of pooled rows.
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasEnded } from '#party-agent/planning/progress.ts'
import { readLocalJob } from '#party-agent/results/local-job.ts'
import { testContext } from '#cli/test-context.ts'
import { evaluate } from '#credit/evaluation/discrimination.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { keptRequests } from '#party-agent/disputes/kept-requests.ts'
import { openDataset } from '#party-agent/data/dataset.ts'
import {
  decodeWeights,
  type StoredAverageModel,
  type StoredAverageResult,
  type StoredStatistics,
} from '#party-agent/results/average-facts.ts'
import type { ModelVersion } from '#party-agent/results/registry.ts'
import { readJson } from '#party-agent/results/stored.ts'
import { loadOwnRows, type OwnRows } from '#party-agent/tasks/own-rows.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { countCells, GRID, joinCells } from '#protocols/fedavg/cells.ts'
import type { Diagnosis } from '#protocols/fedavg/robustness/diagnose.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import { parseLab } from '../lab/lab-file.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { PARKS, type Park, writeParkLoans } from '../lab/park-loans.ts'
import { parksLab } from '../lab/parks-demo.ts'
import { startTap, type Tap } from '../lab/tap.ts'
import { bothVerdicts } from '../log/two-verifiers.ts'
import { spellingsIn, spellingsOf } from './canaries.ts'
import { fitColumns } from './centralised.ts'
import { addModeler, addSteward, asModeler, asSteward } from './modeler.ts'

/** Values that no computation would make by itself, planted in a column of each park. */
const CANARIES: Readonly<Record<Park, number>> = { 'park-a': 27182.81828, 'park-b': 9876.54321, 'park-c': 31415.926535 }
const PLANTED = 'k_area'
const ROUNDS = 8
const MINIMUM_ROWS = 50
const JOB = {
  name: 'parks together',
  purpose: '贷前审批',
  // one job id, so one split of the rows
  nonce: '0123456789abcdef',
  statistics: { minimumRows: MINIMUM_ROWS },
  average: {
    rounds: ROUNDS,
    localEpochs: 2,
    batchRows: 64,
    learningRate: 0.1,
    minimumRows: 50,
    personalise: {},
    alone: true,
  },
}

let folder = ''
let result: LabResult
/** what the tests read of the lab before it goes */
interface Dispute {
  /** what the modeler of the guest is told, and a steward of another park who is asked */
  readonly refused: string
  readonly asked: string
  readonly answers: string
  readonly lines: string
  readonly parties: readonly Diagnosis[]
  /** what each park keeps of the request: what it did, and for which round */
  readonly kept: readonly string[]
}

const seen = {} as {
  models: readonly Buffer[]
  model: StoredAverageModel
  results: Readonly<Record<Park, StoredAverageResult>>
  statistics: StoredStatistics
  rows: readonly OwnRows[]
  personal: readonly Buffer[]
  files: Readonly<Record<Park, string>>
  registered: readonly ModelVersion[]
  shown: string
  dispute: Dispute
  compared: string
  report: ReadonlyMap<string, string>
  restarted: boolean
  plain: Buffer
  encrypted: Buffer
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-average-'))
  const loans = await writeParkLoans({ directory: folder, seed: 20220101, applications: 4000, badRate: 0.25 })
  for (const park of PARKS) await plant(join(folder, `${park}.csv`), CANARIES[park])
  const plan = parseLab(JSON.stringify({ federation: 'parks', ...parksLab(loans, JOB) }), folder)
  let tap: Tap | undefined
  result = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    evidence: join(folder, 'evidence'),
    through: async (homes, coordinator) => {
      tap = await startTap(homes, coordinator)
      return tap.address
    },
    meanwhile: killOnTheWay,
    before: async (lab, { state, failure }) => {
      expect([state, failure]).toEqual(['succeeded', undefined])
      seen.plain = (tap as Tap).plain()
      seen.encrypted = (tap as Tap).encrypted()
      await look(lab, plan.job)
    },
  })
  await tap?.[Symbol.asyncDispose]()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** One row in twelve of a column has the value. */
async function plant(file: string, value: number): Promise<void> {
  const [header = '', ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const at = header.split(',').indexOf(PLANTED)
  const planted = rows.map((row, i) => {
    const cells = row.split(',')
    if (i % 12 === 0) cells[at] = String(value)
    return cells.join(',')
  })
  await writeFile(file, `${[header, ...planted].join('\n')}\n`)
}

/** SIGKILL of an agent in the middle of the rounds; it is started again. */
async function killOnTheWay(lab: RunningLab): Promise<void> {
  const closed = async () => {
    const { events } = await readLocalJob(dirOf(lab, 'park-c', '..'), lab.job)
    return events.filter(({ event, task }) => event === 'round.closed' && task === 'average').length
  }
  const over = async () => hasEnded(await lab.client.get(lab.job))
  for (let rounds = 0; rounds < 2; rounds = await closed()) {
    if (await over()) return
    await sleep(50)
  }
  await lab.start('park-c')
  seen.restarted = true
}

function dirOf(lab: RunningLab, park: Park, job: string): string {
  return join((lab.homes.parties[park] as LabMember).home, 'jobs', job)
}

async function look(lab: RunningLab, spec: JobSpec): Promise<void> {
  const of = (park: Park, file: string) => join(dirOf(lab, park, lab.job), file)
  const everywhere = <T>(read: (park: Park) => Promise<T>) => Promise.all(PARKS.map(read))
  seen.models = await everywhere((park) => readFile(of(park, 'average-model.json')))
  seen.model = JSON.parse(seen.models[0]?.toString() ?? '') as StoredAverageModel
  seen.personal = await everywhere((park) => readFile(of(park, 'personal-model.json')))
  seen.statistics = (await readJson<StoredStatistics>(of('park-a', 'statistics.json'))) as StoredStatistics
  const results = await everywhere((park) => readJson<StoredAverageResult>(of(park, 'result.json')))
  seen.results = Object.fromEntries(PARKS.map((park, i) => [park, results[i]])) as (typeof seen)['results']
  const files = await everywhere(async (park) => {
    const names = (await readdir(of(park, ''))).filter((name) => name.endsWith('.json') || name.endsWith('.jsonl'))
    return (await Promise.all(names.map((name) => readFile(of(park, name), 'utf8')))).join('\n')
  })
  seen.files = Object.fromEntries(PARKS.map((park, i) => [park, files[i]])) as (typeof seen)['files']
  seen.rows = await everywhere((park) => rowsOf(lab, spec, park))
  for (const park of ['park-a', 'park-b'] as const) await addModeler(lab, park)
  seen.registered = await Promise.all(
    (['park-a', 'park-b'] as const).map(async (park) =>
      JSON.parse(await asModeler(lab, park, ['model', 'register', lab.job, '--name', 'parks', '--json'])),
    ),
  )
  seen.shown = await asModeler(lab, 'park-b', ['job', 'show', lab.job])
  seen.compared = await asModeler(lab, 'park-b', ['job', 'compare', lab.job, lab.job])
  seen.dispute = await dispute(lab)
  const out = join(folder, 'report-b')
  await asModeler(lab, 'park-b', ['job', 'report', lab.job, '--out', out])
  const pages = ['report.en.html', 'report.zh.html', 'csv/rounds.csv', 'csv/statistics.csv']
  seen.report = new Map(
    await Promise.all(pages.map(async (page) => [page, await readFile(join(out, page), 'utf8')] as const)),
  )
}

/** About the second round: the guest asks, a steward of each other park agrees, the guest compares. */
async function dispute(lab: RunningLab): Promise<Dispute> {
  const file = (name: string) => join(folder, name)
  const [request, ...openings] = [file('dispute.json'), ...PARKS.slice(1).map((park) => file(`${park}.opening`))]
  for (const park of PARKS) await addSteward(lab, park)
  const open = ['dispute', 'open', lab.job, '--round', '2', '--reason', 'the loss rose', '--out', request as string]
  const refused = await asModeler(lab, 'park-a', open).catch((error: { code: string }) => error.code)
  const asked = await asSteward(lab, 'park-a', open)
  for (const [i, park] of PARKS.slice(1).entries())
    await asSteward(lab, park, ['dispute', 'agree', request as string, '--out', openings[i] as string])
  const report = ['dispute', 'report', request as string, ...openings]
  const { parties } = JSON.parse(await asSteward(lab, 'park-a', [...report, '--json']))
  const answers = (await Promise.all(openings.map((name) => readFile(name, 'utf8')))).join('\n')
  const kept = await Promise.all(
    PARKS.map(async (park) => {
      const requests = await keptRequests((lab.homes.parties[park] as LabMember).home)
      return requests.map(({ side, request: { round } }) => `${park} ${side} ${round}`).join()
    }),
  )
  return { refused, asked, answers, lines: await asSteward(lab, 'park-a', report), parties, kept }
}

/** What a park brought, read as its agent reads it. */
async function rowsOf(lab: RunningLab, spec: JobSpec, park: Park): Promise<OwnRows> {
  const { datasets } = await readAgentConfig((lab.homes.parties[park] as LabMember).config)
  const [name = '', declared] = Object.entries(datasets)[0] ?? []
  await using dataset = await openDataset(name, declared as NonNullable<typeof declared>)
  const job = {
    jobId: lab.job,
    spec,
    self: park,
    jobDir: dirOf(lab, park, lab.job),
    log: silentLogger,
    seedOf: async (label: string) => new Secret(label, new Uint8Array(32)),
  }
  return await loadOwnRows(job, dataset, (await dataset.describe()).columns)
}

/** Rows of all parks as the model takes them: standardised, 0 where missing, and their labels. */
function pooled(set: 'train' | 'holdout') {
  const scales = seen.model.scales === 'own' ? [] : seen.model.scales
  const columns = seen.model.columns.map((_, c) => {
    const { mean = 0, deviation = 1 } = scales[c] ?? {}
    const values = seen.rows.flatMap((own) => [...(own[set].columns[c] ?? [])])
    return Float64Array.from(values, (x) => (Number.isNaN(x) ? 0 : (x - mean) / deviation))
  })
  return { columns, labels: seen.rows.flatMap((own) => [...own[set].labels]) }
}

function scoresOf(weights: ArrayLike<number>, intercept: number, columns: readonly Float64Array[]): Float64Array {
  return Float64Array.from(columns[0] ?? [], (_, i) =>
    columns.reduce((sum, column, c) => sum + (weights[c] ?? 0) * (column[i] ?? 0), intercept),
  )
}

test('a party was killed on the way, and all parties end with the same bytes', () => {
  expect(seen.restarted).toBe(true)
  const digests = new Set(seen.models.map((bytes) => createHash('sha256').update(bytes).digest('hex')))
  expect(digests.size).toBe(1)
  expect(new Set(PARKS.map((park) => seen.results[park].modelDigest))).toEqual(new Set([seen.model.digest]))
  // personalised: one layer of its own at each
  expect(new Set(seen.personal.map(String)).size).toBe(PARKS.length)
})

test('what was opened are the exact sums over the rows of all parties', () => {
  const { rows, parties } = seen.results['park-a']
  const count = (set: 'train' | 'holdout') => seen.rows.reduce((sum, own) => sum + own[set].labels.length, 0)
  expect([rows, parties]).toEqual([{ training: count('train'), holdout: count('holdout') }, 3])
  for (const { name, cells, rows: told, scale } of seen.statistics.columns) {
    const c = seen.rows[0]?.columns.indexOf(name) ?? -1
    const values = seen.rows.flatMap((own) => [...(own.train.columns[c] ?? [])])
    const known = values.filter((x) => !Number.isNaN(x))
    expect([name, told]).toEqual([name, known.length])
    for (const [i, n] of cells.rows.entries()) {
      // what lies beyond the outermost edges counts in the outermost cells
      const from = i === 0 ? Number.NEGATIVE_INFINITY : (cells.edges[i] ?? 0)
      const to = i === cells.rows.length - 1 ? Number.POSITIVE_INFINITY : (cells.edges[i + 1] ?? 0)
      expect([name, i, n]).toEqual([name, i, known.filter((x) => x >= from && x < to).length])
    }
    // values beyond the outermost powers of two that are told count as those
    const { edges } = joinCells(GRID, countCells(Float64Array.from(known), GRID), MINIMUM_ROWS)
    const [low = 0, high = 0] = [edges[0], edges.at(-1)]
    const mean = known.reduce((sum, x) => sum + Math.min(high, Math.max(low, x)), 0) / known.length
    expect(Math.abs(scale.mean - mean)).toBeLessThan(1e-5 * Math.max(scale.deviation, Math.abs(mean)))
  }
})

test('measures of all parties are those of the pooled hold-out rows, told alike to all', () => {
  const weights = decodeWeights(seen.model.weights)
  const { columns, labels } = pooled('holdout')
  const scores = scoresOf(weights, weights.at(-1) ?? 0, columns)
  const loss =
    scores.reduce((sum, score, i) => sum + Math.log1p(Math.exp(labels[i] === 1 ? -score : score)), 0) / labels.length
  const { federated } = seen.results['park-a']
  expect(federated).toMatchObject({ rows: labels.length, bad: labels.filter((label) => label === 1).length })
  expect(federated?.loss).toBeCloseTo(loss, 4)
  const auc = evaluate(scores, Uint8Array.from(labels)).auc.value
  expect(Math.abs((federated?.auc ?? 0) - auc)).toBeLessThanOrEqual((federated?.aucError ?? 0) + 1e-9)
  for (const park of PARKS) expect(seen.results[park].federated).toEqual(federated)
})

test('the model is about as good as one of pooled rows', () => {
  const { columns, labels } = pooled('train')
  const central = fitColumns(columns, labels, 1)
  const held = pooled('holdout')
  const scores = scoresOf(central.weights, central.intercept, held.columns)
  const best = evaluate(scores, Uint8Array.from(held.labels)).auc.value
  expect(best).toBeGreaterThan(0.6)
  expect(seen.results['park-a'].federated?.auc).toBeGreaterThan(best - 0.02)
})

test('no planted value crosses the network', () => {
  for (const canary of Object.values(CANARIES)) {
    expect(seen.rows.some(({ train }) => train.columns.some((column) => column.includes(canary)))).toBe(true)
    expect(spellingsIn(seen.plain, spellingsOf(canary))).toEqual([])
    expect(spellingsIn(seen.encrypted, spellingsOf(canary))).toEqual([])
  }
  expect(seen.plain.length).toBeGreaterThan(100_000)
})

test('what a party measures on its own rows stays with it', () => {
  for (const park of PARKS) {
    const { own, alone } = seen.results[park]
    expect(alone?.rows).toBe(own?.rows)
    expect(alone?.auc).toBeGreaterThan(0.5)
    const mine = String(own?.loss)
    expect(seen.files[park]).toContain(mine)
    for (const other of PARKS.filter((name) => name !== park)) expect(seen.files[other]).not.toContain(mine)
  }
})

test('a dispute about a round: people of each park agree, and the guest compares what they show', () => {
  const { refused, asked, answers, lines, parties, kept } = seen.dispute
  expect(refused).toBe('person.wrong-role')
  expect(kept).toEqual(PARKS.map((park, i) => `${park} ${i === 0 ? 'asked' : 'shown'} 2`))
  expect(asked).toContain('the loss rose')
  expect(parties.map(({ party, suspect }) => [party, suspect])).toEqual(PARKS.map((park) => [park, false]))
  for (const { cosine, lengthRatio } of parties) {
    expect(cosine).toBeGreaterThan(0)
    expect(lengthRatio).toBeLessThan(3)
  }
  for (const park of PARKS) expect(lines).toContain(park)
  // sealed: neither salt nor numbers of an update
  expect(answers).not.toContain('salt')
})

test('the evidence holds for both verifiers, and every party registers one model with one digest', async () => {
  expect(result.evidence).toMatchObject({ ok: true, problems: [] })
  const bundle = await readFile(result.evidence?.bundle ?? '')
  const good = { ok: true, codes: [] }
  expect(await bothVerdicts(bundle)).toEqual({ own: good, page: good })
  const [atA, atB] = seen.registered
  expect(atA?.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(atB?.digest).toBe(atA?.digest)
  expect(new Set(atA?.parts.map(({ sha256 }) => sha256)).size).toBe(1)
  expect(atA?.parts.map(({ party, model }) => [party, model])).toEqual(PARKS.map((park) => [park, 'average']))
  expect(atA?.lineage.parameters).toMatchObject({ average: { rounds: ROUNDS }, statistics: { bins: 16 } })
})

test('a party reads rounds, measures and its own rows as lines, pages and tables', () => {
  const { own, federated, engine } = seen.results['park-b']
  expect(seen.shown).toContain(`AUC ${federated?.auc.toFixed(4)}`)
  expect(seen.shown).toContain(engine.name)
  expect(seen.compared).toContain(String(own?.auc.toFixed(4)))
  for (const page of ['report.en.html', 'report.zh.html']) {
    const text = seen.report.get(page) ?? ''
    expect(text).toContain(own?.auc.toFixed(4))
    expect(text).toContain(seen.model.digest)
    expect(text).not.toMatch(/<script|https?:/)
  }
  expect(seen.report.get('csv/rounds.csv')?.trim().split('\r\n')).toHaveLength(ROUNDS + 1)
  expect(seen.report.get('csv/statistics.csv')).toContain('k_rentarr')
})
