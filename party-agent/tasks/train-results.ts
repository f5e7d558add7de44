// What a training leaves: model.json at every party; at the guest its rows with all scores, the coefficients that it
// knows, and result.json.
import { join } from 'node:path'
import { evaluate } from '#credit/evaluation/discrimination.ts'
import type { CoefficientFacts } from '#credit/evaluation/pack.ts'
import { isRow, rangeOf } from '#protocols/core/aligned-rows.ts'
import { ownersOf } from '#protocols/core/job-groups.ts'
import { trainOf } from '#protocols/core/job-spec.ts'
import { type GuestInput, type GuestOutput } from '#protocols/vertical-lr/guest.ts'
import { standardErrors } from '#protocols/vertical-lr/information-matrix.ts'
import { fitNewton } from '#protocols/vertical-lr/newton.ts'
import { withIntercept } from '#protocols/vertical-lr/scores.ts'
import { scoredRows } from '#protocols/vertical-lr/scoring.ts'
import { type LrPart, scoredRanges } from '#protocols/vertical-lr/training.ts'
import { storeScores } from '../results/score-store.ts'
import { loadResultFile, storeResultFile, writeJson } from '../results/stored.ts'
import type { BoundJob } from './binding.ts'
import type { ColumnModel, GuestTrainingInput } from './train-input.ts'

export const MODEL_FILE = 'model.json'
export const RESULT_FILE = 'result.json'

/** This party's part: coefficients, and what turns a raw value into what they multiply. */
export async function storeModel(
  job: BoundJob,
  columns: readonly ColumnModel[],
  part: LrPart & { readonly intercept?: number },
): Promise<void> {
  const { scorecard } = job.spec
  await writeJson(join(job.jobDir, MODEL_FILE), {
    job: job.jobId,
    party: job.self,
    protocol: 'vertical-lr',
    rounds: part.rounds,
    converged: part.converged,
    ...(part.intercept === undefined ? {} : { intercept: part.intercept }),
    ...(scorecard === undefined ? {} : { scorecard }),
    features: columns.map((column, j) => ({
      ...column,
      coefficient: part.weights[j],
      ...(part.tests === undefined ? {} : { test: part.tests[j] }),
    })),
  })
}

/** Measures on the hold-out rows: the guest's own model, fitted here in the clear, beside the joint model. */
export async function storeResult(
  job: BoundJob,
  { alignment, columns, input }: GuestTrainingInput,
  output: Released,
): Promise<void> {
  const { jobDir, spec, self } = job
  const joint = spread(input, output.scores)
  const alone = guestAlone(input)
  await storeScores(jobDir, { hosts: spec.hosts.map(({ party }) => party), scores: joint })
  await storeScores(jobDir, { hosts: [], scores: alone })
  if (trainOf(spec).columns === 'woe')
    await storeResultFile(jobDir, 'coefficients', {
      version: 1,
      intercept: output.intercept,
      coefficients: await coefficientsOf(job, columns, output),
    })
  const { from, to } = rangeOf(alignment, 'holdout')
  const counted = Array.from({ length: to - from }, (_, i) => from + i).filter(
    (row) => isRow(alignment.rows[row] ?? 0) && input.weights?.[row] !== 0,
  )
  const labels = Uint8Array.from(counted, (row) => input.labels[row] ?? 0)
  const of = (scores: Float64Array) =>
    evaluate(
      Float64Array.from(counted, (row) => scores[row] ?? 0),
      labels,
    )
  const trained = input.weights?.subarray(0, input.trainRows).reduce((sum, weight) => sum + weight, 0)
  await writeJson(join(jobDir, RESULT_FILE), {
    job: job.jobId,
    name: spec.name,
    party: self,
    alignment: alignment.report,
    rows: { training: trained ?? input.trainRows, holdout: counted.length },
    bankOnly: of(alone),
    joint: of(joint),
    rounds: output.rounds,
    converged: output.converged,
    losses: output.losses,
  })
}

/** Scores of the scored ranges at the places of their rows; NaN elsewhere. */
export function spread(input: GuestInput, scores: Float64Array): Float64Array {
  const all = new Float64Array(input.labels.length).fill(Number.NaN)
  let at = 0
  for (const { from, to } of scoredRanges(input)) {
    all.set(scores.subarray(at, at + to - from), from)
    at += to - from
  }
  return all
}

/** Scores of the logistic regression that the guest can train by itself, with the same penalty, of the same rows. */
function guestAlone(input: GuestInput): Float64Array {
  const { data, labels, weights, trainRows, params } = input
  const own = withIntercept(data)
  const free = new Set([data.columns.length])
  const fitted = fitNewton(own, labels, trainRows, params.l2, free, { weights, nonNegative: params.nonNegative })
  return spread(input, scoredRows({ ...input, data: own }, fitted))
}

type Released = GuestOutput & { readonly hostWeights?: readonly (readonly number[])[] }

/** The guest's own, and those that hosts released for a scorecard, in the order of their chosen columns. */
async function coefficientsOf(
  { jobDir, spec, self }: BoundJob,
  columns: readonly ColumnModel[],
  output: Released,
): Promise<CoefficientFacts[]> {
  const { weights, hostWeights = [] } = output
  const errors = errorsOf(spec, output)
  const fact = (party: string, feature: string, beta: number, error: number | undefined): CoefficientFacts => ({
    party,
    feature,
    beta,
    ...(error === undefined || error === 0 ? {} : { stdErr: error }),
  })
  const own = columns.map(({ name }, j) => fact(self, name, weights[j] ?? 0, errors[j]))
  const [binning, selection] = [await loadResultFile(jobDir, 'binning'), await loadResultFile(jobDir, 'selection')]
  let at = columns.length + 1
  const ofHosts = ownersOf(spec).flatMap(({ name: party }, h) => {
    const all = (binning?.features ?? []).filter((feature) => feature.party === party).map(({ feature }) => feature)
    const chosen = selection?.chosen[party] ?? all
    const names = all.filter((name) => chosen.includes(name))
    const first = at
    at += output.information?.widths[h + 1] ?? 0
    return (hostWeights[h] ?? []).map((beta, j) => fact(party, names[j] ?? `#${j + 1}`, beta, errors[first + j]))
  })
  return [...own, ...ofHosts]
}

/** Standard errors of all columns, the intercept after the guest's, from the information matrix that the guest holds. */
function errorsOf(spec: BoundJob['spec'], { information, weights, hostWeights = [] }: Released): readonly number[] {
  const train = trainOf(spec)
  if (information === undefined) return []
  const all = [...weights, 1, ...hostWeights.flat()]
  const held = all.map((weight, j) => train.nonNegative && weight === 0 && j !== weights.length)
  if (held.length ** 2 !== information.matrix.length) return []
  return standardErrors(Float64Array.from(information.matrix), held, train.l2, weights.length)
}
