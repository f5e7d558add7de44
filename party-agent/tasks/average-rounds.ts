// The models of the last rounds, kept while a job averages: when it ends before its time because a party was lost, the others
// go on from one of them in a job of their own.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { averageOf } from '#protocols/core/job-spec.ts'
import { type AverageState, weightsDigest } from '#protocols/fedavg/average-state.ts'
import type { FedAvgInput, FedAvgOutput } from '#protocols/fedavg/params.ts'
import { decodeServer, startOf } from '#protocols/fedavg/training/server.ts'
import { PlatformError } from '#runtime/errors.ts'
import { AVERAGE_MODEL_FILE, encodeWeights, type StoredAverageModel } from '../results/average-facts.ts'
import { readJson, writeJson } from '../results/stored.ts'
import type { BoundJob } from './binding.ts'

/** Parties that lose one are at most one round apart. */
const KEPT_ROUNDS = 3

export type AverageProgram = RoleProgram<FedAvgInput, AverageState, FedAvgOutput>

/** Writes down the model after each round, by the rounds that had a sum. A round that runs again writes the same. */
export function keepingRounds(job: BoundJob, program: AverageProgram): AverageProgram {
  return {
    ...program,
    async round(task, input, state, number) {
      const outcome = await program.round(task, input, state, number)
      const round = outcome.state.rounds.length
      const weights = startOf(decodeServer(outcome.state.server))
      const ownScales = input.scales === 'own'
      const scales = ownScales || input.scales === undefined ? undefined : input.scales
      await writeJson(join(job.jobDir, roundFile(round)), modelOf(job, input, { weights, round, scales, ownScales }))
      await rm(join(job.jobDir, roundFile(round - KEPT_ROUNDS)), { force: true })
      return outcome
    },
  }
}

/** Nothing in it is of one party. */
export function modelOf(
  { jobId, spec }: Pick<BoundJob, 'jobId' | 'spec'>,
  { columns }: Pick<FedAvgInput, 'columns'>,
  {
    weights,
    round,
    scales,
    ownScales,
  }: {
    readonly weights: Float32Array
    readonly round: number
    readonly scales: Exclude<StoredAverageModel['scales'], 'own'> | undefined
    readonly ownScales: boolean
  },
): StoredAverageModel {
  return {
    version: 1,
    job: jobId,
    protocol: 'fedavg',
    model: averageOf(spec).model,
    columns,
    scales: ownScales ? 'own' : (scales ?? columns.map(() => null)),
    weights: encodeWeights(weights),
    digest: weightsDigest(weights),
    round,
  }
}

/** What training goes on from, where the job says so. @throws PlatformError job.reuse-missing, job.reuse-differs */
export async function earlierModel(
  { spec, jobDir, self }: Pick<BoundJob, 'spec' | 'jobDir' | 'self'>,
  columns: readonly string[],
): Promise<StoredAverageModel | undefined> {
  const { from, model } = averageOf(spec)
  if (from === undefined) return undefined
  const { job, round } = from
  const file = round === undefined ? AVERAGE_MODEL_FILE : roundFile(round)
  const stored = await readJson<StoredAverageModel>(join(jobDir, '..', job, file))
  if (stored === undefined) {
    const through = round === undefined ? 'average' : `average, round ${round}`
    throw new PlatformError('job.reuse-missing', { party: self, job, through })
  }
  const differing = [
    ...(isDeepStrictEqual(stored.model, model) ? [] : ['average.model']),
    ...(isDeepStrictEqual(stored.columns, columns) ? [] : ['columns']),
  ]
  if (differing.length > 0) throw new PlatformError('job.reuse-differs', { party: self, job, sections: differing })
  return stored
}

function roundFile(round: number): string {
  return `average-round-${round}.json`
}
