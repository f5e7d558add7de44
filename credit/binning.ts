// The bins of a column whose values and labels lie in one place: what a guest does with its own columns, and what the
// federated binning is compared with. Fine bins without labels, then the method's merges from counts.
import { binCount, binKind, type ColumnBins } from './bins.ts'
import { chiMerge } from './chi-merge.ts'
import { fineBins, type PlacedRows, translated } from './fine-bins.ts'
import { mergeBins } from './merges.ts'
import { monotonicMerge } from './monotonic.ts'
import { type BinCounts, type ColumnWoe, weightOfEvidence } from './woe.ts'

export type BinMethod = 'quantile' | 'equal-width' | 'chi-merge' | 'monotonic'

/** Value bins from which chi-merge and monotonic start. */
export const FINE_BINS = 25

export interface BinRule {
  readonly method: BinMethod
  /** at most so many value bins */
  readonly bins: number
  /** training rows that a bin needs */
  readonly minimumRows: number
  /** and its least share of them */
  readonly minimumShare: number
}

/** Whether bins are joined by what labels say. */
export function merges(method: BinMethod): boolean {
  return method === 'chi-merge' || method === 'monotonic'
}

/** Rows that a bin needs among so many. */
export function floorOf(rule: Pick<BinRule, 'minimumRows' | 'minimumShare'>, rows: number): number {
  return Math.max(rule.minimumRows, Math.ceil(rule.minimumShare * rows))
}

/** The bins before any merge by labels, made from the first `trainRows` rows, and the bin of every row. */
export function startingBins(
  values: Float64Array,
  rows: Uint32Array | undefined,
  trainRows: number,
  specials: readonly number[],
  rule: BinRule,
  floor: number,
  cuts?: readonly number[],
): PlacedRows {
  const method = rule.method === 'equal-width' ? 'equal-width' : 'quantile'
  const count = merges(rule.method) ? Math.max(FINE_BINS, rule.bins) : rule.bins
  return fineBins(values, rows, trainRows, specials, { method, bins: count, floor }, cuts)
}

/** The groups of neighbouring value bins that the method joins, from their training counts in ascending or descending order. */
export function groupsOf(counts: readonly BinCounts[], rule: BinRule, floor: number): number[][] {
  if (rule.method === 'chi-merge') return chiMerge(counts, { maximumBins: rule.bins, floor })
  if (rule.method === 'monotonic') return monotonicMerge(counts, { maximumBins: rule.bins, floor, turns: 0 })
  return counts.map((_, bin) => [bin])
}

/** Weighted rows and bad rows of each bin. */
export function countBins(
  assigned: Uint8Array,
  bins: ColumnBins,
  labels: Uint8Array,
  weights?: Uint8Array,
): BinCounts[] {
  const n = new Float64Array(binCount(bins))
  const bad = new Float64Array(n.length)
  for (let row = 0; row < assigned.length; row++) {
    const bin = assigned[row]!
    const weight = weights === undefined ? 1 : weights[row]!
    n[bin]! += weight
    bad[bin]! += weight * labels[row]!
  }
  return Array.from(n, (count, bin) => ({ n: count, bad: bad[bin]! }))
}

export interface LocalBinning {
  readonly bins: ColumnBins
  /** training counts by bin */
  readonly counts: readonly BinCounts[]
  readonly woe: ColumnWoe
}

/**
 * Bins of a column with its labels, from its training rows.
 * @param cuts the owner's own cut points, instead of the method's
 */
export function binColumn(
  values: Float64Array,
  rows: Uint32Array | undefined,
  specials: readonly number[],
  labels: Uint8Array,
  weights: Uint8Array | undefined,
  rule: BinRule,
  cuts?: readonly number[],
): LocalBinning {
  const floor = floorOf(rule, values.length)
  const { bins: start, binOfRow } = startingBins(values, rows, values.length, specials, rule, floor, cuts)
  const counts = countBins(binOfRow, start, labels, weights)
  const ordinary = [...counts.keys()].filter((bin) => binKind(start, bin) === 'value')
  const groups =
    cuts === undefined
      ? groupsOf(
          ordinary.map((bin) => counts[bin]!),
          rule,
          floor,
        )
      : []
  const { bins, moved } = mergeBins(start, groups)
  const merged = countBins(translated(binOfRow, moved), bins, labels, weights)
  return { bins, counts: merged, woe: weightOfEvidence(merged) }
}
