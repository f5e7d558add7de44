// ChiMerge (Kerber 1992): neighbours whose bad rates differ least are joined, until all differ. From counts alone.
import type { BinCounts } from './woe.ts'

/** χ² with one degree of freedom at p = 0.1. */
export const CHI_SQUARE_LIMIT = 2.705543454095404

export interface MergeRule {
  /** at most so many groups */
  readonly maximumBins: number
  /** rows that a group needs */
  readonly floor: number
  /** neighbours below this χ² are joined */
  readonly limit?: number
}

/** χ² of two bins against one common bad rate; 0 where both hold one class only. */
export function chiSquare(a: BinCounts, b: BinCounts): number {
  const n = a.n + b.n
  const bad = a.bad + b.bad
  const good = n - bad
  if (n === 0 || bad === 0 || good === 0) return 0
  let sum = 0
  for (const bin of [a, b]) {
    if (bin.n === 0) continue
    const expectedBad = (bin.n * bad) / n
    const expectedGood = (bin.n * good) / n
    sum += (bin.bad - expectedBad) ** 2 / expectedBad + (bin.n - bin.bad - expectedGood) ** 2 / expectedGood
  }
  return sum
}

/** @returns groups of neighbouring bins, by index, in order */
export function chiMerge(counts: readonly BinCounts[], rule: MergeRule): number[][] {
  const limit = rule.limit ?? CHI_SQUARE_LIMIT
  return joinNeighbours(counts, (groups) => {
    const best = cheapestJoin(groups)
    const small = groups.length > 1 ? smallestGroup(groups, rule.floor) : undefined
    if (groups.length > rule.maximumBins || (best !== undefined && best.cost < limit)) return best?.at
    return small
  })
}

interface Group extends BinCounts {
  readonly members: number[]
}

/** Joins group `at` with the one after it as long as `next` names one. */
export function joinNeighbours(
  counts: readonly BinCounts[],
  next: (groups: readonly Group[]) => number | undefined,
): number[][] {
  const groups: Group[] = counts.map(({ n, bad }, index) => ({ n, bad, members: [index] }))
  for (let at = next(groups); at !== undefined; at = next(groups)) {
    const [a, b] = [groups[at]!, groups[at + 1]!]
    groups.splice(at, 2, { n: a.n + b.n, bad: a.bad + b.bad, members: [...a.members, ...b.members] })
  }
  return groups.map(({ members }) => members)
}

/** The pair of neighbours with the least χ². */
export function cheapestJoin(groups: readonly BinCounts[]): { readonly at: number; readonly cost: number } | undefined {
  let best: { at: number; cost: number } | undefined
  for (let at = 0; at + 1 < groups.length; at++) {
    const cost = chiSquare(groups[at]!, groups[at + 1]!)
    if (best === undefined || cost < best.cost) best = { at, cost }
  }
  return best
}

/** Where the smallest group below the floor is joined with the neighbour it differs least from. */
export function smallestGroup(groups: readonly BinCounts[], floor: number): number | undefined {
  const sizes = groups.map(({ n }) => n)
  const smallest = sizes.indexOf(Math.min(...sizes))
  if (sizes[smallest]! >= floor) return undefined
  const cost = (at: number) =>
    at < 0 || at + 1 >= groups.length ? Number.POSITIVE_INFINITY : chiSquare(groups[at]!, groups[at + 1]!)
  return cost(smallest - 1) <= cost(smallest) ? smallest - 1 : smallest
}
