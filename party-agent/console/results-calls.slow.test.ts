// Results as the console tells them: over folders as finished jobs leave them, within roles, stated before the answer, and
// never with a cut point of a partner.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resultCalls } from '#console/api/results.ts'
import { answerCheck } from '#console/server/checks.ts'
import type { Visit } from '#console/server/visitor.ts'
import { createPartyHome, openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { addLocalPerson, localPeople } from '#crypto/people/local-people.ts'
import type { PersonRole } from '#crypto/people/people.ts'
import { checkJobSpec } from '#protocols/core/job-spec.ts'
import type { AgentConfig } from '../config.ts'
import { openReadingOf } from '../log/reading.ts'
import { storeRows, storeScores } from '../results/score-store.ts'
import { type BinnedFeature, storeResultFile, writeJson } from '../results/stored.ts'
import { resultsServed } from './results-calls.ts'

const PASSPHRASE = 'a long passphrase'
const ROWS = 400
const [TRAINED, WORSE, WAITING, DAMAGED, AVERAGED, SCORED, HOSTED, SCANNED] = Array.from(
  { length: 8 },
  (_, i) => `job-${String(i).repeat(20)}`,
) as [string, string, string, string, string, string, string, string]
const NUMBERED = `job-${'8'.repeat(20)}`
const CUT = '0.2718281828'

let home: string
let identity: PartyIdentity
const visits = new Map<PersonRole, Visit>()
let handlers: Readonly<Record<string, (asked: never, visit: never) => unknown>>

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'results-'))
  await createPartyHome(home, { federation: 'credit', party: 'bank', passphrase: PASSPHRASE })
  identity = await openPartyHome(home, PASSPHRASE)
  const people = localPeople(home, identity)
  for (const role of ['modeler', 'steward', 'operator'] as const) {
    await addLocalPerson(home, identity, { id: role, name: `The ${role}`, role, passphrase: `${role} blossom` })
    const { person, sign, [Symbol.dispose]: dispose } = await people.authenticate(role, `${role} blossom`)
    const reader = { publicKey: person.publicKey, sign, [Symbol.dispose]: dispose }
    visits.set(role, { visitor: { person, how: 'passphrase', reader } } as unknown as Visit)
  }
  const config = { home } as unknown as AgentConfig
  handlers = resultsServed({ config, identity, people }).handlers
  await trainedJob(TRAINED, 5, { l2: 0.01 })
  await trainedJob(WORSE, 3, { l2: 1 })
  await jobFolder(WAITING, {}, 'started')
  await jobFolder(DAMAGED)
  await writeFile(join(home, 'jobs', DAMAGED, 'result.json'), '{"job": ')
  await averagedJob()
  await targetJob()
  await jobFolder(SCORED)
  await writeFile(join(home, 'jobs', SCORED, 'scores.csv'), 'id,log_odds,pd\nfirm-1,-2,0.119\nfirm-2,0,0.5\n')
  await jobFolder(HOSTED)
  const columns = [{ name: 'k_rent', coefficient: 0.5, test: { standardError: 0.1, z: 5, p: 1e-6 } }]
  await writeJson(join(home, 'jobs', HOSTED, 'model.json'), { party: 'bank', features: columns })
  await jobFolder(SCANNED)
  await storeResultFile(join(home, 'jobs', SCANNED), 'binning', { version: 1, features: FEATURES })
})
afterAll(() => rm(home, { recursive: true, force: true }))

async function jobFolder(job: string, models: object = {}, state = 'succeeded'): Promise<string> {
  const folder = join(home, 'jobs', job)
  await mkdir(folder, { recursive: true })
  const { spec } = checkJobSpec({
    version: 1,
    name: `credit ${job.slice(-2)}`,
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings' }],
    train: { columns: 'woe' },
    align: {},
    bin: {},
    ...models,
  })
  await writeJson(join(folder, 'spec.json'), spec)
  await writeJson(join(folder, 'job.json'), { version: 1, job, state, submittedAt: `2026-11-22T1${job.at(-1)}:00:00Z` })
  return folder
}

