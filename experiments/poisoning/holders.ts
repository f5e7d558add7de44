// Five holders of the same ten columns, drawn from a seed: different rows, mixes and sizes, one truth. And logistic
// regression on them in a few lines, so that an attack is seen without an engine between.
import { Expansion } from '#crypto/aggregate/streams.ts'
import { aucOf } from '#credit/evaluation/discrimination.ts'
import { rankRows } from '#credit/evaluation/ranking.ts'

export const COLUMNS = 10
const ROWS = [1200, 900, 1500, 800, 1100]
const HOLDOUT_ROWS = 6000
const VALIDATION_ROWS = 800
const INTERCEPT = -1.6
/** local training of one round: full passes */
const STEPS = 5
const LEARNING_RATE = 1

/** values: rows × COLUMNS, row-major; labels: 1 = bad */
export interface Rows {
  readonly values: Float64Array
  readonly labels: Uint8Array
}

export interface Holders {
  /** the first is the guest */
  readonly parties: readonly Rows[]
  /** of all parties, in equal parts */
  readonly holdout: Rows
  /** of the guest alone */
  readonly validation: Rows
}

/** @param seed any whole number of 32 bits: equal seeds, equal rows */
export function drawHolders(seed: number): Holders {
  const words = new Expansion(new Uint8Array(Uint32Array.of(seed, 0, 0, 0, 0, 0, 0, 0).buffer), 'experiments/poisoning')
  const uniform = () => (words.word() + 0.5) / 2 ** 32
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const truth = Float64Array.from({ length: COLUMNS }, (_, i) => (i % 2 === 0 ? 0.7 : -0.5) * (1 - i / 14))
  const mixes = ROWS.map(() => ({ centre: Float64Array.from(truth, () => 0.4 * normal()), odds: 0.3 * normal() }))
  const draw = (counts: readonly number[]): Rows => {
    const values: number[] = []
    const labels: number[] = []
    for (const [party, count] of counts.entries()) {
      const { centre, odds } = mixes[party] as (typeof mixes)[number]
      for (let row = 0; row < count; row++) {
        const x = Float64Array.from(centre, (mean) => mean + normal())
        values.push(...x)
        const score = x.reduce((sum, value, i) => sum + value * (truth[i] as number), INTERCEPT + odds)
        labels.push(uniform() < sigmoid(score) ? 1 : 0)
      }
    }
    return { values: Float64Array.from(values), labels: Uint8Array.from(labels) }
  }
  const only = (party: number, count: number) => ROWS.map((_, i) => (i === party ? count : 0))
  return {
    parties: ROWS.map((count, party) => draw(only(party, count))),
    holdout: draw(ROWS.map(() => HOLDOUT_ROWS / ROWS.length)),
    validation: draw(only(0, VALIDATION_ROWS)),
  }
}

/** What training on these rows changes of the model: COLUMNS weights and the intercept. */
export function changeOf(weights: Float64Array, rows: Rows): Float64Array {
  const own = weights.slice()
  for (let step = 0; step < STEPS; step++) {
    const gradient = new Float64Array(weights.length)
    for (const [row, score] of scoresOf(own, rows).entries()) {
      const residual = sigmoid(score) - (rows.labels[row] as number)
      for (let i = 0; i <= COLUMNS; i++) gradient[i] = (gradient[i] as number) + residual * valueAt(rows, row, i)
    }
    for (let i = 0; i <= COLUMNS; i++)
      own[i] = (own[i] as number) - (LEARNING_RATE * (gradient[i] as number)) / rows.labels.length
  }
  return own.map((value, i) => value - (weights[i] as number))
}

/** The gradient of the log loss of one row. */
export function rowGradient(weights: Float64Array, rows: Rows): (row: number, out: Float64Array) => void {
  return (row, out) => {
    let score = 0
    for (let i = 0; i <= COLUMNS; i++) score += (weights[i] as number) * valueAt(rows, row, i)
    const residual = sigmoid(score) - (rows.labels[row] as number)
    for (let i = 0; i <= COLUMNS; i++) out[i] = residual * valueAt(rows, row, i)
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2
}

export function flipped({ values, labels }: Rows): Rows {
  return { values, labels: labels.map((label) => 1 - label) }
}

export function aucOn(weights: Float64Array, rows: Rows): number {
  return aucOf(rankRows(scoresOf(weights, rows), rows.labels))
}

/** Mean log loss, nats. */
export function lossOn(weights: Float64Array, rows: Rows): number {
  const scores = scoresOf(weights, rows)
  const losses = scores.map((score, row) => softplus(rows.labels[row] === 1 ? -score : score))
  return losses.reduce((a, b) => a + b) / losses.length
}

function scoresOf(weights: Float64Array, rows: Rows): Float64Array {
  return Float64Array.from(rows.labels, (_, row) => {
    let score = 0
    for (let i = 0; i <= COLUMNS; i++) score += (weights[i] as number) * valueAt(rows, row, i)
    return score
  })
}

/** The last is the intercept's. */
function valueAt({ values }: Rows, row: number, i: number): number {
  return i === COLUMNS ? 1 : (values[row * COLUMNS + i] as number)
}

function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score))
}

function softplus(score: number): number {
  return Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score)))
}
