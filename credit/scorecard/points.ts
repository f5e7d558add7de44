// The scorecard: points of every bin, for the bank by alias and bin number, for the owner with its own bin labels.
import { PlatformError } from '#runtime/errors.ts'
import { type Table, tableOf } from '../evaluation/pack.ts'
import { checkScaling, exactScore, finalScore, type Scaling, scaleOf } from './scaling.ts'

/** One bin as the bank knows it: which one, how risky, how many. */
export interface CardBin {
  readonly bin: number
  /** what the bank may read: for a host's feature a number such as `bin 3/6`, never a cut point */
  readonly label: string
  readonly woe: number
  /** share of the training rows; the shares of a feature add up to 1 */
  readonly nPct: number
  readonly badRate: number | null
}

export interface CardFeature {
  readonly party: string
  /** alias for a host's feature */
  readonly feature: string
  readonly name?: string
  readonly beta: number
  readonly bins: readonly CardBin[]
  /** family of reasons that a loss of points here belongs to, such as `T02` */
  readonly reasonCode?: string
  /** a protected attribute: never given as a reason */
  readonly isProtected?: boolean
}

export interface ScorecardOptions {
  readonly scaling: Scaling
  /** true spreads the base points evenly over the features, so that the card has no base line; default false */
  readonly spreadIntercept?: boolean
}

export interface CardPoints {
  readonly bin: number
  readonly exact: number
  /** what is added up in production */
  readonly points: number
}

export interface ScoredFeature extends CardFeature {
  readonly points: readonly CardPoints[]
  /** Σ nPct · points: what an average enterprise gets here */
  readonly neutralPoints: number
  readonly maximumPoints: number
}

export interface Scorecard {
  readonly scaling: Scaling
  /** points before any feature; 0 when spread */
  readonly basePoints: number
  readonly exactBase: number
  readonly features: readonly ScoredFeature[]
  /** largest difference between rounded and exact total that any row can have, ≤ parts / 2 */
  readonly roundingError: number
}

export const SCORECARD_COLUMNS = [
  'party',
  'feature_code',
  'feature_name_zh',
  'bin_label',
  'woe',
  'beta',
  'points',
  'n_pct_dev',
  'bad_rate_dev',
  'neutral_points',
  'reason_code',
  'bin_no',
  'exact_points',
] as const
export const OWNER_SCORECARD_COLUMNS = ['feature_code', 'feature_name', 'bin_no', 'bin', 'woe', 'points'] as const

const MOST_FEATURES = 500

/**
 * Points of every bin: −factor·β·WOE, plus a share of the base points when they are spread.
 * @param intercept of the model on WOE columns
 * @throws PlatformError evaluation.invalid for numbers that are not finite, a bin twice, or no features
 */
export function buildScorecard(
  features: readonly CardFeature[],
  intercept: number,
  { scaling, spreadIntercept = false }: ScorecardOptions,
): Scorecard {
  checkScaling(scaling)
  checkFeatures(features, intercept)
  const exactBase = exactScore(intercept, scaling)
  const spread = spreadIntercept ? exactBase / features.length : 0
  const scored = features.map((feature): ScoredFeature => {
    const points = feature.bins.map(({ bin, woe }) => {
      const exact = exactPoints(feature.beta, woe, scaling) + spread
      return { bin, exact, points: whole(exact) }
    })
    return {
      ...feature,
      points,
      neutralPoints: feature.bins.reduce((sum, { nPct }, i) => sum + nPct * points[i]!.points, 0),
      maximumPoints: Math.max(...points.map((of) => of.points)),
    }
  })
  const basePoints = spreadIntercept ? 0 : Math.round(exactBase)
  const ofBase = spreadIntercept ? 0 : Math.abs(basePoints - exactBase)
  const worst = scored.map(({ points }) => Math.max(...points.map((of) => Math.abs(of.points - of.exact))))
  return {
    scaling,
    basePoints,
    exactBase: spreadIntercept ? 0 : exactBase,
    features: scored,
    roundingError: worst.reduce((sum, error) => sum + error, ofBase),
  }
}