function feature(party: string, name: string, labels: readonly string[]): BinnedFeature {
  const bins = labels.map((label, i) => {
    const count = { n: 50 + i, bad: 5 + i, good: 45 }
    return { bin: i + 1, label, special: false, woe: i - 1, iv: 0.1, counts: { train: count, holdout: count } }
  })
  return { party, feature: name, name: `名${name}`, nameEn: `name of ${name}`, iv: 0.2, bins, observedSign: 1 }
}
const FEATURES = [feature('bank', 'age', ['(-∞, 30]', '(30, ∞)']), feature('tax', 'TAX.F01', ['bin 1/2', 'bin 2/2'])]

/** A finished scorecard job; scores are right in all but every `wrong`-th row. */
async function trainedJob(job: string, wrong: number, train: object): Promise<void> {
  const folder = await jobFolder(job, { train: { columns: 'woe', ...train }, scorecard: {} })
  const evaluation = {
    rows: 200,
    bad: 50,
    auc: { value: 0.7, low: 0.65, high: 0.75 },
    ks: { value: 0.3, low: 0.2, high: 0.4 },
  }
  const measured = { bankOnly: evaluation, joint: evaluation, rows: { training: 200, holdout: 200 } }
  await writeJson(join(folder, 'result.json'), { job, rounds: 3, converged: true, losses: [0.6, 0.5], ...measured })
  const labels = Int8Array.from({ length: ROWS }, (_, i) => (i % 4 === 0 ? 1 : 0))
  const sets = [
    { name: 'train', rows: ROWS / 2 },
    { name: 'holdout', rows: ROWS / 2 },
  ] as const
  await storeRows(folder, { sets, labels, included: new Uint8Array(ROWS).fill(1), segments: [] })
  const scores = Float64Array.from(labels, (label, i) => (i % wrong === 0 ? -1 : 1) * (label - 0.5) + i * 1e-6)
  await storeScores(folder, { hosts: ['tax'], scores })
  await storeScores(folder, { hosts: [], scores: scores.map((z, i) => z * (i % 2)) })
  await storeResultFile(folder, 'binning', { version: 1, features: FEATURES })
  const coefficients = [
    { party: 'bank', feature: 'age', beta: 0.5, stdErr: 0.1 },
    ...(job === TRAINED ? [{ party: 'tax', feature: 'TAX.F01', beta: 0.25, stdErr: 0.1 }] : []),
  ]
  await storeResultFile(folder, 'coefficients', { version: 1, intercept: -1, coefficients })
  // what a partner keeps never lies here; were it here, no answer would tell it
  await writeJson(join(folder, 'bins.json'), { tax: { cuts: [CUT] } })
  const table = [{ number: 1, label: '(-∞, 30]', woe: -1 }]
  await writeJson(join(folder, 'model.json'), {
    party: 'bank',
    intercept: -1,
    scorecard: { baseScore: 600, baseOdds: 30, pdo: 20, low: 300, high: 850 },
    features: [{ name: 'age', coefficient: 0.5, table }],
  })
}

/** Trees of a number, which the bank alone expects worse. */
async function targetJob(): Promise<void> {
  const folder = await jobFolder(NUMBERED, { train: undefined, bin: undefined, boost: { objective: 'squared' } })
  const values = Float64Array.from({ length: ROWS }, (_, i) => i % 10)
  const sets = [
    { name: 'train', rows: ROWS / 2 },
    { name: 'holdout', rows: ROWS / 2 },
  ] as const
  const rows = { labels: new Int8Array(ROWS).fill(-1), included: new Uint8Array(ROWS).fill(1), segments: [] }
  await storeRows(folder, { sets, ...rows, targets: { kind: 'number', values } })
  await storeScores(folder, { hosts: ['tax'], kind: 'trees', scores: values.map((value, i) => value + (i % 3) / 10) })
  const measure = (value: number) => ({ value, low: value / 2, high: value * 2 })
  const of = (rmse: number) => {
    return { rows: 200, mean: 4, expected: 4, rmse: measure(rmse), mae: 1, r2: 0.5, deviance: null, gini: measure(0.5) }
  }
  const targets = { kind: 'number', bankOnly: of(3), joint: of(2) }
  const run = { job: NUMBERED, rounds: 5, converged: false, rows: { training: 200, holdout: 200 } }
  await writeJson(join(folder, 'result.json'), { ...run, protocol: 'secureboost', targets })
}

