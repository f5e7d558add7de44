// What averaging leaves at every party: the model of all, the own last layer, and result.json.
import { join } from 'node:path'
import { averageOf, partiesOf } from '#protocols/core/job-spec.ts'
import type { FedAvgOutput, OwnQuality } from '#protocols/fedavg/params.ts'
import {
  AVERAGE_MODEL_FILE,
  encodeWeights,
  OWN_SCALES_FILE,
  PERSONAL_MODEL_FILE,
  type StoredAverageResult,
  type StoredPersonalModel,
} from '../results/average-facts.ts'
import { writeJson } from '../results/stored.ts'
import { modelOf } from './average-rounds.ts'
import type { BoundJob } from './binding.ts'
import { RESULT_FILE } from './train-results.ts'

/** @param known of this party alone: whether it used scales of its own, and the same model trained here alone */
export async function storeAverage(
  job: BoundJob,
  output: FedAvgOutput,
  { ownScales, alone }: { readonly ownScales: boolean; readonly alone?: OwnQuality | undefined },
): Promise<void> {
  const { jobId, jobDir, self } = job
  const { columns, scales, weights, digest, bestRound, personal } = output
  const model = modelOf(job, output, { weights, round: bestRound, scales, ownScales })
  await writeJson(join(jobDir, AVERAGE_MODEL_FILE), model)
  if (ownScales)
    await writeJson(join(jobDir, OWN_SCALES_FILE), { version: 1, job: jobId, party: self, columns, scales })
  if (personal !== undefined) {
    const own: StoredPersonalModel = {
      version: 1,
      job: jobId,
      party: self,
      from: digest,
      weights: encodeWeights(personal.weights),
    }
    await writeJson(join(jobDir, PERSONAL_MODEL_FILE), own)
  }
  await writeJson(join(jobDir, RESULT_FILE), resultOf(job, output, alone))
}

function resultOf(
  { jobId, self, spec }: BoundJob,
  output: FedAvgOutput,
  alone: OwnQuality | undefined,
): StoredAverageResult {
  const { rounds, bestRound, stoppedEarly, digest, engine, trainRows, holdoutRows, weights, own, personal } = output
  const federated = rounds.find(({ round }) => round === bestRound)?.quality
  const { algorithm, privacy } = averageOf(spec)
  return {
    job: jobId,
    name: spec.name,
    party: self,
    protocol: 'fedavg',
    algorithm: algorithm.kind,
    rows: { training: trainRows, holdout: holdoutRows },
    parties: partiesOf(spec).length,
    parameters: weights.length,
    ...(federated === undefined ? {} : { federated }),
    rounds,
    bestRound,
    stoppedEarly,
    modelDigest: digest,
    engine,
    ...(own === undefined ? {} : { own }),
    ...(alone === undefined ? {} : { alone }),
    ...(personal?.own === undefined ? {} : { personal: personal.own }),
    ...(privacy === undefined ? {} : { privacy }),
  }
}
