import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { privacySpend } from '#protocols/fedavg/privacy/accountant.ts'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'
import type { JobGate } from '../gate.ts'
import { PrivacyBudget } from './privacy-budget.ts'
import { foreseeSpend, withPrivacyBudget } from './privacy-gate.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'privacy-gate-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const MECHANISM = { sampleRate: 1, noiseMultiplier: 8 }
const costOf = (rounds: number) => privacySpend(new Array(rounds).fill(MECHANISM), 1e-5).epsilon
const specOf = (average: object): JobSpec => {
  const host = (party: string) => ({ party, dataset: `tenants of ${party}`.replaceAll(' ', '-') })
  const guest = host('park-a')
  const checked = checkJobSpec({ version: 1, name: 'parks', guest, hosts: [host('park-b'), host('park-c')], average })
  expect(checked.problems).toEqual([])
  return checked.spec as JobSpec
}
const privately = (rounds: number, budget = 8) => specOf({ rounds, privacy: { noiseMultiplier: 8, budget } })
const openBudget = (limit?: number) => {
  const budgetFor = () => (limit === undefined ? undefined : { epsilon: limit, delta: 1e-5 })
  return new PrivacyBudget(home, new Secret('storage-key', new Uint8Array(32)), { budgetFor })
}
const open: JobGate = { admit: async () => undefined, catalog: async () => [] }
const answer = (spec: JobSpec, limit?: number, gate = open) =>
  withPrivacyBudget(gate, openBudget(limit), 'park-b')
    .admit(spec)
    .then(
      () => 'admitted',
      (error: PlatformError) => `${error.code} ${String(error.detail['of'] ?? '')}`.trim(),
    )

test('a job is admitted when all its rounds fit, and refused when one does not', async () => {
  const limit = costOf(10) + 1e-9
  expect(await answer(privately(10), limit)).toBe('admitted')
  expect(await answer(privately(11), limit)).toBe('privacy.budget-spent data set')
  expect(await answer(privately(11))).toBe('admitted')
})

test('rounds that the own budget of the job leaves out are not asked for', async () => {
  const limit = costOf(10) + 1e-9
  expect(await answer(privately(500, costOf(10) + 1e-9), limit)).toBe('admitted')
  expect(await answer(privately(500, costOf(11) + 1e-9), limit)).toBe('privacy.budget-spent data set')
  expect(await answer(privately(5, 0.01))).toBe('privacy.budget-spent job')
})

test("what other jobs spent of this party's data set counts, and of no other data set", async () => {
  const limit = costOf(10) + 1e-9
  const settings = { unit: 'party', budget: 8, delta: 1e-5 } as const
  const spend = async (dataset: string) => {
    const charge = openBudget(limit).chargeFor({ dataset, job: 'job-before', settings })
    await charge({ round: 'a', mechanism: MECHANISM })
  }
  await spend('tenants-of-park-c')
  expect(await answer(privately(10), limit)).toBe('admitted')
  await spend('tenants-of-park-b')
  expect(await answer(privately(10), limit)).toBe('privacy.budget-spent data set')
  expect(await answer(privately(9), limit)).toBe('admitted')
})

test('who decides about a job sees what it makes of the data set: all its rounds, or as many as its own budget leaves', async () => {
  const charge = openBudget().chargeFor({
    dataset: 'tenants-of-park-b',
    job: 'job-before',
    settings: { unit: 'party', budget: 8, delta: 1e-5 },
  })
  await charge({ round: 'a', mechanism: MECHANISM })
  const of = (spec: JobSpec) => foreseeSpend(openBudget(8), spec, 'park-b')
  expect(await of(privately(9))).toEqual({
    dataset: 'tenants-of-park-b',
    rounds: 9,
    before: costOf(1),
    after: costOf(10),
    delta: 1e-5,
    limit: { epsilon: 8, delta: 1e-5 },
  })
  expect(await of(privately(500, costOf(4) + 1e-9))).toMatchObject({ rounds: 4, after: costOf(5) })
  expect(await of(specOf({}))).toBeUndefined()
})

test('a job without differential privacy spends nothing; who the gate refuses stays refused', async () => {
  expect(await answer(specOf({}), 0.001)).toBe('admitted')
  const closed: JobGate = {
    ...open,
    admit: async () => {
      throw new PlatformError('policy.denied', {})
    },
  }
  expect(await answer(specOf({}), 8, closed)).toBe('policy.denied')
  expect(await withPrivacyBudget(open, openBudget(), 'park-b').catalog()).toEqual([])
})