async function averagedJob(): Promise<void> {
  const folder = await jobFolder(AVERAGED)
  const quality = { rows: 300, bad: 40, loss: 0.5, auc: 0.7, aucError: 0.002, ks: 0.3 }
  const round = (n: number) => ({ round: n, opener: 'tax', ownLoss: 0.4, cut: 0.01, quality, epsilon: n })
  await writeJson(join(folder, 'result.json'), {
    job: AVERAGED,
    name: 'parks',
    party: 'bank',
    protocol: 'fedavg',
    algorithm: 'fedprox',
    rows: { training: 700, holdout: 300 },
    parties: 3,
    parameters: 27,
    federated: quality,
    rounds: [round(1), round(2)],
    bestRound: 2,
    stoppedEarly: false,
    modelDigest: 'd'.repeat(64),
    engine: { name: 'tfjs-wasm', version: '4.22.0' },
    own: { rows: 90, bad: 12, loss: 0.41, auc: 0.65, ks: 0.25 },
    privacy: { unit: 'party', budget: 8, delta: 1e-5, noiseMultiplier: 1 },
  })
}

type Calls = typeof resultCalls
async function ask(name: keyof Calls, asked: object, role: PersonRole = 'modeler'): Promise<Record<string, unknown>> {
  const answer = await handlers[name]?.(asked as never, visits.get(role) as never)
  const call = resultCalls[name]
  return ('reply' in call ? answerCheck(call.reply, name)(answer) : answer) as Record<string, unknown>
}
const of = (job: string) => ({ params: { job } })

async function stated() {
  const who = {
    reader: { name: 'bank', role: 'party', publicKey: identity.signingPublicKey, sign: identity.signStatement },
  }
  const people = localPeople(home, identity)
  using reading = openReadingOf(home, { ...identity, people }, { ...who, purpose: 'test' })
  return (await reading.records()).map((record) =>
    record.kind === 'access'
      ? `${record.actor} ${record.object} ${record.decision} ${record.job.slice(-2)} ${record.purpose}`
      : `${record.actor} export ${record.job.slice(-2)} ${record.size}`,
  )
}

test('the list tells the kind of each result, the newest first, and states nothing: it has no measure', async () => {
  const { items } = await ask('results', { query: {} })
  expect((items as { job: string; kind: string }[]).map(({ job, kind }) => `${job.slice(-1)} ${kind}`)).toEqual([
    '8 numbers',
    '7 scan',
    '6 part',
    '5 scores',
    '4 average',
    '3 damaged',
    '2 none',
    '1 classes',
    '0 classes',
  ])
  expect(await stated()).toEqual([])
})

test('a result at a glance: measures with intervals, rows and rounds; the read is stated first', async () => {
  const overview = await ask('result', of(TRAINED))
  expect(overview).toMatchObject({
    kind: 'classes',
    hosts: ['tax'],
    rows: { training: 200, holdout: 200 },
    rounds: 3,
    ownPart: true,
    files: ['report', 'model-document', 'evaluation'],
  })
  const { chapters } = await ask('chapters', of(TRAINED))
  expect(chapters).toEqual(
    expect.arrayContaining(['overview', 'discrimination', 'bands', 'calibration', 'variables', 'card', 'value']),
  )
  expect(overview['headline']).toMatchObject([
    { model: 'final', measure: 'auc', joint: { value: 0.7, low: 0.65, high: 0.75 } },
    { measure: 'ks' },
  ])
  expect(await stated()).toEqual(['The modeler result allowed 00 inspection'])
})

test('each kind of result has its chapters; a job that has none yet says so, and of which state it is', async () => {
  expect(await ask('result', of(WAITING))).toMatchObject({ kind: 'none', state: 'started', files: [] })
  expect(await ask('result', of(DAMAGED))).toMatchObject({ kind: 'damaged', headline: [], files: [] })
  expect(await ask('result', of(SCORED))).toMatchObject({ kind: 'scores', scored: 2, files: ['scores'] })
  expect(await ask('result', of(HOSTED))).toMatchObject({ kind: 'part', ownPart: true, files: [] })
  expect(await ask('result', of(SCANNED))).toMatchObject({ kind: 'scan', headline: [], files: ['evaluation'] })
  expect(await ask('result', of(NUMBERED))).toMatchObject({
    kind: 'numbers',
    headline: [
      { measure: 'rmse', alone: { value: 3 }, joint: { value: 2, low: 1, high: 4 } },
      { measure: 'gini', joint: { value: 0.5 } },
    ],
  })
  expect(await ask('result', of(AVERAGED))).toMatchObject({
    kind: 'average',
    average: { privacy: { spent: 2, budget: 8 } },
  })
})

