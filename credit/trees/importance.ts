// How much each column of each party does for a model of trees: by the gain of its splits, and by the rows they part.
import type { SplitRef, Tree } from './tree.ts'

export interface ColumnImportance {
  /** 0 the guest, 1 … K the hosts */
  readonly owner: number
  /** what the owner calls the column */
  readonly alias: string
  readonly splits: number
  /** share of the gain of all splits */
  readonly gain: number
  /** share of the cover (Σh) of all splits */
  readonly cover: number
}

/** Columns that a split uses, most gain first; shares add up to 1 over all owners. */
export function columnImportance(
  trees: readonly Tree<SplitRef>[],
  aliasOf: (split: SplitRef) => string,
): ColumnImportance[] {
  const sums = new Map<string, ColumnImportance>()
  const all = { gain: 0, cover: 0 }
  for (const { split, cover } of trees.flatMap(({ nodes }) => nodes)) {
    if (split === undefined) continue
    const { owner, gain } = split
    const alias = aliasOf(split)
    const sum = sums.get(`${owner} ${alias}`) ?? { owner, alias, splits: 0, gain: 0, cover: 0 }
    const more = { owner, alias, splits: sum.splits + 1, gain: sum.gain + gain, cover: sum.cover + cover }
    sums.set(`${owner} ${alias}`, more)
    all.gain += gain
    all.cover += cover
  }
  return [...sums.values()]
    .sort((a, b) => b.gain - a.gain)
    .map((sum) => ({ ...sum, gain: sum.gain / all.gain, cover: sum.cover / all.cover }))
}
