// The sigmoid, and the log loss, as short Fourier series over the interval that the scores fill this round.
//
// A series is the one family of functions that can be evaluated on shares modulo its period in one exchange:
// e^{ikω(a+b)} = e^{ikωa}·e^{ikωb}. See docs/decisions/0001-fourier-sigmoid.md.

import { choleskyFactor, choleskySolve } from './cholesky.ts'
import type { LrParams } from './params.ts'

/** f(z) ≈ constant + Σ_k cosines[k−1]·cos(kωz) + sines[k−1]·sin(kωz), ω = 2π / period */
export interface Series {
  readonly period: number
  readonly constant: number
  readonly cosines: Float64Array
  readonly sines: Float64Array
}

/** What the owners release about their partial scores, each rounded to a coarse grid. */
export interface ScoreRange {
  readonly low: number
  readonly high: number
  readonly mean: number
  readonly deviation: number
}

/**
 * A sum of many weights of evidence is near normal, and the sum of the parties' extremes far outside of it: the interval
 * ends this many joint deviations from the mean. A series over less does better with the same terms; rows beyond are as
 * good as none, and land in the half interval that the period has more.
 */
const WOE_DEVIATIONS = 5

/** Interval, centre and width of the joint score, from its parts. Deviations are added as if independent. */
export function jointRange(parts: readonly ScoreRange[], columns: LrParams['columns'] = 'standardised'): ScoreRange {
  const sum = (pick: (part: ScoreRange) => number) => parts.reduce((total, part) => total + pick(part), 0)
  const mean = sum((part) => part.mean)
  const deviation = Math.sqrt(sum((part) => part.deviation ** 2)) + 0.05
  const reach = columns === 'woe' ? WOE_DEVIATIONS * deviation : Number.POSITIVE_INFINITY
  const low = Math.max(
    sum((part) => part.low),
    mean - reach,
  )
  const high = Math.min(
    sum((part) => part.high),
    mean + reach,
  )
  return { low: Math.min(low, -2), high: Math.max(high, 2), mean, deviation }
}

/** One and a half intervals, so that the series need not bend back inside it (a Fourier extension); on a grid of ½. */
export function periodOf(range: ScoreRange): number {
  return Math.max(8, Math.ceil((range.high - range.low) * 1.5 * 2) / 2)
}

const GRID_POINTS = 801
/** Weight of the empty parts of the interval beside the density N(mean, (1.3·deviation)²). */
const FLOOR = 3e-3
/** Tikhonov term relative to the mean diagonal: keeps the coefficients of the extension small. */
const RIDGE = 1e-7

/** Weighted least squares fit of `target` over [range.low, range.high] with `harmonics` terms. */
export function fitSeries(target: (z: number) => number, range: ScoreRange, period: number, harmonics: number): Series {
  const size = 2 * harmonics + 1
  const normal = new Float64Array(size * size)
  const right = new Float64Array(size)
  const basis = new Float64Array(size)
  const omega = (2 * Math.PI) / period
  const width = 1.3 * range.deviation
  for (let g = 0; g < GRID_POINTS; g++) {
    const z = range.low + ((range.high - range.low) * g) / (GRID_POINTS - 1)
    const weight = Math.exp(-0.5 * ((z - range.mean) / width) ** 2) / width + FLOOR
    basis[0] = 1
    for (let k = 1; k <= harmonics; k++) {
      basis[2 * k - 1] = Math.cos(k * omega * z)
      basis[2 * k] = Math.sin(k * omega * z)
    }
    const value = target(z)
    for (let i = 0; i < size; i++) {
      right[i]! += weight * basis[i]! * value
      for (let j = 0; j < size; j++) normal[i * size + j]! += weight * basis[i]! * basis[j]!
    }
  }
  let trace = 0
  for (let i = 0; i < size; i++) trace += normal[i * size + i]!
  for (let i = 0; i < size; i++) normal[i * size + i]! += (RIDGE * trace) / size
  const solved = choleskySolve(choleskyFactor(normal, size), right)
  return {
    period,
    constant: solved[0]!,
    cosines: Float64Array.from({ length: harmonics }, (_, k) => solved[2 * k + 1]!),
    sines: Float64Array.from({ length: harmonics }, (_, k) => solved[2 * k + 2]!),
  }
}

/** Series of sigmoid(z): the probability of y = 1. */
export function fitSigmoid(range: ScoreRange, period: number, harmonics: number): Series {
  return fitSeries((z) => 1 / (1 + Math.exp(-z)), range, period, harmonics)
}

/** Series of sigmoid'(z) = p(1 − p): what a row counts in the information matrix. */
export function fitCurvature(range: ScoreRange, period: number, harmonics: number): Series {
  return fitSeries((z) => 1 / (2 + Math.exp(z) + Math.exp(-z)), range, period, harmonics)
}

/** Series of the log loss of a row with this label: ln(1 + e^z) − y·z. */
export function fitLoss(label: 0 | 1, range: ScoreRange, period: number, harmonics: number): Series {
  return fitSeries((z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - label * z, range, period, harmonics)
}
