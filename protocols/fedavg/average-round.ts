// The vector of one party in a round: what its training changed, weighted by its share of the rows, and the measures of
// its hold-out rows under the model that the round started from.
import type { Fields } from '#crypto/aggregate/fields.ts'
import { digitsOf, toDigits } from '#crypto/aggregate/quantise.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type AverageState, unpackWeights } from './average-state.ts'
import type { MeanBody } from './bodies.ts'
import type { GroupSum } from './group-sum.ts'
import { type FedAvgInput, type FedAvgParams, LEAST_PARTIES } from './params.ts'
import { type PrivacyPlan, privacyPlan } from './privacy/plan.ts'
import { protectRows, protectUpdate, readProtectedSum } from './privacy/protect.ts'
import { encodeMeasures, meanOf, measureLength, noMeasures, quantiseWeighted } from './round-vector.ts'
import { boundContribution, checkSum } from './robustness/bound.ts'
import { sumFields } from './sum-fields.ts'
import { nextVariate } from './training/scaffold.ts'
import type { ServerState } from './training/server.ts'
import type { OpenModel, TrainingRows, TrainResult } from './training/types.ts'
import { updateOf } from './training/update.ts'

/** What the vectors of a round hold, from numbers that all parties know. */
export interface RoundShape {
  /** numbers of the model: none in the round that only measures, twice as many with SCAFFOLD */
  readonly changes: number
  /** integers of the measures: none without hold-out rows */
  readonly measures: number
  /** integers of the number of training rows: none where all parties take part in every round */
  readonly rows: number
}

export interface OwnRound {
  readonly values: Uint32Array
  readonly ownLoss: number
  readonly cut: number
  readonly scaled?: boolean
  /** SCAFFOLD: this party's next variate */
  readonly variate?: Float32Array
  readonly epsilon?: number
}

/** A party's rows as the model takes them. */
export interface ModelRows {
  readonly train: TrainingRows
  readonly holdout: TrainingRows
}

interface Facts {
  readonly task: TaskContext
  readonly input: FedAvgInput
  readonly state: AverageState
  readonly round: number
  readonly sum: GroupSum
  readonly shape: RoundShape
  readonly model: OpenModel
  readonly rows: ModelRows
  readonly server: ServerState
  readonly start: Float32Array
}

/** @param facts with the parties that take part as the group */
export function shapeOf(
  { params }: FedAvgInput,
  facts: PlanFacts,
  isTraining: boolean,
  parameters: number,
  fields: Fields,
): RoundShape {
  const vectors = params.scaffold ? 2 : 1
  return {
    changes: isTraining ? vectors * parameters : 0,
    measures: isMeasured(facts) ? measureLength(fields) : 0,
    rows: params.leastParties === undefined ? 0 : digitsOf(fields).count,
  }
}

export function valuesIn({ changes, measures, rows }: RoundShape): number {
  return changes + measures + rows
}

/** Whether the hold-out rows of all are measured: where there are any, and no party could take its own out of two. */
export function isMeasured({ totals, group }: PlanFacts): boolean {
  return totals.holdout > 0 && group.participants.length >= LEAST_PARTIES
}

/** Trains, measures and encodes. Nothing leaves here. */
export async function ownRound(facts: Facts): Promise<OwnRound> {
  const { sum, shape, model, rows, start, task } = facts
  const changed = shape.changes > 0 ? await ownChange(facts) : { values: new Uint32Array(0), ownLoss: 0, cut: 0 }
  const values = new Uint32Array(valuesIn(shape))
  values.set(changed.values)
  if (shape.measures > 0) {
    const own = rows.holdout.rows > 0 ? await model.measure(start, rows.holdout, task.signal) : noMeasures()
    values.set(encodeMeasures(own, sum.fields), shape.changes)
  }
  if (shape.rows > 0) values.set(toDigits([rows.train.rows], sum.fields), shape.changes + shape.measures)
  return { ...changed, values }
}

async function ownChange(facts: Facts): Promise<OwnRound> {
  const { input, state, server, start, rows } = facts
  const { params } = input
  if (params.privacy?.unit === 'row') return await protectedStep(facts)
  const control =
    server.variate === undefined
      ? undefined
      : { all: Float32Array.from(server.variate), own: unpackWeights(state.variate ?? '') }
  const trained = await train(facts, control)
  const share = rows.train.rows / state.totals.train
  const change = updateOf(trained.weights, start).map((value) => share * value)
  const ownLoss = trained.loss
  if (params.privacy !== undefined) return { ...(await protectedChange(facts, change)), ownLoss }
  const { sum } = facts
  const { normBound: bound, clip } = params
  const bounded = bound === undefined ? undefined : boundContribution(change, { share, bound, clip })
  const first = {
    ...quantiseWeighted(change, clip, sum.fields, sum.coins('rounding')),
    ...(bounded !== undefined && { scaled: bounded.scaled, cut: bounded.cut / change.length }),
  }
  if (control === undefined) return { ...first, ownLoss }
  const { learningRate } = params.local
  const variate = nextVariate(control, start, trained.weights, trained.steps, learningRate)
  const moved = updateOf(variate, control.own).map((value) => share * value)
  const second = quantiseWeighted(moved, variateRange(params), sum.fields, sum.coins('rounding variates'))
  const values = new Uint32Array(first.values.length + second.values.length)
  values.set(first.values)
  values.set(second.values, first.values.length)
  return { ...first, values, ownLoss, variate }
}

