// Four parties average, and three of them suffice. One is killed in the middle of a round, and the coordinator while it voids that
// round: the job goes on without the party, which takes part again once it is back. And one that trains for too long is left
// out of rounds. At the end all four have the same model, and both verifiers pass the evidence.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasEnded } from '#party-agent/planning/progress.ts'
import { testContext } from '#cli/test-context.ts'
import { exportLog } from '#party-agent/log/export.ts'
import type { StoredAverageModel } from '#party-agent/results/average-facts.ts'
import { readJson } from '#party-agent/results/stored.ts'
import { ADDER } from '#protocols/core/contract.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { held } from '../lab/processes.ts'
import { bothVerdicts } from '../log/two-verifiers.ts'
import { TableFolder } from './fixtures.ts'
import { fourParks, PARKS } from './four-parks.ts'

let folder: TableFolder
beforeAll(async () => {
  folder = await TableFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

interface Seen {
  readonly result: LabResult
  readonly models: readonly (StoredAverageModel | undefined)[]
  /** of park-a */
  readonly events: string
  readonly verdicts: unknown
}

/** @param rows of the first three, and of park-d, which has more than the others and so trains longest */
async function average(
  [rows, slowRows]: readonly [number, number],
  settings: Readonly<Record<string, unknown>>,
  meanwhile: (lab: RunningLab) => Promise<void>,
): Promise<Seen> {
  const shared = { batchRows: 8, learningRate: 0.1, ...settings }
  const plan = await fourParks(folder, (park) => (park === 'park-d' ? slowRows : rows), shared, 30)
  let seen: Omit<Seen, 'result'> | undefined
  const before = async (lab: RunningLab) => {
    const models = PARKS.map((park) => readJson<StoredAverageModel>(join(dirOf(lab, park), 'average-model.json')))
    const events = await readFile(join(dirOf(lab, 'park-a'), 'events.jsonl'), 'utf8')
    seen = { models: await Promise.all(models), events, verdicts: await verdictsOf(lab) }
  }
  const result = await runLab(plan, { cli: testContext(), quiet: true, meanwhile, before })
  return { result, ...(seen as Omit<Seen, 'result'>) }
}

async function verdictsOf(lab: RunningLab): Promise<unknown> {
  const { home } = lab.homes.parties['park-a'] as LabMember
  const { trustBundle } = lab.homes
  const out = join(lab.homes.folder, 'evidence.tar')
  const unsealed = async () => (await exportLog({ home, trustBundle, job: lab.job, out, now: new Date() })).unsealed
  await expect.poll(unsealed, { timeout: 60_000 }).toBe(0)
  return await bothVerdicts(await readFile(out))
}

async function reached(lab: RunningLab, round: number): Promise<void> {
  while ((await lastRound(lab)) < round) await isRunning(lab)
}

async function isRunning(lab: RunningLab): Promise<void> {
  // while the coordinator is away nobody can say
  const view = await lab.client.get(lab.job).catch(() => undefined)
  if (view !== undefined && hasEnded(view)) throw new Error(`the job ended too early: ${view.failure_code}`)
  await sleep(5)
}

/** Kills the party in a round for which it has given no update yet: what leaves it is on its disk before. */
async function killBeforeUpdate(lab: RunningLab, park: string): Promise<void> {
  const victim = lab.process(park)
  while (victim.running) {
    await held(victim, async () => {
      const round = (await lab.client.get(lab.job)).tasks.find(({ task }) => task === 'average')?.round ?? 0
      // round 0 needs all; of a round that it has given an update for there may be a sum, and then it is not voided
      if (round > 1 && (await hasUpdate(lab, park, round - 1)) && !(await hasUpdate(lab, park, round)))
        await victim.kill()
    })
    await isRunning(lab)
  }
}

async function hasUpdate(lab: RunningLab, park: string, round: number): Promise<boolean> {
  const folder = join(dirOf(lab, park), 'mail', ADDER, 'out')
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')))
  return files.some((text) => text.includes(`"task":"average","round":${round},"step":"update"`))
}

async function isConnected(lab: RunningLab, park: string): Promise<boolean> {
  const { parties } = await lab.client.get(lab.job)
  return parties.find(({ party }) => party === park)?.connected === true
}

async function lastRound(lab: RunningLab): Promise<number> {
  const names = await readdir(dirOf(lab, 'park-a')).catch(() => [])
  return Math.max(0, ...names.map((name) => Number(/^average-round-(\d+)\.json$/.exec(name)?.[1] ?? 0)))
}

function dirOf(lab: RunningLab, park: string): string {
  return join((lab.homes.parties[park] as LabMember).home, 'jobs', lab.job)
}

function expectSameModels({ result, models, verdicts }: Seen): void {
  expect([result.state, result.failure]).toEqual(['succeeded', undefined])
  expect(models[0]?.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set(models.map((model) => model?.digest)).size).toBe(1)
  const withoutApproval = { ok: false, codes: ['approval-missing'] }
  expect(verdicts).toEqual({ own: withoutApproval, page: withoutApproval })
}

test('a party that is killed while it trains is left out, and takes part again; the coordinator dies while it voids', async () => {
  const ROUNDS = 22
  const dropout = { leastParties: 3, awaySeconds: 2 }
  const seen = await average([3000, 50_000], { rounds: ROUNDS, dropout }, async (lab) => {
    await killBeforeUpdate(lab, 'park-d')
    const at = await lastRound(lab)
    const log = join(lab.homes.coordinator.home, 'log.jsonl')
    while (!(await readFile(log, 'utf8')).includes('"round.lost"')) await isRunning(lab)
    await lab.process('coordinator').kill()
    await lab.start('coordinator')
    await reached(lab, at + 4)
    await held(lab.process('park-b'), async () => {
      await lab.start('park-d')
      while (!(await isConnected(lab, 'park-d'))) await isRunning(lab)
    })
  })
  expectSameModels(seen)
  const { result, events } = seen
  const { rounds = [] } = result.averages?.['park-a'] ?? {}
  expect(rounds).toHaveLength(ROUNDS)
  const missed = rounds.map(({ leftOut = [] }) => leftOut.join())
  expect(missed[0]).toBe('')
  expect(missed.filter((names) => names === 'park-d').length).toBeGreaterThanOrEqual(3)
  expect(missed.at(-1)).toBe('')
  expect(events.match(/"voided":true/g)?.length).toBeGreaterThanOrEqual(1)
  expect(events).toContain('park-d (away)')
  // of the rounds that it missed it knows what all know
  const own = result.averages?.['park-d']?.rounds ?? []
  expect(own.map(({ leftOut }) => leftOut)).toEqual(rounds.map(({ leftOut }) => leftOut))
  expect(own.map(({ ownLoss }) => ownLoss === undefined)).toEqual(missed.map((names) => names !== ''))
})

test('a party that trains for too long is left out of rounds, and has the model all the same', async () => {
  const ROUNDS = 5
  // far more than a round of the others takes on a busy machine, and far less than this training takes on a fast one
  const dropout = { leastParties: 3, roundSeconds: 3 }
  const settings = { rounds: ROUNDS, batchRows: 4, localEpochs: 40, opening: 'shared', dropout }
  const seen = await average([300, 40_000], settings, async () => undefined)
  expectSameModels(seen)
  const { result, events } = seen
  const missed = (result.averages?.['park-b']?.rounds ?? []).map(({ leftOut = [] }) => leftOut.join())
  // one round after the first void, two after the second, then more than are left
  expect(missed).toEqual(Array.from({ length: ROUNDS }, () => 'park-d'))
  expect(events.match(/"voided":true/g)?.length).toBeGreaterThanOrEqual(3)
  expect(events).toContain('park-d (late)')
})
