// Why a row lost points: the features that fell farthest below what an average, or the best, enterprise gets.
import { PlatformError } from '#runtime/errors.ts'
import { pointsAt, type Scorecard, type ScoredFeature } from './points.ts'

export interface ReasonOptions {
  /** points lost are counted from the average enterprise (default) or from the best bin */
  readonly against?: 'neutral' | 'maximum'
  /** at most this many reasons, default 4 */
  readonly most?: number
  /** a loss below this is no reason, default 1 */
  readonly leastPoints?: number
}

export interface Reason {
  readonly party: string
  readonly feature: string
  /** family of the reason; the feature itself where none is declared */
  readonly code: string
  readonly pointsLost: number
  /** 1 slight, 2 clear, 3 heavy: what a host gives away instead of points */
  readonly severity: 1 | 2 | 3
}

/** Losses from which a reason is clear, and heavy: half and one doubling of the odds at 20 points. */
const CLEAR_SHARE_OF_PDO = 0.5
const HEAVY_SHARE_OF_PDO = 1

/**
 * Reasons of one row, the largest loss first, one for each family, never a protected attribute. A party that did not
 * answer (null) gives no reason: its absence is not the enterprise's fault.
 * @param bins bin number for each feature of the card
 */
export function reasonsOf(card: Scorecard, bins: readonly (number | null)[], options: ReasonOptions = {}): Reason[] {
  const { against = 'neutral', most = 4, leastPoints = 1 } = options
  if (bins.length !== card.features.length)
    throw new PlatformError('evaluation.invalid', { what: 'bins of a row', features: card.features.length })
  const byFamily = new Map<string, Reason>()
  for (const [f, feature] of card.features.entries()) {
    const bin = bins[f] ?? null
    if (bin === null || feature.isProtected === true) continue
    const pointsLost = referencePoints(feature, against) - pointsAt(card, feature, bin)
    const code = feature.reasonCode ?? feature.feature
    if (pointsLost < leastPoints || pointsLost <= (byFamily.get(code)?.pointsLost ?? 0)) continue
    const severity = severityOf(pointsLost, card.scaling.pdo)
    byFamily.set(code, { party: feature.party, feature: feature.feature, code, pointsLost, severity })
  }
  return [...byFamily.values()].sort((a, b) => b.pointsLost - a.pointsLost).slice(0, most)
}

function referencePoints(feature: ScoredFeature, against: 'neutral' | 'maximum'): number {
  return against === 'neutral' ? feature.neutralPoints : feature.maximumPoints
}

function severityOf(pointsLost: number, pdo: number): 1 | 2 | 3 {
  if (pointsLost >= HEAVY_SHARE_OF_PDO * pdo) return 3
  return pointsLost >= CLEAR_SHARE_OF_PDO * pdo ? 2 : 1
}

/** How often each code is among the reasons of the rows, the most frequent first: the mix that monitoring watches. */
export function reasonMix(
  card: Scorecard,
  rows: Iterable<readonly (number | null)[]>,
  options: ReasonOptions = {},
): { readonly code: string; readonly n: number }[] {
  const counts = new Map<string, number>()
  for (const bins of rows)
    for (const { code } of reasonsOf(card, bins, options)) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts].map(([code, n]) => ({ code, n })).sort((a, b) => b.n - a.n)
}