async function train(
  { task, input, model, rows, start, sum }: Facts,
  control: { readonly all: Float32Array; readonly own: Float32Array } | undefined,
): Promise<TrainResult> {
  const { local, proximal } = input.params
  const words = sum.coins('order of rows')
  const seed = new Uint8Array(Uint32Array.from({ length: 8 }, () => words.word()).buffer)
  return model.train({
    weights: start,
    data: rows.train,
    settings: local,
    seed,
    signal: task.signal,
    ...(proximal > 0 && { proximal }),
    ...(control !== undefined && { control }),
    onProgress: ({ step, steps }) => task.progress({ phase: 'training', done: step, total: steps, unit: 'blocks' }),
  })
}

/** A step of a variate is the change of a weight over learning rate and steps. */
function variateRange({ clip, local }: FedAvgParams): number {
  return clip / local.learningRate
}

/** What local training changed, with noise: nothing depends on the rows of the party as a whole. */
async function protectedChange(facts: Facts, change: Float64Array): Promise<Omit<OwnRound, 'ownLoss'>> {
  const { task, sum } = facts
  const { plan, epsilon } = await charged(facts)
  const cut = change.reduce((beyond, value) => beyond + (Math.abs(value) > plan.range ? 1 : 0), 0) / change.length
  return { values: protectUpdate(plan, change, await task.vault.seed('privacy'), sum.keyId), cut, epsilon }
}

/** One step downhill over a sample of the rows, with noise: nothing depends on a single row. */
async function protectedStep(facts: Facts): Promise<OwnRound> {
  const { task, state, sum, model, rows, start } = facts
  const { plan, epsilon } = await charged(facts)
  const gradientOf = model.rowGradient(start, rows.train)
  const own = { own: rows.train.rows, all: state.totals.train, gradientOf, signal: task.signal }
  const { lossSum } = await model.measure(start, rows.train, task.signal)
  const values = await protectRows(plan, own, await task.vault.seed('privacy'), sum.keyId)
  return { values, ownLoss: lossSum / rows.train.rows, cut: 0, epsilon }
}

/** Asks this party's account before anything is made of its rows. */
async function charged({ task, input, state, sum, shape, round, server }: Facts) {
  const plan = planOf(input.params, state, shape.changes)
  if (input.charge === undefined || plan === undefined) {
    throw new PlatformError('internal.unexpected', { expected: 'an account for the cost of privacy' })
  }
  const { epsilon, delta } = await input.charge({ round: sum.keyId, turn: server.round + 1, mechanism: plan.mechanism })
  task.event('privacy.spent', { round, epsilon, delta })
  return { plan, epsilon }
}

/** How a round is protected; undefined without privacy. */
export function planOf(params: FedAvgParams, state: PlanFacts, parameters: number): PrivacyPlan | undefined {
  const { privacy, clip, opening } = params
  if (privacy === undefined) return undefined
  const parties = state.group.participants.length
  const fields = sumFields(parties, opening === 'shared')
  return privacyPlan(privacy, { parties, parameters, clip, rows: state.totals.train, fields })
}

export type PlanFacts = Pick<AverageState, 'group' | 'totals'>

/**
 * What the opened sums of the changes say. Where parties were left out, the change is divided by the rows of those that took
 * part, as if the others had none; the variates of the others stay as they are.
 * @param rows of those that took part @throws PlatformError robustness.sum-too-long beyond the bound of the settings
 */
export function readChanges(
  params: FedAvgParams,
  state: PlanFacts,
  { sums, rows = state.totals.train }: Pick<MeanBody, 'sums' | 'rows'>,
  { fields }: Pick<GroupSum, 'fields'>,
): { readonly mean: Float64Array; readonly variates?: Float64Array } {
  const ofRows = (sum: Float64Array) =>
    rows === state.totals.train ? sum : sum.map((value) => value * (state.totals.train / rows))
  const plan = planOf(params, state, sums.length)
  if (plan !== undefined) return { mean: ofRows(readProtectedSum(plan, sums)) }
  const { clip, scaffold, normBound: bound } = params
  const changes = scaffold ? sums.length / 2 : sums.length
  const sum = meanOf(sums.subarray(0, changes), clip, fields)
  if (bound !== undefined) checkSum(sum, { bound, parties: fields.parties, step: (2 * clip) / fields.levels })
  const mean = ofRows(sum)
  return scaffold ? { mean, variates: meanOf(sums.subarray(changes), variateRange(params), fields) } : { mean }
}