function checkFeatures(features: readonly CardFeature[], intercept: number): void {
  const refuse = (what: string, feature = ''): never => {
    throw new PlatformError('evaluation.invalid', { what, feature })
  }
  if (features.length === 0 || features.length > MOST_FEATURES) refuse('number of features in the scorecard')
  if (!Number.isFinite(intercept)) refuse('intercept')
  for (const { feature, beta, bins } of features) {
    if (!Number.isFinite(beta)) refuse('coefficient', feature)
    if (bins.length === 0 || new Set(bins.map(({ bin }) => bin)).size !== bins.length) refuse('bins', feature)
    for (const { woe, nPct } of bins) {
      if (!Number.isFinite(woe) || !(nPct >= 0 && nPct <= 1)) refuse('a bin', feature)
    }
  }
}

/** The nearest whole number, never a negative nought. */
function whole(points: number): number {
  return Math.round(points) + 0
}

/** −factor · β · WOE: how many points a bin gives before rounding. */
export function exactPoints(beta: number, woe: number, scaling: Scaling): number {
  return -scaleOf(scaling).factor * beta * woe
}

/**
 * Score of a row from its bins, as production adds it up: rounded points, then the bounds of the scale.
 * @param bins bin number for each feature; one that the card does not know, or null for a party that did not answer,
 * is WOE 0: no points but the spread share of the base
 */
export function scoreRow(card: Scorecard, bins: readonly (number | null)[]): number {
  const total = card.features.reduce((sum, feature, f) => sum + pointsAt(card, feature, bins[f] ?? null), 0)
  return finalScore(card.basePoints + total, card.scaling)
}

/** Points of one bin of one feature; a bin that the card does not know gives those of WOE 0. */
export function pointsAt(card: Scorecard, feature: ScoredFeature, bin: number | null): number {
  const known = bin === null ? undefined : feature.points.find((of) => of.bin === bin)
  if (known !== undefined) return known.points
  // WOE 0: nothing but the feature's share of the base, which every exact value contains.
  const [first] = feature.points
  return Math.round(first!.exact - exactPoints(feature.beta, feature.bins[0]!.woe, card.scaling))
}

/** Rows of `scorecard`: the bank's view, by alias and bin number. */
export function scorecardTable(card: Scorecard): Table {
  const cells = card.features.flatMap((feature) =>
    feature.bins.map((bin, i) => ({
      party: feature.party,
      feature_code: feature.feature,
      feature_name_zh: feature.name ?? '',
      bin_label: bin.label,
      woe: bin.woe,
      beta: feature.beta,
      points: feature.points[i]!.points,
      n_pct_dev: bin.nPct,
      bad_rate_dev: bin.badRate,
      neutral_points: feature.neutralPoints,
      reason_code: feature.reasonCode ?? '',
      bin_no: bin.bin,
      exact_points: feature.points[i]!.exact,
    })),
  )
  return tableOf('scorecard', SCORECARD_COLUMNS, cells)
}

/** A feature as its owner keeps it: `label` is the interval or value of the bin in the owner's own words. */
export interface OwnerFeature {
  readonly feature: string
  readonly name: string
  readonly beta: number
  readonly bins: readonly { readonly bin: number; readonly label: string; readonly woe: number }[]
}

/**
 * The owner's part of the card: its own features with their cut points and the points the bank adds up for them.
 * Computed at the owner from what it has: its coefficients, its WOE values, and the scale of the job.
 * @param baseShare exact base points that each feature carries when they are spread, else 0
 */
export function ownerScorecardTable(features: readonly OwnerFeature[], scaling: Scaling, baseShare = 0): Table {
  checkScaling(scaling)
  const cells = features.flatMap(({ feature, name, beta, bins }) =>
    bins.map(({ bin, label, woe }) => ({
      feature_code: feature,
      feature_name: name,
      bin_no: bin,
      bin: label,
      woe,
      points: whole(exactPoints(beta, woe, scaling) + baseShare),
    })),
  )
  return tableOf('owner_scorecard', OWNER_SCORECARD_COLUMNS, cells)
}
