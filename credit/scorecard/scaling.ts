// From log-odds to points: a score that falls as the risk rises, and doubles the odds of good every PDO points.
import { PlatformError } from '#runtime/errors.ts'

/** The scale of a scorecard: at `baseOdds` good to one bad the score is `baseScore`; `pdo` more points double them. */
export interface Scaling {
  readonly baseScore: number
  readonly baseOdds: number
  readonly pdo: number
  /** final scores are clamped to [low, high] */
  readonly low: number
  readonly high: number
}

/** 600 points at 30 good to 1 bad, 20 points double the odds, between 300 and 850. */
export const DEFAULT_SCALING: Scaling = { baseScore: 600, baseOdds: 30, pdo: 20, low: 300, high: 850 }

/** @throws PlatformError evaluation.invalid when a score cannot be computed with this scale */
export function checkScaling({ baseScore, baseOdds, pdo, low, high }: Scaling): void {
  const finite = [baseScore, baseOdds, pdo, low, high].every(Number.isFinite)
  if (!finite || baseOdds <= 0 || pdo <= 0 || low >= high)
    throw new PlatformError('evaluation.invalid', { what: 'scorecard scale', baseScore, baseOdds, pdo, low, high })
}

/** `score = offset − factor · logit(p)`. factor = pdo / ln 2; offset = baseScore − factor · ln(baseOdds). */
export function scaleOf(scaling: Scaling): { readonly factor: number; readonly offset: number } {
  const factor = scaling.pdo / Math.LN2
  return { factor, offset: scaling.baseScore - factor * Math.log(scaling.baseOdds) }
}

/** Exact score of a row, neither rounded nor clamped. @param logOdds ln(p/(1−p)) of being bad */
export function exactScore(logOdds: number, scaling: Scaling): number {
  // One product with the distance from the base, so that the base itself scores exactly baseScore.
  return scaling.baseScore - (scaling.pdo / Math.LN2) * (logOdds + Math.log(scaling.baseOdds))
}

/** The inverse of `exactScore`. */
export function logOddsOf(score: number, scaling: Scaling): number {
  return ((scaling.baseScore - score) * Math.LN2) / scaling.pdo - Math.log(scaling.baseOdds)
}

/** A whole number of points within the bounds of the scale. */
export function finalScore(points: number, { low, high }: Scaling): number {
  return Math.min(high, Math.max(low, Math.round(points)))
}
