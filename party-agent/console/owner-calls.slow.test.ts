// What an owner reads at the console: its data sets, what left of them, bins that jobs would join, and the doctor.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckEvent } from '#console/api/data.ts'
import { rowSet } from '../ledger/row-set.ts'
import { type Disclosure, DISCLOSURES_FILE, DisclosureLedger } from '../ledger/disclosures.ts'
import { DifferencingGuard } from '../ledger/guard.ts'
import { AccessLog } from '#protocols/log/access-log.ts'
import { openOwnerConsole, type OwnerConsole } from './owner-fixture.ts'

let owner: OwnerConsole
let steward: Awaited<ReturnType<OwnerConsole['as']>>
let job = ''

beforeAll(async () => {
  owner = await openOwnerConsole()
  steward = await owner.as('steward')
  job = await owner.job({}, 'succeeded')
  const ledger = await DisclosureLedger.open(join(owner.home, 'jobs', job))
  for (const round of [1, 2, 3]) await ledger.close('train', round, [sent(round, {}), sent(round, RELEASED)])
})
afterAll(() => owner[Symbol.asyncDispose]())

const RELEASED = {
  step: 'step-size',
  class: 'released-aggregate',
  decryptableBy: ['bank'],
  keyId: '',
  release: { rows: 800, minimumRows: 10, withheld: false },
} as const

function sent(round: number, change: Partial<Disclosure>): Disclosure {
  return {
    job,
    task: 'train',
    round,
    step: 'characters',
    to: 'bank',
    class: 'ciphertext',
    messages: 2,
    bytes: 100,
    envelopeBytes: 120,
    sha256: 'ab',
    keyId: 'a1b2',
    decryptableBy: ['tax'],
    approval: '',
    decision: 'allowed',
    time: `2026-11-2${round}T23:59:59.000Z`,
    ...change,
  }
}

/** Object and decision of every read that was stated since. */
async function reads(since: number): Promise<string[]> {
  const party = { federation: 'credit', party: 'tax' }
  using log = new AccessLog(owner.home, party)
  const known = [
    ...(await owner.people.list()),
    { name: 'tax', role: 'party', publicKey: owner.identity.signingPublicKey },
  ]
  return log
    .records(known)
    .slice(since)
    .map((record) => (record.kind === 'access' ? `${record.object} ${record.job} ${record.decision}` : record.kind))
}