test.each([
  ['no result', WAITING, []],
  ['own part', HOSTED, []],
  ['scan', SCANNED, ['stability', 'variables']],
  ['average', AVERAGED, ['quality', 'rounds']],
  ['numbers', NUMBERED, ['overview', 'bands', 'stability']],
])('%s: its chapters', async (_, job, chapters) => {
  expect(await ask('chapters', of(job))).toEqual({ chapters })
})

test('a chapter has its tables and curves, and what the owners call their columns', async () => {
  const chapter = await ask('chapter', { params: { job: TRAINED, chapter: 'variables' } })
  expect((chapter['tables'] as { name: string }[]).map(({ name }) => name)).toEqual(['iv_ranking', 'woe_table'])
  expect(chapter['names']).toContainEqual({ party: 'tax', feature: 'TAX.F01', zh: '名TAX.F01', en: 'name of TAX.F01' })
  const curves = await ask('chapter', { params: { job: TRAINED, chapter: 'discrimination' } })
  expect((curves['series'] as { set: string }[]).map(({ set }) => set)).toEqual(['train', 'holdout'])
  const rounds = await ask('chapter', { params: { job: AVERAGED, chapter: 'rounds' } })
  expect(rounds['tables']).toMatchObject([{ name: 'rounds', total: 2 }])
  const stability = await ask('chapter', { params: { job: TRAINED, chapter: 'stability' } })
  expect((stability['tables'] as { name: string }[]).map(({ name }) => name)).toContain('csi_by_column')
})

test('a table comes in parts, and only the rows that are asked for', async () => {
  const woe = { params: { job: TRAINED, table: 'woe_table' } }
  const first = await ask('table', { ...woe, query: { limit: 3 } })
  expect(first).toMatchObject({ total: 8, next: '3' })
  const rest = await ask('table', { ...woe, query: { limit: 100, after: '3' } })
  expect([(first['rows'] as []).length, (rest['rows'] as []).length, rest['next']]).toEqual([3, 5, undefined])
  const one = await ask('table', { ...woe, query: { party: 'tax', feature: 'TAX.F01', set: 'holdout' } })
  expect((one['rows'] as string[][]).map((row) => row[3])).toEqual(['bin 1/2', 'bin 2/2'])
})

test('the own part has own cut points; nothing that is answered of a job has one of a partner', async () => {
  const part = await ask('ownPart', of(TRAINED))
  expect(JSON.stringify(part)).toContain('(-∞, 30]')
  const answers = [part, await ask('result', of(TRAINED))]
  const { chapters } = (await ask('chapters', of(TRAINED))) as { chapters: string[] }
  for (const chapter of chapters) answers.push(await ask('chapter', { params: { job: TRAINED, chapter } }))
  answers.push(await ask('table', { params: { job: TRAINED, table: 'woe_table' }, query: {} }))
  const file = (await ask('jsonFile', of(TRAINED))) as unknown as { content: Uint8Array }
  const text = JSON.stringify(answers) + Buffer.from(file.content).toString()
  expect(text).not.toContain(CUT)
  const labels = [...text.matchAll(/"tax","TAX\.F01",\d+,"([^"]*)"/g)].map(([, label]) => label)
  expect(new Set(labels)).toEqual(new Set(['bin 1/2', 'bin 2/2']))
})

