// What a job over the rows of all parties leaves at each of them: the statistics, the model that all have, the own last
// layer, and result.json with what was measured.
import { join } from 'node:path'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { ColumnScale, ColumnStatistics, FedAvgOutput, SumCounts } from '#protocols/fedavg/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readJson } from './stored.ts'

export const STATISTICS_FILE = 'statistics.json'
/** the same bytes at every party */
export const AVERAGE_MODEL_FILE = 'average-model.json'
/** of this party alone, where the job told no statistics */
export const OWN_SCALES_FILE = 'own-scales.json'
/** of this party alone */
export const PERSONAL_MODEL_FILE = 'personal-model.json'

export interface StoredStatistics {
  readonly version: 1
  readonly job: string
  /** of this party's data set */
  readonly fingerprint: string
  readonly columns: readonly ColumnStatistics[]
  readonly sums: SumCounts
}

/** Nothing in it is of one party: its digest is one for all. */
export interface StoredAverageModel {
  readonly version: 1
  readonly job: string
  readonly protocol: 'fedavg'
  readonly model: NonNullable<JobSpec['average']>['model']
  readonly columns: readonly string[]
  /** by column; null for codes of a category. own: each party has its own, in OWN_SCALES_FILE */
  readonly scales: readonly (ColumnScale | null)[] | 'own'
  /** base64 of float32, little-endian */
  readonly weights: string
  /** SHA-256 of the weights, hex */
  readonly digest: string
  /** training round that it is from */
  readonly round: number
}

export interface StoredPersonalModel {
  readonly version: 1
  readonly job: string
  readonly party: string
  /** SHA-256 of the weights of the model of all parties, hex */
  readonly from: string
  /** base64 of float32, little-endian: those of all parties but for the last layer */
  readonly weights: string
}

/** result.json of a job that averaged. Of other parties' rows it holds only what all parties were told. */
export interface StoredAverageResult {
  readonly job: string
  readonly name: string
  readonly party: string
  readonly protocol: 'fedavg'
  readonly algorithm: string
  /** of all parties together */
  readonly rows: { readonly training: number; readonly holdout: number }
  readonly parties: number
  readonly parameters: number
  /** over the hold-out rows of all parties; absent where there are none */
  readonly federated?: NonNullable<FedAvgOutput['rounds'][number]['quality']>
  readonly rounds: FedAvgOutput['rounds']
  readonly bestRound: number
  readonly stoppedEarly: boolean
  readonly modelDigest: string
  /** that trained at this party */
  readonly engine: { readonly name: string; readonly version: string }
  /** over the hold-out rows of this party: told to nobody */
  readonly own?: FedAvgOutput['own']
  readonly personal?: FedAvgOutput['own']
  /** the same model trained on the rows of this party alone */
  readonly alone?: FedAvgOutput['own']
  /** as the job asked for it; what was spent stands at each round */
  readonly privacy?: NonNullable<NonNullable<JobSpec['average']>['privacy']>
}

/** @throws PlatformError storage.damaged */
export async function loadStatistics(jobDir: string): Promise<StoredStatistics | undefined> {
  const stored = await readJson<StoredStatistics>(join(jobDir, STATISTICS_FILE))
  if (stored !== undefined && stored.version !== 1)
    throw new PlatformError('storage.damaged', { file: STATISTICS_FILE, problem: 'unknown version' })
  return stored
}

/** Undefined for a job that did not average, or did not get so far. @throws PlatformError storage.damaged */
export async function loadAverageResult(jobDir: string): Promise<StoredAverageResult | undefined> {
  const result = await readJson<{ readonly protocol?: string }>(join(jobDir, 'result.json'))
  return result?.protocol === 'fedavg' ? (result as StoredAverageResult) : undefined
}

export function encodeWeights(weights: Float32Array): string {
  const bytes = Buffer.alloc(4 * weights.length)
  weights.forEach((weight, i) => bytes.writeFloatLE(weight, 4 * i))
  return bytes.toString('base64')
}

/** @throws PlatformError storage.damaged */
export function decodeWeights(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length % 4 !== 0) throw new PlatformError('storage.damaged', { what: 'weights of a model' })
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
}
