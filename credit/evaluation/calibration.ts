// Do the PDs say how many go bad: Brier score, log loss, expected calibration error, Hosmer-Lemeshow.
import { chiSquareTail } from './distributions.ts'
import type { Ranking } from './ranking.ts'
import { pdOf } from './rows.ts'

export interface CalibrationGroup {
  readonly n: number
  readonly bad: number
  /** sum of the PDs of the group */
  readonly expected: number
}

/** Groups of (nearly) equal size from the riskiest to the safest; equal scores stay together. */
export function calibrationGroups(ranking: Ranking, groups: number): CalibrationGroup[] {
  const n = ranking.labels.length
  const found: CalibrationGroup[] = []
  let from = 0
  for (const to of ranking.ends) {
    // A group ends where it has reached its share of the rows.
    if (to < n && to < ((found.length + 1) * n) / groups) continue
    let bad = 0
    let expected = 0
    for (let i = from; i < to; i++) {
      bad += ranking.labels[i]!
      expected += pdOf(ranking.scores[i]!)
    }
    found.push({ n: to - from, bad, expected })
    from = to
  }
  return found
}

export interface Calibration {
  readonly brier: number
  readonly logLoss: number
  /** Σ n_g/n · |bad rate − mean PD| over ten groups of equal size */
  readonly ece: number
  /** bad rate over mean PD */
  readonly ratio: number
  readonly hosmerLemeshowP: number
}

/**
 * @param fittedHere true for the rows the model was fitted on: two degrees of freedom fewer than groups; on other rows
 * the statistic has as many as groups (Hosmer and Lemeshow, Applied Logistic Regression, 5.2.2)
 */
export function calibrationOf(ranking: Ranking, fittedHere: boolean): Calibration {
  const n = ranking.labels.length
  let squares = 0
  let loss = 0
  let expected = 0
  for (let i = 0; i < n; i++) {
    const z = ranking.scores[i]!
    const pd = pdOf(z)
    const label = ranking.labels[i]!
    squares += (pd - label) ** 2
    loss += Math.max(0, z) - label * z + Math.log1p(Math.exp(-Math.abs(z))) // −ln of the likelihood, no overflow
    expected += pd
  }
  const groups = calibrationGroups(ranking, 10)
  const ece = groups.reduce((sum, group) => sum + Math.abs(group.bad - group.expected), 0) / n
  const statistic = groups.reduce(
    (sum, { n: size, bad, expected: e }) => sum + (bad - e) ** 2 / (e * (1 - e / size)),
    0,
  )
  const freedom = fittedHere ? groups.length - 2 : groups.length
  return {
    brier: squares / n,
    logLoss: loss / n,
    ece,
    ratio: ranking.bad / expected,
    hosmerLemeshowP: freedom > 0 ? chiSquareTail(statistic, freedom) : Number.NaN,
  }
}
