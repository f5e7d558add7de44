import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TaskContext } from '#protocols/core/contract.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import type { AverageState } from '#protocols/fedavg/average-state.ts'
import type { FedAvgInput } from '#protocols/fedavg/params.ts'
import { encodeServer, openServer } from '#protocols/fedavg/training/server.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import { decodeWeights, type StoredAverageModel } from '../results/average-facts.ts'
import { readJson } from '../results/stored.ts'
import { type AverageProgram, earlierModel, keepingRounds } from './average-rounds.ts'
import type { BoundJob } from './binding.ts'

const [FIRST, NEXT] = [`job-${'1'.repeat(20)}`, `job-${'2'.repeat(20)}`]
const COLUMNS = ['area', 'rent']
let jobs = ''
beforeAll(async () => {
  jobs = await mkdtemp(join(tmpdir(), 'tributary-rounds-'))
  for (const job of [FIRST, NEXT]) await mkdir(join(jobs, job))
})
afterAll(() => rm(jobs, { recursive: true, force: true }))

const jobOf = (jobId: string, average: object): BoundJob => ({
  jobId,
  spec: checkJobSpec({
    version: 1,
    name: 'parks',
    guest: { party: 'park-a', dataset: 'rows' },
    hosts: ['park-b', 'park-c', 'park-d'].map((party) => ({ party, dataset: 'rows' })),
    average,
  }).spec as JobSpec,
  self: 'park-b',
  jobDir: join(jobs, jobId),
  log: silentLogger,
  seedOf: async (label) => new Secret(label, new Uint8Array(32)),
})

/** Weights of round r are r, r + ½, r + ¼. */
const stateAfter = (round: number) => {
  const weights = Float32Array.of(round, round + 0.5, round + 0.25)
  const rounds = Array.from({ length: round }, (_, i) => ({ round: i + 1, opener: 'park-a' }))
  return {
    server: encodeServer(openServer({ kind: 'average', learningRate: 1 }, weights)),
    rounds,
  } as unknown as AverageState
}
/** Of the rounds that are opened the first was voided. */
const program = {
  round: async (_, __, ___, round) => ({ state: stateAfter(round - 1), finished: false }),
} as AverageProgram
const input = { columns: COLUMNS, scales: [{ mean: 1, deviation: 2 }, null] } as unknown as FedAvgInput

test('the models of the last three rounds are kept, with the scales of all', async () => {
  const keeping = keepingRounds(jobOf(FIRST, {}), program)
  for (let round = 2; round <= 6; round++) await keeping.round({} as TaskContext, input, stateAfter(round - 2), round)
  expect((await readdir(join(jobs, FIRST))).sort()).toEqual([3, 4, 5].map((round) => `average-round-${round}.json`))
  const stored = await readJson<StoredAverageModel>(join(jobs, FIRST, 'average-round-4.json'))
  expect(stored).toMatchObject({ job: FIRST, round: 4, columns: COLUMNS, scales: [{ mean: 1, deviation: 2 }, null] })
  expect([...decodeWeights(stored?.weights ?? '')]).toEqual([4, 4.5, 4.25])
})

test('scales of one party are in no file that goes by the name of all', async () => {
  const keeping = keepingRounds(jobOf(NEXT, {}), program)
  await keeping.round({} as TaskContext, { ...input, scales: 'own' }, stateAfter(0), 2)
  expect((await readJson<StoredAverageModel>(join(jobs, NEXT, 'average-round-1.json')))?.scales).toBe('own')
})

test('a job goes on from a round that was kept, and from nothing else', async () => {
  const from = (average: object, columns = COLUMNS) => earlierModel(jobOf(NEXT, average), columns)
  expect(await from({})).toBeUndefined()
  expect((await from({ from: { job: FIRST, round: 5 } }))?.round).toBe(5)
  await expect(from({ from: { job: FIRST, round: 2 } })).rejects.toMatchObject({ code: 'job.reuse-missing' })
  await expect(from({ from: { job: FIRST } })).rejects.toMatchObject({ code: 'job.reuse-missing' })
  await expect(from({ from: { job: FIRST, round: 5 }, model: { kind: 'mlp' } })).rejects.toMatchObject({
    code: 'job.reuse-differs',
    detail: { sections: ['average.model'] },
  })
  await expect(from({ from: { job: FIRST, round: 5 } }, ['area'])).rejects.toMatchObject({
    detail: { sections: ['columns'] },
  })
})
