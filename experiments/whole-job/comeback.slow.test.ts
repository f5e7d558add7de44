// A party of four is killed in the middle of a round: the round is voided and begun anew without it, the job goes on, and the
// party takes part again once it is back. At the end all four have the same model.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasEnded } from '#cli/job-progress.ts'
import { testContext } from '#cli/test-context.ts'
import type { StoredAverageModel } from '#party-agent/results/average-facts.ts'
import { readJson } from '#party-agent/results/stored.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import { parseLab } from '../lab/lab-file.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { openStream } from '../synth/stream.ts'
import { TableFolder } from './fixtures.ts'

const PARKS = ['park-a', 'park-b', 'park-c', 'park-d'] as const
/** park-d trains longest: whenever it is killed, it most likely trains */
const ROWS = [300, 300, 300, 6000]
const ROUNDS = 24

let folder: TableFolder
let result: LabResult
let models: readonly (StoredAverageModel | undefined)[]
let events: string

beforeAll(async () => {
  folder = await TableFolder.open()
  for (const [p, park] of PARKS.entries()) await folder.write(`${park}.csv`, tableOf(p))
  const parties = Object.fromEntries(
    PARKS.map((park) => [
      park,
      { dataset: 'rows', source: { csv: `${park}.csv` }, ids: { column: 'id', kind: 'plain' }, label: { column: 'y' } },
    ]),
  )
  const job = {
    name: 'four parks',
    guest: { party: 'park-a', dataset: 'rows' },
    hosts: PARKS.slice(1).map((party) => ({ party, dataset: 'rows' })),
    average: {
      rounds: ROUNDS,
      batchRows: 8,
      localEpochs: 1,
      learningRate: 0.1,
      minimumRows: 50,
      dropout: { leastParties: 3, awaySeconds: 1 },
    },
    deadlines: { peerSeconds: 30 },
  }
  const plan = parseLab(JSON.stringify({ approvals: 'off', parties, job }), folder.path)
  result = await runLab(plan, { cli: testContext(), quiet: true, meanwhile: loseAndReturn, before: look })
}, 240_000)
afterAll(() => folder[Symbol.asyncDispose]())

/** Two columns that say something of the label. */
function tableOf(party: number) {
  const rows = Array.from({ length: ROWS[party]! }, (_, i) => {
    const random = openStream(20220101, 800 + party, i)
    const [a, b] = [random.normal(), random.normal()]
    const label = random.uniform() < 1 / (1 + Math.exp(-(a - b))) ? '1' : '0'
    return [`${party}${String(i).padStart(5, '0')}`, label, a.toFixed(5), b.toFixed(5)]
  })
  return { header: ['id', 'y', 'a', 'b'], rows }
}

async function loseAndReturn(lab: RunningLab): Promise<void> {
  await reached(lab, 4)
  await sleep(150) // the others wait, and park-d trains
  await lab.process('park-d').kill()
  const at = await lastRound(lab)
  await reached(lab, at + 5)
  await lab.start('park-d')
}

async function reached(lab: RunningLab, round: number): Promise<void> {
  while ((await lastRound(lab)) < round) {
    if (hasEnded(await lab.client.get(lab.job))) throw new Error(`the job ended before round ${round}`)
    await sleep(20)
  }
}

async function lastRound(lab: RunningLab): Promise<number> {
  const names = await readdir(dirOf(lab, 'park-a')).catch(() => [])
  return Math.max(0, ...names.map((name) => Number(/^average-round-(\d+)\.json$/.exec(name)?.[1] ?? 0)))
}

function dirOf(lab: RunningLab, park: string): string {
  return join((lab.homes.parties[park] as LabMember).home, 'jobs', lab.job)
}

async function look(lab: RunningLab): Promise<void> {
  models = await Promise.all(
    PARKS.map((park) => readJson<StoredAverageModel>(join(dirOf(lab, park), 'average-model.json'))),
  )
  events = await readFile(join(dirOf(lab, 'park-a'), 'events.jsonl'), 'utf8')
}

test('the job succeeds, and all four have the same model', () => {
  expect([result.state, result.failure]).toEqual(['succeeded', undefined])
  expect(new Set(models.map((model) => model?.digest)).size).toBe(1)
  expect(models[0]?.digest).toMatch(/^[0-9a-f]{64}$/)
})

test('the report says in which rounds a party was missing, and it takes part again', () => {
  const { rounds = [] } = result.averages?.['park-a'] ?? {}
  expect(rounds).toHaveLength(ROUNDS)
  const missed = rounds.map(({ leftOut = [] }) => leftOut.join())
  expect(missed[0]).toBe('')
  expect(missed.filter((names) => names === 'park-d').length).toBeGreaterThanOrEqual(4)
  expect(missed.at(-1)).toBe('')
  const own = result.averages?.['park-d']?.rounds ?? []
  // it lost nothing but its part in the rounds that it missed
  expect(own.map(({ leftOut }) => leftOut)).toEqual(rounds.map(({ leftOut }) => leftOut))
  expect(own.map(({ ownLoss }) => ownLoss === undefined)).toEqual(missed.map((names) => names !== ''))
  expect(events).toContain('"voided":true')
  expect(events).toContain('park-d (away)')
})
