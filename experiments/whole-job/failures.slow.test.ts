// Real processes, killed with SIGKILL at moments that differ from run to run, and what the job makes of it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, afterAll, describe, expect, test } from 'vitest'
import { readLocalJob } from '#party-agent/results/local-job.ts'
import { testContext } from '#cli/test-context.ts'
import type { LabMember } from '../lab/homes.ts'
import { type LabOptions, type RunningLab, runLab } from '../lab/lab.ts'
import type { LabPlan } from '../lab/lab-file.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { startTap, type Tap } from '../lab/tap.ts'
import { TableFolder } from './fixtures.ts'
import { planSmallJob } from './small-job.ts'

const ROUNDS = 6
/** within one round of this size, on a busy machine or an idle one */
const WITHIN_ROUND_MS = 1500
const LOSS_GRID = 2.1e-4

let folder: TableFolder
let plan: LabPlan
let undisturbed: LabResult

beforeAll(async () => {
  folder = await TableFolder.open()
  plan = await planSmallJob(folder, { rounds: ROUNDS })
  undisturbed = await run(plan)
}, 240_000)
afterAll(() => folder[Symbol.asyncDispose]())

function run(of: LabPlan, options: Partial<LabOptions> = {}): Promise<LabResult> {
  return runLab(of, { cli: testContext(), quiet: true, ...options })
}

function homeOf(lab: RunningLab, party: string): string {
  return (lab.homes.parties[party] as LabMember).home
}

/** Waits until the guest trained a round, and then a random part of the next one. */
async function somewhereAfter(lab: RunningLab, round: number): Promise<void> {
  for (;;) {
    const { events } = await readLocalJob(homeOf(lab, 'bank'), lab.job)
    if (events.some((event) => event.event === 'round.trained' && Number(event['round']) >= round)) break
    const ended = events.find(({ event }) => /^job\.(succeeded|failed|cancelled)$/.test(event))
    if (ended !== undefined) throw new Error(`the job ended before round ${round}: ${JSON.stringify(ended)}`)
    await sleep(50)
  }
  const pause = Math.floor(Math.random() * WITHIN_ROUND_MS)
  console.log(`killing ${pause} ms after round ${round}`)
  await sleep(pause)
}

/**
 * Coefficients and intercept come from sums of integers in which all masks and shares cancel, means and deviations
 * from sums in the order of the source: none depends on the randomness of a job, so two jobs on the same rows can be
 * compared bit for bit. Losses are released with a noise of ±5e-5 that each job draws anew, to four digits.
 */
function expectTheSameModel(result: LabResult): void {
  expect(result.state).toBe('succeeded')
  expect(undisturbed.state).toBe('succeeded')
  const exact = ({ models }: LabResult) =>
    Object.entries(models).map(([party, { features, intercept }]) => {
      return { party, intercept, features }
    })
  expect(exact(result)).toEqual(exact(undisturbed))
  expect(result.losses).toHaveLength(undisturbed.losses.length)
  for (const [i, { round, loss }] of result.losses.entries()) {
    expect(round).toBe(i + 1)
    expect(Math.abs(loss - (undisturbed.losses[i]?.loss ?? Number.NaN))).toBeLessThan(LOSS_GRID)
  }
  const values = ({ metrics }: LabResult) => [metrics?.joint.auc.value, metrics?.joint.ks.value]
  expect(values(result)).toEqual(values(undisturbed))
}

/** No step has two different messages: every line of the record stands once, and both sides have the same digests. */
async function expectOneRecord(lab: RunningLab, parties: readonly string[]): Promise<void> {
  const keyOf = (line: {
    task: string
    round: number
    step: string
    from: string
    to: string
    kind: string
    keyId: string
  }) => [line.task, line.round, line.step, line.from, line.to, line.kind, line.keyId].join(' ')
  const records = await Promise.all(
    parties.map(async (party) => (await readLocalJob(homeOf(lab, party), lab.job)).record),
  )
  const sides = records.map((record) => new Map(record.map((line) => [keyOf(line), line.sha256])))
  for (const [i, record] of records.entries()) expect(sides[i]?.size).toBe(record.length)
  expect(sides[0]?.size).toBeGreaterThan(ROUNDS)
  expect(sides[1]).toEqual(sides[0])
}

describe('kill -9', () => {
  test.each(['bank', 'tax', 'coordinator'])(
    'of %s: it comes back and the model is the same, bit for bit',
    async (victim) => {
      const result = await run(plan, {
        meanwhile: async (lab) => {
          await somewhereAfter(lab, 2)
          await lab.process(victim).kill()
          await sleep(300)
          await lab.start(victim)
        },
        before: (lab) => expectOneRecord(lab, ['bank', 'tax']),
      })
      expectTheSameModel(result)
    },
  )

  test('of everybody, one after the other, also during the alignment', async () => {
    const result = await run(plan, {
      meanwhile: async (lab) => {
        for (const victim of ['tax', 'coordinator', 'bank']) {
          await lab.start(victim)
          await sleep(Math.random() * WITHIN_ROUND_MS)
        }
        await somewhereAfter(lab, 3)
        await Promise.all(['bank', 'tax', 'coordinator'].map((name) => lab.process(name).kill()))
        await lab.start('coordinator')
        await Promise.all([lab.start('bank'), lab.start('tax')])
      },
      before: (lab) => expectOneRecord(lab, ['bank', 'tax']),
    })
    expectTheSameModel(result)
  })
})

test('a network that breaks again and again changes nothing', async () => {
  let tap: Tap | undefined
  const result = await run(plan, {
    through: async (homes, coordinator) => {
      tap = await startTap(homes, coordinator)
      return tap.address
    },
    meanwhile: async (lab) => {
      for (const round of [1, 2, 4]) {
        await somewhereAfter(lab, round)
        tap?.cut()
      }
    },
    before: (lab) => expectOneRecord(lab, ['bank', 'tax']),
  })
  await tap?.[Symbol.asyncDispose]()
  expectTheSameModel(result)
})

test('a party that stays away ends the job with its name, on every side', async () => {
  const impatient = await planSmallJob(folder, { rounds: 25, peerSeconds: 20 })
  const result = await run(impatient, {
    meanwhile: async (lab) => {
      await somewhereAfter(lab, 1)
      await lab.process('tax').kill()
    },
    before: async (lab) => {
      const ended = { state: 'failed', failure: { code: 'peer.timeout', party: 'tax' } }
      const stateAt = (party: string) => async () =>
        JSON.parse(await readFile(join(homeOf(lab, party), 'jobs', lab.job, 'job.json'), 'utf8')) as unknown
      await expect.poll(stateAt('bank'), { timeout: 30_000 }).toMatchObject(ended)
      // and the one that stayed away hears it when it comes back
      await lab.start('tax')
      await expect.poll(stateAt('tax'), { timeout: 30_000 }).toMatchObject(ended)
    },
  })
  expect(result).toMatchObject({ state: 'failed', failure: { code: 'peer.timeout', party: 'tax' } })
})

test('a process that cannot start takes the whole lab down', async () => {
  const bad: LabPlan = {
    ...plan,
    parties: {
      ...plan.parties,
      tax: { dataset: 'rows', declaration: { source: { csv: 'nowhere.csv' }, ids: { column: 'id', kind: 'plain' } } },
    },
  }
  await expect(run(bad)).rejects.toMatchObject({ code: 'data.unreadable', detail: { party: 'tax' } })
})
