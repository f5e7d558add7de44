// What boosting minimises: the loss of margins against labels, its first and second derivatives, and where margins start.
import { PlatformError } from '#runtime/errors.ts'
import type { Objective } from './params.ts'

/** First and second derivative of each row's loss by its margin, times its weight. h ≥ 0. */
export interface Gradients {
  readonly g: Float64Array
  readonly h: Float64Array
}

/** No row's h is less (times its weight), as in XGBoost. */
const LEAST_H = 1e-16

/**
 * The margin that all rows start from: that of the weighted mean of the labels, what XGBoost from 3.1 on starts from (2.x
 * and 3.0 take one Newton step from a margin of 0, which for the logistic objective is another number).
 * @param labels 0 or 1, numbers, or counts, by objective @param rows those that are trained on
 * @throws PlatformError boost.invalid when the mean has no margin: one class only, no event at all, no weight
 */
export function startMargin(
  objective: Objective,
  labels: Float64Array,
  weights: Float64Array,
  rows: Uint32Array,
): number {
  const mean = weightedMean(weights, rows, (row) => labels[row]!)
  const start = { logistic: Math.log(mean / (1 - mean)), squared: mean, poisson: Math.log(mean) }[objective]
  if (!Number.isFinite(start))
    throw new PlatformError('boost.invalid', { what: 'labels', objective, rows: rows.length })
  return start
}

/** @throws PlatformError boost.invalid when a label of a row with weight does not suit the objective */
export function checkLabels(
  objective: Objective,
  labels: Float64Array,
  weights: Float64Array,
  rows: Uint32Array,
): void {
  const suits = {
    logistic: (y: number) => y === 0 || y === 1,
    squared: Number.isFinite,
    poisson: (y: number) => y >= 0 && Number.isFinite(y),
  }[objective]
  for (const row of rows) {
    const weight = weights[row]!
    if (!(weight >= 0 && Number.isFinite(weight)) || (weight > 0 && !suits(labels[row]!)))
      throw new PlatformError('boost.invalid', { what: 'labels', objective, rows: rows.length })
  }
}

/**
 * Derivatives at these margins; 0 where the weight is 0.
 * @param maxDeltaStep added to the exponent of h for Poisson, as XGBoost does; otherwise unused
 */
export function gradients(
  objective: Objective,
  margins: Float64Array,
  labels: Float64Array,
  weights: Float64Array,
  maxDeltaStep = 0,
): Gradients {
  const g = new Float64Array(margins.length)
  const h = new Float64Array(margins.length)
  for (let row = 0; row < margins.length; row++) {
    const weight = weights[row]!
    if (weight === 0) continue
    const margin = margins[row]!
    const expected = linkOf(objective, margin)
    g[row] = weight * (expected - labels[row]!)
    h[row] = weight * curvature(objective, margin, expected, maxDeltaStep)
  }
  return { g, h }
}

function curvature(objective: Objective, margin: number, expected: number, maxDeltaStep: number): number {
  if (objective === 'squared') return 1
  if (objective === 'poisson') return Math.exp(margin + maxDeltaStep)
  return Math.max(expected * (1 - expected), LEAST_H)
}

/** The expected label of a margin: a probability, the margin itself, or a rate. */
export function linkOf(objective: Objective, margin: number): number {
  if (objective === 'squared') return margin
  return objective === 'poisson' ? Math.exp(margin) : 1 / (1 + Math.exp(-margin))
}

/**
 * Mean loss by weight: log loss, squared error, or Poisson deviance without what the labels alone decide (μ − y·ln μ).
 * @returns NaN when no row has a weight
 */
export function lossOf(
  objective: Objective,
  margins: Float64Array,
  labels: Float64Array,
  weights: Float64Array,
  rows: Uint32Array,
): number {
  return weightedMean(weights, rows, (row) => rowLoss(objective, margins[row]!, labels[row]!))
}

/** Over the rows with a weight; NaN where there is none. */
function weightedMean(weights: Float64Array, rows: Uint32Array, value: (row: number) => number): number {
  let [weight, sum] = [0, 0]
  for (const row of rows) {
    if (weights[row] === 0) continue
    weight += weights[row]!
    sum += weights[row]! * value(row)
  }
  return sum / weight
}

function rowLoss(objective: Objective, margin: number, label: number): number {
  if (objective === 'squared') return (label - margin) ** 2
  if (objective === 'poisson') return Math.exp(margin) - label * margin
  return Math.max(margin, 0) - label * margin + Math.log1p(Math.exp(-Math.abs(margin)))
}
