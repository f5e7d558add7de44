// Monotonic bins: neighbours that break the order of bad rates are pooled (isotonic regression by pool adjacent
// violators), rising, falling, or up to one turning point, whichever keeps the most information value. From counts alone.
import { cheapestJoin, joinNeighbours, type MergeRule, smallestGroup } from './chi-merge.ts'
import { type BinCounts, weightOfEvidence } from './woe.ts'

export interface MonotonicRule extends MergeRule {
  /** how often the bad rate may turn */
  readonly turns: 0 | 1
}

/** @returns groups of neighbouring bins, by index, in order */
export function monotonicMerge(counts: readonly BinCounts[], rule: MonotonicRule): number[][] {
  const candidates = [1, -1].flatMap((first) => {
    const whole = shaped(counts, rule, () => first)
    if (rule.turns === 0) return [whole]
    const turned = [...counts.keys()]
      .slice(1, -1)
      .map((turn) => shaped(counts, rule, (at) => (at < turn ? first : -first)))
    return [whole, ...turned]
  })
  const value = (groups: readonly number[][]) => weightOfEvidence(groups.map((group) => sumOf(counts, group))).iv
  return candidates.reduce((best, groups) => (value(groups) > value(best) ? groups : best))
}

/** Pools what breaks the direction, then joins down to the rule's number and size of bins, keeping the order. */
function shaped(
  counts: readonly BinCounts[],
  rule: MonotonicRule,
  directionFrom: (member: number) => number,
): number[][] {
  return joinNeighbours(counts, (groups) => {
    for (let at = 0; at + 1 < groups.length; at++) {
      const step = rate(groups[at + 1]!) - rate(groups[at]!)
      if (step * directionFrom(groups[at]!.members.at(-1)!) <= 0) return at
    }
    if (groups.length > rule.maximumBins) return cheapestJoin(groups)?.at
    return groups.length > 1 ? smallestGroup(groups, rule.floor) : undefined
  })
}

function rate({ n, bad }: BinCounts): number {
  return n === 0 ? 0 : bad / n
}

/** Counts of several bins as one. */
export function sumOf(counts: readonly BinCounts[], members: readonly number[]): BinCounts {
  return members.reduce((sum, at) => ({ n: sum.n + counts[at]!.n, bad: sum.bad + counts[at]!.bad }), { n: 0, bad: 0 })
}