test('what left is summed by day and by job, told line by line, and the reading of it is stated', async () => {
  const before = (await reads(0)).length
  expect(await steward.leftOfDay({ params: { day: '2026-11-22' } })).toMatchObject({
    messages: 4,
    envelopeBytes: 240,
    jobs: [{ job, name: 'joint credit', whole: true }],
  })
  expect((await steward.leftOfDay({ params: { day: '2026-11-20' } })).jobs).toEqual([])
  const whole = await steward.leftOfJob({ params: { job } })
  expect(whole).toMatchObject({ messages: 12, chain: { whole: true, lines: 6 } })
  expect(whole.sums).toHaveLength(2)
  expect(whole.releases).toEqual([
    { task: 'train', step: 'step-size', messages: 6, least: { rows: 800, minimumRows: 10, withheld: false } },
  ])
  const first = await steward.leftLines({ params: { job }, query: { limit: 4 } })
  const last = await steward.leftLines({ params: { job }, query: { limit: 4, after: first.next ?? '' } })
  expect([...first.items, ...last.items].map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
  const plain = await steward.leftLines({ params: { job }, query: { class: 'released-aggregate' } })
  expect(plain.items.map(({ seq }) => seq)).toEqual([2, 4, 6])
  expect((await steward.leftJobs({ query: {} })).items).toMatchObject([{ job, envelopeBytes: 720 }])
  expect(await reads(before)).toEqual([`ledger ${job} allowed`]) // one sitting
  await (await owner.as('auditor')).leftOfJob({ params: { job } })
  expect(await reads(before)).toHaveLength(2)
})

test('a line that was changed is named, and nothing behind it is believed', async () => {
  const file = join(owner.home, 'jobs', job, DISCLOSURES_FILE)
  const text = await readFile(file, 'utf8')
  const lines = text.split('\n')
  lines[2] = (lines[2] ?? '').replace('"bytes":100', '"bytes":10')
  await writeFile(file, lines.join('\n'))
  const broken = await steward.leftOfJob({ params: { job } })
  expect(broken).toMatchObject({ chain: { whole: false, lines: 2, brokenAt: 3 }, messages: 4 })
  expect((await steward.leftJobs({ query: {} })).items).toMatchObject([{ job, whole: false }])
  await writeFile(file, text)
  expect((await steward.leftOfJob({ params: { job } })).chain.whole).toBe(true)
})

test('a role that may not read a ledger is refused, and hears of no job that is not there', async () => {
  const modeler = await owner.as('modeler')
  await expect(modeler.leftOfJob({ params: { job } })).rejects.toMatchObject({ code: 'person.wrong-role' })
  await expect(modeler.datasetBudget({ params: { name: 'filings' } })).rejects.toMatchObject({
    code: 'person.wrong-role',
  })
  const absent = { params: { job: 'job-00000000000000000000' } }
  await expect(steward.leftOfJob(absent)).rejects.toMatchObject({ code: 'job.unknown' })
})

test('data sets are told as they were declared, with the policy', async () => {
  const modeler = await owner.as('modeler')
  expect((await modeler.datasets()).items).toEqual([
    { name: 'filings', source: 'csv', idKind: 'plain', rows: 0, columns: 2, coverage: 'partial', consent: false },
  ])
  const { columns } = await modeler.dataset({ params: { name: 'filings' } })
  expect(columns).toMatchObject([
    { name: 'sales', alias: 'TAX.F01' },
    { name: 'late', alias: 'T_LATE', sign: '+' },
  ])
  await expect(modeler.dataset({ params: { name: 'others' } })).rejects.toMatchObject({ code: 'job.unknown-dataset' })
  expect(await modeler.policy()).toMatchObject({
    rules: [{ guest: 'bank', purposes: ['credit model'], datasets: [{ name: 'filings', columns: 'all' }] }],
    approvals: { ownJobs: 'approved' },
  })
})

test('a check tells how far it is, and at last what it found', async () => {
  const answer = await steward.send(`${owner.origin}/api/datasets/filings/check`)
  const events = (await answer.text())
    .split('\n\n')
    .flatMap((block) => (block.startsWith('data: ') ? [JSON.parse(block.slice(6)) as CheckEvent] : []))
  expect(events.map(({ part }) => part)).toEqual(['source', 'ids', 'columns', 'label', 'consents', undefined])
  expect(events.at(-1)).toMatchObject({
    done: 5,
    total: 5,
    report: { ok: true, rows: 3, ids: { valid: 3, total: 3 }, columns: [{ name: 'sales' }, { name: 'late' }] },
  })
})

test('sets of rows behind results and ε are told of a data set, and that is stated too', async () => {
  const guard = new DifferencingGuard(owner.home, owner.identity.storageKey)
  const rows = rowSet(
    100,
    Uint32Array.from({ length: 40 }, (_, row) => row),
  )
  await guard.release({ dataset: 'filings', fingerprint: 'f', job, cells: [{ what: 'training', rows }] })
  const before = (await reads(0)).length
  const budget = await steward.datasetBudget({ params: { name: 'filings' } })
  expect(budget).toMatchObject({ cellCount: 1, jobs: 1, leastDifference: 10, privacy: { epsilon: 0, jobs: [] } })
  expect(budget.cells).toMatchObject([{ job, what: 'training', count: 40, total: 100 }])
  expect(await reads(before)).toEqual(['released  allowed'])
})

test('bins that a job would join are told with their column, and what became of it', async () => {
  const bin = { merges: { T_LATE: [[1, 2]], 'LAND.F01': [[1, 2]] } }
  const waiting = await owner.job({ purpose: 'bins', bin })
  const joined = await owner.job({ purpose: 'bins again', bin }, 'succeeded')
  const { items } = await steward.bins({ query: {} })
  expect(items.toSorted((a, b) => (a.outcome < b.outcome ? -1 : 1))).toMatchObject([
    { job: joined, alias: 'T_LATE', column: 'late', groups: [[1, 2]], outcome: 'joined' },
    { job: waiting, alias: 'T_LATE', column: 'late', outcome: 'waiting' },
  ])
  expect((await steward.request({ params: { job: waiting } })).merges).toMatchObject([{ column: 'late' }])
})

test('the doctor is asked at the console and finds what is red, with its mend in both languages', async () => {
  const { ok, checks } = await steward.health({ body: { data: true } })
  expect(ok).toBe(false)
  const red = checks.filter(({ state }) => state === 'red')
  expect(red.map(({ check }) => check)).toEqual(['trust-bundle', 'network'])
  for (const { mend } of red) expect([mend?.en, mend?.zh]).not.toContain(undefined)
  expect(checks.find(({ check }) => check === 'dataset')).toMatchObject({
    state: 'green',
    title: { en: 'Data set filings' },
  })
  const without = await steward.health({ body: { data: false } })
  expect(without.checks.some(({ check }) => check === 'dataset')).toBe(false)
})
