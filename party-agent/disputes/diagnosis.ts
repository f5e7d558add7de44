// The guest's side of a dispute: the updates that were shown, compared with each other and on the guest's validation rows.
import { dequantiseSum } from '#crypto/aggregate/quantise.ts'
import type { FedAvgParams, KeptRound } from '#protocols/fedavg/params.ts'
import { planOf } from '#protocols/fedavg/average-round.ts'
import { readProtectedSum } from '#protocols/fedavg/privacy/protect.ts'
import type { UpdateOpening } from '#protocols/fedavg/robustness/commitment.ts'
import { type Diagnosis, diagnose } from '#protocols/fedavg/robustness/diagnose.ts'
import { sumFields } from '#protocols/fedavg/sum-fields.ts'
import { openEngine } from '#protocols/fedavg/training/engine.ts'
import { openModel } from '#protocols/fedavg/training/model.ts'
import type { TrainingRows } from '#protocols/fedavg/training/types.ts'
import { PlatformError } from '#runtime/errors.ts'

export interface DisputedTraining {
  readonly params: FedAvgParams
  readonly columns: readonly string[]
  /** hold-out rows of the guest, on the scale of the model */
  readonly validation: TrainingRows
}

/**
 * One line a party. Losses are those of a plain step: the model before the round plus the mean change.
 * @param kept by the guest @param openings of all participants, the guest's own among them
 * @throws PlatformError robustness.opening-missing, robustness.opening-differs, release.too-few-rows without validation rows
 */
export async function diagnoseRound(
  { params, columns, validation }: DisputedTraining,
  kept: KeptRound,
  openings: readonly UpdateOpening[],
): Promise<Diagnosis[]> {
  const { label, participants, commitments, sums, rows, start } = kept
  if (validation.rows === 0) throw new PlatformError('release.too-few-rows', { set: 'validation' })
  const model = await openModel(await openEngine(), params.model, columns)
  return await diagnose({
    label,
    participants,
    commitments: new Map(participants.map((party, i) => [party, commitments[i] ?? new Uint8Array()])),
    openings,
    sum: sums,
    rows,
    read: readingOf(params, kept),
    loss: async (mean) => {
      const { lossSum } = await model.measure(
        start.map((value, i) => value + (mean[i] ?? 0)),
        validation,
      )
      return lossSum / validation.rows
    },
  })
}

/** Contributions are weighted with the rows of all parties, also where some took no part. */
function readingOf(
  params: FedAvgParams,
  { participants, sums, rows, allRows }: KeptRound,
): (values: Uint32Array) => Float64Array {
  const facts = { group: { participants, keys: {} }, totals: { train: allRows, holdout: 0 } }
  const plan = planOf(params, facts, sums.length)
  if (plan !== undefined) return (values) => readProtectedSum({ ...plan, parties: 1 }, values)
  const fields = { ...sumFields(participants.length, params.opening === 'shared'), parties: 1 }
  const changes = params.scaffold ? sums.length / 2 : sums.length
  return (values) => dequantiseSum(values.subarray(0, changes), params.clip, fields).map((v) => (v * allRows) / rows)
}
