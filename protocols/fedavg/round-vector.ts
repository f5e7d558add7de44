// What one party's vector of a round holds: the weighted change of the model, and counts of the hold-out rows behind it.
import { dequantiseSum, digitsOf, fromDigits, quantise, toDigits } from '#crypto/aggregate/quantise.ts'
import type { Fields } from '#crypto/aggregate/fields.ts'
import type { Expansion } from '#crypto/aggregate/streams.ts'
import type { Quality } from './params.ts'
import { SCORE_BINS, summarise } from './training/score-histogram.ts'
import type { Measures } from './training/types.ts'

/** A sum of losses travels in units of 2^-12 nats. */
const LOSS_UNIT = 2 ** -12
const MOST_LOSS = 2 ** 40 - 1
/** rows, bad rows, loss, and two classes of scores */
const MEASURE_NUMBERS = 3 + 2 * SCORE_BINS

/** Integers that a party's measures take. */
export function measureLength(fields: Fields): number {
  return MEASURE_NUMBERS * digitsOf(fields).count
}

export function encodeMeasures({ rows, bad, lossSum, goodScores, badScores }: Measures, fields: Fields): Uint32Array {
  const loss = Math.min(MOST_LOSS, Math.round(lossSum / LOSS_UNIT))
  return toDigits([rows, bad, loss, ...goodScores, ...badScores], fields)
}

/** Of a party without hold-out rows. */
export function noMeasures(): Measures {
  const goodScores = new Float64Array(SCORE_BINS)
  return { rows: 0, bad: 0, lossSum: 0, goodScores, badScores: goodScores }
}

/** What the sums of all parties' measures say of the model, rounded as it is told. */
export function qualityOf(sums: Uint32Array, fields: Fields): Quality {
  const [rows = 0, bad = 0, loss = 0, ...scores] = fromDigits(sums, fields)
  const summary = summarise({
    rows,
    lossSum: loss * LOSS_UNIT,
    goodScores: Float64Array.from(scores.slice(0, SCORE_BINS)),
    badScores: Float64Array.from(scores.slice(SCORE_BINS)),
  })
  const round = (value: number) => Math.round(value * 1e6) / 1e6
  const { loss: mean, auc, aucError, ks } = summary
  return { rows, bad, loss: round(mean), auc: round(auc), aucError: round(aucError), ks: round(ks) }
}

/** A vector of reals as integers, and the share of them that was cut off. */
export interface Quantised {
  readonly values: Uint32Array
  readonly cut: number
}

/** @param vector weighted by the party's share of the rows @param range beyond it numbers are cut off */
export function quantiseWeighted(vector: Float64Array, range: number, fields: Fields, coins: Expansion): Quantised {
  let beyond = 0
  for (const value of vector) if (Math.abs(value) > range) beyond++
  return { values: quantise(vector, range, fields, coins), cut: vector.length === 0 ? 0 : beyond / vector.length }
}

/** The weighted mean of all parties' vectors. */
export function meanOf(sums: Uint32Array, range: number, fields: Fields): Float64Array {
  return dequantiseSum(sums, range, fields)
}
