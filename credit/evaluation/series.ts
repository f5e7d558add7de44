// Point series of the plots of one set, thinned so that a report stays small whatever the number of rows.
import { shownScore } from './bands.ts'
import { calibrationGroups } from './calibration.ts'
import { ksOf } from './discrimination.ts'
import type { Point, SetSeries } from './pack.ts'
import { forEachTie, type Ranking } from './ranking.ts'
import type { SetRows } from './rows.ts'
import type { Scaling } from '../scorecard/scaling.ts'

/** Points of a curve; between two of them a screen shows a straight line anyway. */
const CURVE_POINTS = 200
const HISTOGRAM_BARS = 40

interface Cumulative {
  readonly rows: number
  readonly bad: number
  readonly good: number
}

/** null when one class is empty. */
export function seriesOf(set: SetRows, scaling: Scaling | null): SetSeries | null {
  const { ranking } = set
  if (ranking.bad === 0 || ranking.good === 0) return null
  const n = ranking.labels.length
  const path = cumulative(ranking)
  const curve = (x: (at: Cumulative) => number, y: (at: Cumulative) => number): Point[] =>
    path.map((at) => ({ x: brief(x(at)), y: brief(y(at)) }))
  const share = (at: Cumulative): number => at.rows / n
  const bad = (at: Cumulative): number => at.bad / ranking.bad
  const good = (at: Cumulative): number => at.good / ranking.good
  const ks = ksOf(ranking)
  return {
    set: set.name,
    roc: curve(good, bad),
    badShare: curve(share, bad),
    goodShare: curve(share, good),
    // The first points stand for a few rows only and jump.
    lift: curve(share, (at) => bad(at) / share(at)).filter(({ x }) => x >= 0.01),
    ksAt:
      ks.value > 0
        ? { x: ks.rows / n, bad: ks.badShare, good: ks.goodShare, score: shownScore(ks.score, scaling) }
        : null,
    calibration: calibrationGroups(ranking, 10).map(({ n: size, bad: found, expected }) => ({
      pd: brief(expected / size),
      rate: brief(found / size),
      n: size,
    })),
    histogram: histogramOf(ranking, scaling),
  }
}

/** Cumulative counts at the ends of ties, riskiest first, from nothing to all. */
function cumulative(ranking: Ranking): Cumulative[] {
  const path: Cumulative[] = [{ rows: 0, bad: 0, good: 0 }]
  const n = ranking.labels.length
  let bad = 0
  let good = 0
  forEachTie(ranking, (badHere, goodHere, _from, to) => {
    bad += badHere
    good += goodHere
    if (to === n || to >= (path.length * n) / CURVE_POINTS) path.push({ rows: to, bad, good })
  })
  return path
}

/** Shares of bad and good in intervals of equal width over the middle 99.8 % of the scores; the ends hold the rest. */
function histogramOf(ranking: Ranking, scaling: Scaling | null): SetSeries['histogram'] {
  const n = ranking.scores.length
  const at = (share: number): number => ranking.scores[Math.min(n - 1, Math.floor(share * n))]!
  const [a, b] = [at(0.001), at(0.999)].map((z) => shownScore(z, scaling)) as [number, number]
  const low = Math.min(a, b)
  const wide = Math.max(a, b) - low
  const width = wide > 0 ? wide / HISTOGRAM_BARS : 1
  const bars = Array.from({ length: HISTOGRAM_BARS }, () => ({ bad: 0, good: 0 }))
  for (let i = 0; i < n; i++) {
    const bar = Math.floor((shownScore(ranking.scores[i]!, scaling) - low) / width)
    const into = bars[Math.min(HISTOGRAM_BARS - 1, Math.max(0, bar))]!
    if (ranking.labels[i] === 1) into.bad++
    else into.good++
  }
  return bars.map((bar, i) => ({
    from: brief(low + i * width),
    to: brief(low + (i + 1) * width),
    bad: brief(bar.bad / ranking.bad),
    good: brief(bar.good / ranking.good),
  }))
}

/** Six digits are more than a plot can show. */
function brief(value: number): number {
  return Number(value.toPrecision(6))
}
