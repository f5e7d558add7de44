import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { privacySpend, roundsWithin } from '#protocols/fedavg/privacy/accountant.ts'
import { Secret } from '#runtime/secret.ts'
import { PrivacyBudget } from './privacy-budget.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'privacy-budget-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const MECHANISM = { sampleRate: 0.05, noiseMultiplier: 1.5 }
const SETTINGS = { unit: 'row', budget: 3, delta: 1e-5 } as const
const open = (limit?: number, key = 7) =>
  new PrivacyBudget(home, new Secret('storage-key', new Uint8Array(32).fill(key)), {
    ...(limit === undefined ? {} : { budgetFor: () => ({ epsilon: limit, delta: 1e-6 }) }),
    now: () => new Date('2026-03-01T00:00:00Z'),
  })
const chargeOf = (budget: PrivacyBudget, job = 'job-a', dataset = 'filings') =>
  budget.chargeFor({ dataset, job, settings: SETTINGS })
const codeOf = (done: Promise<unknown>) =>
  done.then(
    () => 'charged',
    (error) => (error as { code: string }).code,
  )
/** Rounds named by their number until one is refused; how many were charged. */
async function chargeUntilRefused(charge: ReturnType<typeof chargeOf>, most: number) {
  for (let round = 0; round < most; round++) {
    const code = await codeOf(charge({ round: `${round}`, mechanism: MECHANISM }))
    if (code !== 'charged') return { rounds: round, code }
  }
  return { rounds: most, code: 'charged' }
}

test('the job pays for each round once, also after a restart', async () => {
  const first = await chargeOf(open())({ round: 'a', mechanism: MECHANISM })
  expect(first).toEqual(privacySpend([MECHANISM], 1e-5))
  expect(await chargeOf(open())({ round: 'a', mechanism: MECHANISM })).toEqual(first)
  expect(await chargeOf(open())({ round: 'b', mechanism: MECHANISM })).toEqual(
    privacySpend([MECHANISM, MECHANISM], 1e-5),
  )
  expect(await open().spent('filings')).toMatchObject({ jobs: [{ job: 'job-a', unit: 'row', rounds: 2 }] })
})

test('a round that was voided is taken back when another takes its turn', async () => {
  const once = privacySpend([MECHANISM], 1e-5)
  expect(await chargeOf(open())({ round: 'a', turn: 1, mechanism: MECHANISM })).toEqual(once)
  expect(await chargeOf(open())({ round: 'b', turn: 1, mechanism: MECHANISM })).toEqual(once)
  expect(await chargeOf(open())({ round: 'c', turn: 2, mechanism: MECHANISM })).toEqual(
    privacySpend([MECHANISM, MECHANISM], 1e-5),
  )
  // of another job no turn is the same
  await chargeOf(open(), 'job-b')({ round: 'd', turn: 2, mechanism: MECHANISM })
  expect((await open().spent('filings')).jobs.map(({ rounds }) => rounds)).toEqual([2, 1])
})

test('a round of another cost under the same label is refused', async () => {
  await chargeOf(open())({ round: 'a', mechanism: MECHANISM })
  const other = { ...MECHANISM, noiseMultiplier: 1.4 }
  expect(await codeOf(chargeOf(open())({ round: 'a', mechanism: other }))).toBe('privacy.round-differs')
})

test("the job's budget stops it at the round that would pass it", async () => {
  const settings = { ...SETTINGS, budget: 0.8 }
  const most = roundsWithin(MECHANISM, settings, 1000)
  const charge = open().chargeFor({ dataset: 'filings', job: 'job-a', settings })
  expect(most).toBeGreaterThan(3)
  expect(await chargeUntilRefused(charge, 1000)).toEqual({ rounds: most, code: 'privacy.budget-spent' })
  expect((await open().spent('filings')).jobs[0]?.rounds).toBe(most)
})

test("the owner's budget counts all jobs of a data set, over restarts, and no other data set", async () => {
  const limit = privacySpend(new Array(12).fill(MECHANISM), 1e-6).epsilon + 1e-9
  expect(await chargeUntilRefused(chargeOf(open(limit), 'job-a'), 8)).toEqual({ rounds: 8, code: 'charged' })
  expect(await chargeUntilRefused(chargeOf(open(limit), 'job-b'), 8)).toEqual({
    rounds: 4,
    code: 'privacy.budget-spent',
  })
  expect(await chargeUntilRefused(chargeOf(open(limit), 'job-b', 'rents'), 8)).toEqual({ rounds: 8, code: 'charged' })
  const spent = await open(limit).spent('filings')
  expect(spent.epsilon).toBeLessThanOrEqual(limit)
  expect(spent.delta).toBe(1e-6)
  expect(spent.jobs.map(({ job, rounds }) => [job, rounds])).toEqual([
    ['job-a', 8],
    ['job-b', 4],
  ])
})

test('the refusal says neither what the owner allows nor what is left', async () => {
  const refusal = await chargeOf(open(0.001))({ round: 'a', mechanism: MECHANISM }).catch((error) => error)
  expect(refusal.code).toBe('privacy.budget-spent')
  expect(refusal.detail).toEqual({ of: 'data set', dataset: 'filings' })
  expect((await open().spent('filings')).jobs).toEqual([])
})

test('two jobs at once cannot both spend the rest', async () => {
  const limit = privacySpend([MECHANISM], 1e-6).epsilon + 1e-9
  const budget = open(limit)
  const codes = await Promise.all(
    ['job-a', 'job-b'].map((job) => codeOf(chargeOf(budget, job)({ round: 'a', mechanism: MECHANISM }))),
  )
  expect(codes).toEqual(['charged', 'privacy.budget-spent'])
})

test('what a job would cost is foreseen, and nothing is spent by asking', async () => {
  await chargeUntilRefused(chargeOf(open()), 5)
  const asked = { dataset: 'filings', mechanism: MECHANISM, rounds: 20 }
  const expected = (rounds: number) => privacySpend(new Array(rounds).fill(MECHANISM), 1e-6).epsilon
  expect(await open(4).foresee(asked)).toEqual({
    before: expected(5),
    after: expected(25),
    delta: 1e-6,
    limit: { epsilon: 4, delta: 1e-6 },
  })
  expect((await open().spent('filings')).jobs[0]?.rounds).toBe(5)
  expect(await open().spent('nothing')).toEqual({ dataset: 'nothing', epsilon: 0, delta: 1e-5, jobs: [] })
})

test('the account is sealed: another key, a changed byte or the file of another data set does not open', async () => {
  await chargeOf(open())({ round: 'a', mechanism: MECHANISM })
  expect(await codeOf(open(1, 8).spent('filings'))).toBe('storage.damaged')
  const root = join(home, 'privacy-spent')
  const [folder] = await readdir(root)
  const file = join(root, folder as string, 'job-a.spent')
  expect((await readFile(file)).includes('filings')).toBe(false)

  await chargeOf(open(), 'job-b', 'rents')({ round: 'a', mechanism: MECHANISM })
  const other = (await readdir(root)).find((one) => one !== folder) as string
  await mkdir(join(root, other), { recursive: true })
  await copyFile(file, join(root, other, 'job-a.spent'))
  expect(await codeOf(open().spent('rents'))).toBe('storage.damaged')

  const bytes = await readFile(file)
  bytes[40]! ^= 1
  await writeFile(file, bytes)
  expect(await codeOf(chargeOf(open())({ round: 'b', mechanism: MECHANISM }))).toBe('storage.damaged')
})
