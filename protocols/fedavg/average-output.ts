// What averaging leaves a party: the model of all, its own last layer where it asked for one, and how both do on its rows.
import type { TaskContext } from '#protocols/core/contract.ts'
import type { ModelRows } from './average-round.ts'
import { type AverageState, unpackWeights, weightsDigest } from './average-state.ts'
import type { FedAvgInput, FedAvgOutput, OwnQuality } from './params.ts'
import { scalesOf } from './standardise.ts'
import { openEngine } from './training/engine.ts'
import { summarise } from './training/score-histogram.ts'
import { decodeServer, startOf } from './training/server.ts'
import type { OpenModel } from './training/types.ts'

export async function averageOutput(
  task: TaskContext,
  input: FedAvgInput,
  state: AverageState,
  model: OpenModel,
  rows: ModelRows,
): Promise<FedAvgOutput> {
  const { params, columns } = input
  const scales = scalesOf(input)
  const { best, totals, rounds, stoppedEarly, sums } = state
  const weights = best === undefined ? startOf(decodeServer(state.server)) : unpackWeights(best.weights)
  const personal =
    params.personal === undefined ? {} : { personal: await personalModel(task, input, weights, model, rows) }
  return {
    model: params.model,
    columns,
    ...(scales !== undefined && { scales }),
    weights,
    digest: weightsDigest(weights),
    bestRound: best?.round ?? rounds.length,
    stoppedEarly,
    rounds,
    trainRows: totals.train,
    holdoutRows: totals.holdout,
    engine: await openEngine(),
    ...(await onHoldout(task, weights, model, rows)),
    ...personal,
    sums,
  }
}

/** Fits the last layer to the own rows. Nothing of it leaves. */
async function personalModel(
  task: TaskContext,
  { params }: FedAvgInput,
  weights: Float32Array,
  model: OpenModel,
  rows: ModelRows,
): Promise<NonNullable<FedAvgOutput['personal']>> {
  const seed = (await task.vault.seed('personal')).reveal((bytes) => bytes.slice())
  const trained = await model.train({
    weights,
    data: rows.train,
    settings: { ...params.local, ...params.personal },
    seed,
    layers: 'last',
    signal: task.signal,
  })
  return { weights: trained.weights, ...(await onHoldout(task, trained.weights, model, rows)) }
}

async function onHoldout(
  { signal }: TaskContext,
  weights: Float32Array,
  model: OpenModel,
  { holdout }: ModelRows,
): Promise<{ holdoutScores: Float64Array; own?: OwnQuality }> {
  if (holdout.rows === 0) return { holdoutScores: new Float64Array(0) }
  const measures = await model.measure(weights, holdout, signal)
  const { loss, auc, ks } = summarise(measures)
  const own = { rows: measures.rows, bad: measures.bad, loss, auc, ks }
  return { holdoutScores: await model.predict(weights, holdout, signal), own }
}
