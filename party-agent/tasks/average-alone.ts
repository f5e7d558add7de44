// The same model trained on this party's rows alone, at home: what the model of all parties is measured against.
import type { FedAvgInput, OwnQuality } from '#protocols/fedavg/params.ts'
import { scalesOf, trainingRows } from '#protocols/fedavg/standardise.ts'
import { openEngine } from '#protocols/fedavg/training/engine.ts'
import { openModel } from '#protocols/fedavg/training/model.ts'
import { summarise } from '#protocols/fedavg/training/score-histogram.ts'
import type { Secret } from '#runtime/secret.ts'

/**
 * As many passes over the own rows as the rounds of all had, in as many turns; of these the model with the lowest
 * loss on the own hold-out rows counts, which flatters it a little.
 * @param seed of the first weights and the order of rows
 * @returns undefined where there are no hold-out rows
 */
export async function trainAlone(input: FedAvgInput, rounds: number, seed: Secret): Promise<OwnQuality | undefined> {
  const { params, columns, train, holdout } = input
  if (holdout.labels.length === 0) return undefined
  const scales = scalesOf(input)
  const model = await openModel(await openEngine(), params.model, columns)
  const [data, held] = [trainingRows(train, scales), trainingRows(holdout, scales)]
  const bytes = seed.reveal((secret) => secret.slice())
  let weights = model.initial(bytes)
  let best: OwnQuality | undefined
  for (let round = 1; round <= rounds; round++) {
    const order = Uint8Array.from(bytes, (byte, i) => (i < 4 ? byte ^ ((round >> (8 * i)) & 255) : byte))
    weights = (await model.train({ weights, data, settings: params.local, seed: order })).weights
    const measures = await model.measure(weights, held)
    const { loss, auc, ks } = summarise(measures)
    if (best === undefined || loss < best.loss) best = { rows: measures.rows, bad: measures.bad, loss, auc, ks }
  }
  return best
}