test('a file is stated as an export, first as a read, then with its size', async () => {
  const before = (await stated()).length
  const file = (await ask('pageFile', { params: { job: TRAINED, page: 'report', language: 'zh' } })) as never as {
    name: string
    content: Uint8Array
  }
  expect(file.name).toBe(`${TRAINED}.report.zh.html`)
  expect(Buffer.from(file.content).toString()).toContain('模型评估报告')
  await ask('pageFile', { params: { job: AVERAGED, page: 'report', language: 'en' } })
  const csv = (await ask('csvFile', { params: { job: TRAINED, table: 'lr_coef' } })) as never as { content: Uint8Array }
  expect(Buffer.from(csv.content).toString()).toContain('TAX.F01')
  const scores = (await ask('scoresFile', of(SCORED))) as never as { content: Uint8Array }
  const records = (await stated()).slice(before)
  expect(records.filter((_, i) => i !== 3)).toEqual([
    'The modeler result allowed 00 export of report.zh.html',
    `The modeler export 00 ${file.content.length}`,
    'The modeler result allowed 44 export of report.en.html',
    'The modeler result allowed 00 export of lr_coef.csv',
    `The modeler export 00 ${csv.content.length}`,
    'The modeler result allowed 55 export of scores.csv',
    `The modeler export 55 ${scores.content.length}`,
  ])
})

test('jobs side by side: measures, settings and columns that differ, and averages among themselves only', async () => {
  const compared = await ask('compare', { query: { jobs: `${WORSE},${TRAINED}` } })
  expect(compared).toMatchObject({
    kind: 'models',
    shared: 1,
    settings: [{ setting: 'train.l2', values: ['1', '0.01'] }],
    features: [{ party: 'tax', feature: 'TAX.F01', inModel: [false, true] }],
    stability: [{ set: 'holdout' }],
  })
  const { rows, columns } = compared['measures'] as { rows: unknown[][]; columns: string[] }
  const at = (row: unknown[], name: string) => row[columns.indexOf(name)]
  const auc = rows.filter((row) => at(row, 'metric') === 'auc' && at(row, 'set') === 'holdout')
  expect(auc.map((row) => at(row, 'job_id'))).toEqual([WORSE, TRAINED])
  expect(Number(at(auc[1]!, 'diff_to_first'))).toBeGreaterThan(0)
  await expect(ask('compare', { query: { jobs: `${TRAINED},${AVERAGED}` } })).rejects.toMatchObject({
    code: 'evaluation.invalid',
  })
  const averages = await ask('compare', { query: { jobs: AVERAGED } })
  expect(averages).toMatchObject({ kind: 'averages', settings: [], jobs: [{ algorithm: 'fedprox' }] })
})

test('refusals have their codes, and a role that may not read is refused and stated', async () => {
  const unknown = `job-${'9'.repeat(20)}`
  const refused = (name: keyof Calls, asked: object, code: string, role: PersonRole = 'modeler') =>
    expect(ask(name, asked, role)).rejects.toMatchObject({ code })
  await refused('result', of(unknown), 'job.unknown')
  await refused('chapters', of(DAMAGED), 'storage.damaged')
  await refused('chapter', { params: { job: DAMAGED, chapter: 'overview' } }, 'storage.damaged')
  await refused('compare', { query: { jobs: `${TRAINED},${DAMAGED}` } }, 'storage.damaged')
  await refused('chapter', { params: { job: WAITING, chapter: 'overview' } }, 'results.none')
  await refused('chapter', { params: { job: TRAINED, chapter: 'trees' } }, 'results.none')
  await refused('table', { params: { job: TRAINED, table: 'tree_view' }, query: {} }, 'results.none')
  await refused('pageFile', { params: { job: SCANNED, page: 'report', language: 'en' } }, 'results.none')
  await refused('pageFile', { params: { job: AVERAGED, page: 'model-document', language: 'en' } }, 'results.none')
  await refused('scoresFile', of(TRAINED), 'results.none')
  await refused('ownPart', of(WAITING), 'results.none')
  await refused('compare', { query: { jobs: TRAINED } }, 'evaluation.invalid')
  await refused('result', of(TRAINED), 'person.wrong-role', 'operator')
  await refused('ownPart', of(TRAINED), 'person.wrong-role', 'steward')
  expect(await ask('result', of(TRAINED), 'steward')).toMatchObject({ kind: 'classes', ownPart: false })
  expect((await stated()).slice(-3)).toEqual([
    'The operator result refused 00 inspection',
    'The steward model refused 00 inspection',
    'The steward result allowed 00 inspection',
  ])
})
