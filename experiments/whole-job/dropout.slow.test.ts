// A party of four is lost for good in the middle of the rounds: the job ends, and the three others go on without it, from a
// round that all of them hold, on the scales of that model.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobBytes } from '#party-agent/planning/job-file.ts'
import { hasEnded } from '#party-agent/planning/progress.ts'
import { testContext } from '#cli/test-context.ts'
import { JOB_SPEC_CONTEXT } from '#protocols/core/job-spec.ts'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import { averageOf } from '#protocols/core/job-spec.ts'
import {
  AVERAGE_MODEL_FILE,
  type StoredAverageModel,
  type StoredAverageResult,
} from '#party-agent/results/average-facts.ts'
import { readJson } from '#party-agent/results/stored.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { present, TableFolder } from './fixtures.ts'
import { fourParks, PARKS } from './four-parks.ts'

const LEFT = PARKS.slice(0, 3)
const ROWS = 200
/** many times what a round takes, also on a busy machine */
const PEER_SECONDS = 12
const AVERAGE = { rounds: 400, batchRows: 'full', learningRate: 0.5 }

let folder: TableFolder
let first: LabResult
const seen = {} as {
  from: { readonly job: string; readonly round: number }
  models: readonly (StoredAverageModel | undefined)[]
  start: StoredAverageModel | undefined
  result: StoredAverageResult | undefined
}

beforeAll(async () => {
  folder = await TableFolder.open()
  const plan = await fourParks(folder, () => ROWS, AVERAGE, PEER_SECONDS)
  first = await runLab(plan, { cli: testContext(), quiet: true, meanwhile: loseOne, before: (lab) => goOn(lab) })
}, 300_000)
afterAll(() => folder[Symbol.asyncDispose]())

async function loseOne(lab: RunningLab): Promise<void> {
  while ((await roundsAt(lab, 'park-d', lab.job)).length < 3) {
    if (hasEnded(await lab.client.get(lab.job))) return
    await sleep(20)
  }
  await lab.process('park-d').kill()
}

function dirOf(lab: RunningLab, park: string, job: string): string {
  return join((lab.homes.parties[park] as LabMember).home, 'jobs', job)
}

async function roundsAt(lab: RunningLab, park: string, job: string): Promise<number[]> {
  const names = await readdir(dirOf(lab, park, job)).catch(() => [])
  const rounds = names.flatMap((name) => /^average-round-(\d+)\.json$/.exec(name)?.[1] ?? [])
  return rounds.map(Number).toSorted((a, b) => a - b)
}

/** The three that are left, from the last round that all of them hold. */
async function goOn(lab: RunningLab): Promise<void> {
  const held = await Promise.all(LEFT.map((park) => roundsAt(lab, park, lab.job)))
  const round = (held[0] ?? []).findLast((one) => held.every((rounds) => rounds.includes(one))) ?? 0
  seen.from = { job: lab.job, round }
  seen.start = await readJson(join(dirOf(lab, 'park-b', lab.job), `average-round-${round}.json`))
  const { nonce: _, ...spec } = lab.plan.job
  const hosts = spec.hosts.filter(({ party }) => party !== 'park-d')
  const bytes = jobBytes({
    ...spec,
    name: 'three parks',
    hosts,
    average: { ...averageOf(spec), rounds: 3, from: seen.from },
  })
  const { home, passphrase } = lab.homes.parties['park-a'] as LabMember
  const identity = await openPartyHome(home, passphrase)
  const { job } = await lab.client.submit(bytes, identity.sign(JOB_SPEC_CONTEXT, bytes))
  for await (const view of lab.client.watch(job, new AbortController().signal)) {
    if (!hasEnded(view)) continue
    expect([view.state, view.failure_code, view.failure_detail]).toEqual(['succeeded', '', {}])
    break
  }
  for (const park of LEFT)
    for (const file of [AVERAGE_MODEL_FILE, 'result.json']) await present(join(dirOf(lab, park, job), file))
  const read = <T>(park: string, file: string) => readJson<T>(join(dirOf(lab, park, job), file))
  seen.models = await Promise.all(LEFT.map((park) => read<StoredAverageModel>(park, AVERAGE_MODEL_FILE)))
  seen.result = await read<StoredAverageResult>('park-a', 'result.json')
}

test('the job ends with the name of the party that was lost, and leaves no model', () => {
  expect([first.state, first.failure?.party]).toEqual(['failed', 'park-d'])
  expect(first.averages).toBeUndefined()
})

test('the three others go on from a round that all of them hold', () => {
  expect(seen.from.round).toBeGreaterThan(0)
  expect(new Set(seen.models.map((model) => model?.digest)).size).toBe(1)
  expect(seen.models[0]?.digest).not.toBe(seen.start?.digest)
  // the model keeps the scales on which it was trained
  expect(seen.models[0]?.scales).toEqual(seen.start?.scales)
  expect(seen.result).toMatchObject({ parties: 3, rows: { training: expect.any(Number) } })
  expect(seen.result?.federated?.auc).toBeGreaterThan(0.65)
})
