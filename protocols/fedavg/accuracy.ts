// A training over several holders next to the same training on their rows in one place, and next to each holder alone:
// for tests and figures of accuracy.
import { aucOf } from '#credit/evaluation/discrimination.ts'
import { rankRows } from '#credit/evaluation/ranking.ts'
import { openAverage } from './average.ts'
import { runWithAdder } from './memory-adder.ts'
import type { ColumnScale, FedAvgInput, FedAvgOutput, FedAvgParams, PartyRows, StatisticsOutput } from './params.ts'
import { fixedVault, PARTIES } from './sample.ts'
import { trainingRows } from './standardise.ts'
import { openStatistics } from './statistics.ts'
import { openEngine } from './training/engine.ts'
import { openModel } from './training/model.ts'
import type { TrainingRows } from './training/types.ts'

/** Rows of one holder. */
export interface Holder {
  readonly train: PartyRows
  readonly holdout: PartyRows
}

export interface Comparison {
  /** AUC over the hold-out rows of all, under the federation's model and under the one of all rows in one place */
  readonly federated: number
  readonly pooled: number
  readonly holders: readonly HolderAuc[]
  readonly output: FedAvgOutput
}

/** AUC over the hold-out rows of one holder. */
export interface HolderAuc {
  /** of a model of its own rows */
  readonly own?: number
  readonly pooled: number
  readonly federated: number
  /** of the federation's model with this holder's last layer */
  readonly personal?: number
}

/** Statistics over the holders, then the training: as a job runs them. @param categories columns that are codes */
export async function federated(
  holders: readonly Holder[],
  columns: readonly string[],
  params: FedAvgParams,
  categories: readonly string[] = [],
): Promise<readonly FedAvgOutput[]> {
  const numbers = columns.filter((name) => !categories.includes(name))
  const statistics = await runWithAdder(
    holders.map(({ train }, i) => ({
      id: PARTIES[i] as string,
      program: openStatistics() as never,
      vault: fixedVault(i),
      input: {
        params: { minimumRows: 50, bins: 16 },
        columns: numbers,
        values: numbers.map((name) => train.columns[columns.indexOf(name)]),
        sumsBefore: {},
      },
    })),
    1,
  )
  const { columns: described, sums } = statistics.get(PARTIES[0]) as StatisticsOutput
  const scales = columns.map((name): ColumnScale | null => described.find((one) => one.name === name)?.scale ?? null)
  const input = { params, columns, scales, sumsBefore: sums }
  const outputs = await runWithAdder(
    holders.map((holder, i) => ({
      id: PARTIES[i] as string,
      program: openAverage() as never,
      vault: fixedVault(i),
      input: { ...input, ...holder } satisfies FedAvgInput,
    })),
    0,
  )
  return holders.map((_, i) => outputs.get(PARTIES[i] as string) as FedAvgOutput)
}

export interface ComparedTraining {
  readonly holders: readonly Holder[]
  readonly columns: readonly string[]
  readonly params: FedAvgParams
  /** columns that are codes */
  readonly categories?: readonly string[]
  /** whether each holder also trains a model of its own */
  readonly alone?: boolean
}

/**
 * As many passes over the rows as the federation may take, with the same settings, on all rows in one place and at each
 * holder alone; the pass with the lowest hold-out loss counts, as in the federation.
 */
export async function compare(training: ComparedTraining): Promise<Comparison> {
  const { holders, columns, params, categories = [], alone = false } = training
  const outputs = await federated(holders, columns, params, categories)
  const [output] = outputs as [FedAvgOutput]
  const { scales } = output
  const rowsOf = (part: (holder: Holder) => PartyRows) => holders.map((holder) => trainingRows(part(holder), scales))
  const [train, holdout] = [rowsOf(({ train: rows }) => rows), rowsOf(({ holdout: rows }) => rows)]
  const all = joinRows(holdout)
  const pooled = await trainAlone(params, columns, joinRows(train), all)
  const pooledOf = (i: number) => {
    const from = holdout.slice(0, i).reduce((total, part) => total + part.rows, 0)
    return pooled.slice(from, from + (holdout[i] as TrainingRows).rows)
  }
  const onHolders = outputs.map(async ({ holdoutScores, personal }, i) => {
    const rows = holdout[i] as TrainingRows
    const own = alone
      ? { own: auc(await trainAlone(params, columns, train[i] as TrainingRows, rows), rows.labels) }
      : {}
    return {
      ...own,
      pooled: auc(pooledOf(i), rows.labels),
      federated: auc(holdoutScores, rows.labels),
      ...(personal !== undefined && { personal: auc(personal.holdoutScores, rows.labels) }),
    }
  })
  return {
    federated: auc(joinScores(outputs.map(({ holdoutScores }) => holdoutScores)), all.labels),
    pooled: auc(pooled, all.labels),
    holders: await Promise.all(onHolders),
    output,
  }
}

/** Scores of the hold-out rows under the best of as many models as there are rounds. */
async function trainAlone(
  { model: spec, local, rounds }: FedAvgParams,
  columns: readonly string[],
  train: TrainingRows,
  holdout: TrainingRows,
): Promise<Float64Array> {
  const model = await openModel(await openEngine(), spec, columns)
  let weights = model.initial(new Uint8Array(32))
  let best = { loss: Number.POSITIVE_INFINITY, weights }
  for (let round = 1; round <= rounds; round++) {
    const seed = new Uint8Array(32).fill(round)
    weights = (await model.train({ weights, data: train, settings: local, seed })).weights
    const { lossSum } = await model.measure(weights, holdout)
    if (lossSum < best.loss) best = { loss: lossSum, weights }
  }
  return await model.predict(best.weights, holdout)
}

function auc(scores: Float64Array, labels: Uint8Array): number {
  return aucOf(rankRows(scores, labels))
}

function joinRows(parts: readonly TrainingRows[]): TrainingRows {
  const rows = parts.reduce((total, part) => total + part.rows, 0)
  const [first] = parts as [TrainingRows]
  const inputs = new Float32Array((rows * first.inputs.length) / first.rows)
  const labels = new Uint8Array(rows)
  let [atInput, atRow] = [0, 0]
  for (const part of parts) {
    inputs.set(part.inputs, atInput)
    labels.set(part.labels, atRow)
    atInput += part.inputs.length
    atRow += part.rows
  }
  return { rows, inputs, labels }
}

function joinScores(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]))
}
